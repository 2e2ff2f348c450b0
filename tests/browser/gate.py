"""A gate before a portal: everything passes, but while it is shut writes wait there, so that a test can look."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

#: How long a write waits at most for a gate that a failed test left shut, in seconds.
LONGEST = 60.0
_HOP = {"connection", "keep-alive", "transfer-encoding", "host", "content-length"}


class Gate:
    """`with Gate(portal_url) as gate:` passes requests on to the portal from `gate.url`."""

    def __init__(self, to: str, *, port: int = 0) -> None:
        self._to = urlsplit(to).netloc
        self._open = threading.Event()
        self._open.set()
        self._waiting = threading.Event()
        self._passing, self._lock = 0, threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def shut(self, *, after: int = 0) -> None:
        """Let so many more writes of people or members pass, then none."""
        with self._lock:
            self._passing = after
        self._waiting.clear()
        self._open.clear()

    def open(self) -> None:
        """Let everything pass, also what waits."""
        self._open.set()

    def wait(self) -> None:
        """Return once a write waits."""
        assert self._waiting.wait(LONGEST), "no write came to the gate"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.open()
        self._server.shutdown()
        self._server.server_close()

    def _hold(self) -> None:
        with self._lock:
            if self._passing > 0:
                self._passing -= 1
                return
        if not self._open.is_set():
            self._waiting.set()
            self._open.wait(LONGEST)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        gate = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.path.partition("?")[0].endswith(("/batch/update", "/batch/create", "/add-and-remove")):
                    gate._hold()
                portal = http.client.HTTPConnection(gate._to, timeout=LONGEST)
                kept = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
                portal.request(self.command, self.path, body or None, kept)
                answer = portal.getresponse()
                data = answer.read()
                portal.close()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in {*_HOP, "date"}:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one  # noqa: N815 - the server's names

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the server's word
                """Say nothing."""

        return Handler
