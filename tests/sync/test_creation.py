from __future__ import annotations

import pytest

from hubsync.core.errors import Blocked
from hubsync.core.guard import CREATED
from hubsync.core.plan import Op, Step, Target
from hubsync.core.run import RunState
from tests.sync.desk import COLUMN, Desk, email

PROPERTY = f"hubsync_{COLUMN}"


def test_creating_says_that_it_may_cost_money(desk: Desk) -> None:
    desk.orders[30] = 9
    desk.refresh()
    assert "bills" in " ".join(desk.preview(create_contacts=True).warnings)
    assert "bills" not in " ".join(desk.preview().warnings)


def test_many_creations_need_their_number_typed(desk: Desk) -> None:
    many = range(1_000, 1_000 + CREATED + 1)
    desk.orders |= dict.fromkeys(many, 9)
    desk.refresh()
    plan = desk.preview(create_contacts=True)
    (guard,) = plan.blocked
    assert (guard.code, guard.override) == ("many_creates", str(len(many)))
    with pytest.raises(Blocked):
        desk.enqueue(plan)
    assert desk.enqueue(plan, guard.override)


def test_who_is_there_meanwhile_is_updated_instead(desk: Desk) -> None:
    desk.orders |= {30: 9, 31: 9}
    desk.refresh()
    plan = desk.preview(Target.PROPERTIES, create_contacts=True)
    assert plan.counts[Op.CREATE_CONTACT] == 2
    made = desk.call("POST", "/crm/v3/objects/contacts", {"properties": {"email": email(30), "firstname": "Ana"}})
    run = desk.run(plan)
    assert (run.state, run.counts.unchanged, run.counts.rejected) == (RunState.SUCCEEDED, 1, 0)
    held = desk.properties(made["id"], PROPERTY, "firstname")
    assert (held[PROPERTY], held["firstname"]) == ("9", "Ana")
    assert desk.properties(desk.contact_id(31), PROPERTY)[PROPERTY] == "9"
    assert run.requests <= plan.forecast.total + 1, "one to see whether the one that is there opted out"


def test_what_is_no_address_is_never_sent_and_costs_nobody_else(desk: Desk) -> None:
    desk.orders |= dict.fromkeys(range(30, 34), 9)
    desk.emails[31] = "odd'quote@exa_mple.com"
    desk.refresh()
    plan = desk.preview(create_contacts=True)
    assert plan.reach[Step.INVALID_EMAIL] == 1
    run = desk.run(plan)
    assert run.state is RunState.SUCCEEDED
    assert desk.members("[Behaviour] Loyal regulars - Active") >= {email(n) for n in (30, 32, 33)}


def test_who_was_created_is_known_before_the_next_pull_and_after(desk: Desk) -> None:
    desk.orders[30] = 9
    desk.refresh()
    desk.run(desk.preview(create_contacts=True))
    assert desk.preview().reach == {Step.REACHABLE: 13}
    desk.pull()
    assert desk.preview(create_contacts=True).rows == 0
