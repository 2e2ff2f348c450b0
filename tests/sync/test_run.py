from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import httpx
import pytest

from hubsync.core.errors import Busy, Stale
from hubsync.core.field import CUSTOMER_ID
from hubsync.core.plan import Target
from hubsync.core.run import Outcome, PausedFor, RunState
from hubsync.sandbox.server import Sandbox
from hubsync.store import audit, lease, receipt
from hubsync.store import run as runs
from hubsync.sync import history
from hubsync.sync.execute import execute
from hubsync.sync.run import cancel, resume
from tests.sync.desk import COLUMN, Desk, email, now

LIST = "[Behaviour] Loyal regulars - Active"
PROPERTY = f"hubsync_{COLUMN}"


def token(desk: Desk, *scopes: str) -> str:
    answer = httpx.post(f"{desk.base_url}/__sandbox__/tokens", json={"scopes": list(scopes)})
    return str(answer.json()["token"])


def test_a_double_click_is_one_run(desk: Desk) -> None:
    plan = desk.preview()
    clicks: list[str] = []
    threads = [threading.Thread(target=lambda: clicks.append(desk.enqueue(plan))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(clicks)) == 1
    desk.execute(clicks[0])
    assert desk.enqueue(plan) == clicks[0]
    assert len(history.runs(desk.state)) == 1


def test_another_plan_for_the_same_target_hears_who_is_at_it(desk: Desk) -> None:
    desk.enqueue(desk.preview())
    other = desk.preview(list_name="Another")
    with pytest.raises(Busy, match="started by test at"):
        desk.enqueue(other)
    desk.enqueue(desk.preview(Target.PROPERTIES))  # another target is free


@pytest.mark.parametrize("change", ["segment", "features", "written"])
def test_a_plan_whose_ground_has_changed_is_stale(desk: Desk, change: str) -> None:
    desk.segment("buyers", at_least=1, name="Buyers")
    desk.refresh()
    plan = desk.preview(Target.PROPERTIES)
    if change == "segment":
        desk.segment(at_least=4)
    elif change == "features":
        desk.refresh()
    else:
        desk.sync(Target.PROPERTIES, key="buyers")  # writes the same property of the same people
    with pytest.raises(Stale):
        desk.enqueue(plan)


def test_a_wrong_token_pauses_the_run_and_rejects_nothing(desk: Desk) -> None:
    run_id = desk.enqueue(desk.preview())
    run = desk.execute(run_id, desk.gateway("pat-na1-00000000-0000-0000-0000-000000000000"))
    assert (run.state, run.paused_for, run.counts.open) == (RunState.PAUSED, PausedFor.TOKEN, 13)
    assert "token" in run.problem
    resume(desk.state, run_id, by="test", clock=now)
    assert desk.execute(run_id).state is RunState.SUCCEEDED


def test_a_missing_scope_pauses_the_run_and_says_which(desk: Desk) -> None:
    run_id = desk.enqueue(desk.preview())
    poor = token(desk, "crm.lists.read", "crm.objects.contacts.read")
    run = desk.execute(run_id, desk.gateway(poor))
    assert (run.state, run.paused_for) == (RunState.PAUSED, PausedFor.SCOPE)
    assert "crm.lists.write" in run.problem
    resume(desk.state, run_id, by="test", clock=now)
    run = desk.execute(run_id)
    assert (run.state, run.counts.confirmed) == (RunState.SUCCEEDED, 13)


def test_a_run_never_writes_to_another_portal(desk: Desk, tmp_path: Path) -> None:
    run_id = desk.enqueue(desk.preview())
    with Sandbox(portal_id=99_999_999, limits=False) as other:
        stranger = Desk.open(tmp_path / "other", other)
        run = desk.execute(run_id, stranger.gateway())
        assert stranger.writes() == []
    assert (run.state, run.paused_for) == (RunState.PAUSED, PausedFor.TOKEN)
    assert "99999999" in run.problem


def test_a_day_that_is_nearly_used_up_pauses_until_the_portals_midnight(desk: Desk) -> None:
    run_id = desk.enqueue(desk.preview())
    gateway = desk.gateway()
    gateway.pacer.learn({"x-hubspot-ratelimit-daily": "1000", "x-hubspot-ratelimit-daily-remaining": "90"})
    run = desk.execute(run_id, gateway)
    assert (run.state, run.paused_for) == (RunState.PAUSED, PausedFor.DAILY_LIMIT)
    assert run.resume_at
    assert (run.resume_at.hour, run.resume_at.minute) == (0, 0)
    assert run.resume_at > now()
    assert runs.due(desk.state, now()) == []
    assert [found.run_id for found in runs.due(desk.state, run.resume_at)] == [run_id]


def test_a_run_nobody_is_at_is_cancelled_at_once_and_every_row_has_an_outcome(desk: Desk) -> None:
    run_id = desk.enqueue(desk.preview())
    run = cancel(desk.state, run_id, by="test", clock=now)
    assert (run.state, run.counts.cancelled, run.counts.open) == (RunState.CANCELLED, 13, 0)
    assert desk.execute(run_id).requests == 0
    assert desk.enqueue(desk.preview()) != run_id


def test_a_run_under_way_is_cancelled_before_its_next_batch(desk: Desk) -> None:
    run_id = desk.enqueue(desk.preview())
    gateway = desk.gateway()

    def stop() -> None:
        cancel(desk.state, run_id, by="test", clock=now)

    gateway.on_request = stop  # told while the first request is under way
    run = desk.execute(run_id, gateway)
    assert (run.state, run.counts.confirmed, run.counts.cancelled) == (RunState.CANCELLED, 1, 12)
    assert desk.members(LIST) == set()


def test_two_workers_on_one_run_send_everything_once(desk: Desk) -> None:
    run_id = desk.enqueue(desk.preview())
    errors: list[Exception] = []

    def work(name: str) -> None:
        try:
            execute(desk.workspace, desk.state, run_id, desk.gateway(), clock=now, holder=name)
        except Busy as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run = history.run(desk.state, run_id)
    assert (run.state, run.counts.confirmed, run.counts.open) == (RunState.SUCCEEDED, 13, 0)
    assert sum("memberships" in line for line in desk.writes()) == 1


def test_a_worker_that_was_overtaken_changes_nothing(desk: Desk) -> None:
    run_id = desk.enqueue(desk.preview())
    place = {"portal_id": desk.connection.portal_id, "target": "static_list"}
    frozen = lease.take(desk.state, **place, holder="frozen", now=now() - dt.timedelta(minutes=5))
    assert desk.execute(run_id).state is RunState.SUCCEEDED
    with pytest.raises(lease.Overtaken), desk.state.transaction() as connection:
        lease.renew(connection, frozen, now())
    assert history.run(desk.state, run_id).counts.confirmed == 13


def test_one_bad_row_is_rejected_alone_with_its_reason(desk: Desk) -> None:
    desk.sync(Target.PROPERTIES)
    desk.orders |= {15: 9, 16: 9}
    desk.refresh()
    plan = desk.preview(Target.PROPERTIES)
    taken = {"properties": {CUSTOMER_ID.name: desk.customer(15)}}
    desk.call("PATCH", f"/crm/v3/objects/contacts/{desk.contact_id(19)}", taken)
    run = desk.run(plan)
    assert (run.state, run.counts.rejected, run.counts.confirmed) == (RunState.PARTIAL, 1, 3)
    (row,) = receipt.told(desk.state, run.run_id, (Outcome.REJECTED,))
    assert (row.customer_id, bool(row.category), bool(row.message), bool(row.correlation_id)) == (
        desk.customer(15),
        True,
        True,
        True,
    )
    assert desk.properties(desk.contact_id(15), PROPERTY)[PROPERTY] == "9"
    (reason,) = history.rejected(desk.state, run.run_id)
    assert reason.fix


def test_a_property_deleted_meanwhile_rejects_each_row_with_the_reason(desk: Desk) -> None:
    desk.sync(Target.PROPERTIES)
    desk.orders |= {number: 6 + number for number in range(12)}
    desk.refresh()
    plan = desk.preview(Target.PROPERTIES)
    assert plan.forecast.requests["batch update"] == 1
    desk.call("DELETE", f"/crm/v3/properties/contacts/{PROPERTY}")
    run = desk.run(plan)
    assert (run.state, run.counts.rejected, run.counts.open) == (RunState.PARTIAL, 12, 0)
    rows = receipt.told(desk.state, run.run_id, (Outcome.REJECTED,))
    assert all(row.category and row.message and row.correlation_id for row in rows)


def test_what_happened_is_in_the_audit_log(desk: Desk) -> None:
    run = desk.sync()
    acts = [(act.act, act.subject) for act in audit.acts(desk.state)]
    assert acts == [("succeeded", run.run_id), ("run", run.run_id)]
    assert audit.first_broken(desk.state) is None


def test_history_filters_and_shows_progress(desk: Desk) -> None:
    run = desk.sync()
    desk.sync(Target.PROPERTIES)
    assert [found.target for found in history.runs(desk.state)] == ["properties", "static_list"]
    assert [found.run_id for found in history.runs(desk.state, target="static_list")] == [run.run_id]
    assert history.runs(desk.state, segment_key="nobody") == []
    assert (history.progress(desk.state, run.run_id).share, run.requests) == (1.0, 4)
    assert email(0) in desk.members(LIST)


def test_a_batch_that_one_row_spoils_is_cut_down_to_that_row(desk: Desk) -> None:
    desk.ids[7] = "k" * 70_000  # HubSpot holds 65,536 characters, and refuses the whole batch without saying which
    desk.refresh()
    run = desk.sync(Target.PROPERTIES)
    assert (run.state, run.counts.rejected, run.counts.confirmed) == (RunState.PARTIAL, 1, 26)
    (row,) = receipt.told(desk.state, run.run_id, (Outcome.REJECTED,))
    assert (row.customer_id, row.category) == (desk.customer(7), "VALIDATION_ERROR")
    assert row.message
    assert row.correlation_id
    assert desk.properties(desk.contact_id(7), PROPERTY)[PROPERTY] == "5"
    assert desk.properties(desk.contact_id(8), PROPERTY)[PROPERTY] == "5"
