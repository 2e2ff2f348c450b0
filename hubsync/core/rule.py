"""A rule over one customer's values, in plain Python: slow, obvious, and what every engine must agree with."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Mapping
from typing import Any

from hubsync.core.measure import Value
from hubsync.core.segment import All, Any_, Condition, Not, Rule

#: What the feature table may hold for a customer; None is unknown.
Known = str | float | int | bool | dt.datetime | dt.date | None

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def holds(rule: Rule, values: Mapping[str, Known]) -> bool:
    """Return whether a customer with these values, by feature column, is in."""
    match rule:
        case All(all=parts):
            return all(holds(part, values) for part in parts)
        case Any_(any=parts):
            return any(holds(part, values) for part in parts)
        case Not(not_=part):
            return not holds(part, values)
        case Condition():
            return met(rule, values.get(rule.column))
    raise TypeError(f"{rule!r} is not a rule")


def met(condition: Condition, value: Known) -> bool:
    """Return whether the condition holds for a value; an unknown one meets nothing but "is unknown"."""
    if condition.op == "is unknown":
        return value is None
    if value is None:
        return False
    if condition.op == "is known":
        return True
    if isinstance(condition.value, tuple):
        found = value in [_alike(one, value) for one in condition.value]
        return found if condition.op == "in" else not found
    assert condition.value is not None
    return _COMPARE[condition.op](value, _alike(condition.value, value))


def _alike(given: Value, value: Known) -> object:
    """Return a threshold as what the value is: times are written as text in a rule."""
    if isinstance(given, str) and isinstance(value, dt.date):
        moment = dt.datetime.fromisoformat(given)
        if not isinstance(value, dt.datetime):
            return moment.date()
        return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return given
