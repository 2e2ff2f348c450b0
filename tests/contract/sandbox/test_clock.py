"""The sandbox's clock: set, advanced, held, hastened, and what hangs on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from hubsync.sandbox.clock import Clock
from hubsync.sandbox.portal import Settings
from tests.contract.sandbox.caller import Caller
from tests.contract.sandbox.conftest import START, Hands


def test_it_tells_the_time_of_its_source() -> None:
    hands = Hands(START)
    clock = Clock(hands)
    hands.move(hours=3)
    assert clock.now() == START + dt.timedelta(hours=3)
    assert clock.ahead == dt.timedelta()


@pytest.mark.parametrize(("tick", "passed"), [(0, 0), (1, 60), (0.5, 30), (1_440, 86_400)])
def test_it_may_pass_at_another_rate(tick: float, passed: int) -> None:
    hands = Hands(START)
    clock = Clock(hands)
    hands.move(days=1)
    clock.rate(tick)
    hands.move(minutes=1)
    assert clock.now() == START + dt.timedelta(days=1, seconds=passed)
    clock.rate(1)
    hands.move(minutes=1)
    assert clock.now() == START + dt.timedelta(days=1, seconds=passed + 60)
    assert clock.ahead == dt.timedelta(seconds=passed - 60)


def test_what_was_put_forward_stays_so() -> None:
    hands = Hands(START)
    clock = Clock(hands)
    clock.advance(90)
    clock.set(START + dt.timedelta(days=2))
    hands.move(seconds=5)
    assert clock.now() == START + dt.timedelta(days=2, seconds=5)
    clock.reset()
    assert clock.now() == START + dt.timedelta(seconds=5)


@pytest.mark.parametrize(
    "body",
    [
        {"advance_seconds": -1},
        {"advance_seconds": 1e30},
        {"advance_seconds": "nan"},
        {"set": "2020-01-01T00:00:00Z"},
        {"set": "soon"},
        {"tick": -1},
        {"tick": 1e9},
        {"tick": "inf"},
        {},
    ],
)
def test_a_move_that_makes_no_sense_is_refused(ask: Caller, body: dict[str, object]) -> None:
    before = ask("GET", "/__sandbox__/clock").json
    assert ask("POST", "/__sandbox__/clock", body).status == 400
    assert ask("GET", "/__sandbox__/clock").json == before


def test_the_side_door_sets_advances_and_holds_it(ask: Caller, clock: Hands) -> None:
    moved = ask("POST", "/__sandbox__/clock", {"set": "2026-12-24T18:00:00Z", "advance_seconds": 60, "tick": 0}).json
    assert moved["now"] == "2026-12-24T18:01:00.000Z"
    clock.move(hours=1)
    assert ask("GET", "/__sandbox__/clock").json["now"] == "2026-12-24T18:01:00.000Z"
    assert ask("POST", "/__sandbox__/reset", {}).json["now"] == "2026-11-23T13:00:00.000Z"
    assert ask("GET", "/__sandbox__/clock").json == {
        "now": "2026-11-23T13:00:00.000Z",
        "ahead_seconds": 0.0,
        "tick": 1.0,
    }


def test_the_days_quota_is_new_after_the_portals_midnight(serve: Callable[..., Caller]) -> None:
    ask = serve(limits=True)
    ask("GET", "/crm/v3/lists/1")
    assert ask("GET", "/__sandbox__/state").json["requests_today"] == 1
    # Noon in UTC is seven in the morning there: its midnight is 17 hours away.
    ask("POST", "/__sandbox__/clock", {"advance_seconds": 17 * 3600 - 1})
    assert ask("GET", "/__sandbox__/state").json["requests_today"] == 1
    ask("POST", "/__sandbox__/clock", {"advance_seconds": 1})
    assert ask("GET", "/__sandbox__/state").json["requests_today"] == 0


def test_search_and_active_lists_catch_up_as_time_passes(serve: Callable[..., Caller]) -> None:
    ask = serve(settings=Settings(search_lag=6, processing_seconds=30, settle_seconds=0))
    ask("POST", "/crm/v3/objects/contacts", {"properties": {"email": "new@example.com", "score": 99}})
    leaf = {"operationType": "NUMBER", "operator": "IS_GREATER_THAN", "value": "90"}
    filters = [{"filterType": "PROPERTY", "property": "score", "operation": leaf}]
    branch = {"filterBranchType": "OR", "filterBranches": [{"filterBranchType": "AND", "filters": filters}]}
    body = {"name": "High", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": branch}
    list_id = ask("POST", "/crm/v3/lists", body).json["list"]["listId"]

    def seen() -> tuple[int, int]:
        found = ask("POST", "/crm/v3/objects/contacts/search", {"query": "new@example.com"}).json["total"]
        return found, ask("GET", f"/crm/v3/lists/{list_id}/memberships").json["total"]

    assert seen() == (0, 0)
    ask("POST", "/__sandbox__/clock", {"advance_seconds": 6})
    assert seen() == (1, 0)
    ask("POST", "/__sandbox__/clock", {"advance_seconds": 24})
    assert seen() == (1, 1)


def test_after_a_restart_nothing_lies_in_the_future(serve: Callable[..., Caller], tmp_path: Path) -> None:
    ask = serve(state=tmp_path / "state.db")
    ask("POST", "/__sandbox__/clock", {"advance_seconds": 86_400})
    made = ask("POST", "/crm/v3/objects/contacts", {"properties": {"email": "new@example.com"}}).json
    assert made["createdAt"] == "2026-11-24T12:00:00.000Z"
    ask.sandbox.stop()
    again = serve(state=tmp_path / "state.db")
    assert again("GET", "/__sandbox__/clock").json["now"] == "2026-11-24T12:00:00.000Z"
