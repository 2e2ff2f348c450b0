"""The feature table: one row per customer, one column per feature in use, and who is in which segment because of it."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from hubsync.behaviour.engine import open_engine
from hubsync.behaviour.measures import AnyFeature, by_column, feature_table
from hubsync.behaviour.membership import KIND, memberships
from hubsync.behaviour.tables import AsOf, settle_as_of, tables
from hubsync.core.measure import Feature
from hubsync.core.segment import Segment, conditions
from hubsync.store.snapshot import Snapshot, note, snapshots, write
from hubsync.store.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

_FEATURES: TypeAdapter[dict[str, AnyFeature]] = TypeAdapter(dict[str, Feature])


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, kw_only=True)
class FeatureReport:
    """What a refresh made."""

    customers: int
    #: Columns of the feature table, without id and e-mail.
    measures: int
    seconds: float
    #: The time everything is as of.
    as_of: dt.datetime
    #: Where that time is from: "given" by the caller, "now", or the "newest event" because the data is old.
    as_of_is: AsOf
    snapshot_id: str
    #: Members by segment key.
    sizes: Mapping[str, int]


def refresh(
    workspace: Workspace,
    segments: Sequence[Segment],
    *,
    versions: Mapping[str, int] | None = None,
    features: Iterable[AnyFeature] = (),
    as_of: dt.datetime | None = None,
    clock: Callable[[], dt.datetime] = _now,
) -> FeatureReport:
    """Compute the features of all segments, and `features` beyond them, and who is in; keep both as a snapshot.

    Everything is as of `as_of`; without it of the clock's time, unless the newest event is more than 30 days older:
    then of that event's. The snapshot holds `features.parquet` (customer_id, email, a column per feature) and
    `memberships.parquet` (segment_key, customer_id, since); its meta holds as_of, the segments' `versions`, the
    features by column, and sizes. Raises BadInput where there is no data, or where a segment asks for what the data
    does not have; nothing is kept then.
    """
    started = time.perf_counter()
    used = [condition.feature for one in segments if one.rule for condition in conditions(one.rule)]
    wanted = by_column([*used, *features])
    made_at = clock()
    with open_engine() as engine:
        customers, events = tables(engine, workspace)
        moment, is_ = settle_as_of(engine, workspace, as_of, made_at)
        table = engine.run(feature_table(customers, events, wanted.values(), moment))
        members = memberships(engine, table, segments, moment, before(workspace, moment))
    sizes = {one.key: 0 for one in segments} | dict(Counter(members["segment_key"].to_pylist()))
    with write(workspace, KIND, made_at) as folder:
        _save(table, folder / "features.parquet")
        _save(members, folder / "memberships.parquet")
        note(
            folder,
            as_of=moment.isoformat(),
            as_of_is=is_,
            versions={one.key: (versions or {}).get(one.key, 0) for one in segments},
            features={name: one.model_dump(mode="json") for name, one in wanted.items()},
            sizes=sizes,
            customers=table.num_rows,
        )
    return FeatureReport(
        customers=table.num_rows,
        measures=len(wanted),
        seconds=time.perf_counter() - started,
        as_of=moment,
        as_of_is=is_,
        snapshot_id=next(one.id for one in snapshots(workspace, KIND) if one.made_at == made_at),
        sizes=sizes,
    )


def features_of(snapshot: Snapshot) -> dict[str, AnyFeature]:
    """Return the features of a snapshot by their column."""
    return _FEATURES.validate_python(snapshot.meta["features"])


def as_of(snapshot: Snapshot) -> dt.datetime:
    """Return the time that a feature snapshot is as of."""
    return dt.datetime.fromisoformat(snapshot.meta["as_of"])


def before(workspace: Workspace, moment: dt.datetime) -> Snapshot | None:
    """Return the last snapshot as of a time not after `moment`, or None."""
    earlier = [one for one in snapshots(workspace, KIND) if as_of(one) <= moment]
    return max(earlier, key=lambda one: (as_of(one), one.id), default=None)


def _save(table: pa.Table, path: Path) -> None:
    import pyarrow.parquet as pq  # noqa: PLC0415

    pq.write_table(table, path, compression="zstd")
