"""The wire: connections whose every exchange ends at a deadline, with an answer of bounded size, and no redirects."""

from __future__ import annotations

import io
from typing import Any, ClassVar

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ProxyError, SSLError
from urllib3.response import BaseHTTPResponse, HTTPResponse

from hubsync.portal.watchdog import Exchange, Watchdog, using

#: No answer we ask for comes near it: 250 memberships or 100 contacts with all their properties are under 2 MB.
LONGEST = 32 * 1024 * 1024
CONNECT_WITHIN = 10.0
_CHUNK = 65_536
#: Successes that say how long their body is, be it empty.
_WITH_BODY = frozenset({200, 201, 202, 207})


class Lost(Exception):  # noqa: N818 - becomes one of ours before it leaves this room
    """An exchange that gave no whole answer; `sent` says whether the request may have arrived."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent


class TooLong(Exception):  # noqa: N818
    """An answer over the size we read."""


class _Watched(HTTPConnection):
    def connect(self) -> None:
        using(self)
        super().connect()
        using(self)  # its time may have run out while there was nothing to cut yet

    def request(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as the parent has it
        using(self)
        super().request(*args, **kwargs)


class _WatchedTLS(HTTPSConnection):
    def connect(self) -> None:
        using(self)
        super().connect()
        using(self)  # its time may have run out while there was nothing to cut yet

    def request(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        using(self)
        super().request(*args, **kwargs)


class _Plain(urllib3.HTTPConnectionPool):
    ConnectionCls = _Watched


class _TLS(urllib3.HTTPSConnectionPool):
    ConnectionCls = _WatchedTLS


class Wire(urllib3.PoolManager):
    """A pool of connections; each answer is read whole, within `deadline` seconds and `LONGEST` bytes."""

    _POOLS: ClassVar[dict[str, type[urllib3.HTTPConnectionPool]]] = {"http": _Plain, "https": _TLS}

    def __init__(self, *, deadline: float, longest: int = LONGEST, connections: int = 8) -> None:
        super().__init__(num_pools=2, maxsize=connections)
        self.pool_classes_by_scheme = self._POOLS
        self._deadline = deadline
        self._longest = longest
        #: Ends exchanges at their deadline.
        self.watchdog = Watchdog(deadline)

    def clear(self) -> None:
        """Close the connections that nobody uses."""
        super().clear()
        self.watchdog.rest()

    def urlopen(self, method: str, url: str, redirect: bool = False, **kw: Any) -> BaseHTTPResponse:  # type: ignore[override]  # noqa: ANN401, ARG002, FBT001, FBT002 - as the parent has it
        """Send one request, once. Raises Lost, and TooLong; every status is an answer, redirects too."""
        limit = urllib3.Timeout(connect=min(CONNECT_WITHIN, self._deadline), read=self._deadline)
        kw.update(preload_content=False, retries=False, timeout=limit)
        with Exchange(self.watchdog) as exchange:
            try:
                response = super().urlopen(method, url, redirect=False, **kw)
                body = self._read(response)
            except (NewConnectionError, ConnectTimeoutError, SSLError, ProxyError) as error:
                raise Lost(_words(error, exchange, self._deadline), sent=False) from None
            except (HTTPError, OSError) as error:
                raise Lost(_words(error, exchange, self._deadline), sent=True) from None
            if exchange.cut:  # a cut can look like a whole answer where its length was not given
                response.close()
                raise Lost(f"no whole answer within {self._deadline:g} s", sent=True)
        if not body and _is_headless(response):
            raise Lost("the answer broke off within its head", sent=True)
        return HTTPResponse(
            body=io.BytesIO(_readable(body, response.status)),
            headers=response.headers,
            status=response.status,
            decode_content=False,  # it is, already
            enforce_content_length=False,
            request_url=url,
        )

    def _read(self, response: BaseHTTPResponse) -> bytes:
        parts, size = [], 0
        for part in response.stream(_CHUNK, decode_content=True):
            size += len(part)
            if size > self._longest:
                response.close()
                raise TooLong
            parts.append(part)
        return b"".join(parts)


def _is_headless(response: BaseHTTPResponse) -> bool:
    """Return whether the head of a success names no length for its body: it was cut off, and nobody would notice."""
    return (
        response.status in _WITH_BODY
        and "content-length" not in response.headers
        and "transfer-encoding" not in response.headers
    )


def _readable(body: bytes, status: int) -> bytes:
    # HubSpot's client decodes the body of an error strictly and would fail on one that is not UTF-8.
    return body if status < 300 else body.decode("utf-8", "replace").encode()  # noqa: PLR2004


def _words(error: Exception, exchange: Exchange, deadline: float) -> str:
    if exchange.cut:
        return f"no whole answer within {deadline:g} s"
    if isinstance(error, SSLError):
        return "its certificate could not be checked"
    if isinstance(error, (NewConnectionError, ConnectTimeoutError)):
        return "no connection could be made"
    return f"the connection broke ({type(error).__name__})"
