"""A rule tried out: how many it lets in, and how many each of its conditions does on its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from hubsync.behaviour.engine import open_engine
from hubsync.behaviour.features import as_of as time_of
from hubsync.behaviour.measures import by_column, feature_table
from hubsync.behaviour.membership import KIND, predicate
from hubsync.behaviour.tables import settle_as_of, tables
from hubsync.core.segment import Rule, conditions
from hubsync.store.snapshot import latest
from hubsync.store.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Preview:
    """Sizes of a rule that is not kept."""

    customers: int
    size: int
    #: For whom each condition holds, in the order of `hubsync.core.segment.conditions`.
    conditions: tuple[int, ...]
    as_of: dt.datetime


def preview(
    workspace: Workspace,
    rule: Rule,
    *,
    clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
) -> Preview:
    """Return the sizes a rule would have now.

    The newest feature table answers at once if it has every feature of the rule; otherwise the features are computed.
    Raises BadInput as `hubsync.behaviour.features.refresh` does.
    """
    parts = list(conditions(rule))
    wanted = by_column(part.feature for part in parts)
    snapshot = latest(workspace, KIND)
    with open_engine() as engine:
        if snapshot and wanted.keys() <= snapshot.meta["features"].keys():
            moment = time_of(snapshot)
            table = engine.table("features", snapshot.file("features.parquet"))
        else:
            moment, _ = settle_as_of(engine, workspace, None, clock())
            customers, events = tables(engine, workspace)
            table = engine.rows("features", engine.run(feature_table(customers, events, wanted.values(), moment)))
        counts = {f"condition_{place}": predicate(part, table).sum() for place, part in enumerate(parts)}
        found = engine.run(table.aggregate(customers=table.count(), size=predicate(rule, table).sum(), **counts))
    customers_, size, *each = (int(found[name][0].as_py() or 0) for name in found.column_names)
    return Preview(customers=customers_, size=size, conditions=tuple(each), as_of=moment)
