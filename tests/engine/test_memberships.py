"""From events to members: snapshots, who joined and left, overlaps, previews, and that the order of rows is nothing."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubsync.behaviour import history as over_time
from hubsync.behaviour.features import features_of, refresh
from hubsync.behaviour.load import load
from hubsync.behaviour.membership import Overlap, current, member_table, members, overlap, sizes
from hubsync.behaviour.preview import preview
from hubsync.core.errors import BadInput, NotFound
from hubsync.core.measure import Measure, column
from hubsync.core.segment import parse_segment
from hubsync.store.snapshot import snapshots
from hubsync.store.workspace import Workspace
from tests.engine.shop import NOW, customer, event, opened, segment, write_csv

ORDERS = {"agg": "distinct", "of": "order_id", "within_days": 30}
REGULARS = segment("regulars", {"feature": ORDERS, "op": ">=", "value": 2})
RECIFE = segment("recife", {"feature": {"kind": "attribute", "field": "city"}, "op": "=", "value": "Recife"})
PEOPLE = [
    customer("1", city="Recife"),
    customer("2", city="Recife"),
    customer("3", city="Natal"),
    customer("10", city=""),
]
HAPPENED = [
    *(event("1", days, order_id=f"1-{days}") for days in (5, 10, 40)),
    *(event("3", days, order_id=f"3-{days}") for days in (35, 45, 50)),
    event("2", 1, order_id="2-1"),
]


def _at(days_ago: float) -> dt.datetime:
    return NOW - dt.timedelta(days=days_ago)


def _made(workspace: Workspace, *segments: Any, days_ago: float = 0, **options: Any) -> Any:
    return refresh(workspace, segments, clock=lambda: _at(days_ago), **options)


def test_a_refresh_keeps_members_with_their_features_as_of_a_time() -> None:
    with opened(PEOPLE, HAPPENED) as workspace:
        report = _made(workspace, REGULARS, RECIFE, versions={"regulars": 4})
        assert (report.customers, report.measures, report.sizes) == (4, 2, {"regulars": 1, "recife": 2})
        assert (report.as_of, report.as_of_is) == (NOW, "now")
        assert members(workspace, "recife") == ["1", "2"]
        assert sizes(workspace) == {"regulars": 1, "recife": 2}
        assert member_table(workspace, "regulars").to_pylist() == [
            {
                "customer_id": "1",
                "email": "1@example.com",
                "since": NOW,
                "attr_city": "Recife",
                column(Measure(**ORDERS)): 2,
            }
        ]
        assert [row["customer_id"] for row in member_table(workspace, "recife", limit=1, offset=1).to_pylist()] == ["2"]
        snapshot = current(workspace)
        assert snapshot.id == report.snapshot_id
        assert snapshot.meta["versions"] == {"regulars": 4, "recife": 0}
        assert features_of(snapshot)[column(Measure(**ORDERS))] == Measure(**ORDERS)


def test_a_feature_that_no_segment_uses_can_be_asked_for() -> None:
    spend = Measure(agg="count")
    with opened(PEOPLE, HAPPENED) as workspace:
        _made(workspace, RECIFE, features=[spend])
        assert [row["count"] for row in member_table(workspace, "recife").to_pylist()] == [3, 1]


def test_old_data_is_taken_as_of_its_newest_event_and_says_so() -> None:
    with opened(PEOPLE, HAPPENED) as workspace:
        assert _made(workspace, REGULARS, days_ago=-31).as_of_is == "newest event"
        report = _made(workspace, REGULARS, days_ago=-32)
        assert (report.as_of, report.sizes) == (_at(1), {"regulars": 1})
        assert _made(workspace, REGULARS, days_ago=-29).as_of_is == "now"
        assert _made(workspace, REGULARS, days_ago=-33, as_of=_at(30)).sizes == {"regulars": 1}


def test_customers_alone_and_events_alone_can_be_segmented(workspace: Workspace, tmp_path: Path) -> None:
    load(workspace, "customers", [write_csv(tmp_path / "customers.csv", PEOPLE)])
    assert _made(workspace, RECIFE, REGULARS).sizes == {"recife": 2, "regulars": 0}
    alone = Workspace.open(tmp_path / "alone")
    load(alone, "events", [write_csv(tmp_path / "events.csv", HAPPENED)])
    assert _made(alone, REGULARS).sizes == {"regulars": 1}
    assert member_table(alone, "regulars").to_pylist()[0]["email"] is None


def test_without_data_there_is_nothing_to_refresh(workspace: Workspace) -> None:
    with pytest.raises(BadInput, match="no behaviour data"):
        _made(workspace, REGULARS)
    with pytest.raises(NotFound, match="No segment has been computed"):
        sizes(workspace)


def test_a_refresh_that_fails_keeps_nothing() -> None:
    broken = segment("broken", {"feature": {"agg": "sum", "of": "colour"}, "op": ">", "value": 1})
    by_sql = parse_segment({"key": "by_sql", "name": {"en": "By SQL"}, "sql": "select 1 as customer_id"})
    with opened(PEOPLE, HAPPENED) as workspace:
        for one in (broken, by_sql):
            with pytest.raises(BadInput):
                _made(workspace, REGULARS, one)
        assert snapshots(workspace, "features") == []


def test_an_unknown_segment_is_named_with_those_there_are() -> None:
    with opened(PEOPLE, HAPPENED) as workspace:
        _made(workspace, REGULARS)
        with pytest.raises(NotFound, match="no segment 'regular'") as refused:
            members(workspace, "regular")
        assert "regulars" in refused.value.detail


def test_another_engine_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(PEOPLE, HAPPENED) as workspace:
        monkeypatch.setenv("HUBSYNC_ENGINE", "sc://cluster:15002")
        with pytest.raises(BadInput, match="The engine 'sc' is not supported"):
            _made(workspace, REGULARS)


def test_overlap_counts_each_person_once() -> None:
    natal = segment("natal", {"feature": {"kind": "attribute", "field": "city"}, "op": "=", "value": "Natal"})
    everyone = segment("everyone", {"all": []})
    with opened(PEOPLE, HAPPENED) as workspace:
        _made(workspace, REGULARS, RECIFE, natal, everyone)
        assert overlap(workspace, ["regulars", "recife", "natal"]) == [
            Overlap(keys=frozenset({"recife"}), size=1),
            Overlap(keys=frozenset({"regulars", "recife"}), size=1),
            Overlap(keys=frozenset({"natal"}), size=1),
        ]
        found = overlap(workspace, ["regulars", "recife", "natal", "everyone"])
        assert sum(one.size for one in found) == len(PEOPLE)


def test_since_is_when_the_present_stay_began() -> None:
    with opened(PEOPLE, HAPPENED) as workspace:
        for days_ago in (38, 20, 8, 4, 0):
            _made(workspace, REGULARS, days_ago=days_ago)
        rows = member_table(workspace, "regulars").to_pylist()
        assert [(row["customer_id"], row["since"]) for row in rows] == [("1", _at(4))]


def test_history_tells_who_joined_and_left_and_when() -> None:
    with opened(PEOPLE, HAPPENED) as workspace:
        over_time.backfill(workspace, [REGULARS], [_at(days) for days in (44, 8, 34, 4, 16)])
        _made(workspace, REGULARS, RECIFE, days_ago=0)
        moves = [(one.as_of, one.size, one.joined, one.left) for one in over_time.history(workspace, "regulars")]
        assert moves == [
            (_at(44), 1, 0, 0),
            (_at(34), 1, 0, 0),
            (_at(16), 1, 0, 0),
            (_at(8), 0, 0, 1),
            (_at(4), 1, 1, 0),
            (_at(0), 1, 0, 0),
        ]
        spells = [tuple(row.values()) for row in over_time.spells(workspace).to_pylist()]
        assert spells == [
            ("recife", "1", _at(0), None),
            ("recife", "2", _at(0), None),
            ("regulars", "1", _at(4), None),
            ("regulars", "3", _at(44), _at(8)),
        ]
        assert [one.joined for one in over_time.history(workspace, "recife")] == [0]


def test_times_that_have_a_snapshot_are_not_filled_again() -> None:
    with opened(PEOPLE, HAPPENED) as workspace:
        times = [_at(20), _at(10)]
        assert over_time.backfill(workspace, [REGULARS], times) == 2
        assert over_time.backfill(workspace, [REGULARS], [*times, _at(5)]) == 1


def test_no_snapshot_no_history(workspace: Workspace) -> None:
    assert over_time.history(workspace) == []
    assert over_time.spells(workspace).num_rows == 0


def test_a_preview_counts_a_rule_and_each_of_its_conditions_kept_or_not() -> None:
    rule = segment(
        "both",
        {
            "all": [
                {"feature": {"kind": "attribute", "field": "city"}, "op": "=", "value": "Recife"},
                {
                    "any": [
                        {"feature": ORDERS, "op": ">=", "value": 1},
                        {"feature": {"agg": "count"}, "op": ">", "value": 2},
                    ]
                },
            ]
        },
    ).rule
    assert rule is not None
    with opened(PEOPLE, HAPPENED) as workspace:
        fresh = preview(workspace, rule, clock=lambda: NOW)
        assert (fresh.customers, fresh.size, fresh.conditions) == (4, 2, (2, 2, 2))
        _made(workspace, REGULARS, RECIFE, features=[Measure(agg="count")])
        assert preview(workspace, rule, clock=lambda: _at(-100)) == fresh


@pytest.mark.parametrize("ratings", [(0.1, 0.2, 0.3), (0.3, 0.2, 0.1)])
def test_sums_of_fractions_are_exact(ratings: tuple[float, ...]) -> None:
    """Added up as floats, 0.1, 0.2 and 0.3 are more than 0.6 in one order and not in the other."""
    over = segment("over", {"feature": {"agg": "sum", "of": "rating"}, "op": ">", "value": 0.6})
    happened = [event("a", 3 - place, rating=rating) for place, rating in enumerate(ratings)]
    with opened([customer("a")], happened) as workspace:
        assert _made(workspace, over).sizes == {"over": 0}


_RANKED = segment(
    "ranked",
    {
        "any": [
            {"feature": {"kind": "rank", "of": {"agg": "sum", "of": "amount"}}, "op": ">=", "value": 0.5},
            {"feature": {"agg": "sum", "of": "rating"}, "op": ">=", "value": 0.6},
            {"feature": {"agg": "avg", "of": "rating"}, "op": "=", "value": 0.2},
        ]
    },
)
_SHOPS = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(["0.1", "0.2", "0.3", "1e6", "-0.6"])),
    min_size=1,
    max_size=30,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=_SHOPS, seed=st.integers())
def test_shuffled_rows_and_repeated_loads_give_the_same_members(rows: list[tuple[str, str]], seed: int) -> None:
    people = [customer(who) for who in "abcdefgh"]
    happened = [event(who, 1, amount=amount, rating=float(amount)) for who, amount in rows]
    shuffled_people, shuffled = list(people), list(happened)
    shuffle = random.Random(seed).shuffle  # noqa: S311 - an order to try, not a secret
    shuffle(shuffled_people)
    shuffle(shuffled)
    found = []
    for some_people, some_events in ((people, happened), (shuffled_people, shuffled)):
        with opened(some_people, some_events) as workspace:
            _made(workspace, _RANKED, days_ago=1)
            found.append(members(workspace, "ranked"))
            file = write_csv(workspace.home / "again.csv", some_events)
            load(workspace, "events", [file], replace=False)
            _made(workspace, _RANKED)
            found.append(members(workspace, "ranked"))
            events = pq.read_table(workspace.behaviour / "events.parquet", columns=["customer_id"])
            assert events["customer_id"].to_pylist() == sorted(who for who, _ in rows)
    assert found == [found[0]] * 4
