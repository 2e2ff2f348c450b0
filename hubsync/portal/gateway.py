"""The gateway: the one place that sends anything to HubSpot, at its pace, within a deadline, and counts it."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

import stamina

from hubsync.portal import url
from hubsync.portal.answer import Answer, garbled, parse, unclear
from hubsync.portal.errors import Garbled, PortalError, RateLimited, Unreachable
from hubsync.portal.pace import Pacer
from hubsync.portal.refusal import error_of, is_failing
from hubsync.portal.token import Token
from hubsync.portal.tries import Again, Patience, Tries, asked_wait
from hubsync.portal.versions import DEFAULT, ROUTES, Effect, Route, check
from hubsync.portal.wire import Lost, TooLong, Wire

# Each retry is logged as a warning, which is for whoever set up logging and not for a bare terminal.
logging.getLogger("stamina").addHandler(logging.NullHandler())

if TYPE_CHECKING:
    from hubspot.crm.contacts import ApiClient

_PATIENCE = Patience()


class Gateway:
    """Sends calls to one portal.

    Repeats a call by itself only where a repeat cannot do anything twice: reads and writes that set, refusals
    (429, 423, 477), and requests that never left. Everything else comes back as an error of `hubsync.portal.errors`.
    Safe to use from several threads.
    """

    def __init__(
        self,
        *,
        base_url: str,
        token: str,
        pacer: Pacer,
        api_version: str = DEFAULT,
        deadline: float = 30.0,
        patience: Patience = _PATIENCE,
        on_request: Callable[[], None] | None = None,
        embedded: bool = False,
    ) -> None:
        """Open nothing yet.

        `deadline` is in seconds, for each exchange whole; `on_request` is called before each is sent.
        """
        self._patience = patience
        self.base_url = url.check(base_url, embedded=embedded)
        self.api_version = check(api_version)
        self.pacer = pacer
        #: Requests sent, and how many of them were answered with 429.
        self.requests = 0
        self.throttled = 0
        #: HubSpot's clock at the last answer; None before the first.
        self.server_time: dt.datetime | None = None
        self.on_request = on_request
        self._token = Token.of(token)
        self._client = _client(self.base_url, self._token, Wire(deadline=deadline))
        self._counting = threading.Lock()

    def close(self) -> None:
        """Let go of the connections and of the pacer."""
        self._client.rest_client.pool_manager.clear()
        self.pacer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Gateway({self.base_url}, {self.api_version}, token {self._token.masked})"

    def call(
        self,
        name: str,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str | int] | None = None,
        body: dict[str, Any] | list[Any] | None = None,
    ) -> Answer:
        """Send the call named in `versions.ROUTES` and return its answer (any 2xx).

        `path` fills the route's placeholders. Raises what `hubsync.portal.errors` says; a write whose answer was
        lost raises Unclear.
        """
        route = ROUTES[name]
        where = route.path(self.api_version)
        for key, value in (path or {}).items():
            where = where.replace(f"{{{key}}}", quote(value, safe=""))
        tries = Tries(route.effect, self._patience)
        retrying = stamina.retry_context(
            on=tries.wait, attempts=tries.most, timeout=None, wait_initial=0.5, wait_max=8.0
        )
        try:
            for attempt in retrying:
                with attempt:
                    return self._once(route, where, query, body)
        except Again as last:
            raise last.error from None
        raise AssertionError("a retry context ends with an answer or an error")

    def pages(
        self, name: str, *, path: Mapping[str, str] | None = None, query: Mapping[str, str | int]
    ) -> Iterator[Answer]:
        """Yield the answers of a call page by page; Garbled where a page has itself for the next."""
        asked = dict(query)
        while True:
            answer = self.call(name, path=path, query=asked)
            yield answer
            if not answer.after:
                return
            if answer.after == asked.get("after"):
                raise garbled("a page of it has itself for the next", answer)
            asked["after"] = answer.after

    def _once(self, route: Route, where: str, query: Mapping[str, str | int] | None, body: object) -> Answer:
        self.pacer.take(route.bucket)
        with self._counting:
            self.requests += 1
        if self.on_request is not None:
            self.on_request()
        try:
            status, headers, data = self._exchange(route.method, where, query, body)
        except Lost as lost:
            raise Again(_lost(route, lost), sent=lost.sent) from None
        except TooLong:
            raise _garbled(route, "it is longer than any answer should be", 200, {}) from None
        self.pacer.learn(headers)
        if 200 <= status < 300:  # noqa: PLR2004
            try:
                found = parse(data)
            except ValueError as fault:
                raise Again(_garbled(route, str(fault), status, headers), sent=True) from None
            answer = Answer(
                status=status,
                headers=headers,
                body=found if isinstance(found, dict) else {"results": found} if found else {},
                write=route.effect is not Effect.READ,
            )
            self.server_time = answer.date or self.server_time
            return answer
        raise self._refused(route, error_of(status, headers, data, self._token), headers)

    def _refused(self, route: Route, error: PortalError, headers: Mapping[str, str]) -> Exception:
        """Return what to raise for an error, wrapped where a later try may fare better."""
        if isinstance(error, RateLimited):
            with self._counting:
                self.throttled += 1
            if error.daily:
                error.resume_at = self.pacer.close_for_today()
                return error
            self.pacer.slow_down()
        if isinstance(error, Unreachable):
            if is_failing(error.status) and route.effect is not Effect.READ:
                error = unclear(f"HubSpot failed ({error.status}) while it was at it", error)
            error.resume_at = self._resume_at(headers)
        if isinstance(error, RateLimited | Unreachable):
            return Again(error, sent=is_failing(error.status), wait=asked_wait(error, headers))
        return error

    def _resume_at(self, headers: Mapping[str, str]) -> dt.datetime | None:
        """Return when HubSpot asks to be asked again; None where it says nothing."""
        seconds = headers.get("retry-after", "")
        return self.pacer.now() + dt.timedelta(seconds=int(seconds)) if seconds.isdigit() else None

    def _exchange(
        self, method: str, where: str, query: Mapping[str, str | int] | None, body: object
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one request through HubSpot's client; return status, headers with lower-case names, and bytes."""
        from hubspot.crm.contacts import ApiException  # noqa: PLC0415 - costs 0.1 s, and some commands send nothing

        try:
            response = self._client.call_api(
                where,
                method,
                query_params=dict(query or {}),
                header_params={"Accept": "application/json"},
                body=body,
                auth_settings=["oauth2"],
                _preload_content=False,
            )
        except ApiException as error:
            # Its text holds headers and body, and with them whatever a proxy echoes: only its parts go on.
            status, headers, data = error.status, error.headers, (error.body or "").encode()
        else:
            status, headers, data = response.status, response.headers, response.data
        return int(status), {str(name).lower(): str(value) for name, value in dict(headers or {}).items()}, data


def _lost(route: Route, lost: Lost) -> Unreachable:
    if lost.sent and route.effect is not Effect.READ:
        return unclear(lost.reason)
    return Unreachable(
        "HubSpot cannot be reached.",
        f"{lost.reason[:1].upper()}{lost.reason[1:]}. Nothing was changed.",
        "Check the network and status.hubspot.com, then try again.",
    )


def _garbled(route: Route, fault: str, status: int, headers: Mapping[str, str]) -> PortalError:
    error: PortalError = Garbled(
        "HubSpot's answer cannot be read.",
        f"It came with status {status}, but {fault}. Nothing was taken from it.",
        "Try again; if it lasts, look for a proxy in between.",
    )
    if route.effect is not Effect.READ:
        error = unclear(f"its answer cannot be read: {fault}")
    error.status, error.correlation_id = status, headers.get("x-hubspot-correlation-id", "")
    return error


def _client(base_url: str, token: Token, wire: Wire) -> ApiClient:
    """Return HubSpot's own client on our wire: one for all calls, where its own factory makes one for each."""
    from hubspot import HubSpot  # noqa: PLC0415 - see above

    hub = HubSpot(access_token=token.secret, host=base_url, base_url=base_url)
    client = hub.crm.contacts.basic_api.api_client
    client.rest_client.pool_manager = wire
    # It looks through every value of a body for models and dates; our bodies are plain JSON, and large.
    client.sanitize_for_serialization = lambda body: body
    return client
