"""The demo workspace: real shopping data, four behaviours, a sandbox that holds most of its customers."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from hubsync.core import catalogue
from hubsync.core import score as scores
from hubsync.core.connection import Connection, Method
from hubsync.core.errors import Blocked, HubsyncError
from hubsync.embedded import Embedded, free_port
from hubsync.store import connection as connections
from hubsync.store import score as models
from hubsync.store import segment as segments
from hubsync.store import snapshot
from hubsync.store.state import State
from hubsync.store.workspace import Workspace

BEHAVIOURS = Path(__file__).parents[1] / "data" / "demo" / "behaviours.yaml"
SCORE = BEHAVIOURS.with_name("score.yaml")


@dataclass(frozen=True, kw_only=True)
class Demo:
    """What the demo holds."""

    customers: int
    events: int
    segments: int
    portal_id: str


@dataclass(frozen=True, kw_only=True)
class _Making:
    workspace: Workspace
    state: State
    by: str
    clock: Callable[[], dt.datetime]
    tell: Callable[[str], None]


def make(
    workspace: Workspace, state: State, *, by: str, clock: Callable[[], dt.datetime], tell: Callable[[str], None]
) -> Demo:
    """Make what is missing of the demo and return what it holds; `tell` hears each step.

    Uses the saved connection where it leads to a sandbox, and starts the embedded one where there is none; Blocked
    where it leads to a real portal.
    """
    from hubsync.behaviour.tables import counts  # noqa: PLC0415 - so that the command line starts without it

    making = _Making(workspace=workspace, state=state, by=by, clock=clock, tell=tell)
    connection = connections.active(state)
    if connection and not (connection.embedded or connection.is_loopback):
        raise Blocked(
            f"This workspace is connected to the real portal {connection.portal_id}.",
            "The demo's made-up customers have no business there; nothing was changed.",
            "Make the demo elsewhere: python -m hubsync demo --home SOME_FOLDER",
        )
    _behaviour(making)
    with ExitStack() as stack:
        if connection is None:
            connection = _connect(making, stack)
        else:
            connection = stack.enter_context(Embedded(state)).ensure(connection)
        if snapshot.latest(workspace, "mirror") is None:
            _pull(making, connection)
    loaded = counts(workspace)
    return Demo(
        customers=loaded["customers"],
        events=loaded["events"],
        segments=len(segments.all_current(state)),
        portal_id=connection.portal_id,
    )


def _behaviour(making: _Making) -> None:
    from data.demo import shopping  # noqa: PLC0415 - the demo's alone
    from hubsync.behaviour.features import refresh  # noqa: PLC0415
    from hubsync.behaviour.load import load  # noqa: PLC0415
    from hubsync.behaviour.tables import counts  # noqa: PLC0415

    if not all(counts(making.workspace).values()):
        making.tell("Loading a year of shopping …")
        with tempfile.TemporaryDirectory() as folder:
            customers, events = shopping.write(Path(folder))
            load(making.workspace, "customers", [customers], mapping=None, clock=making.clock)
            load(making.workspace, "events", [events], mapping=None, clock=making.clock)
    for segment in catalogue.read(BEHAVIOURS.read_text(encoding="utf-8")):
        segments.save(making.state, segment, by=making.by, at=making.clock())
    if models.current(making.state) is None:
        models.save(making.state, scores.read(SCORE.read_text(encoding="utf-8")), by=making.by, at=making.clock())
    if snapshot.latest(making.workspace, "features") is None:
        making.tell("Computing who behaves how …")
        current = segments.all_current(making.state)
        versions = {version.segment.key: version.version for version in current}
        refresh(making.workspace, [version.segment for version in current], versions=versions, clock=making.clock)


def _connect(making: _Making, stack: ExitStack) -> Connection:
    from hubsync.portal.verify import verify  # noqa: PLC0415
    from hubsync.sandbox.server import Sandbox  # noqa: PLC0415

    making.tell("Starting a HubSpot on this machine …")
    sandbox = Sandbox(state=making.workspace.sandbox_file, seed="demo", port=free_port())
    stack.enter_context(sandbox)
    found = verify(sandbox.base_url, sandbox.token, str(sandbox.portal_id), workspace=making.workspace, embedded=True)
    if not found.ok:
        faults = "; ".join(f"{check.name}: {check.detail}" for check in found.checks if not check.ok)
        raise HubsyncError("The sandbox could not be connected.", faults, "Run: python -m hubsync doctor")
    connection = found.connection(method=Method.PRIVATE_APP, at=making.clock(), embedded=True)
    connections.save(making.state, connection, sandbox.token, by=making.by, at=making.clock())
    return connection


def _pull(making: _Making, connection: Connection) -> None:
    from hubsync.portal.connection import open_gateway  # noqa: PLC0415
    from hubsync.sync.refresh import refresh_mirror  # noqa: PLC0415

    making.tell("Pulling the portal's contacts …")
    with open_gateway(connection, connections.token(making.state, connection), making.workspace) as gateway:
        refresh_mirror(making.workspace, making.state, connection, gateway, clock=making.clock)
