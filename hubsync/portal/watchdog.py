"""The watchdog: cuts every exchange that is still under way at its deadline, whatever it is doing.

A read timeout alone would let a server that sends a byte now and then hold us for ever.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import Self

from urllib3.connection import HTTPConnection

_using = threading.local()


class Exchange:
    """One exchange under way, in a `with` statement; `cut` says whether the watchdog ended it."""

    def __init__(self, watchdog: Watchdog) -> None:
        self.cut = False
        self.connection: HTTPConnection | None = None
        self._watchdog = watchdog

    def __enter__(self) -> Self:
        _using.exchange = self
        self._watchdog.watch(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._watchdog.leave(self)
        _using.exchange = None

    def end(self) -> None:
        """Cut the connection in use."""
        self.cut = True
        sock = self.connection.sock if self.connection is not None else None
        if sock is not None:
            with suppress(OSError):
                # The plain method: the one of TLS sockets forgets its layer while another thread reads through it.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)


class Watchdog:
    """Watches the exchanges of one wire, all of which have `seconds` from their beginning.

    One thread for all of them, as long as there are any: as each has the same time, the oldest is always the next to
    end, and nobody needs to wake the thread up for a new one.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        #: What is under way, oldest first, and when its time is up.
        self._under_way: dict[Exchange, float] = {}
        self._state = threading.Condition()
        self._awake = False

    def watch(self, exchange: Exchange) -> None:
        """Give an exchange its time, from now on."""
        with self._state:
            self._under_way[exchange] = time.monotonic() + self._seconds
            if not self._awake:
                self._awake = True
                threading.Thread(target=self._keep, name="hubspot-deadlines", daemon=True).start()

    def leave(self, exchange: Exchange) -> None:
        """Leave an exchange alone from now on: its connection may carry the next one."""
        with self._state:
            self._under_way.pop(exchange, None)

    def ring(self) -> None:
        """Cut everything that is under way, whatever time it has left."""
        with self._state:
            for exchange in self._under_way:
                exchange.end()
            self._under_way.clear()

    def rest(self) -> None:
        """Let the thread end where nothing is under way, rather than when the last deadline would have been."""
        with self._state:
            self._state.notify_all()

    def _keep(self) -> None:
        with self._state:
            while self._under_way:
                exchange, due = next(iter(self._under_way.items()))
                left = due - time.monotonic()
                if left > 0:
                    self._state.wait(left)
                    continue
                del self._under_way[exchange]
                exchange.end()
            self._awake = False


def using(connection: HTTPConnection) -> None:
    """Note that the exchange of this thread now goes over this connection; TimeoutError where its time is up."""
    exchange = getattr(_using, "exchange", None)
    if exchange is not None:
        exchange.connection = connection
        if exchange.cut:
            raise TimeoutError
