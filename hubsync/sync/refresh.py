"""Refreshing the mirror with what the syncs need: our properties, and the members of the lists we keep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from hubsync.core.connection import Connection
from hubsync.mirror import pull
from hubsync.mirror.pull import PullReport
from hubsync.portal.gateway import Gateway
from hubsync.store import receipt, rule
from hubsync.store.state import State
from hubsync.store.workspace import Workspace
from hubsync.sync import inbound, workflow_listeners


def refresh_mirror(
    workspace: Workspace,
    state: State,
    connection: Connection,
    gateway: Gateway,
    *,
    full: bool = False,
    clock: Callable[[], dt.datetime],
) -> PullReport:
    """Pull from the portal into a new mirror and return what was done; raises what `hubsync.portal.errors` says.

    Properties that are to come back become attributes of our customers.

    Reads the members of the lists we keep in step only: a portal may hold a thousand other lists.
    """
    facts = receipt.of_portal(state, connection.portal_id)
    owned = [name.removeprefix("property:") for name in facts if name.startswith("property:")]
    written = receipt.properties(state, connection.portal_id)
    coming_back = rule.attributes(state, connection.portal_id)
    report = pull.pull(
        workspace,
        gateway,
        connection.portal_id,
        properties=[*owned, *written, *coming_back],
        list_ids=[value for name, (value, _, _) in facts.items() if name.startswith("list_name:")],
        full=full,
        clock=clock,
    )
    missing = inbound.bring(workspace, state, connection.portal_id).missing
    told = (f"The property '{name}' that is to come back: HubSpot has none of this name." for name in missing)
    sent = gateway.requests
    hidden = workflow_listeners.read(state, connection.portal_id, gateway, at=clock())
    return replace(
        report,
        requests=report.requests + gateway.requests - sent,
        unreadable=(*report.unreadable, *told, *([hidden] if hidden else [])),
    )
