"""Reasons for many people at once, from the newest feature table."""

from __future__ import annotations

import pytest

from hubsync.behaviour.features import refresh
from hubsync.behaviour.why import sentences, why
from hubsync.core.errors import BadInput, NotFound
from hubsync.core.segment import parse_segment
from tests.engine.shop import NOW, customer, event, opened, segment

REGULARS = segment(
    "regulars", {"feature": {"agg": "distinct", "of": "order_id", "within_days": 90}, "op": ">=", "value": 3}
)
PEOPLE = [customer("in"), customer("out"), customer("none")]
HAPPENED = [
    *(event("in", day, order_id=str(day)) for day in range(4)),
    *(event("out", day, order_id=str(day)) for day in (1, 2)),
]


def test_members_and_others_are_explained_and_strangers_left_out() -> None:
    with opened(PEOPLE, HAPPENED) as workspace:
        refresh(workspace, [REGULARS], clock=lambda: NOW)
        assert sentences(workspace, REGULARS, ["out", "in", "none", "stranger"]) == {
            "in": "joined Regulars: 4 orders in 90 days",
            "none": "left Regulars: 0 orders in 90 days, needs 3 or more",
            "out": "left Regulars: 2 orders in 90 days, needs 3 or more",
        }
        assert sentences(workspace, REGULARS, ["none"], "pt", "not in") == {
            "none": "não está em Regulars: 0 pedidos em 90 dias, precisa de 3 ou mais"
        }
        (reason,) = why(workspace, REGULARS, ["out"])["out"]
        assert (reason.value, reason.threshold, reason.holds, reason.depth) == (2, 3, False, 0)
        assert why(workspace, REGULARS, []) == {}


def test_a_rule_that_is_newer_than_the_features_asks_for_a_refresh() -> None:
    newer = segment("regulars", {"feature": {"agg": "count"}, "op": ">=", "value": 3})
    with opened(PEOPLE, HAPPENED) as workspace:
        refresh(workspace, [REGULARS], clock=lambda: NOW)
        with pytest.raises(NotFound, match="does not have what 'Regulars' asks for"):
            why(workspace, newer, ["in"])


def test_a_segment_by_sql_has_no_rule_to_explain() -> None:
    by_sql = parse_segment({"key": "by_sql", "name": {"en": "By SQL"}, "sql": "select customer_id from customers"})
    with opened(PEOPLE, HAPPENED) as workspace, pytest.raises(BadInput, match="segment by SQL"):
        why(workspace, by_sql, ["in"])
