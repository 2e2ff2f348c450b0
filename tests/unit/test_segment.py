"""Segments as data: what is read, what is refused and how the refusal names it."""

from __future__ import annotations

from typing import Any

import pytest

from hubsync.core.errors import BadInput
from hubsync.core.segment import conditions, parse_segment

ORDERS = {"feature": {"agg": "count", "within_days": 90}, "op": ">=", "value": 3}


def _segment(**values: Any) -> dict[str, Any]:
    return {"key": "regulars", "name": {"en": "Regulars"}, "rule": ORDERS, **values}


def test_a_measure_need_not_say_that_it_is_one() -> None:
    (condition,) = conditions(parse_segment(_segment()).rule)  # type: ignore[arg-type]
    assert condition.column == "count_90d"


def test_what_is_written_is_read_back() -> None:
    rule = {
        "all": [
            ORDERS,
            {"not": {"feature": {"kind": "attribute", "field": "city"}, "op": "in", "value": ["Recife", "Olinda"]}},
            {"any": [{"feature": {"kind": "rank", "of": {"agg": "sum", "of": "amount"}}, "op": ">", "value": 0.9}]},
            {
                "feature": {
                    "kind": "sequence",
                    "first": [{"field": "event_type", "value": "view"}],
                    "then": [{"field": "event_type", "value": "purchase"}],
                    "within_days": 7,
                },
                "op": ">=",
                "value": 1,
            },
        ]
    }
    segment = parse_segment(_segment(rule=rule))
    assert parse_segment(segment.model_dump(mode="json", by_alias=True)) == segment
    assert parse_segment(segment.model_dump(mode="json", by_alias=True, exclude_defaults=True)) == segment


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"rule": {"all": [ORDERS, {**ORDERS, "op": "=>"}]}}, "rule › all › all › 2 › condition › op"),
        ({"rule": {**ORDERS, "feature": {"agg": "sum"}}}, "'sum' needs 'of'"),
        ({"rule": {**ORDERS, "feature": {"agg": "share", "of": "amount"}}}, "'share' needs 'where'"),
        (
            {"rule": {**ORDERS, "feature": {"agg": "count", "among": [{"field": "a", "value": 1}]}}},
            "'among' is the whole",
        ),
        ({"rule": {**ORDERS, "feature": {"kind": "magic"}}}, "'kind' is one of measure, attribute, rank, sequence"),
        ({"rule": {**ORDERS, "feature": {"agg": "count", "within_days": 0}}}, "within_days"),
        ({"rule": {**ORDERS, "value": None}}, "'>=' needs exactly one value"),
        ({"rule": {**ORDERS, "op": "in", "value": 3}}, "'in' needs a list"),
        ({"rule": {**ORDERS, "op": "is known"}}, "'is known' takes no value"),
        ({"rule": {**ORDERS, "vlaue": 3}}, "vlaue"),
        ({"sql": "select 1"}, "exactly one of 'rule' and 'sql'"),
        ({"rule": None}, "exactly one of 'rule' and 'sql'"),
        ({"key": "Regulars!"}, "a key is lower-case letters"),
        ({"name": {"en": " "}}, "give a name in at least one language"),
    ],
)
def test_a_broken_segment_is_refused_and_the_part_named(values: dict[str, Any], names: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_segment(_segment(**values))
    assert names in str(refused.value)
    assert "_kind" not in str(refused.value)


def test_a_name_in_one_language_serves_the_other() -> None:
    assert parse_segment(_segment(name={"pt": "Regulares"})).title("en") == "Regulares"
