"""The demo workspace: real shopping data, four behaviours, a sandbox that holds most of its customers."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

from hubsync import embedded
from hubsync.cli.behaviour import apply_files, refresh_features
from hubsync.cli.output import say
from hubsync.cli.portal import connect_portal, pull_mirror
from hubsync.cli.session import Session, now
from hubsync.core.connection import Connection, Method
from hubsync.core.errors import Blocked, HubsyncError
from hubsync.store import connection as connections
from hubsync.store import snapshot

BEHAVIOURS = Path(__file__).parents[2] / "data" / "demo" / "behaviours.yaml"


def make(session: Session) -> dict[str, object]:
    """Make what is missing of the demo and return `customers, events, segments, portal_id`.

    Uses the saved connection where it leads to a sandbox; Blocked where it leads to a real portal.
    """
    from hubsync.behaviour.load import counts

    connection = connections.active(session.state)
    if connection and not (connection.embedded or connection.is_loopback):
        raise Blocked(
            f"This workspace is connected to the real portal {connection.portal_id}.",
            "The demo's made-up customers have no business there; nothing was changed.",
            "Make the demo elsewhere: python -m hubsync demo --home SOME_FOLDER",
        )
    _data(session)
    with ExitStack() as serving:
        if connection is None:
            connection = _embedded(session, serving)
        if snapshot.latest(session.workspace, "mirror") is None:
            say("Pulling the portal's contacts …")
            pull_mirror(session)
    loaded = counts(session.workspace)
    return {
        "customers": loaded["customers"],
        "events": loaded["events"],
        "segments": len(session.segments),
        "portal_id": connection.portal_id,
    }


def _data(session: Session) -> None:
    from data.demo import shopping
    from hubsync.behaviour.load import counts, load

    if not all(counts(session.workspace).values()):
        say("Loading a year of shopping …")
        with tempfile.TemporaryDirectory() as folder:
            customers, events = shopping.write(Path(folder))
            load(session.workspace, "customers", [customers], mapping=None, clock=now)
            load(session.workspace, "events", [events], mapping=None, clock=now)
    apply_files(session, [BEHAVIOURS])
    if snapshot.latest(session.workspace, "features") is None:
        say("Computing who behaves how …")
        refresh_features(session)


def _embedded(session: Session, serving: ExitStack) -> Connection:
    from hubsync.sandbox.server import Sandbox

    say("Starting a HubSpot on this machine …")
    sandbox = serving.enter_context(
        Sandbox(state=session.workspace.sandbox_file, seed="demo", port=embedded.free_port())
    )
    verification = connect_portal(
        session,
        sandbox.token,
        portal_id=str(sandbox.portal_id),
        base_url=sandbox.base_url,
        api_version="2026-03",
        method=Method.PRIVATE_APP,
        embedded=True,
    )
    if not verification.ok:
        faults = "; ".join(f"{check.name}: {check.detail}" for check in verification.checks if not check.ok)
        raise HubsyncError("The sandbox could not be connected.", faults, "Run: python -m hubsync doctor")
    return connections.required(session.state)
