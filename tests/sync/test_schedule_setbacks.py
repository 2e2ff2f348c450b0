"""What stands in a turn's way: guards, a refused token, a portal that is away, somebody else's run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina

from hubsync.core.errors import NotConnected
from hubsync.core.plan import Target
from hubsync.core.run import RunState
from hubsync.core.turn import Health, Reason, TurnState
from hubsync.sandbox.server import Sandbox
from hubsync.store import audit
from hubsync.store import connection as connections
from hubsync.store import schedule as waits
from hubsync.store import segment as segments
from hubsync.store import turn as turns
from hubsync.sync import history, schedule
from hubsync.sync.run import cancel, resume
from hubsync.worker import Worker
from tests.sync.clockwork import LIST, Clockwork
from tests.sync.desk import Desk

DAILY = {"daily": "06:00"}


@pytest.fixture(autouse=True)
def _retries_do_not_wait() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2, cap=True):
        yield


@pytest.fixture
def clockwork(desk: Desk) -> Clockwork:
    return Clockwork.wind(desk)


def test_a_guard_blocks_the_turn_and_nothing_is_sent(clockwork: Clockwork) -> None:
    desk = clockwork.desk
    clockwork.keep(schedule=DAILY)
    clockwork.pass_(days=1)
    clockwork.look()
    seen = len(desk.writes())
    desk.orders |= dict.fromkeys(range(4), 0)
    desk.refresh()
    clockwork.pass_(days=1)
    turn = clockwork.turn()
    assert turn.state is TurnState.BLOCKED
    assert turn.told is not None
    assert (turn.told.reason, turn.told.figures) == (Reason.GUARD, {"guards": "large_removal"})
    assert turn.told.plan_id
    assert not turn.told.run_id
    assert len(desk.writes()) == seen
    assert clockwork.health() == (Health.FAILING, Reason.GUARD)


@pytest.mark.parametrize(("removals", "state"), [(3, TurnState.BLOCKED), (4, TurnState.DONE)])
def test_a_sync_passes_guards_as_far_as_it_allows_and_the_audit_says_so(
    clockwork: Clockwork, removals: int, state: TurnState
) -> None:
    desk = clockwork.desk
    clockwork.keep(schedule=DAILY, allow={"removals": removals})
    clockwork.pass_(days=1)
    clockwork.look()
    desk.orders |= dict.fromkeys(range(4), 0)
    desk.refresh()
    clockwork.pass_(days=1)
    assert clockwork.turn().state is state
    overridden = any("overridden: large_removal" in act.detail for act in audit.acts(desk.state))
    assert overridden is (state is TurnState.DONE)


@pytest.mark.parametrize(("people", "state"), [(59, TurnState.BLOCKED), (60, TurnState.DONE)])
def test_growth_is_passed_as_far_as_the_sync_allows(clockwork: Clockwork, people: int, state: TurnState) -> None:
    desk = clockwork.desk
    clockwork.keep(schedule=DAILY, allow={"size_change": people})
    clockwork.pass_(days=1)
    clockwork.look()
    desk.orders |= dict.fromkeys(range(100, 160), 9)
    desk.refresh()
    clockwork.pass_(days=1)
    assert clockwork.turn().state is state


def test_an_empty_source_is_never_passed(clockwork: Clockwork) -> None:
    desk = clockwork.desk
    clockwork.keep(schedule=DAILY, allow={"removals": 10_000, "size_change": 10_000, "creates": 10_000})
    clockwork.pass_(days=1)
    clockwork.look()
    desk.orders = dict.fromkeys(range(20), 0)
    desk.refresh()
    clockwork.pass_(days=1)
    assert clockwork.turn().state is TurnState.BLOCKED
    assert len(desk.members(LIST)) == 12


def test_a_blocked_segment_does_not_hold_up_the_others(clockwork: Clockwork) -> None:
    desk = clockwork.desk
    desk.call("POST", "/crm/v3/lists/", {"name": LIST, "objectTypeId": "0-1", "processingType": "MANUAL"})
    desk.segment("all", at_least=1, name="Everybody")
    desk.refresh()
    clockwork.keep(segments=["regulars", "all"], schedule=DAILY)
    clockwork.pass_(days=1)
    turn = clockwork.turn()
    assert turn.state is TurnState.BLOCKED
    assert [part.told.reason for part in turn.parts if part.told] == [Reason.GUARD, Reason.DONE]
    assert desk.members(LIST) == set()
    assert len(desk.members("[Behaviour] Everybody - Active")) == 20


def test_a_refused_token_waits_for_a_person_and_the_turn_ends_once_the_run_does(clockwork: Clockwork) -> None:
    state = clockwork.desk.state
    clockwork.keep(schedule=DAILY)
    clockwork.pass_(days=1)
    clockwork.fault("401", path="/crm/lists/*", method="PUT")
    turn = clockwork.turn()
    assert (turn.state, clockwork.health()) == (TurnState.OPEN, (Health.FAILING, Reason.TOKEN))
    clockwork.pass_(days=2)
    assert clockwork.look() == []
    assert clockwork.turns()[0].missed == 2
    clockwork.mend()
    resume(state, turn.waits_for, by="ana", clock=clockwork.now)
    assert clockwork.turn().state is TurnState.DONE
    assert clockwork.health() == (Health.FINE, Reason.DONE)
    assert len(clockwork.turns()) == 1


def test_a_run_stopped_by_a_person_ends_the_turn_and_says_nothing_of_the_sync(clockwork: Clockwork) -> None:
    clockwork.keep(schedule=DAILY)
    clockwork.pass_(days=1)
    clockwork.look()
    clockwork.desk.orders[15] = 9
    clockwork.desk.refresh()
    clockwork.pass_(days=1)
    clockwork.fault("503", path="/crm/lists/*", method="PUT")
    waiting = clockwork.turn()
    cancel(clockwork.desk.state, waiting.waits_for, by="ana", clock=clockwork.now)
    assert clockwork.turn().state is TurnState.CANCELLED
    assert clockwork.health() == (Health.FINE, Reason.DONE)


def test_a_portal_that_does_not_answer_is_tried_again_later_and_later_then_left_to_a_person(
    clockwork: Clockwork,
) -> None:
    clockwork.keep(schedule=DAILY)
    clockwork.pass_(days=1)
    clockwork.fault("503")
    standings = [None, *[(Health.WARNING, Reason.UNREACHABLE)] * 3, (Health.FAILING, Reason.GAVE_UP)]
    for minutes, standing in zip((1, 5, 15, 60, 0), standings, strict=True):
        turn = clockwork.turn()
        assert clockwork.health() == standing
        if minutes:
            assert turn.state is TurnState.OPEN
            assert clockwork.look() == []
            clockwork.pass_(minutes=minutes)
    assert turn.state is TurnState.FAILED
    clockwork.mend()
    clockwork.pass_(days=1)
    assert clockwork.turn().state is TurnState.DONE
    assert clockwork.health() == (Health.FINE, Reason.DONE)


def test_a_run_of_somebody_else_at_the_target_is_waited_for(clockwork: Clockwork) -> None:
    desk = clockwork.desk
    clockwork.keep(schedule=DAILY)
    other = desk.enqueue(desk.preview(Target.STATIC_LIST, list_name="By hand"))
    clockwork.pass_(days=1)
    worker = clockwork.worker()
    (waiting,) = worker.sync_due()
    assert (waiting.state, waiting.told.reason if waiting.told else None) == (TurnState.OPEN, Reason.BUSY)
    worker.run_due()
    assert history.run(desk.state, other).state is RunState.SUCCEEDED
    clockwork.pass_(minutes=1)
    assert clockwork.turn().state is TurnState.DONE


def test_a_schedule_never_writes_to_another_portal_than_it_was_made_for(clockwork: Clockwork, tmp_path: Path) -> None:
    state = clockwork.desk.state
    clockwork.keep(schedule=DAILY)
    with Sandbox(portal_id=99_999_999, limits=False) as other:
        stranger = Desk.open(tmp_path / "other", other)
        connections.save(state, stranger.connection, stranger.token, by="ana", at=clockwork.now())
        clockwork.pass_(days=1)
        worker = Worker(
            clockwork.desk.workspace, state, gateways=lambda _: stranger.gateway(), clock=clockwork.now, name="w"
        )
        (turn,) = worker.sync_due()
        assert turn.state is TurnState.FAILED
        assert clockwork.health() == (Health.FAILING, Reason.OTHER_PORTAL)
        assert stranger.requests() == []
        schedule.enable(state, "daily", on=True, by="ana", clock=clockwork.now)
        assert waits.everything(state)["daily"].portal_id == "99999999"


def test_a_segment_that_is_gone_fails_the_turn_with_its_name(clockwork: Clockwork) -> None:
    clockwork.keep(schedule=DAILY)
    segments.archive(clockwork.desk.state, "regulars")
    clockwork.desk.refresh()
    clockwork.pass_(days=1)
    turn = clockwork.turn()
    assert turn.state is TurnState.FAILED
    assert turn.told is not None
    assert turn.told.figures["what"] == "There is no segment 'regulars'."


def test_an_error_nobody_foresaw_is_tried_again_and_stops_no_other_sync(clockwork: Clockwork) -> None:
    clockwork.keep("first", schedule=DAILY)
    clockwork.keep("second", target="properties", schedule=DAILY)
    clockwork.pass_(days=1)
    opened: list[int] = []

    def gateways(_: object) -> object:
        opened.append(1)
        if len(opened) == 1:
            raise ZeroDivisionError
        return clockwork.desk.gateway()

    worker = Worker(clockwork.desk.workspace, clockwork.desk.state, gateways=gateways, clock=clockwork.now)  # type: ignore[arg-type]
    first, second = worker.sync_due()
    assert (first.state, first.told.reason if first.told else None) == (TurnState.OPEN, Reason.UNFORESEEN)
    assert second.state is TurnState.DONE
    clockwork.pass_(minutes=1)
    assert clockwork.turn().state is TurnState.DONE


def test_without_a_connection_a_schedule_fails_with_the_words_why(desk: Desk) -> None:
    clockwork = Clockwork(desk)
    clockwork.keep(schedule=DAILY)
    clockwork.pass_(days=1)
    clockwork.look()
    assert clockwork.health() == (Health.FAILING, Reason.NOT_CONNECTED)
    with pytest.raises(NotConnected):
        schedule.ask(desk.state, "daily", by="ana", clock=clockwork.now)


#: Every third look at the clock is a place to die; 1 tries them all.
STRIDE = 3


class Died(BaseException):
    """Nothing catches it: the worker is gone."""


def dies_at(clockwork: Clockwork, step: int) -> bool:
    """Let a worker take what is due and die when it looks at the clock for the `step`th time; return whether it did."""
    looks = 0

    def clock() -> dt.datetime:
        nonlocal looks
        looks += 1
        if looks == step:
            raise Died
        return clockwork.now()

    desk = clockwork.desk
    try:
        Worker(desk.workspace, desk.state, gateways=lambda _: desk.gateway(), clock=clock, name="mortal").sync_due()
    except Died:
        return True
    return False


def test_wherever_a_worker_dies_the_next_brings_the_turn_to_its_end_with_one_run(clockwork: Clockwork) -> None:
    desk = clockwork.desk
    clockwork.keep(schedule=DAILY)
    clockwork.pass_(days=1)
    clockwork.look()
    step, died, taken = 0, True, 0
    while died:
        step, taken = step + STRIDE, taken + 1
        desk.orders[15] = 9 if taken % 2 else 0  # comes and goes
        desk.refresh()
        clockwork.pass_(days=1)
        died = dies_at(clockwork, step)
        clockwork.at += turns.LASTS
        clockwork.look()
        assert clockwork.turns()[-1].state is TurnState.DONE
        assert ("c00015@example.com" in desk.members(LIST)) is bool(taken % 2)
        runs_made = history.runs(desk.state, limit=1000)
        assert len(runs_made) == taken + 1
        assert all(run.state is RunState.SUCCEEDED and run.counts.open == 0 for run in runs_made)
    assert step > 15
