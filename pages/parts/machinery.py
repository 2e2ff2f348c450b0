"""What works behind the pages while the server runs: the worker, and the sandbox where the demo is connected to it."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

import streamlit as st

from hubsync.core.connection import Connection
from hubsync.core.errors import HubsyncError
from hubsync.embedded import Embedded
from hubsync.store import connection as connections
from hubsync.store.state import State
from pages.parts import room
from pages.parts.moment import now

if TYPE_CHECKING:
    from hubsync.portal.gateway import Gateway

#: How long a stopping server waits for the batch in flight, in seconds; a run left behind is resumed.
PATIENCE = 10.0
log = logging.getLogger(__name__)


class Machinery:
    """Starts and stops the worker's thread and the embedded sandbox; one per server."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._embedded = Embedded(state)
        self._gateways: dict[Connection, Gateway] = {}

    def start(self) -> None:
        """Serve the sandbox where there is one, and set the worker to work.

        The pages open even where the sandbox cannot be served: a lost key is mended there, by connecting anew.
        """
        try:
            self.serve(connections.active(self._state))
        except HubsyncError as error:
            log.warning("The demo's HubSpot is not served: %s", error)
        self._thread = threading.Thread(target=self._work, name="worker", daemon=True)
        self._thread.start()

    def serve(self, connection: Connection | None) -> None:
        """Keep the embedded sandbox answering where `connection` leads to it."""
        if connection is not None:
            self._embedded.ensure(connection)

    def stop(self) -> None:
        """Stop after the batch in flight."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(PATIENCE)
        self._embedded.stop()

    def _work(self) -> None:
        from hubsync.worker import Worker  # noqa: PLC0415 - HubSpot's client takes a second to load

        Worker(self._state.workspace, self._state, gateways=self._gateway, clock=now).loop(self._stop)

    def _gateway(self, connection: Connection) -> Gateway:
        """Return the gateway of a connection, one for all its runs; a new token is a new connection."""
        from hubsync.portal.connection import open_gateway  # noqa: PLC0415

        connection = self._embedded.ensure(connection)
        if connection not in self._gateways:
            token = connections.token(self._state, connection)
            self._gateways = {connection: open_gateway(connection, token, self._state.workspace)}
        return self._gateways[connection]


@st.cache_resource(show_spinner=False)
def machinery() -> Machinery:
    """Return this server's machinery; app.py starts it."""
    return Machinery(room.state())
