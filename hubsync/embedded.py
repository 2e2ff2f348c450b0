"""The embedded sandbox: the HubSpot on this machine that the demo is connected to, served by whoever needs it."""

from __future__ import annotations

import dataclasses
import http.client
import socket
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from hubsync.core.connection import Connection
from hubsync.core.errors import HubsyncError
from hubsync.store import connection as connections
from hubsync.store.state import State

if TYPE_CHECKING:
    from hubsync.sandbox.server import Sandbox

#: Where the demo's sandbox listens unless something else already does.
PORT = 8583
_WAIT = 5.0


class Embedded:
    """Keeps a workspace's embedded sandbox answering, for as long as it is not stopped.

    The sandbox's state lies in the workspace, so that it makes no difference which process serves it; the first that
    needs it does. Safe to share between threads.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._sandbox: Sandbox | None = None
        self._starting = threading.Lock()

    def ensure(self, connection: Connection) -> Connection:
        """Return the connection to use now: the same one, or where its sandbox has moved to.

        Leaves a connection to anything else alone. Raises HubsyncError where the sandbox cannot be served.
        """
        if not connection.embedded:
            return connection
        with self._starting:
            found = connections.active(self._state)
            latest = found if found and found.embedded else connection
            if self._sandbox is not None or answers(latest, connections.token(self._state, latest)):
                return latest
            return self._start(latest)

    def _start(self, connection: Connection) -> Connection:
        from hubsync.sandbox.server import Sandbox  # noqa: PLC0415 - costs a web server, for the demo only

        port = free_port(urlsplit(connection.base_url).port or PORT)
        try:
            self._sandbox = Sandbox(state=self._state.workspace.sandbox_file, port=port).start()
        except OSError as error:
            raise HubsyncError(
                "The demo's HubSpot cannot be started.",
                f"{error}. Nothing was sent.",
                "Another process may just be starting or stopping it: try again.",
            ) from error
        moved = dataclasses.replace(connection, base_url=self._sandbox.base_url)
        if moved != connection:
            connections.move(self._state, moved)
        return moved

    def stop(self) -> None:
        """Stop serving, if it was this one that did."""
        if self._sandbox is not None:
            self._sandbox.stop()
            self._sandbox = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def answers(connection: Connection, token: str) -> bool:
    """Return whether the connection's own sandbox, and not just anything, answers at its address."""
    address = urlsplit(connection.base_url)
    asking = http.client.HTTPConnection(address.hostname or "", address.port, timeout=_WAIT)
    try:
        asking.request("GET", "/account-info/v3/details", headers={"Authorization": f"Bearer {token}"})
        return asking.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asking.close()


def free_port(wished: int = PORT) -> int:
    """Return the wished port, or another one where that is taken."""
    for port in (wished, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise AssertionError("the system gives out free ports")
