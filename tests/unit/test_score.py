from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hubsync.core.errors import BadInput
from hubsync.core.score import ScoreModel, breakdown, plain, read, score, write

ORDERS = {"agg": "count", "within_days": 90}
LAST = {"agg": "days_since_last"}
MODEL = {
    "behaviours": {"loyal": 30, "bargain": -10},
    "measures": [{"feature": ORDERS, "label": {"en": "orders in 90 days"}, "knots": [[0, 0], [10, 40], [30, 50]]}],
    "recency": {"feature": LAST, "half_life_days": 30},
    "bands": [
        {"key": "cold", "label": {"en": "Cold"}, "at_least": 0},
        {"key": "warm", "label": {"en": "Warm"}, "at_least": 25},
        {"key": "hot", "label": {"en": "Hot"}, "at_least": 50},
    ],
    "qualified": 50,
}
COLUMN, DAYS = "count_90d", "days_since_last"


def model(**changes: object) -> ScoreModel:
    return ScoreModel.model_validate(MODEL | changes)


def total(behaviours: list[str], orders: float | None = None, days: float | None = None) -> int:
    return score(model(), behaviours, {COLUMN: orders, DAYS: days}, {}, "en").total


@pytest.mark.parametrize(("orders", "points"), [(-1, 0), (0, 0), (5, 20), (10, 40), (20, 45), (30, 50), (900, 50)])
def test_a_measure_gives_points_along_straight_lines_and_is_capped(orders: float, points: int) -> None:
    assert total([], orders) == points


def test_behaviours_add_and_take_and_the_sum_stays_within_0_and_100() -> None:
    assert (total(["loyal"]), total(["loyal", "bargain"]), total(["bargain"])) == (30, 20, 0)
    assert score(model(behaviours={"loyal": 300}), ["loyal"], {}, {}, "en").total == 100


def test_half_of_the_points_are_left_after_a_half_life() -> None:
    assert (total(["loyal"], 10, 0), total(["loyal"], 10, 30), total(["loyal"], 10, 60)) == (70, 35, 18)


def test_what_is_unknown_gives_no_points_and_fades_nothing() -> None:
    assert total(["loyal"], None, None) == 30
    assert score(model(), ["loyal"], {COLUMN: float("nan"), DAYS: float("inf")}, {}, "en").total == 30


def test_the_band_and_the_line_follow_the_total() -> None:
    found = score(model(), ["loyal"], {COLUMN: 5}, {}, "en")
    assert (found.total, found.band.key, found.qualified) == (50, "hot", True)
    below = score(model(), ["loyal"], {COLUMN: 4.7}, {}, "en")
    assert (below.total, below.band.key, below.qualified) == (49, "warm", False)


def test_the_breakdown_says_how_the_score_came_about() -> None:
    found = score(model(), ["loyal"], {COLUMN: 10, DAYS: 30}, {"loyal": "Loyal regulars"}, "en")
    assert breakdown(found) == "35 (warm): Loyal regulars +30, orders in 90 days: 10 +40, last here 30 days ago × 0.50"
    assert breakdown(found, "pt") == "35 (warm): Loyal regulars +30, orders in 90 days: 10 +40, há 30 dias × 0.50"
    assert breakdown(score(model(), [], {}, {}, "en")) == "0 (cold): no points"


@given(
    st.lists(st.sampled_from(["loyal", "bargain", "other"])),
    st.one_of(st.none(), st.floats(allow_nan=True)),
    st.one_of(st.none(), st.floats(allow_nan=True)),
)
def test_any_customer_has_a_score_from_0_to_100_and_the_band_it_lies_in(
    behaviours: list[str], orders: float | None, days: float | None
) -> None:
    found = score(model(), behaviours, {COLUMN: orders, DAYS: days}, {}, "en")
    assert 0 <= found.total <= 100
    assert found.band == model().band(found.total)
    assert found.qualified == (found.total >= 50)


def test_a_model_is_read_as_it_was_written() -> None:
    assert read(write(model())) == model()
    assert read(write(plain(["a", "b", "c"]))).behaviours == {"a": 33.3, "b": 33.3, "c": 33.3}


@pytest.mark.parametrize(
    "changes",
    [
        {"bands": []},
        {"bands": MODEL["bands"][1:]},  # type: ignore[index]
        {"behaviours": {}, "measures": []},
        {"qualified": 101},
        {"recency": {"feature": LAST, "half_life_days": 0}},
        {"measures": [{"feature": ORDERS, "label": {"en": "x"}, "knots": [[1, 1], [1, 2]]}]},
        {"unheard_of": 1},
    ],
)
def test_a_model_that_makes_no_sense_is_refused_with_the_part_named(changes: dict[str, object]) -> None:
    with pytest.raises(BadInput, match=next(iter(changes)) + "|model"):
        read(yaml.safe_dump(MODEL | changes))
