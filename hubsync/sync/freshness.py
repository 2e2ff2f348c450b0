"""Whether features and mirror are new enough to sync from, and making them so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from hubsync.behaviour.mapping import Kind
from hubsync.behaviour.tables import attributes_file, data_file
from hubsync.core.connection import Connection
from hubsync.portal.gateway import Gateway
from hubsync.store import segment as segments
from hubsync.store import snapshot
from hubsync.store.snapshot import Snapshot
from hubsync.store.state import State
from hubsync.store.workspace import Workspace
from hubsync.sync.refresh import refresh_mirror

KINDS: tuple[Kind, ...] = ("customers", "events")
Clock = Callable[[], dt.datetime]
#: Data that is loaded while members are computed has them computed again, so often.
ATTEMPTS = 3


def data(workspace: Workspace) -> str:
    """Return a text that differs once other behaviour data is loaded; "" where there is none."""
    files = [file for file in (data_file(workspace, kind) for kind in KINDS) if file.exists()]
    return ";".join(f"{file.name}:{file.stat().st_mtime_ns}:{file.stat().st_size}" for file in files)


def features(workspace: Workspace) -> str:
    """Return the id of the newest features; "" where there are none."""
    found = snapshot.latest(workspace, "features")
    return found.id if found else ""


def refresh_features(workspace: Workspace, state: State, *, since: dt.datetime | None, clock: Clock) -> str:
    """Compute features and members anew if they are out of date; return the id of the newest.

    Out of date are features made before the newest data or of other versions of the rules; with `since` also those
    made before that moment whose windows move with the clock. Raises BadInput where they cannot be computed.
    """
    from hubsync.behaviour.features import refresh  # noqa: PLC0415 - computing takes an engine

    for _ in range(ATTEMPTS):
        versions = {one.segment.key: one.version for one in segments.all_current(state)}
        if not _outdated(workspace, versions, since):
            break
        before = data(workspace)
        current = [one.segment for one in segments.all_current(state)]
        refresh(workspace, current, versions=versions, clock=clock)
        if data(workspace) == before:
            break
    return features(workspace)


def refresh_mirror_since(
    workspace: Workspace,
    state: State,
    connection: Connection,
    gateway: Gateway,
    *,
    since: dt.datetime,
    clock: Clock,
) -> None:
    """Pull from the portal unless that was done since; raises what `hubsync.portal.errors` says."""
    newest = snapshot.latest(workspace, "mirror")
    if newest is not None and newest.meta.get("portal_id") == connection.portal_id:
        pulled_at = newest.meta.get("pulled_at")
        if pulled_at and dt.datetime.fromisoformat(str(pulled_at)) >= since:
            return
    refresh_mirror(workspace, state, connection, gateway, clock=clock)


def _outdated(workspace: Workspace, versions: dict[str, int], since: dt.datetime | None) -> bool:
    made = snapshot.latest(workspace, "features")
    if made is None:
        return True
    if made.meta.get("versions") != versions:
        return True
    if _older_than_data(workspace, made):
        return True
    return since is not None and made.meta.get("as_of_is") == "now" and made.made_at < since


def _older_than_data(workspace: Workspace, made: Snapshot) -> bool:
    """Compare files' times with a file's time: both are the file system's clock."""
    computed = made.file("features.parquet").stat().st_mtime_ns
    files = (*(data_file(workspace, kind) for kind in KINDS), attributes_file(workspace))
    return any(file.exists() and file.stat().st_mtime_ns > computed for file in files)
