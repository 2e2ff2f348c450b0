"""Reasons in words, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from hubsync.core.label import feature_label
from hubsync.core.measure import Attribute, Measure, Rank, Sequence, Where
from hubsync.core.segment import Rule, Segment, conditions, parse_segment
from hubsync.core.why import explain, sentence

ORDERS = {"feature": {"agg": "distinct", "of": "order_id", "within_days": 90}, "op": ">=", "value": 3}
OFFERS = {
    "feature": {"agg": "share", "of": "amount", "where": [{"field": "discount", "op": ">", "value": 0}]},
    "op": ">=",
    "value": 0.25,
    "label": {"en": "of spend on offer", "pt": "do gasto em oferta"},
}
CITY = {"feature": {"kind": "attribute", "field": "city"}, "op": "in", "value": ["Recife", "Olinda"]}
SPEND_RANK = {"feature": {"kind": "rank", "of": {"agg": "sum", "of": "amount"}}, "op": ">=", "value": 0.75}
PURCHASE = Where(field="event_type", value="purchase")


def _segment(rule: object) -> tuple[Segment, Rule]:
    segment = parse_segment({"key": "loyal", "name": {"en": "Loyal regulars", "pt": "Clientes fiéis"}, "rule": rule})
    assert segment.rule is not None
    return segment, segment.rule


def _said(rule: object, values: list[Any], language: Any = "en", change: Any = None) -> str:
    """The sentence for values given in the order of the rule's conditions."""
    segment, tree = _segment(rule)
    names = [one.column for one in conditions(tree)]
    return sentence(segment, tree, dict(zip(names, values, strict=True)), language, change)


@pytest.mark.parametrize(
    ("rule", "values", "english", "portuguese"),
    [
        (
            ORDERS,
            [2],
            "left Loyal regulars: 2 orders in 90 days, needs 3 or more",
            "saiu de Clientes fiéis: 2 pedidos em 90 dias, precisa de 3 ou mais",
        ),
        (
            ORDERS,
            [1],
            "left Loyal regulars: orders in 90 days: 1, needs 3 or more",
            "saiu de Clientes fiéis: pedidos em 90 dias: 1, precisa de 3 ou mais",
        ),
        (
            ORDERS,
            [1200],
            "joined Loyal regulars: 1,200 orders in 90 days",
            "entrou em Clientes fiéis: 1.200 pedidos em 90 dias",
        ),
        (
            OFFERS,
            [0.2],
            "left Loyal regulars: 20% of spend on offer, needs 25% or more",
            "saiu de Clientes fiéis: 20% do gasto em oferta, precisa de 25% ou mais",
        ),
        (
            OFFERS,
            [0.24996],
            "left Loyal regulars: 24.996% of spend on offer, needs 25% or more",
            "saiu de Clientes fiéis: 24,996% do gasto em oferta, precisa de 25% ou mais",
        ),
        (
            OFFERS,
            [None],
            "left Loyal regulars: unknown share of spend on offer, needs 25% or more",
            "saiu de Clientes fiéis: parte desconhecida do gasto em oferta, precisa de 25% ou mais",
        ),
        (
            CITY,
            ["Natal"],
            "left Loyal regulars: city: Natal, needs Recife or Olinda",
            "saiu de Clientes fiéis: city: Natal, precisa ser Recife ou Olinda",
        ),
        (
            SPEND_RANK,
            [0.6],
            "left Loyal regulars: in the top 40% by spend, needs the top 25%",
            "saiu de Clientes fiéis: entre os 40% maiores por gasto, precisa estar entre os 25% maiores",
        ),
        (
            SPEND_RANK,
            [None],
            "left Loyal regulars: no place by spend, needs the top 25%",
            "saiu de Clientes fiéis: sem posição por gasto, precisa estar entre os 25% maiores",
        ),
        (
            {"feature": {"agg": "days_since_last"}, "op": "<=", "value": 7},
            [9],
            "left Loyal regulars: 9 days since the last of events, needs 7 or fewer",
            "saiu de Clientes fiéis: 9 dias desde o último de eventos, precisa de 7 ou menos",
        ),
        (
            {"feature": {"agg": "avg", "of": "amount"}, "op": "<", "value": 20},
            [20.5],
            "left Loyal regulars: average amount: 20.5, needs less than 20",
            "saiu de Clientes fiéis: média de amount: 20,5, precisa de menos de 20",
        ),
        (
            {"feature": {"kind": "attribute", "field": "vip"}, "op": "=", "value": True},
            [False],
            "left Loyal regulars: vip: no, needs yes",
            "saiu de Clientes fiéis: vip: não, precisa ser sim",
        ),
    ],
)
def test_one_condition_reads_as_a_marketer_would_say_it(
    rule: Any, values: list[Any], english: str, portuguese: str
) -> None:
    assert _said(rule, values) == english
    assert _said(rule, values, "pt") == portuguese


@pytest.mark.parametrize(
    ("rule", "values", "said"),
    [
        ({"all": [ORDERS, CITY]}, [2, "Recife"], "left Loyal regulars: 2 orders in 90 days, needs 3 or more"),
        ({"all": [ORDERS, CITY]}, [3, "Recife"], "joined Loyal regulars: 3 orders in 90 days; city: Recife"),
        ({"any": [ORDERS, CITY]}, [2, "Recife"], "joined Loyal regulars: city: Recife"),
        (
            {"any": [ORDERS, CITY]},
            [2, None],
            "left Loyal regulars: 2 orders in 90 days, needs 3 or more; city: unknown, needs Recife or Olinda",
        ),
        ({"not": ORDERS}, [5], "left Loyal regulars: 5 orders in 90 days, needs fewer than 3"),
        ({"not": ORDERS}, [2], "joined Loyal regulars: 2 orders in 90 days"),
        ({"not": {"not": ORDERS}}, [2], "left Loyal regulars: 2 orders in 90 days, needs 3 or more"),
        ({"not": {"all": [ORDERS, CITY]}}, [2, "Recife"], "joined Loyal regulars: 2 orders in 90 days"),
        ({"not": CITY}, ["Recife"], "left Loyal regulars: city: Recife, needs anything but Recife or Olinda"),
        ({"all": []}, [], "joined Loyal regulars"),
    ],
)
def test_a_sentence_names_what_decided_and_nothing_else(rule: Any, values: list[Any], said: str) -> None:
    assert _said(rule, values) == said


def test_a_long_sentence_counts_the_rest() -> None:
    many = {"all": [{**ORDERS, "feature": {**ORDERS["feature"], "within_days": days}} for days in range(10, 60, 10)]}  # type: ignore[dict-item]
    assert _said(many, [2] * 5).endswith("2 orders in 30 days, needs 3 or more; and 2 more")


def test_the_change_can_be_said_otherwise() -> None:
    assert _said(ORDERS, [2], change="not in").startswith("not in Loyal regulars: ")


def test_an_explanation_follows_the_tree() -> None:
    _, rule = _segment({"all": [ORDERS, {"any": [CITY, {"not": OFFERS}]}]})
    lines = explain(rule, {"distinct_order_id_90d": 4, "attr_city": "Natal"})
    assert [(one.depth, one.holds, one.text) for one in lines] == [
        (0, True, "4 orders in 90 days, needs 3 or more"),
        (0, True, "at least one of these"),
        (1, False, "city: Natal, needs Recife or Olinda"),
        (1, True, "none of this"),
        (2, False, "unknown share of spend on offer, needs 25% or more"),
    ]
    assert (lines[0].value, lines[0].threshold) == (4, 3)


@pytest.mark.parametrize(
    ("feature", "english", "portuguese"),
    [
        (Measure(agg="count"), "events", "eventos"),
        (Measure(agg="sum", of="amount", within_days=30), "spend in 30 days", "gasto em 30 dias"),
        (Measure(agg="distinct", of="brand", where=(PURCHASE,)), "brands where purchase", "marcas com purchase"),
        (
            Measure(agg="max", of="unit_price", where=(Where(field="brand", op="in", value=("A", "B")), PURCHASE)),
            "highest unit price where brand is A or B and event type is purchase",
            "maior unit price com brand igual a A ou B e event type igual a purchase",
        ),
        (Rank(kind="rank", of=Measure(agg="count")), "by events", "por eventos"),
        (Attribute(kind="attribute", field="home_city"), "home city", "home city"),
        (
            Sequence(
                kind="sequence", first=(Where(field="event_type", value="view"),), then=(PURCHASE,), within_days=7
            ),
            "times that view was not followed by purchase within 7 days",
            "vezes em que view não foi seguido de purchase em até 7 dias",
        ),
    ],
)
def test_a_feature_without_a_label_is_put_into_words(feature: Any, english: str, portuguese: str) -> None:
    assert feature_label(feature, "en") == english
    assert feature_label(feature, "pt") == portuguese
