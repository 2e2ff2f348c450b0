"""Memberships over time: who was in which segment when, who joined and who left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from hubsync.behaviour.engine import literal, open_engine
from hubsync.behaviour.features import as_of, refresh
from hubsync.behaviour.membership import KIND
from hubsync.core.segment import Segment
from hubsync.store.snapshot import Snapshot, snapshots
from hubsync.store.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, kw_only=True)
class Movement:
    """What one snapshot changed in one segment, against the snapshot before."""

    segment_key: str
    as_of: dt.datetime
    #: The segment's version then; a change of version can move people who did nothing.
    version: int
    size: int
    #: Both 0 in the first snapshot that has the segment: where they were before is not known.
    joined: int
    left: int


def moments(workspace: Workspace) -> list[Snapshot]:
    """Return the feature snapshots in order of their as-of time, of those as of the same time the newest."""
    by_time = {as_of(one): one for one in snapshots(workspace, KIND)}
    return [by_time[moment] for moment in sorted(by_time)]


def history(workspace: Workspace, key: str | None = None) -> list[Movement]:
    """Return sizes, joins and leaves of each segment, or of one, in order of as-of time."""
    kept = moments(workspace)
    counts = _changes(kept)
    movements = []
    for place, (earlier, later) in enumerate(pairwise([None, *kept])):
        assert later is not None
        for segment_key, size in later.meta["sizes"].items():
            if key not in (None, segment_key):
                continue
            known = earlier is not None and segment_key in earlier.meta["sizes"]
            joined, left = counts.get((place, segment_key), (0, 0)) if known else (0, 0)
            movements.append(
                Movement(
                    segment_key=segment_key,
                    as_of=as_of(later),
                    version=later.meta["versions"][segment_key],
                    size=size,
                    joined=joined,
                    left=left,
                )
            )
    return movements


def spells(workspace: Workspace) -> pa.Table:
    """Return `segment_key, customer_id, start, end`: each uninterrupted time somebody was in, as the snapshots saw it.

    `start` is the as-of time of the first snapshot with the person, `end` that of the first one without, null while
    they are in. Somebody was in at a time t if start <= t < end.
    """
    import pyarrow as pa  # noqa: PLC0415

    kept = moments(workspace)
    time = pa.timestamp("us", tz="UTC")
    if not kept:
        text = pa.string()
        return pa.schema([("segment_key", text), ("customer_id", text), ("start", time), ("end", time)]).empty_table()
    with open_engine() as engine:
        times = pa.table({"place": pa.array(range(len(kept))), "as_of": pa.array(map(as_of, kept), time)})
        engine.register("times", times)
        # Within a spell, place minus the person's count of places stays the same.
        return engine.query(
            f"with seen as ({_seen(kept)}), spell as ("  # noqa: S608 - our own files' paths
            "select segment_key, customer_id, min(place) as first, max(place) as last from (select *, "
            "place - row_number() over (partition by segment_key, customer_id order by place) as island from seen) "
            "group by segment_key, customer_id, island) "
            'select segment_key, customer_id, since.as_of as start, until.as_of as "end" from spell '
            "join times as since on since.place = first left join times as until on until.place = last + 1 "
            "order by all"
        )


def backfill(
    workspace: Workspace,
    segments: Sequence[Segment],
    times: Sequence[dt.datetime],
    *,
    versions: Mapping[str, int] | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> int:
    """Make the snapshots that refreshes at past times would have made, oldest first, and return how many.

    Each is as of its time and dated by it; times that have one are left alone. Only the segments as they are now are
    known, so it is their present rules that are applied to the past. `progress` is told how many of how many are done.
    """
    there = {one.made_at for one in snapshots(workspace, KIND)}
    ordered = sorted(set(times) - there)
    for done, moment in enumerate(ordered, start=1):
        then = partial(dt.datetime.astimezone, moment, dt.UTC)
        refresh(workspace, segments, versions=versions, as_of=moment, clock=then)
        progress(done, len(ordered))
    return len(ordered)


def _changes(kept: Sequence[Snapshot]) -> dict[tuple[int, str], tuple[int, int]]:
    """Return joins and leaves by place of the snapshot and segment."""
    if not kept:
        return {}
    with open_engine() as engine:
        found = engine.execute(
            f"with seen as ({_seen(kept)}) "  # noqa: S608 - our own files' paths
            "select place, segment_key, sum(joined), sum(gone) from ("
            "select place, segment_key, 1 as joined, 0 as gone from seen anti join "
            "(select place + 1 as place, segment_key, customer_id from seen) using (place, segment_key, customer_id) "
            "union all select place, segment_key, 0, 1 from "
            "(select place + 1 as place, segment_key, customer_id from seen) "
            "anti join seen using (place, segment_key, customer_id)) group by all"
        )
    return {(place, key): (int(joined), int(gone)) for place, key, joined, gone in found}


def _seen(kept: Sequence[Snapshot]) -> str:
    """Return SQL for every membership of every snapshot, with the snapshot's place in order."""
    return " union all ".join(
        f"select {place} as place, segment_key, customer_id "  # noqa: S608 - our own files' paths
        f"from read_parquet({literal(str(one.file('memberships.parquet')))})"
        for place, one in enumerate(kept)
    )
