"""Schedules and the turns they bring about, against a portal over HTTP and by a clock the test sets."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from pathlib import Path

import pytest

from hubsync.behaviour.load import load
from hubsync.core.errors import NotFound
from hubsync.core.run import RunState
from hubsync.core.turn import TurnState
from hubsync.store import audit, snapshot
from hubsync.store import schedule as waits
from hubsync.store import sync as syncs
from hubsync.store import turn as turns
from hubsync.sync import history, schedule
from hubsync.worker import Worker
from tests.sync.clockwork import LIST, Clockwork, utc
from tests.sync.desk import Desk, email

DAILY = {"daily": "06:00"}
LASTS = turns.LASTS


@pytest.fixture
def clockwork(desk: Desk) -> Clockwork:
    return Clockwork.wind(desk)


def test_a_sync_runs_at_its_time_and_not_before(clockwork: Clockwork) -> None:
    clockwork.keep(schedule=DAILY)
    clockwork.at = utc("2030-01-08T05:59")
    assert clockwork.look() == []
    clockwork.at = utc("2030-01-08T06:00")
    turn = clockwork.turn()
    assert (turn.state, turn.due_at, turn.missed) == (TurnState.DONE, utc("2030-01-08T06:00"), 0)
    assert clockwork.desk.members(LIST) == {email(number) for number in range(12)}
    (run,) = history.runs(clockwork.desk.state)
    assert (run.state, run.started_by) == (RunState.SUCCEEDED, "schedule daily")
    assert waits.everything(clockwork.desk.state)["daily"].next_at == utc("2030-01-09T06:00")
    assert clockwork.look() == []


def test_a_turn_sends_what_changed_since_and_nothing_twice(clockwork: Clockwork) -> None:
    desk = clockwork.desk
    clockwork.keep(schedule=DAILY)
    clockwork.pass_(days=1)
    clockwork.look()
    seen = len(desk.writes())
    clockwork.pass_(days=1)
    assert clockwork.turn().state is TurnState.DONE
    assert len(desk.writes()) == seen
    desk.orders |= {15: 9, 3: 0}
    desk.refresh()
    clockwork.pass_(days=1)
    clockwork.look()
    assert desk.members(LIST) == {email(n) for n in (0, 1, 2, *range(4, 12), 15)}


def test_times_missed_while_no_worker_ran_are_one_turn_that_says_so(
    clockwork: Clockwork, caplog: pytest.LogCaptureFixture
) -> None:
    clockwork.keep(schedule=DAILY)
    clockwork.at = utc("2030-01-14T09:00")
    with caplog.at_level(logging.WARNING):
        turn = clockwork.turn()
    assert (turn.due_at, turn.missed) == (utc("2030-01-14T06:00"), 6)
    assert "6 earlier times went by" in caplog.text
    assert len(history.runs(clockwork.desk.state)) == 1
    assert clockwork.look() == []


def test_a_clock_set_back_repeats_nothing(clockwork: Clockwork) -> None:
    clockwork.keep(schedule={"hourly": 0})
    clockwork.pass_(hours=5)
    assert len(clockwork.look()) == 1
    clockwork.pass_(hours=-4)
    assert clockwork.look() == []
    clockwork.pass_(hours=4)
    assert clockwork.look() == []
    clockwork.pass_(hours=1)
    assert clockwork.turn().missed == 0


def test_two_workers_at_the_same_time_take_one_turn(clockwork: Clockwork) -> None:
    clockwork.keep(schedule=DAILY)
    clockwork.at = moment = utc("2030-01-08T06:30")
    workers = [
        Worker(
            clockwork.desk.workspace,
            clockwork.desk.state,
            gateways=lambda _: clockwork.desk.gateway(),
            clock=lambda: moment,
            name=name,
        )
        for name in ("a", "b", "c")
    ]
    threads = [threading.Thread(target=worker.sync_due) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(clockwork.turns()) == len(history.runs(clockwork.desk.state)) == 1
    assert sum("memberships" in line for line in clockwork.desk.writes()) == 1


def test_a_turn_whose_worker_died_is_gone_on_with_by_the_next(clockwork: Clockwork) -> None:
    state = clockwork.desk.state
    clockwork.keep(schedule=DAILY)
    clockwork.pass_(days=1)
    (number,) = schedule.ask_due(state, clockwork.now)
    dead = turns.claim(state, number, worker="dead", now=clockwork.now())
    assert dead is not None
    assert clockwork.look() == []
    clockwork.at += LASTS
    assert clockwork.turn().state is TurnState.DONE
    with pytest.raises(turns.Overtaken), turns.step(state, dead, clockwork.now()):
        pass


def test_a_worker_told_to_stop_leaves_its_turn_to_the_next_at_once(clockwork: Clockwork) -> None:
    clockwork.keep(schedule=DAILY)
    clockwork.pass_(days=1)
    stop = threading.Event()
    gateway = clockwork.desk.gateway()
    gateway.on_request = stop.set  # told while the pull is under way
    worker = Worker(
        clockwork.desk.workspace, clockwork.desk.state, gateways=lambda _: gateway, clock=clockwork.now, name="first"
    )
    (left,) = worker.sync_due(stop)
    assert (left.state, left.told, history.runs(clockwork.desk.state)) == (TurnState.OPEN, None, [])
    assert clockwork.turn().state is TurnState.DONE


def test_a_run_that_was_asked_for_before_the_worker_died_is_not_asked_for_again(clockwork: Clockwork) -> None:
    desk = clockwork.desk
    clockwork.keep(schedule=DAILY)
    clockwork.pass_(days=1)
    stop = threading.Event()

    def once_it_runs() -> None:
        if history.runs(desk.state):
            stop.set()  # the batch under way, which makes the list, is the last

    gateway = desk.gateway()
    gateway.on_request = once_it_runs
    Worker(desk.workspace, desk.state, gateways=lambda _: gateway, clock=clockwork.now).sync_due(stop)
    (run,) = history.runs(desk.state)
    assert (run.state, desk.members(LIST)) == (RunState.RUNNING, set())
    clockwork.look()
    (turn,) = clockwork.turns()
    assert (turn.state, [part.run_id for part in turn.parts]) == (TurnState.DONE, [run.run_id])
    assert len(desk.members(LIST)) == 12


def test_several_segments_are_a_run_each_with_lists_named_by_the_pattern(clockwork: Clockwork) -> None:
    clockwork.desk.segment("all", at_least=1, name="Everybody")
    clockwork.desk.refresh()
    clockwork.keep(segments=["regulars", "all"], list_pattern="{name} by schedule", schedule=DAILY)
    clockwork.pass_(days=1)
    turn = clockwork.turn()
    assert [part.segment_key for part in turn.parts] == ["regulars", "all"]
    assert len(clockwork.desk.members("Loyal regulars by schedule")) == 12
    assert len(clockwork.desk.members("Everybody by schedule")) == 20


def test_members_are_computed_anew_when_the_rule_has_changed(clockwork: Clockwork, tmp_path: Path) -> None:
    bring_in(clockwork, tmp_path, dict.fromkeys(range(20), 4))
    clockwork.keep(schedule=DAILY)
    clockwork.desk.segment(at_least=4)
    clockwork.pass_(days=1)
    turn = clockwork.turn()
    assert turn.state is TurnState.DONE
    assert len(clockwork.desk.members(LIST)) == 20
    made = snapshot.latest(clockwork.desk.workspace, "features")
    assert made is not None
    assert made.meta["versions"] == {"regulars": 2}


def bring_in(clockwork: Clockwork, folder: Path, orders: dict[int, int]) -> None:
    """Load behaviour data: so many orders by customer, two days ago."""
    day = (clockwork.at - dt.timedelta(days=2)).isoformat()
    people = "".join(f"{clockwork.desk.customer(n)},{email(n)}\n" for n in orders)
    lines = [f"{clockwork.desk.customer(n)},purchase,{day}" for n, count in orders.items() for _ in range(count)]
    (folder / "customers.csv").write_text("customer_id,email\n" + people)
    (folder / "events.csv").write_text("customer_id,event_type,occurred_at\n" + "\n".join(lines))
    for kind in ("customers", "events"):
        load(clockwork.desk.workspace, kind, [folder / f"{kind}.csv"], clock=clockwork.now)  # type: ignore[arg-type]


def test_loading_data_brings_on_the_syncs_that_wait_for_it_once(clockwork: Clockwork, tmp_path: Path) -> None:
    clockwork.keep(schedule={"after": "load"})
    assert clockwork.look() == []
    bring_in(clockwork, tmp_path, {1: 5, 2: 5, 3: 1})
    turn = clockwork.turn()
    assert (turn.asked_by, turn.state) == ("schedule", TurnState.DONE)
    assert clockwork.desk.members(LIST) == {email(1), email(2)}
    assert clockwork.look() == []
    bring_in(clockwork, tmp_path, {1: 5, 2: 5, 3: 5})
    assert clockwork.turn().state is TurnState.DONE
    assert clockwork.desk.members(LIST) == {email(1), email(2), email(3)}


def test_computing_members_brings_on_the_syncs_that_wait_for_it_and_their_own_does_not(
    clockwork: Clockwork, tmp_path: Path
) -> None:
    bring_in(clockwork, tmp_path, {1: 5, 2: 5})
    clockwork.keep("after", schedule={"after": "refresh"})
    clockwork.keep("hourly", target="properties", schedule={"hourly": 0})
    assert clockwork.look() == []
    clockwork.pass_(hours=1)
    assert [turn.sync_key for turn in clockwork.look()] == ["hourly"]
    assert [turn.sync_key for turn in clockwork.look()] == ["after"]
    assert clockwork.look() == []
    assert clockwork.desk.members(LIST) == {email(1), email(2)}


def test_a_sync_that_is_off_does_not_run_and_makes_up_for_nothing_when_it_is_on(clockwork: Clockwork) -> None:
    state = clockwork.desk.state
    clockwork.keep(schedule=DAILY)
    schedule.enable(state, "daily", on=False, by="ana", clock=clockwork.now)
    clockwork.pass_(days=3)
    assert clockwork.look() == []
    schedule.enable(state, "daily", on=True, by="ana", clock=clockwork.now)
    assert clockwork.look() == []
    clockwork.pass_(days=1)
    assert clockwork.turn().missed == 0
    acts = [(act.act, act.detail) for act in audit.acts(state) if act.act == "schedule"]
    assert acts == [("schedule", f"on, for portal {clockwork.desk.connection.portal_id}"), ("schedule", "off")]


def test_a_new_time_counts_from_now_on_and_the_same_definition_changes_nothing(clockwork: Clockwork) -> None:
    state = clockwork.desk.state
    assert clockwork.keep(schedule=DAILY) == 1
    before = waits.everything(state)["daily"]
    clockwork.pass_(hours=1)
    assert clockwork.keep(schedule=DAILY) == 1
    assert waits.everything(state)["daily"] == before
    assert clockwork.keep(schedule={"daily": "14:00", "zone": "Europe/Berlin"}) == 2
    assert waits.everything(state)["daily"].next_at == utc("2030-01-08T13:00")


def test_a_turn_asked_for_by_hand_runs_now_and_twice_is_once(clockwork: Clockwork) -> None:
    state = clockwork.desk.state
    clockwork.keep()
    clockwork.look()
    asked = {schedule.ask(state, "daily", by="ana", clock=clockwork.now) for _ in range(2)}
    assert len(asked) == 1
    turn = clockwork.turn()
    assert (turn.state, turn.asked_by) == (TurnState.DONE, "ana")
    assert [run.started_by for run in history.runs(state)] == ["ana, sync daily"]
    assert clockwork.look() == []


def test_a_removed_sync_has_no_turn_and_what_it_wrote_stays(clockwork: Clockwork) -> None:
    state = clockwork.desk.state
    clockwork.keep(schedule=DAILY)
    clockwork.pass_(days=1)
    clockwork.look()
    schedule.remove(state, "daily", by="ana", clock=clockwork.now)
    clockwork.pass_(days=1)
    assert clockwork.look() == []
    assert syncs.all_current(state) == []
    assert clockwork.health() is None
    assert len(clockwork.desk.members(LIST)) == 12
    with pytest.raises(NotFound, match="There is no sync 'daily'"):
        schedule.ask(state, "daily", by="ana", clock=clockwork.now)
