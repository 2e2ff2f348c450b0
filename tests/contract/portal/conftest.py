"""Two kinds of HubSpot to speak to: the sandbox, and a socket that answers exactly what a test tells it to."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
import stamina

from hubsync.portal.gateway import Gateway
from hubsync.portal.pace import Pacer
from hubsync.sandbox.portal import Settings
from hubsync.sandbox.server import Sandbox

TOKEN = "pat-na1-0a1b2c3d-1111-2222-3333-444455556666"
PORTAL = "44237313"

#: An answer: bytes to send, or what to do with the connection. None closes it without a word.
Reply = bytes | None | Callable[[socket.socket], None]


@dataclass
class Socket:
    """Answers requests with `replies` in order, the last one for ever, and keeps what it was asked."""

    replies: list[Reply] = field(default_factory=list)
    asked: list[bytes] = field(default_factory=list)
    _listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    @staticmethod
    def answer(status: int, body: object = None, **headers: str) -> bytes:
        """Return an HTTP answer; a body that is no text is sent as JSON, header names take _ for -."""
        data = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        kind = "text/html" if isinstance(body, str) else "application/json;charset=utf-8"
        lines = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", f"Content-Length: {len(data)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + data

    @staticmethod
    def reset(connection: socket.socket) -> None:
        """Break the connection the hard way."""
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        with connection:
            while request := self._request(connection):
                self.asked.append(request)
                reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
                if reply is None:
                    return
                if not isinstance(reply, bytes):
                    reply(connection)
                    return
                connection.sendall(reply)

    @staticmethod
    def _request(connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            part = connection.recv(65_536)
            if not part:
                return b""
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
        )
        while len(body) < length:
            body += connection.recv(65_536)
        return head + b"\r\n\r\n" + body

    def close(self) -> None:
        if self._listener.fileno() >= 0:
            self._listener.shutdown(socket.SHUT_RDWR)  # nothing else wakes the thread that waits in accept()
            self._listener.close()


@pytest.fixture(autouse=True)
def _sandbox_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBSYNC_SANDBOX", "1")


@pytest.fixture(autouse=True)
def _retries_do_not_wait() -> Iterator[None]:
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.fixture
def hubspot() -> Iterator[Socket]:
    server = Socket()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    yield server
    server.close()


@pytest.fixture
def pacer() -> Iterator[Pacer]:
    pacer = Pacer(file=None, portal_id=PORTAL)
    yield pacer
    pacer.close()


@pytest.fixture
def gateway(hubspot: Socket, pacer: Pacer) -> Gateway:
    return Gateway(base_url=hubspot.base_url, token=TOKEN, pacer=pacer)


#: Who is in the sandbox: Ana has a second address, Cy opted out.
SEED = {
    "contacts": [
        {"properties": {"email": "ana@example.com", "hs_additional_emails": "ana@work.example", "firstname": "Ana"}},
        {"properties": {"email": "bo@example.com", "firstname": "Bo"}},
        {"properties": {"email": "cy@example.com", "hs_email_optout": "true"}},
    ],
    "lists": [{"name": "Everybody", "processingType": "MANUAL", "members": ["ana@example.com", "bo@example.com"]}],
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    settings = Settings(search_lag=0, settle_seconds=0, processing_seconds=0)
    with Sandbox(seed=SEED, portal_id=int(PORTAL), settings=settings) as sandbox:
        yield sandbox


@pytest.fixture(params=["v3", "2026-03", "2026-09"])
def portal(request: pytest.FixtureRequest, sandbox: Sandbox, pacer: Pacer) -> Gateway:
    """A gateway to the sandbox, once per version of the paths."""
    return Gateway(base_url=sandbox.base_url, token=sandbox.token, pacer=pacer, api_version=request.param)
