"""The embedded sandbox: the HubSpot on this machine that the demo is connected to, served by whoever needs it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from hubsync.core.connection import Connection
from hubsync.store.workspace import Workspace

#: Where the demo's sandbox listens unless something else already does.
PORT = 8583


@contextmanager
def serving(workspace: Workspace, connection: Connection | None) -> Iterator[None]:
    """Keep the embedded sandbox answering while the block runs.

    Does nothing for a real portal, or where another process of this workspace serves it already: the port decides,
    and its state lies in the workspace, so that it makes no difference who serves.
    """
    if connection is None or not connection.embedded:
        yield
        return
    port = urlsplit(connection.base_url).port or PORT
    if listens(port):
        yield
        return
    from hubsync.sandbox.server import Sandbox  # noqa: PLC0415 - costs a web server, for the demo only

    with Sandbox(state=workspace.sandbox_file, port=port):
        yield


def listens(port: int) -> bool:
    """Return whether something on this machine answers at the port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """Return the usual port, or another one where that is taken."""
    for port in (PORT, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise AssertionError("the system gives out free ports")
