"""Who is in which segment: rules as predicates over the feature table, and what the newest snapshot says."""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubsync.behaviour.comparison import compare
from hubsync.behaviour.engine import Engine, literal, open_engine
from hubsync.core.errors import BadInput, NotFound
from hubsync.core.segment import All, Any_, Condition, Not, Rule, Segment
from hubsync.store.snapshot import Snapshot, latest
from hubsync.store.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.expr import types as ir

#: Kind of the snapshots that hold `features.parquet` and `memberships.parquet`.
KIND = "features"


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """People who are in exactly these of the segments asked about."""

    keys: frozenset[str]
    size: int


def predicate(rule: Rule, table: ir.Table) -> ir.BooleanValue:
    """Return the rule as a predicate over a feature table; never null.

    Raises BadInput, naming the column, for a condition that compares values of different kinds.
    """
    import ibis  # noqa: PLC0415

    match rule:
        case All(all=parts):
            return functools.reduce(operator.and_, (predicate(part, table) for part in parts), ibis.literal(True))
        case Any_(any=parts):
            return functools.reduce(operator.or_, (predicate(part, table) for part in parts), ibis.literal(False))
        case Not(not_=part):
            return ~predicate(part, table)
        case Condition(column=name, op=op, value=value):
            return compare(table[name], op, value, name)
    raise TypeError(f"{rule!r} is not a rule")


def memberships(
    engine: Engine, features: pa.Table, segments: Sequence[Segment], as_of: dt.datetime, before: Snapshot | None
) -> pa.Table:
    """Return `segment_key, customer_id, since` for a feature table, sorted by the first two.

    `since` is the as-of time of the first of the consecutive snapshots that had the person in; `before` is the last of
    them. Raises BadInput for a segment by SQL.
    """
    import ibis  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    table = engine.rows("features", features)
    parts = []
    for segment in segments:
        if segment.rule is None:
            raise BadInput(
                f"'{segment.title()}' is a segment by SQL, which cannot be computed yet.",
                "Nothing was computed.",
                "Write it as a rule.",
            )
        found = table.filter(predicate(segment.rule, table))
        parts.append(found.select(segment_key=ibis.literal(segment.key), customer_id=found.customer_id))
    if not parts:
        text, time = pa.string(), pa.timestamp("us", tz="UTC")
        return pa.schema([("segment_key", text), ("customer_id", text), ("since", time)]).empty_table()
    engine.register("members", engine.run(ibis.union(*parts) if len(parts) > 1 else parts[0]))
    earlier = f"from read_parquet({_file(before)})" if before else "from members where false"
    since = "least(earlier.since, $as_of)" if before else "$as_of"
    return engine.query(
        f"select segment_key, customer_id, coalesce({since}, $as_of) as since "  # noqa: S608 - our own file's path
        f"from members left join (select * {earlier}) as earlier using (segment_key, customer_id) order by all",
        as_of=as_of,
    )


def current(workspace: Workspace) -> Snapshot:
    """Return the newest snapshot of features and memberships; NotFound where none was made."""
    found = latest(workspace, KIND)
    if found is None:
        raise NotFound(
            "No segment has been computed yet.",
            "There is no feature table.",
            "Load behaviour data, then run: python -m hubsync features refresh",
        )
    return found


def members(workspace: Workspace, key: str) -> list[str]:
    """Return the customer ids of a segment, sorted; NotFound where the newest snapshot does not have the segment."""
    snapshot = current(workspace)
    _known(snapshot, [key])
    with open_engine() as engine:
        found = engine.query(
            f"select customer_id from read_parquet({_file(snapshot)}) "  # noqa: S608 - our own file's path
            "where segment_key = $key order by customer_id",
            key=key,
        )
    ids: list[str] = found["customer_id"].to_pylist()
    return ids


def sizes(workspace: Workspace) -> dict[str, int]:
    """Return the number of members by segment key, from the newest snapshot."""
    return {str(key): int(size) for key, size in current(workspace).meta["sizes"].items()}


def member_table(workspace: Workspace, key: str, *, limit: int | None = None, offset: int = 0) -> pa.Table:
    """Return members with `customer_id, email, since` and a column per feature, sorted by id; a page of them."""
    snapshot = current(workspace)
    _known(snapshot, [key])
    features = literal(str(snapshot.file("features.parquet")))
    with open_engine() as engine:
        return engine.query(
            "select customer_id, email, since, feature.* exclude (customer_id, email) "  # noqa: S608 - our own files' paths
            f"from read_parquet({_file(snapshot)}) as member "
            f"join read_parquet({features}) as feature using (customer_id) "
            "where segment_key = $key order by customer_id limit $limit offset $offset",
            key=key,
            limit=limit if limit is not None else 2**62,
            offset=offset,
        )


def overlap(workspace: Workspace, keys: Sequence[str]) -> list[Overlap]:
    """Return how many people are in exactly which of up to 62 segments, most first.

    One bit per segment and a grouping by the sum of bits: quicker by far than joining segments with each other.
    """
    snapshot = current(workspace)
    _known(snapshot, keys)
    bits = {key: 1 << place for place, key in enumerate(dict.fromkeys(keys))}
    values = ", ".join(f"({literal(key)}, {bit})" for key, bit in bits.items())
    with open_engine() as engine:
        found = engine.execute(
            f"with bits(segment_key, bit) as (values {values}), masks as ("  # noqa: S608 - quoted
            f"select customer_id, sum(bit)::bigint as mask from read_parquet({_file(snapshot)}) "
            "join bits using (segment_key) group by customer_id) "
            "select mask, count(*) from masks group by mask order by 2 desc, 1"
        )
    return [Overlap(keys=frozenset(key for key, bit in bits.items() if mask & bit), size=size) for mask, size in found]


def _known(snapshot: Snapshot, keys: Sequence[str]) -> None:
    known: Mapping[str, int] = snapshot.meta["sizes"]
    for key in keys:
        if key not in known:
            raise NotFound(
                f"There is no segment '{key}' in the newest feature table.",
                f"It has: {', '.join(known) or 'none'}.",
                "Check the key, or refresh the features: python -m hubsync features refresh",
            )


def _file(snapshot: Snapshot) -> str:
    return literal(str(snapshot.file("memberships.parquet")))
