"""What HubSpot does by itself as time passes; looked after whenever a request comes."""

from __future__ import annotations

from hubsync.sandbox import exports, imports, list_changes
from hubsync.sandbox.portal import Portal


def catch_up(portal: Portal) -> None:
    """Do what is due by now."""
    portal.settle()
    list_changes.convert_due(portal)
    imports.work_due(portal)
    exports.work_due(portal)
