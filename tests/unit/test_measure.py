"""Columns of the feature table: readable, and different for features that differ."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubsync.core.measure import Attribute, Measure, Rank, Sequence, Where, column

PURCHASE = Where(field="event_type", value="purchase")
SPEND = Measure(agg="sum", of="amount", within_days=90)


@pytest.mark.parametrize(
    ("feature", "name"),
    [
        (Measure(agg="count"), "count"),
        (Measure(agg="distinct", of="order_id", within_days=90), "distinct_order_id_90d"),
        (Measure(agg="days_since_last"), "days_since_last"),
        (Attribute(kind="attribute", field="city"), "attr_city"),
        (Rank(kind="rank", of=SPEND), "rank_sum_amount_90d"),
    ],
)
def test_plain_features_have_plain_columns(feature: Measure, name: str) -> None:
    assert column(feature) == name


def test_filters_are_told_by_name_and_digits() -> None:
    assert re.fullmatch(
        r"count_purchase_90d_[0-9a-f]{6}", column(Measure(agg="count", where=(PURCHASE,), within_days=90))
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Measure(agg="count", of="a-b"), Measure(agg="count", of="a_b")),
        (Measure(agg="count", of="a_90d"), Measure(agg="count", of="a", within_days=90)),
        (
            Measure(agg="count", where=(Where(field="a", value=1),)),
            Measure(agg="count", where=(Where(field="a", value="1"),)),
        ),
        (
            Measure(agg="count", where=(Where(field="a", value=1),)),
            Measure(agg="count", where=(Where(field="a", value=True),)),
        ),
        (
            Measure(agg="count", where=(Where(field="a", value="x"),)),
            Measure(agg="count", where=(Where(field="b", value="x"),)),
        ),
        (Measure(agg="share", where=(PURCHASE,)), Measure(agg="share", where=(PURCHASE,), among=(PURCHASE,))),
        (Attribute(kind="attribute", field="Straße"), Attribute(kind="attribute", field="Stra_e")),
    ],
)
def test_features_that_look_alike_have_columns_of_their_own(one: Measure, other: Measure) -> None:
    assert column(one) != column(other)


_TEXT = st.text(min_size=1, max_size=80)
_WHERE = st.lists(st.builds(Where, field=_TEXT, value=_TEXT), max_size=2).map(tuple)
_FEATURE = st.one_of(
    st.builds(Measure, agg=st.sampled_from(["sum", "distinct"]), of=_TEXT, where=_WHERE),
    st.builds(Attribute, kind=st.just("attribute"), field=_TEXT),
    st.builds(Sequence, kind=st.just("sequence"), first=_WHERE, then=_WHERE, within_days=st.integers(1, 9)),
)


@given(one=_FEATURE, other=_FEATURE)
def test_any_two_features_differ_as_their_columns_do(one: Measure, other: Measure) -> None:
    assert (column(one) == column(other)) is (one == other)
    assert re.fullmatch(r"[a-z0-9_]{1,60}", column(one))
