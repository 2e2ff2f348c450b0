"""Each kind of feature, against values worked out by hand and against the slow way over random shops."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubsync.core.errors import BadInput
from hubsync.core.measure import Attribute, Measure, Rank, Sequence, Where, column
from tests.engine import slow
from tests.engine.shop import computed, customer, event

PURCHASE = Where(field="event_type", value="purchase")
ANA, BIA, CID = "ana", "bia", "cid"
PEOPLE = [customer(ANA, city="Recife", age=31), customer(BIA, city=None, age=45), customer(CID)]
#: Cid never did anything.
HAPPENED = [
    event(ANA, 100, order_id="1", category="deli", amount="10.00", rating=4.0),
    event(ANA, 40, order_id="2", category="deli", amount="5.50", rating=None),
    event(ANA, 40, order_id="2", category="fruit", amount="4.50", rating=2.0, gift=True),
    event(ANA, 2.5, order_id="3", category=None, amount=None),
    event(ANA, -1, order_id="9", amount="1000.00"),
    event(ANA, 30, "view", category="deli"),
    event(BIA, 10, order_id="4", category="fruit", amount="20.00", gift=False),
    event(BIA, 9, "view", category="fruit"),
]


@pytest.mark.parametrize(
    ("measure", "ana", "bia", "cid"),
    [
        (Measure(agg="count"), 5, 2, 0),
        (Measure(agg="count", where=(PURCHASE,)), 4, 1, 0),
        (Measure(agg="count", of="amount"), 3, 1, 0),
        (Measure(agg="count", within_days=40), 2, 2, 0),
        (Measure(agg="sum", of="amount"), 20.0, 20.0, 0.0),
        (Measure(agg="sum", of="amount", within_days=41), 10.0, 20.0, 0.0),
        (Measure(agg="sum", of="gift"), 1.0, 0.0, 0.0),
        (Measure(agg="avg", of="amount"), 20 / 3, 20.0, None),
        (Measure(agg="avg", of="rating"), 3.0, None, None),
        (Measure(agg="min", of="amount"), 4.5, 20.0, None),
        (Measure(agg="max", of="amount"), 10.0, 20.0, None),
        (Measure(agg="max", of="category"), "fruit", "fruit", None),
        (Measure(agg="distinct", of="order_id"), 3, 1, 0),
        (Measure(agg="distinct", of="category", where=(PURCHASE,)), 2, 1, 0),
        (Measure(agg="share", of="amount", where=(Where(field="category", value="deli"),)), 15.5 / 20, 0.0, None),
        (Measure(agg="share", where=(Where(field="category", value="deli"),)), 3 / 5, 0.0, None),
        (Measure(agg="share", where=(Where(field="category", value="deli"),), among=(PURCHASE,)), 2 / 4, 0.0, None),
        (Measure(agg="share", where=(PURCHASE,), within_days=5), 1.0, None, None),
        (Measure(agg="days_since_last"), 2, 9, None),
        (Measure(agg="days_since_last", where=(PURCHASE,)), 2, 10, None),
        (Measure(agg="days_since_last", of="rating"), 40, None, None),
        (Measure(agg="days_since_first"), 100, 10, None),
        (Attribute(kind="attribute", field="city"), "Recife", None, None),
        (Attribute(kind="attribute", field="age"), 31, 45, None),
        (Rank(kind="rank", of=Measure(agg="count")), 1.0, 0.5, 0.0),
        (Rank(kind="rank", of=Measure(agg="sum", of="amount")), 0.5, 1.0, 0.0),
        (Rank(kind="rank", of=Measure(agg="avg", of="rating")), 1.0, None, None),
    ],
    ids=lambda value: column(value) if not isinstance(value, int | float | str | None) else "",
)
def test_feature_is_what_the_hand_works_out(measure: Any, ana: Any, bia: Any, cid: Any) -> None:
    found = computed(PEOPLE, HAPPENED, [measure])
    assert [found[who][column(measure)] for who in (ANA, BIA, CID)] == [pytest.approx(one) for one in (ana, bia, cid)]


@pytest.mark.parametrize(
    ("op", "value", "count"),
    [
        ("=", "deli", 3),
        ("!=", "deli", 1),
        ("in", ("deli", "fruit"), 4),
        ("not in", ("fruit",), 3),
        ("is known", None, 4),
        ("is unknown", None, 1),
        (">", "deli", 1),
        ("<=", "deli", 3),
    ],
)
def test_an_unknown_field_passes_no_filter_but_is_unknown(op: Any, value: Any, count: int) -> None:
    measure = Measure(agg="count", where=(Where(field="category", op=op, value=value),))
    assert computed(PEOPLE, HAPPENED, [measure])[ANA][column(measure)] == count


def _order(*, followed: bool, days: int = 7) -> Sequence:
    view, buy = (Where(field="event_type", value=value) for value in ("view", "purchase"))
    return Sequence(kind="sequence", first=(view,), then=(buy,), within_days=days, followed=followed)


@pytest.mark.parametrize(
    ("days_ago", "followed", "not_followed"),
    [
        ((("view", 20), ("purchase", 15)), 1, 0),
        ((("view", 20), ("purchase", 13)), 1, 0),
        ((("view", 20), ("purchase", 12.9)), 0, 1),
        ((("purchase", 21), ("view", 20)), 0, 1),
        ((("view", 20), ("purchase", 20)), 0, 1),
        ((("view", 20), ("view", 19), ("purchase", 18)), 2, 0),
        ((("view", 20), ("view", 20), ("purchase", 18)), 2, 0),
        ((("view", 3),), 0, 0),
        ((("view", 7),), 0, 1),
        ((), 0, 0),
    ],
)
def test_a_sequence_counts_what_was_followed_and_what_was_not_once_the_time_is_over(
    days_ago: Any, followed: int, not_followed: int
) -> None:
    events = [event(ANA, days, kind) for kind, days in days_ago]
    yes, no = _order(followed=True), _order(followed=False)
    row = computed([customer(ANA)], events, [yes, no])[ANA]
    assert (row[column(yes)], row[column(no)]) == (followed, not_followed)


def test_ties_in_a_rank_go_by_customer_id() -> None:
    people = [customer(who) for who in ("d", "b", "a", "c", "e")]
    rank = Rank(kind="rank", of=Measure(agg="count"))
    found = computed(people, [event("e", 1)], [rank])
    assert [found[who][column(rank)] for who in "abcde"] == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_events_of_strangers_do_not_count() -> None:
    assert set(computed(PEOPLE, [event("nobody", 1)], [Measure(agg="count")])) == {ANA, BIA, CID}


@pytest.mark.parametrize(
    ("feature", "says"),
    [
        (Measure(agg="sum", of="colour"), "no field 'colour'"),
        (Measure(agg="sum", of="category"), "'sum' needs numbers, and 'category' is text"),
        (Measure(agg="count", where=(Where(field="amount", op=">", value="much"),)), "'amount' is a number"),
        (Measure(agg="count", where=(Where(field="category", value=3),)), "'category' is text"),
        (Measure(agg="count", where=(Where(field="gift", value=1),)), "'gift' is true or false"),
        (Measure(agg="count", where=(Where(field="occurred_at", op=">", value="soon"),)), "'occurred_at' is a time"),
        (Attribute(kind="attribute", field="shoe_size"), "Customers have no field 'shoe_size'"),
    ],
)
def test_a_feature_that_the_data_cannot_give_is_refused_by_name(feature: Any, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        computed(PEOPLE, HAPPENED, [feature])


def test_a_filter_may_name_a_day() -> None:
    measure = Measure(agg="count", where=(Where(field="occurred_at", op="<", value="2025-05-01"),))
    assert computed(PEOPLE, HAPPENED, [measure])[ANA][column(measure)] == 1


_IDS = st.sampled_from(["a", "b", "c"])
_TYPES = st.sampled_from(["purchase", "view", None])
_CATEGORIES = st.sampled_from(["deli", "fruit", "", None])
_AMOUNTS = st.sampled_from(["0", "0.1", "0.2", "10", "-3.3", None])
_EVENTS = st.lists(
    st.builds(
        event,
        _IDS,
        st.sampled_from([-1, 0, 0.5, 1, 6.99, 7, 7.5, 8, 30, 31]),
        _TYPES,
        category=_CATEGORIES,
        amount=_AMOUNTS,
        order_id=st.sampled_from(["1", "2", None]),
        gift=st.sampled_from([True, False, None]),
    ),
    max_size=12,
)
_WHERE = st.one_of(
    st.builds(
        Where,
        field=st.sampled_from(["event_type", "category"]),
        op=st.sampled_from(["=", "!=", "<", ">="]),
        value=st.sampled_from(["purchase", "deli", "fruit"]),
    ),
    st.builds(
        Where, field=st.just("amount"), op=st.sampled_from([">", "<=", "!="]), value=st.sampled_from([0, 0.1, 5])
    ),
    st.builds(
        Where,
        field=st.just("category"),
        op=st.sampled_from(["in", "not in"]),
        value=st.sampled_from([("deli",), ("deli", "fruit")]),
    ),
    st.builds(Where, field=st.just("gift"), op=st.just("="), value=st.booleans()),
    st.builds(Where, field=st.sampled_from(["category", "gift"]), op=st.sampled_from(["is known", "is unknown"])),
)
_FILTERS = st.lists(_WHERE, max_size=2).map(tuple)
_WINDOW = st.sampled_from([None, 1, 7, 30])
_MEASURE = st.one_of(
    st.builds(
        Measure,
        agg=st.sampled_from(["count", "days_since_last", "days_since_first"]),
        where=_FILTERS,
        within_days=_WINDOW,
    ),
    st.builds(
        Measure,
        agg=st.sampled_from(["sum", "avg", "min", "max"]),
        of=st.just("amount"),
        where=_FILTERS,
        within_days=_WINDOW,
    ),
    st.builds(
        Measure,
        agg=st.just("distinct"),
        of=st.sampled_from(["order_id", "category"]),
        where=_FILTERS,
        within_days=_WINDOW,
    ),
    st.builds(
        Measure,
        agg=st.just("share"),
        of=st.sampled_from([None, "amount"]),
        where=st.lists(_WHERE, min_size=1, max_size=2).map(tuple),
        among=_FILTERS,
        within_days=_WINDOW,
    ),
)
_FEATURE = st.one_of(
    _MEASURE,
    st.builds(Rank, kind=st.just("rank"), of=_MEASURE),
    st.builds(
        Sequence,
        kind=st.just("sequence"),
        first=_FILTERS,
        then=_FILTERS,
        within_days=st.sampled_from([1, 7]),
        followed=st.booleans(),
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events=_EVENTS, features=st.lists(_FEATURE, min_size=1, max_size=5))
def test_one_pass_agrees_with_the_slow_way(events: list[Any], features: list[Any]) -> None:
    people = [customer(who) for who in "abcd"]
    found = computed(people, events, features)
    for feature in features:
        for who in "abcd":
            expected = slow.value(feature, who, people, events)
            assert slow.same(found[who][column(feature)], expected), (feature, who, expected)
