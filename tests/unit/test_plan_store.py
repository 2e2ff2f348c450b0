from __future__ import annotations

import datetime as dt
import sqlite3
from dataclasses import replace

import pytest

from hubsync.core.errors import Busy, NotFound
from hubsync.core.plan import Forecast, Guard, Plan, Step, Target
from hubsync.core.run import Outcome, RowResult, RunState
from hubsync.store import batch, lease, receipt
from hubsync.store import plan as plans
from hubsync.store import run as runs
from hubsync.store.batch import Span
from hubsync.store.receipt import Acknowledged
from hubsync.store.state import State


@pytest.fixture
def plan(now: dt.datetime) -> Plan:
    return Plan(
        plan_id="p1",
        segment_key="regulars",
        segment_version=2,
        target=Target.STATIC_LIST,
        portal_id="1",
        list_name="Regulars",
        made_at=now,
        made_by="test",
        features_as_of=now,
        mirror_at=now,
        counts={"add_member": 3, "unchanged": 4},
        reach={Step.REACHABLE: 7, Step.NO_EMAIL: 1},
        forecast=Forecast(requests={"memberships": 1}, seconds=0.1, share_of_daily=None, requests_without_diff=2),
        warnings=("Old.",),
        blocked=(Guard(code="size_change", message="m", hint="h", override="7"),),
        options={"list_id": "9", "fields": [{"name": "x", "options": []}]},
    )


def ask(state: State, plan: Plan, run_id: str, at: dt.datetime) -> None:
    with state.transaction() as connection:
        runs.insert(connection, run_id=run_id, plan=plan, planned=plan.rows, by="test", at=at)
        batch.insert(connection, run_id, [Span(kind="membership", first_row=0, last_row=2)])


def test_a_plan_comes_back_as_it_was_kept(state: State, plan: Plan) -> None:
    plans.save(state, plan)
    assert plans.get(state, "p1") == plan
    assert plans.recent(state) == [plan]


def test_the_same_plan_made_again_is_renewed(state: State, plan: Plan, now: dt.datetime) -> None:
    later = replace(plan, made_at=now + dt.timedelta(hours=1), blocked=())
    plans.save(state, plan)
    plans.save(state, later)
    assert plans.recent(state) == [later]


def test_a_plan_that_is_not_there_is_named(state: State) -> None:
    with pytest.raises(NotFound, match="p9"):
        plans.get(state, "p9")


def test_one_run_holds_a_portals_target_until_it_is_finished(state: State, plan: Plan, now: dt.datetime) -> None:
    other = replace(plan, plan_id="p2", segment_key="others")
    for each in (plan, other):
        plans.save(state, each)
    ask(state, plan, "r1", now)
    with pytest.raises(sqlite3.IntegrityError):
        ask(state, other, "r2", now)
    assert runs.active(state, "1", "static_list") == runs.get(state, "r1")
    with state.transaction() as connection:
        runs.set_state(connection, "r1", RunState.SUCCEEDED, at=now)
    ask(state, other, "r2", now)
    assert [run.run_id for run in runs.find(state)] == ["r2", "r1"]


def test_a_refused_run_leaves_no_batches_behind(state: State, plan: Plan, now: dt.datetime) -> None:
    plans.save(state, plan)
    ask(state, plan, "r1", now)
    with pytest.raises(sqlite3.IntegrityError):
        ask(state, plan, "r2", now)
    assert state.read("select distinct run_id from batch")[0]["run_id"] == "r1"
    assert runs.find(state, "run_id = ?", ("r2",)) == []


def row(number: int, outcome: Outcome) -> RowResult:
    return RowResult(
        row=number,
        outcome=outcome,
        customer_id=f"k{number}",
        contact_id=str(number),
        category="",
        message="",
        correlation_id="",
    )


def test_a_row_ends_once_and_counts_follow(state: State, plan: Plan, now: dt.datetime) -> None:
    plans.save(state, plan)
    ask(state, plan, "r1", now)
    with state.transaction() as connection:
        receipt.record(connection, "r1", [row(0, Outcome.CONFIRMED), row(1, Outcome.SKIPPED)])
    with pytest.raises(sqlite3.IntegrityError), state.transaction() as connection:
        receipt.record(connection, "r1", [row(2, Outcome.CONFIRMED), row(0, Outcome.REJECTED)])
    counts = runs.get(state, "r1").counts
    assert (counts.confirmed, counts.skipped, counts.rejected, counts.open) == (1, 1, 0, 1)
    assert [found.row for found in receipt.told(state, "r1", (Outcome.SKIPPED,))] == [1]


def test_what_was_acknowledged_after_a_moment_is_found_whatever_the_clock_says(
    state: State, plan: Plan, now: dt.datetime
) -> None:
    plans.save(state, plan)
    ask(state, plan, "r1", now)
    before = receipt.newest(state.connection)
    with state.transaction() as connection:
        known = [Acknowledged(contact_id="5", field="list:9", value="member")]
        receipt.acknowledge(connection, known, portal_id="1", run_id="r1", at=now - dt.timedelta(days=1))
    assert receipt.changed_since(state, "1", ["list:9"], before) == "r1"
    assert receipt.changed_since(state, "1", ["list:9"], receipt.newest(state.connection)) == ""
    assert receipt.changed_since(state, "2", ["list:9"], before) == ""


def test_a_lease_is_held_by_one_and_its_epoch_only_grows(state: State, now: dt.datetime) -> None:
    place = {"portal_id": "1", "target": "static_list"}
    first = lease.take(state, **place, holder="a", now=now)
    with pytest.raises(Busy, match="'a'"):
        lease.take(state, **place, holder="b", now=now + lease.LASTS - dt.timedelta(seconds=1))
    second = lease.take(state, **place, holder="b", now=now + lease.LASTS)
    assert second.epoch > first.epoch
    lease.release(state, first)  # overtaken: it has nothing to give back
    with pytest.raises(Busy, match="'b'"):
        lease.take(state, **place, holder="c", now=now + lease.LASTS)
    lease.release(state, second)
    assert lease.take(state, **place, holder="c", now=now + lease.LASTS).epoch > second.epoch


def test_who_was_overtaken_cannot_settle_a_batch(state: State, plan: Plan, now: dt.datetime) -> None:
    plans.save(state, plan)
    ask(state, plan, "r1", now)
    place = {"portal_id": "1", "target": "static_list"}
    first = lease.take(state, **place, holder="a", now=now)
    found = batch.next_open(state, "r1")
    assert found
    with state.transaction() as connection:
        batch.begin(connection, found, first)
    second = lease.take(state, **place, holder="b", now=now + lease.LASTS)
    with state.transaction() as connection:
        batch.begin(connection, found, second)
    with pytest.raises(lease.Overtaken), state.transaction() as connection:
        batch.settle(connection, found, first, batch.BatchState.ACKNOWLEDGED)
    assert batch.next_open(state, "r1") is not None
