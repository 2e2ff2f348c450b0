"""Rules compiled for the engine, against their plain reading."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubsync.behaviour.engine import open_engine
from hubsync.behaviour.membership import predicate
from hubsync.core.errors import BadInput
from hubsync.core.rule import holds
from hubsync.core.segment import Rule, parse_segment

_TIMES = [dt.datetime(2025, 1, day, 12, tzinfo=dt.UTC) for day in (1, 2, 3)]
_COLUMNS = {
    "attr_orders": (pa.int64(), [0, 1, 2, 3, None]),
    "attr_spend": (pa.float64(), [0.0, 0.1, 2.0, 2.5, None]),
    "attr_city": (pa.string(), ["", "Olinda", "Recife", "São Paulo", None]),
    "attr_member": (pa.bool_(), [True, False, None]),
    "attr_born": (pa.date32(), [*(time.date() for time in _TIMES), None]),
    "attr_seen": (pa.timestamp("us", tz="UTC"), [*_TIMES, None]),
}
_VALUES = {
    "orders": [0, 1, 2, 2.5],
    "spend": [0, 0.1, 2, 2.5],
    "city": ["", "Olinda", "Recife", "Z"],
    "member": [True, False],
    "born": ["2025-01-02", "2025-01-03T09:00:00Z"],
    "seen": ["2025-01-02T12:00:00Z", "2025-01-02", "2025-01-02T09:00:00-03:00"],
}


@st.composite
def _condition(draw: Any) -> dict[str, Any]:
    field = draw(st.sampled_from(list(_VALUES)))
    op = draw(st.sampled_from(["=", "!=", ">", ">=", "<", "<=", "in", "not in", "is known", "is unknown"]))
    one = st.sampled_from(_VALUES[field])
    value = None
    if op in {"in", "not in"}:
        value = draw(st.lists(one, min_size=1, max_size=3))
    elif not op.startswith("is "):
        value = draw(one)
    return {"feature": {"kind": "attribute", "field": field}, "op": op, "value": value}


_RULE = st.recursive(
    _condition(),
    lambda part: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(part, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(part, max_size=3)),
        st.builds(lambda inner: {"not": inner}, part),
    ),
    max_leaves=8,
)
_ROW = st.fixed_dictionaries({name: st.sampled_from(values) for name, (_, values) in _COLUMNS.items()})


def _rule(data: Any) -> Rule:
    rule = parse_segment({"key": "any", "name": {"en": "Any"}, "rule": data}).rule
    assert rule is not None
    return rule


def _engine_says(rule: Rule, rows: list[dict[str, Any]]) -> list[bool]:
    schema = pa.schema([("place", pa.int64()), *((name, kind) for name, (kind, _) in _COLUMNS.items())])
    numbered = [{"place": place, **row} for place, row in enumerate(rows)]
    with open_engine() as engine:
        table = engine.rows("features", pa.Table.from_pylist(numbered, schema))
        found = engine.run(table.select("place", inside=predicate(rule, table)).order_by("place"))
    return list(found["inside"].to_pylist())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=_RULE, rows=st.lists(_ROW, min_size=1, max_size=10))
def test_engine_and_plain_reading_agree_on_any_rule(data: Any, rows: list[dict[str, Any]]) -> None:
    rule = _rule(data)
    assert _engine_says(rule, rows) == [holds(rule, row) for row in rows]


@pytest.mark.parametrize(
    ("field", "value"),
    [("orders", "3"), ("orders", True), ("city", 3), ("member", 1), ("seen", "yesterday"), ("seen", 3)],
)
def test_values_of_different_kinds_are_refused_by_name(field: str, value: Any) -> None:
    rule = _rule({"feature": {"kind": "attribute", "field": field}, "op": "=", "value": value})
    with pytest.raises(BadInput, match=f"'attr_{field}' is .* and cannot be compared with"):
        _engine_says(rule, [dict.fromkeys(_COLUMNS)])
