from __future__ import annotations

from hubsync.core.plan import Op
from hubsync.core.run import RunState
from tests.sync.desk import Desk, email

LIST = "[Behaviour] Loyal regulars - Active"


def test_a_preview_sends_nothing_and_its_run_puts_the_members_on_the_list(desk: Desk) -> None:
    before = len(desk.writes())
    plan = desk.preview()
    assert len(desk.writes()) == before
    assert plan.counts == {Op.ENSURE_LIST: 1, Op.ADD_MEMBER: 12, "unchanged": 0}
    run = desk.run(plan)
    assert (run.state, run.counts.confirmed, run.counts.open) == (RunState.SUCCEEDED, 13, 0)
    assert desk.members(LIST) == {email(number) for number in range(12)}


def test_the_same_preview_has_the_same_id(desk: Desk) -> None:
    assert desk.preview().plan_id == desk.preview().plan_id


def test_a_second_sync_has_nothing_to_send(desk: Desk) -> None:
    desk.sync()
    before = len(desk.requests())
    plan = desk.preview()
    run = desk.run(plan)
    assert (plan.rows, plan.counts["unchanged"]) == (0, 12)
    assert (run.state, run.requests) == (RunState.SUCCEEDED, 0)
    assert len(desk.requests()) == before
