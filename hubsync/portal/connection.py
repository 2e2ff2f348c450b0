"""From a verified connection to a gateway."""

from __future__ import annotations

from collections.abc import Callable

from hubsync.core.connection import Connection
from hubsync.portal.gateway import Gateway
from hubsync.portal.pace import Pacer
from hubsync.store.workspace import Workspace


def open_gateway(
    connection: Connection, token: str, workspace: Workspace, *, on_request: Callable[[], None] | None = None
) -> Gateway:
    """Return a gateway to the connection's portal, at the pace of everything else in this workspace."""
    pacer = Pacer(file=workspace.pace_file, portal_id=connection.portal_id, time_zone=connection.time_zone or "UTC")
    return Gateway(
        base_url=connection.base_url,
        token=token,
        api_version=connection.api_version,
        pacer=pacer,
        on_request=on_request,
        embedded=connection.embedded,
    )
