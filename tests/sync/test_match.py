from __future__ import annotations

from hubsync.core.field import CUSTOMER_ID
from hubsync.core.plan import Op, Step, Target
from hubsync.core.segment import parse_segment
from hubsync.store import connection as connections
from hubsync.store import plan as plans
from hubsync.store import segment as segments
from hubsync.sync.excerpt import first_members
from hubsync.sync.reach import reachable
from tests.sync.desk import COLUMN, Desk, email, now


def found(desk: Desk) -> dict[str, tuple[str, str]]:
    """Contact id and step by customer of the members of a preview."""
    plan = desk.preview()
    return {
        member.customer_id: (member.contact_id, step.value)
        for step in plan.reach
        for member in first_members(desk.workspace, plan.plan_id, step, limit=100)
    }


def test_a_contact_is_found_by_a_secondary_address(desk: Desk) -> None:
    seed = {
        "contacts": [
            {"properties": {"email": "work@example.com", "hs_additional_emails": f"x@example.com;{email(40)}"}}
        ]
    }
    desk.call("POST", "/__sandbox__/seed", seed)
    desk.orders[40] = 9
    desk.refresh()
    desk.pull()
    contact_id, step = found(desk)[desk.customer(40)]
    assert step == Step.REACHABLE
    assert desk.properties(contact_id)["email"] == "work@example.com"


def test_our_customer_id_on_a_contact_outlives_a_change_of_address(desk: Desk) -> None:
    desk.sync(Target.PROPERTIES)
    known = desk.contact_id(3)
    desk.emails[3] = "moved@example.com"
    desk.refresh()
    desk.pull()
    assert found(desk)[desk.customer(3)] == (known, Step.REACHABLE)


def test_a_shared_address_belongs_to_the_smallest_customer_id_of_all_not_only_of_the_segment(desk: Desk) -> None:
    desk.orders |= {19: 1, 41: 9}  # 19 is no member, but a customer with that address
    desk.emails[41] = email(19)
    desk.refresh()
    assert found(desk)[desk.customer(41)] == ("", Step.SHARED_EMAIL)


def test_who_is_tied_by_id_keeps_the_contact_from_a_smaller_id(desk: Desk) -> None:
    desk.sync(Target.PROPERTIES)
    desk.ids[50] = "a-smaller-id"
    desk.orders[50] = 9
    desk.emails[50] = email(3)
    desk.refresh()
    desk.pull()
    assert found(desk)[desk.customer(3)] == (desk.contact_id(3), Step.REACHABLE)
    assert found(desk)["a-smaller-id"] == ("", Step.SHARED_EMAIL)


def test_reach_of_every_segment_is_known_after_a_pull_and_unknown_before(desk: Desk) -> None:
    assert reachable(desk.workspace, desk.state) is None  # no connection is saved
    connections.save(desk.state, desk.connection, desk.token, by="test", at=now())
    desk.orders[41] = 9
    desk.refresh()
    assert reachable(desk.workspace, desk.state) == {"regulars": 12}


def test_a_segment_of_analyst_sql_is_synced_like_any_other(desk: Desk) -> None:
    found = parse_segment({"key": "picked", "name": {"en": "Picked"}, "sql": "select customer_id from customers"})
    segments.save(desk.state, found, by="test", at=now())
    desk.refresh({"picked": [1, 2]})
    plan = desk.preview(Target.PROPERTIES, key="picked", mapping={COLUMN: f"hubsync_{COLUMN}"})
    assert plan.counts[Op.UPDATE_CONTACT] == 4
    assert {change.reason for change in desk.changes(plan) if change.customer_id} == {"joined Picked"}
    desk.run(plan)
    assert desk.properties(desk.contact_id(1), CUSTOMER_ID.name)[CUSTOMER_ID.name] == desk.customer(1)
    assert plans.last_run(desk.state, desk.connection.portal_id, Target.PROPERTIES).keys() == {("picked", "")}
