"""Features in plain Python, one customer and one event at a time: what the engine's one pass must agree with."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from typing import Any

from hubsync.core.measure import Attribute, Measure, Rank, Where
from hubsync.core.measure import Sequence as Order
from tests.engine.shop import NOW, Row


def value(feature: Any, who: str, customers: Sequence[Row], events: Sequence[Row]) -> Any:
    past = [one for one in events if one["occurred_at"] <= NOW]
    match feature:
        case Attribute(field=field):
            return next(one[field] for one in customers if one["customer_id"] == who)
        case Rank(of=measure):
            return _rank(measure, who, customers, past)
        case Order():
            return _sequence(feature, [one for one in past if one["customer_id"] == who])
        case Measure():
            return _measure(feature, [one for one in past if one["customer_id"] == who])
    raise TypeError(feature)


def passes(row: Row, filters: Iterable[Where]) -> bool:
    return all(_passes(row[one.field], one.op, one.value) for one in filters)


def _passes(found: Any, op: str, wanted: Any) -> bool:
    if op == "is unknown":
        return found is None
    if found is None:
        return False
    return {
        "is known": lambda: True,
        "=": lambda: found == wanted,
        "!=": lambda: found != wanted,
        ">": lambda: found > wanted,
        ">=": lambda: found >= wanted,
        "<": lambda: found < wanted,
        "<=": lambda: found <= wanted,
        "in": lambda: found in wanted,
        "not in": lambda: found not in wanted,
    }[op]()


def _measure(measure: Measure, rows: Sequence[Row]) -> Any:
    if measure.within_days:
        rows = [row for row in rows if row["occurred_at"] > NOW - dt.timedelta(days=measure.within_days)]
    whole = [row for row in rows if passes(row, measure.among)]
    kept = [row for row in whole if passes(row, measure.where)]
    if measure.of is not None:
        whole, kept = ([row for row in some if row[measure.of] is not None] for some in (whole, kept))
    values = [row[measure.of] for row in kept] if measure.of else kept
    times = [row["occurred_at"] for row in kept]
    return {
        "count": lambda: len(values),
        "distinct": lambda: len(set(values)),
        "sum": lambda: float(sum(values)),
        "avg": lambda: float(sum(values) / len(values)) if values else None,
        "min": lambda: min(values, default=None),
        "max": lambda: max(values, default=None),
        "share": lambda: _share(measure.of, kept, whole),
        "days_since_last": lambda: (NOW - max(times)).days if times else None,
        "days_since_first": lambda: (NOW - min(times)).days if times else None,
    }[measure.agg]()


def _share(of: str | None, kept: Sequence[Row], whole: Sequence[Row]) -> float | None:
    part, total = (sum(row[of] if of else 1 for row in some) for some in (kept, whole))
    return float(part) / float(total) if total > 0 else None


def _rank(measure: Measure, who: str, customers: Sequence[Row], past: Sequence[Row]) -> float | None:
    values = {
        one["customer_id"]: _measure(measure, [row for row in past if row["customer_id"] == one["customer_id"]])
        for one in customers
    }
    known = sorted((found, customer_id) for customer_id, found in values.items() if found is not None)
    if values[who] is None:
        return None
    return known.index((values[who], who)) / (len(known) - 1) if len(known) > 1 else 1.0


def _sequence(order: Order, rows: Sequence[Row]) -> int:
    found = 0
    for first in rows:
        if not passes(first, order.first):
            continue
        end = first["occurred_at"] + dt.timedelta(days=order.within_days)
        followed = any(first["occurred_at"] < row["occurred_at"] <= end and passes(row, order.then) for row in rows)
        found += followed if order.followed else (not followed and end <= NOW)
    return found


def same(one: Any, other: Any) -> bool:
    """Equal; floats to a billionth, since the slow way adds up in another order."""
    if isinstance(one, bool | str | None | dt.datetime) or isinstance(other, bool | str | None | dt.datetime):
        return bool(one == other)
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
