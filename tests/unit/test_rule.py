"""What a rule means, in particular where something is unknown."""

from __future__ import annotations

from typing import Any

import pytest

from hubsync.core.rule import Known, holds
from hubsync.core.segment import Rule, parse_segment


def _rule(data: object) -> Rule:
    rule = parse_segment({"key": "any", "name": {"en": "Any"}, "rule": data}).rule
    assert rule is not None
    return rule


def _city(op: str, value: Any = None) -> dict[str, Any]:
    return {"feature": {"kind": "attribute", "field": "city"}, "op": op, "value": value}


_AGE = {"feature": {"kind": "attribute", "field": "age"}, "op": ">=", "value": 18}


@pytest.mark.parametrize("op", ["=", "!=", ">", ">=", "<", "<="])
def test_an_unknown_value_meets_no_comparison(op: str) -> None:
    assert not holds(_rule(_city(op, "Recife")), {"attr_city": None})
    assert not holds(_rule(_city(op, "Recife")), {})


@pytest.mark.parametrize(
    ("op", "value", "city", "met"),
    [
        ("in", ["Recife", "Olinda"], "Olinda", True),
        ("in", ["Recife", "Olinda"], None, False),
        ("not in", ["Recife"], "Olinda", True),
        ("not in", ["Recife"], None, False),
        ("is known", None, "Olinda", True),
        ("is known", None, None, False),
        ("is unknown", None, None, True),
        ("is unknown", None, "", False),
    ],
)
def test_lists_and_knowledge(op: str, value: Any, city: Known, *, met: bool) -> None:
    assert holds(_rule(_city(op, value)), {"attr_city": city}) is met


def test_not_holds_where_its_part_is_unknown() -> None:
    assert holds(_rule({"not": _city("=", "Recife")}), {"attr_city": None})


def test_nothing_to_meet_is_met_by_all_and_by_none() -> None:
    assert holds(_rule({"all": []}), {})
    assert not holds(_rule({"any": []}), {})


def test_parts_join_as_they_say() -> None:
    both, either = _rule({"all": [_city("=", "Recife"), _AGE]}), _rule({"any": [_city("=", "Recife"), _AGE]})
    child = {"attr_city": "Recife", "attr_age": 9}
    assert not holds(both, child)
    assert holds(either, child)
