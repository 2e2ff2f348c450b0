from __future__ import annotations

import datetime as dt

import pytest
from streamlit.testing.v1 import AppTest

from hubsync.core.schedule import Daily, Weekly
from hubsync.core.sync import Allow, parse_sync
from hubsync.core.turn import Reason, Told
from hubsync.store import alert
from hubsync.store import schedule as waits
from hubsync.store import sync as syncs
from hubsync.store import turn as turns
from hubsync.store.state import State
from hubsync.sync import schedule
from pages.parts.job import jobs
from tests.pages.shop import now, opened, shown
from tests.sync.receivers import doorbell

DAILY = {
    "key": "daily",
    "segments": ["regulars"],
    "target": "static_list",
    "list_pattern": "short",
    "schedule": {"daily": "06:00", "zone": "Europe/Berlin"},
}


@pytest.fixture
def kept(shop: State) -> State:
    schedule.keep(shop, parse_sync(DAILY), by="ana", clock=now)
    return shop


def test_a_sync_is_made_on_the_page_as_a_file_would_make_it(shop: State) -> None:
    app = opened("schedules.py")
    assert app.button(key="sync save").disabled
    app.multiselect(key="sync segments").set_value(["regulars"]).run()
    app.selectbox(key="sync when").set_value("weekly").run()
    app.time_input(key="sync time").set_value(dt.time(7, 45))
    app.number_input(key="sync allow removals").set_value(20)
    app.button(key="sync save").click().run()
    assert not app.error
    (version,) = syncs.all_current(shop)
    sync = version.sync
    assert (sync.key, sync.list_pattern, sync.allow) == ("regulars_static_list", "active", Allow(removals=20))
    assert sync.schedule == Weekly(weekly=("mon",), at="07:45", zone="Europe/Berlin")
    assert version.changed_by.endswith("(dashboard)")
    assert waits.everything(shop)["regulars_static_list"].next_at
    assert "on Mon at 07:45" in shown(app).replace("\\", "")


def test_what_cannot_be_kept_says_why(shop: State) -> None:
    app = opened("schedules.py")
    app.multiselect(key="sync segments").set_value(["regulars"])
    app.selectbox(key="sync when").set_value("cron").run()
    app.text_input(key="sync cron").set_value("every day").run()
    app.button(key="sync save").click().run()
    assert "five fields" in app.error[0].value
    assert syncs.all_current(shop) == []


def test_a_sync_says_what_when_and_how_it_stands(kept: State) -> None:
    app = opened("schedules.py")
    text = shown(app).replace("\\", "")
    assert "Loyal regulars** → Static list" in text
    assert "every day at 06:00 (Europe/Berlin)" in text
    assert "next in" in text
    told = Told(reason=Reason.GUARD, segment_key="regulars", plan_id="p1", figures={"guards": "large_removal"})
    fail(kept, told)
    text = shown(opened("schedules.py")).replace("\\", "")
    assert "Failing" in text
    assert "The plan for “Loyal regulars” is blocked: more people would be taken off than is allowed" in text
    assert "Open the plan" in text


def fail(state: State, told: Told) -> None:
    """Let the sync's turn end as told, as the worker does."""
    number = schedule.ask(state, "daily", by="ana", clock=now)
    held = turns.claim(state, number, worker="test", now=now())
    assert held is not None
    with turns.step(state, held, now()) as connection:
        turns.end(connection, held, turns.TurnState.BLOCKED, told=told, at=now())
        alert.note(state, "daily", told, now())


def test_run_now_asks_the_worker_once(kept: State) -> None:
    app = opened("schedules.py")
    app.button(key="ask daily").click().run()
    assert [turn.asked_by.endswith("(dashboard)") for turn in turns.of_sync(kept, "daily")] == [True]
    assert app.button(key="ask daily").disabled


def test_a_schedule_is_turned_off_and_on_and_a_sync_removed(kept: State) -> None:
    app = opened("schedules.py")
    app.button(key="switch daily").click().run()
    assert waits.everything(kept) == {}
    assert app.button(key="switch daily").label == "Turn on"
    app.button(key="switch daily").click().run()
    assert syncs.current(kept, "daily").sync.schedule == Daily(daily="06:00", zone="Europe/Berlin")
    assert list(waits.everything(kept)) == ["daily"]
    app.button(key="remove daily").click().run()
    assert syncs.all_current(kept) == []


def test_a_link_in_an_alert_leads_to_its_sync(kept: State) -> None:
    schedule.keep(
        kept, parse_sync({**DAILY, "key": "other", "target": "properties", "list_pattern": None}), by="ana", clock=now
    )
    app = opened("schedules.py", sync="other")
    keys = {button.key for button in app.button}
    assert "ask other" in keys
    assert "ask daily" not in keys


def test_alerts_say_where_they_go_and_what_became_of_them(kept: State, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "They go nowhere yet" in shown(opened("schedules.py"))
    fail(kept, Told(reason=Reason.TOKEN))
    with doorbell() as bell:
        monkeypatch.setenv("HUBSYNC_ALERT_WEBHOOK", bell.url)
        monkeypatch.setenv("HUBSYNC_ALERT_SECRET", "sixteen characters and more")
        app = opened("schedules.py")
        app.button(key="test alerts").click().run()
        jobs().wait("alerts")
        app.run()
    assert app.success[0].value == "webhook\\: sent"
    assert bell.posts[0].json["sync"] == "test"
    rows = app.dataframe[0].value
    assert list(rows["after"]) == ["Failing"]
    monkeypatch.setenv("HUBSYNC_ALERT_SECRET", "short")
    assert "HUBSYNC\\_ALERT\\_SECRET" in opened("schedules.py").error[-1].value


def test_the_page_speaks_portuguese(kept: State) -> None:
    fail(kept, Told(reason=Reason.TOKEN))
    app: AppTest = opened("schedules.py", lang="pt")
    text = shown(app).replace("\\", "")
    assert app.title[0].value == "Agendas"
    assert "todo dia às 06:00" in text
    assert "O HubSpot recusa o token." in text


def test_home_tells_what_comes_next_and_which_sync_stands_still(kept: State) -> None:
    assert "daily: in" in shown(opened())
    fail(kept, Told(reason=Reason.NOT_CONNECTED))
    app = opened()
    assert "The sync daily: No portal is connected." in shown(app).replace("\\", "")
    assert "Open the sync" in shown(app)
