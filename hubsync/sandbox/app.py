"""From HTTP to the endpoints and back: who may, how often, what answers, what headers it carries."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
import uuid

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hubsync.sandbox import admin, auth, chores, errors, exports, page, paths, routes
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.clock import iso
from hubsync.sandbox.errors import Refused
from hubsync.sandbox.live import Life
from hubsync.sandbox.portal import Logged, Portal
from hubsync.sandbox.seed import Source

#: Names under which this machine may be asked for: another one means a web page that plays tricks with names.
_LOCAL = frozenset({"127.0.0.1", "localhost", "[::1]"})
#: Bytes of path and query beyond which HubSpot's front refuses; about 900 property names were seen to be too much.
_LONGEST_URI = 16_000
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_MISDIRECTED = 421


class Door:
    """Answers the API's requests; handlers run on the event loop, one at a time, so that state needs no locks."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    async def __call__(self, request: Request) -> Response:
        """Answer one request and log it."""
        started = time.perf_counter()
        correlation = correlation_id(self._portal.now().timestamp())
        body = await request.body()
        rates: dict[str, str] = {}
        try:
            answer = self._answer(request, body, rates)
        except Refused as refusal:
            if isinstance(refusal.body, dict):
                refusal.body["correlationId"] = correlation
            answer = Answer(status=refusal.status, body=refusal.body, headers=rates | refusal.headers)
        except Exception:  # noqa: BLE001 - the boundary: a mistake of the sandbox's own must answer, and be seen
            traceback.print_exc(file=sys.stderr)
            broken = {"status": "error", "message": "internal error", "correlationId": correlation}
            answer = Answer(status=500, body=broken)
        self._portal.state.flush()
        self._portal.log.append(
            Logged(
                at=iso(self._portal.now()),
                method=request.method,
                path=request.url.path,
                status=answer.status,
                ms=round((time.perf_counter() - started) * 1000, 2),
                token=request.headers.get("authorization", "")[-4:],
                fault=request.scope.get("fault", ""),
            )
        )
        return _response(answer, correlation)

    def _answer(self, request: Request, body: bytes, rates: dict[str, str]) -> Answer:
        """Return the answer; fills `rates` with the headers that also an error carries once it got that far."""
        portal = self._portal
        raw_path = request.scope.get("raw_path", b"").decode("latin-1").partition("?")[0]
        if len(raw_path) + len(request.url.query) > _LONGEST_URI:
            raise errors.html(414, "Request-URI Too Large")
        where = paths.place(raw_path)
        if where is None:
            raise errors.html(404, "Not Found")
        token = auth.authenticate(portal.state, request.headers.get("authorization"))
        route, taken = routes.find(request.method, where)
        auth.authorize(token, route.scopes, portal.settings.tier)
        rates |= portal.pace.take(token.text, portal.now(), route.limit)
        kind = request.headers.get("content-type", "application/json")
        if body and route.takes_body and not kind.startswith("application/json"):
            raise errors.html(415, "Unsupported Media Type")
        chores.catch_up(portal)
        call = Call(
            url=f"http://{request.headers['host']}{raw_path}",
            version=where.version,
            query=request.query_params,
            body=body,
            token=token,
            content_type=kind,
        )
        answer = route.handle(portal, call, *taken)
        return Answer(status=answer.status, body=answer.body, headers=rates | dict(answer.headers))


def build(portal: Portal, life: Life, seed: Source = "empty") -> Starlette:
    """Return the application: the API, the admin's side door, the page for people."""
    door = Door(portal)
    side = admin.Admin(portal, life, seed)
    human = page.Page(portal, life)

    async def api(request: Request) -> Response:
        if request.headers.get("host", "").rsplit(":", 1)[0] not in _LOCAL:
            return Response("This sandbox answers on this machine only.\n", status_code=_MISDIRECTED)
        if request.url.path == "/":
            return await human.answer(request)
        if request.url.path.startswith("/__sandbox__/"):
            return await side.answer(request)
        if request.url.path.startswith(exports.FILES):
            status, content, kind = exports.download(portal, request.url.path)
            return Response(content, status, media_type=kind)
        return await door(request)

    return Starlette(routes=[Route("/{rest:path}", api, methods=_METHODS)])


def correlation_id(seconds: float) -> str:
    """Return an id as HubSpot's are: a UUID of version 7, which begins with the time."""
    number = (round(seconds * 1000) << 80) | int.from_bytes(os.urandom(10))
    number = number & ~(0xF << 76) | (0x7 << 76)
    return str(uuid.UUID(int=number & ~(0x3 << 62) | (0x2 << 62)))


def _response(answer: Answer, correlation: str) -> Response:
    headers = {**answer.headers, "X-HubSpot-Correlation-Id": correlation}
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    if isinstance(answer.body, str):
        return Response(answer.body, answer.status, headers, media_type="text/html")
    content = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")).encode()
    headers["Content-Type"] = "application/json;charset=utf-8"
    return Response(content, answer.status, headers)
