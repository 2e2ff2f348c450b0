"""What every channel of alerts has in common: a name, a way to send, and an end to waiting."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from hubsync.core.errors import HubsyncError
from hubsync.core.notice import Message

#: Seconds until a receiver that says nothing is given up, for each read.
TIMEOUT = 10.0
#: Seconds for a whole delivery: one that answers byte by byte may not hold up the worker.
DEADLINE = 30.0


class NotDelivered(HubsyncError):  # noqa: N818 - as the others of our tree
    """A notice did not arrive."""

    code = "not_delivered"


class Channel(Protocol):
    """One way for notices to go out."""

    @property
    def name(self) -> str:
        """What history and settings call it."""

    def send(self, message: Message) -> str:
        """Send a message and return a remark, "" if there is nothing to say. Raises NotDelivered."""


@contextmanager
def within(seconds: float, sock: Callable[[], socket.socket | None]) -> Iterator[None]:
    """Cut the connection that `sock` returns, if the block takes longer."""
    timer = threading.Timer(seconds, _cut, (sock,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(sock: Callable[[], socket.socket | None]) -> None:
    found = sock()
    if found is not None:
        with suppress(OSError):  # it was closed meanwhile
            found.shutdown(socket.SHUT_RDWR)
