from __future__ import annotations

import datetime as dt

from hubsync.core.segment import parse_segment
from hubsync.store import heartbeat, snapshot
from hubsync.store import segment as segments
from hubsync.store.state import State
from hubsync.sync.run import enqueue
from tests.pages.shop import KNOWN, OPTED_OUT, SEGMENT, now, opened, shown
from tests.pages.test_history import planned, ran, taken_back


def test_the_tiles_say_who_can_be_reached_and_what_is_in_step(shop: State) -> None:
    before = {metric.label: metric.value for metric in opened().metric}
    assert before["Reachable contacts"] == str(len(KNOWN - OPTED_OUT))
    assert before["Segments in step"] == "0 / 2"
    assert before["Last run"] == "–"
    ran(shop, "Seen at home")
    after = {metric.label: metric.value for metric in opened().metric}
    assert after["Segments in step"] == "1 / 2"
    assert after["Last run"] == "Done"


def test_a_segment_whose_run_was_taken_back_is_not_in_step(shop: State) -> None:
    taken_back(shop, ran(shop, "Not for long"))
    app = opened()
    assert {metric.label: metric.value for metric in app.metric}["Segments in step"] == "0 / 2"
    assert "Undo of Loyal regulars, " in shown(app)
    ran(shop, "Not for long")
    assert {metric.label: metric.value for metric in opened().metric}["Segments in step"] == "1 / 2"


def test_an_undo_of_an_older_run_leaves_a_segment_in_step(shop: State) -> None:
    older = ran(shop, "Older")
    ran(shop, "Newer")
    taken_back(shop, older)
    assert {metric.label: metric.value for metric in opened().metric}["Segments in step"] == "1 / 2"


def test_a_quiet_workspace_needs_no_attention(shop: State) -> None:
    assert "Nothing at the moment" in shown(opened())


def test_a_changed_rule_an_old_copy_and_a_run_that_stands_still_need_attention(shop: State) -> None:
    run_of(shop)
    newer = {**SEGMENT, "description": {"en": "Changed."}}
    segments.save(shop, parse_segment(newer), by="test", at=now())
    (mirror,) = snapshot.snapshots(shop.workspace, "mirror")
    old = now() - dt.timedelta(days=2)
    mirror.folder.rename(mirror.folder.with_name(old.strftime("%Y%m%dT%H%M%S%fZ")))
    text = shown(opened())
    assert "The rule of Loyal regulars changed" in text
    assert "Our copy of HubSpot is from 2 days ago" in text
    assert "The run of Loyal regulars stands still" in text
    assert "Nothing at the moment" not in text


def run_of(state: State) -> None:
    plan = planned(state, "Stands still")
    enqueue(state.workspace, state, plan.plan_id, by="Ana", clock=now)
    state.connection.execute("update run set state = 'paused', paused_for = 'token'")


def test_a_silent_worker_is_told_and_a_living_one_too(shop: State) -> None:
    heartbeat.beat(shop, "worker 1", doing="idle", at=now() - dt.timedelta(hours=1))
    assert "no sign of life" in shown(opened())
    heartbeat.beat(shop, "worker 2", doing="idle", at=now())
    assert "waits for work" in shown(opened())
