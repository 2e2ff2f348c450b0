"""The last yard to the client: where faults spoil requests and answers, below HTTP where need be."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from http import HTTPStatus
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from hubsync.sandbox import outages, paths, routes
from hubsync.sandbox.app import correlation_id
from hubsync.sandbox.clock import iso
from hubsync.sandbox.errors import Refused
from hubsync.sandbox.faults import Fault, Kind
from hubsync.sandbox.portal import Logged, Portal

#: Where a request's transport stands in its scope.
_TRANSPORT = "hubsync.sandbox.transport"
_WRONG = b'{"unexpected":true}'
#: On close, drop what is unsent and send RST.
_ABORTIVE = struct.pack("ii", 1, 0)


class Connection(H11Protocol):
    """uvicorn's HTTP/1.1 with the transport handed on to the application: a reset cannot be told in ASGI."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin a connection."""
        super().connection_made(transport)
        app = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - uvicorn's own types
            scope[_TRANSPORT] = transport
            await app(scope, receive, send)

        self.app = with_transport


class Answer:
    """An answer that the application gave, held back."""

    def __init__(self) -> None:
        self.start: Message = {}
        self.body = b""

    async def take(self, message: Message) -> None:
        """Take what the application sends."""
        if message["type"] == "http.response.start":
            self.start = message
        else:
            self.body += message.get("body", b"")

    @property
    def head(self) -> bytes:
        """The status line and headers as they go over the wire."""
        status = self.start["status"]
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()]
        lines += [name + b": " + value for name, value in self.start["headers"]]
        return b"\r\n".join([*lines, b"", b""])

    @property
    def half(self) -> bytes:
        """All up to the middle of the body, or of the head where there is no body."""
        return self.head + self.body[: len(self.body) // 2] if self.body else self.head[: len(self.head) // 2]

    async def give(self, send: Send, body: bytes | None = None) -> None:
        """Send it, with another body where one is given."""
        if body is None:
            await send(self.start)
            await send({"type": "http.response.body", "body": self.body})
            return
        headers = [pair for pair in self.start["headers"] if pair[0] != b"content-length"]
        length = (b"content-length", str(len(body)).encode())
        await send({**self.start, "headers": [*headers, length]})
        await send({"type": "http.response.body", "body": body})


class Wire:
    """The application, reached through the faults that are on; the page and the side door are never spoilt."""

    def __init__(self, app: ASGIApp, portal: Portal) -> None:
        self._app = app
        self._portal = portal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or spoil it."""
        path = scope["path"]
        if not self._portal.faults or path == "/" or path.startswith("/__sandbox__/"):
            await self._app(scope, receive, send)
            return
        place = paths.place(scope["raw_path"].decode("latin-1"))
        known = (path, "/" + "/".join(place.segments)) if place else (path,)
        fault = self._portal.faults.meet(scope["method"], known)
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.kind.replaces:
            await self._replace(fault, scope, receive, send)
        elif fault.kind is Kind.RESET:
            self._note(scope, fault, 0)
            # Reset while it still sends, a client may be told of it by its next write and read a plain end.
            await _body(receive)
            await _reset(scope, receive)
        else:
            await self._spoil(fault, scope, receive, send)

    async def _replace(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = outages.answer(
            fault,
            tier=self._portal.settings.tier,
            usage=self._portal.pace.usage(self._portal.now()),
            scopes=_scopes(scope),
        )
        body = await _body(receive)
        if fault.after_write:
            await self._carry_out(fault, scope, body)
        else:
            self._note(scope, fault, refusal.status)
        await _send(refusal, correlation_id(self._portal.now().timestamp()), send)

    async def _spoil(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        # The body is read first: a client that leaves while it waits must not undo what it asked for.
        body = await _body(receive)
        if fault.kind is Kind.LATENCY:
            await asyncio.sleep(fault.wait or 0)
        answer = await self._carry_out(fault, scope, body)
        match fault.kind:
            case Kind.LATENCY:
                await answer.give(send)
            case Kind.LOST:
                await _reset(scope, receive)
            case Kind.RESET_MID_BODY:
                scope[_TRANSPORT].write(answer.half)
                await _reset(scope, receive)
            case Kind.CUT:
                scope[_TRANSPORT].write(answer.half)
                scope[_TRANSPORT].close()
                await _gone(receive)
            case Kind.HANG:
                await _gone(receive)
            case Kind.TRUNCATED:
                await answer.give(send, answer.body[: len(answer.body) // 2] if answer.body else None)
            case Kind.WRONG_JSON:
                await answer.give(send, _WRONG if answer.body else None)
            case Kind.DRIP:
                await _drip(answer, receive, send, fault.wait or 0)

    async def _carry_out(self, fault: Fault, scope: Scope, body: bytes) -> Answer:
        """Let the application do what was asked; the log of requests tells the fault with it."""
        scope["fault"] = str(fault)
        answer = Answer()

        async def once() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, once, answer.take)
        return answer

    def _note(self, scope: Scope, fault: Fault, status: int) -> None:
        token = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        self._portal.log.append(
            Logged(
                at=iso(self._portal.now()),
                method=scope["method"],
                path=scope["path"],
                status=status,
                ms=0.0,
                token=token[-4:],
                fault=str(fault),
            )
        )


async def _body(receive: Receive) -> bytes:
    body = b""
    while (message := await receive())["type"] == "http.request":
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return body


async def _gone(receive: Receive) -> None:
    """Wait until the connection is no more: until then uvicorn would answer in the application's place."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _reset(scope: Scope, receive: Receive) -> None:
    transport: asyncio.Transport = scope[_TRANSPORT]
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORTIVE)
    transport.abort()
    await _gone(receive)


async def _drip(answer: Answer, receive: Receive, send: Send, seconds: float) -> None:
    await send(answer.start)
    left = asyncio.ensure_future(_gone(receive))
    try:
        for at in range(len(answer.body)):
            await send({"type": "http.response.body", "body": answer.body[at : at + 1], "more_body": True})
            await asyncio.wait([left], timeout=seconds)
            if left.done():
                return
    finally:
        left.cancel()
    await send({"type": "http.response.body", "body": b""})


async def _send(refusal: Refused, correlation: str, send: Send) -> None:
    headers = dict(refusal.headers)
    if isinstance(refusal.body, str):
        # The front's own pages come from before HubSpot: they have no correlation id.
        content, headers["Content-Type"] = refusal.body.encode(), "text/html"
    else:
        content = json.dumps((refusal.body or {}) | {"correlationId": correlation}, separators=(",", ":")).encode()
        headers |= {"Content-Type": "application/json;charset=utf-8", "X-HubSpot-Correlation-Id": correlation}
    headers["Content-Length"] = str(len(content))
    listed = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": refusal.status, "headers": listed})
    await send({"type": "http.response.body", "body": content})


def _scopes(scope: Scope) -> tuple[str, ...]:
    """Return the scopes of which the endpoint that was asked for wants one."""
    place = paths.place(scope["raw_path"].decode("latin-1"))
    try:
        return routes.find(scope["method"], place)[0].scopes if place else ()
    except Refused:
        return ()
