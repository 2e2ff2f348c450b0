"""Comparisons as expressions: a field against a value, with the same outcome on every engine."""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from hubsync.core.errors import BadInput
from hubsync.core.measure import Value, Where

if TYPE_CHECKING:
    from ibis.expr import types as ir

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def matches(table: ir.Table, filters: Iterable[Where]) -> ir.BooleanValue:
    """Return where every filter holds; a null field matches nothing but "is unknown"."""
    import ibis  # noqa: PLC0415

    parts = [compare(field(table, one.field), one.op, one.value, one.field) for one in filters]
    return functools.reduce(operator.and_, parts, ibis.literal(True))


def compare(value: ir.Value, op: str, other: Value | tuple[Value, ...] | None, name: str) -> ir.BooleanValue:
    """Return `value op other`, false where the value is null.

    Raises BadInput, calling the value `name`, where the two cannot be compared.
    """
    if op == "is known":
        return value.notnull()
    if op == "is unknown":
        return value.isnull()
    if isinstance(other, tuple):
        found = value.isin([_literal(value, one, name) for one in other])
        return (found if op == "in" else ~found).fill_null(False)
    assert other is not None
    return _COMPARE[op](value, _literal(value, other, name)).fill_null(False)


def field(table: ir.Table, name: str, owner: str = "Events") -> ir.Value:
    """Return the table's column of that name; BadInput lists those it has."""
    if name not in table.columns:
        raise BadInput(
            f"{owner} have no field '{name}'.",
            f"They have: {', '.join(table.columns)}.",
            "Correct the name in the segment, or load data that has the field.",
        )
    return table[name]


def kind(value: ir.Value) -> str:
    """Return in words what the value is: a number, a text, ..."""
    type_ = value.type()
    if type_.is_boolean():
        return "true or false"
    return "a number" if type_.is_numeric() else "a time" if type_.is_temporal() else "text"


def moment(time: dt.datetime) -> ir.Value:
    """Return a time as a literal; without a zone it is UTC."""
    import ibis  # noqa: PLC0415

    return ibis.literal(time.astimezone(dt.UTC) if time.tzinfo else time.replace(tzinfo=dt.UTC))


def _literal(value: ir.Value, other: Value, name: str) -> ir.Value:
    """Return `other` as a literal that `value` can be compared with."""
    import ibis  # noqa: PLC0415

    type_ = value.type()
    try:
        if type_.is_temporal() and isinstance(other, str):
            time = dt.datetime.fromisoformat(other)
            return ibis.literal(time.date()) if type_.is_date() else moment(time)
        if _fits(type_, other):
            return ibis.literal(other)
    except ValueError:
        pass
    raise BadInput(
        f"'{name}' is {kind(value)} and cannot be compared with {other!r}.",
        "Nothing was computed.",
        "Give a value of the same kind: a number, a text in quotes, true or false, a date as 2024-01-31.",
    )


def _fits(type_: Any, other: Value) -> bool:  # noqa: ANN401 - Ibis is not typed
    if isinstance(other, bool):
        return bool(type_.is_boolean())
    if isinstance(other, str):
        return bool(type_.is_string())
    return bool(type_.is_numeric() and not type_.is_boolean())
