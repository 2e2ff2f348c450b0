from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubsync.core.errors import Blocked
from hubsync.core.field import CUSTOMER_ID
from hubsync.core.plan import Op, Plan, Target
from hubsync.core.run import RunState
from hubsync.core.score import ScoreModel
from hubsync.store import score as scores
from hubsync.sync.undo import undo
from tests.sync.desk import COLUMN, ORDERS, Desk, email, now

LIST = "[Behaviour] Loyal regulars - Active"
PROPERTY = f"hubsync_{COLUMN}"


def take_back(desk: Desk, run_id: str) -> Plan:
    return undo(desk.workspace, desk.state, run_id, by="test", clock=now)


def lists(desk: Desk) -> dict[str, set[str]]:
    """Who is on which list, by the list's id."""
    found = desk.call("POST", "/crm/v3/lists/search", {"count": 500})["lists"]
    paths = {row["listId"]: f"/crm/v3/lists/{row['listId']}/memberships?limit=250" for row in found}
    return {key: {row["recordId"] for row in desk.call("GET", path)["results"]} for key, path in paths.items()}


def test_a_list_run_is_taken_back_and_can_be_done_again(desk: Desk) -> None:
    first = desk.sync()
    plan = take_back(desk, first.run_id)
    assert plan.counts == {Op.REMOVE_MEMBER: 12, Op.DELETE_LIST: 1, "unchanged": 0}
    assert (plan.undo_of, plan.blocked) == (first.run_id, ())
    run = desk.run(plan)
    assert (run.state, run.undo_of) == (RunState.SUCCEEDED, first.run_id)
    assert lists(desk) == {}
    plan = desk.preview()
    assert (plan.counts, plan.blocked) == ({Op.ENSURE_LIST: 1, Op.ADD_MEMBER: 12, "unchanged": 0}, ())
    desk.run(plan)
    assert len(desk.members(LIST)) == 12
    # The first run was taken back once: what stands now is another run's.
    again = take_back(desk, first.run_id)
    assert (again.rows, again.counts) == (0, {"unchanged": 0})
    assert desk.run(again).state is RunState.SUCCEEDED
    assert len(desk.members(LIST)) == 12


def test_taking_a_run_back_twice_in_a_row_takes_nothing_more(desk: Desk) -> None:
    first = desk.sync()
    desk.run(take_back(desk, first.run_id))
    again = take_back(desk, first.run_id)
    assert again.rows == 0
    assert desk.run(again).state is RunState.SUCCEEDED
    assert lists(desk) == {}


def test_a_list_that_somebody_else_uses_by_now_stays(desk: Desk) -> None:
    first = desk.sync()
    (listed,) = lists(desk)
    desk.call("PUT", f"/crm/v3/lists/{listed}/memberships/add", [desk.contact_id(15)])
    run = desk.run(take_back(desk, first.run_id))
    assert (run.state, run.counts.skipped) == (RunState.SUCCEEDED, 1)
    assert desk.members(LIST) == {email(15)}


def test_a_list_taken_over_is_never_deleted(desk: Desk) -> None:
    body = {"name": LIST, "objectTypeId": "0-1", "processingType": "MANUAL"}
    desk.call("POST", "/crm/v3/lists/", body)
    desk.pull()
    plan = desk.preview()
    first = desk.run(plan, *(guard.override for guard in plan.blocked))
    plan = take_back(desk, first.run_id)
    assert plan.counts == {Op.REMOVE_MEMBER: 12, "unchanged": 0}
    desk.run(plan)
    assert desk.members(LIST) == set()


def test_values_are_restored_unless_somebody_changed_them_since(desk: Desk) -> None:
    desk.sync(Target.PROPERTIES)
    desk.orders |= {0: 8, 1: 8, 2: 8}
    desk.refresh()
    second = desk.sync(Target.PROPERTIES)
    desk.call("PATCH", f"/crm/v3/objects/contacts/{desk.contact_id(1)}", {"properties": {PROPERTY: "77"}})
    desk.pull(full=False)
    plan = take_back(desk, second.run_id)
    assert plan.counts == {Op.UPDATE_CONTACT: 2, "unchanged": 0}
    assert [row["customer_id"] for row in plan.options["stays"]] == [desk.customer(1)]
    desk.run(plan)
    held = [desk.properties(desk.contact_id(number), PROPERTY)[PROPERTY] for number in (0, 1, 2)]
    assert held == ["5", "77", "5"]


def test_taking_back_the_first_run_leaves_the_portal_as_it_was_but_for_what_was_made(desk: Desk) -> None:
    desk.orders[30] = 9
    desk.refresh()
    first = desk.sync(Target.PROPERTIES, create_contacts=True)
    plan = take_back(desk, first.run_id)
    assert "never deleted" in " ".join(plan.warnings)
    desk.run(plan)
    for number in (*range(12), 30):
        held = desk.properties(desk.contact_id(number), PROPERTY, CUSTOMER_ID.name)
        assert (held[PROPERTY] or "", held[CUSTOMER_ID.name] or "") == ("", "")


def portal(desk: Desk) -> dict[str, object]:
    """Everything in the portal that people can see, but for when it changed; definitions are never deleted."""
    names = [row["name"] for row in desk.call("GET", "/crm/v3/properties/contacts")["results"]]
    rows = desk.call("GET", f"/crm/v3/objects/contacts?limit=100&properties={','.join(names)}")["results"]
    contacts = {
        row["id"]: {name: value for name, value in row["properties"].items() if value and name != "lastmodifieddate"}
        for row in rows
    }
    return {"contacts": contacts, "lists": lists(desk)}


@pytest.mark.parametrize("target", [Target.STATIC_LIST, Target.PROPERTIES, Target.LEAD_SCORE])
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=st.lists(st.integers(1, 6), min_size=20, max_size=20))
def test_after_undo_the_portal_is_what_it_was(desk: Desk, orders: list[int], target: Target) -> None:
    curve = {"feature": ORDERS, "label": {"en": "orders in 90 days"}, "knots": [[0, 0], [10, 100]]}
    bands = [{"key": key, "label": {"en": key}, "at_least": least} for key, least in (("cold", 0), ("hot", 40))]
    model = {"behaviours": {"regulars": 20}, "measures": [curve], "bands": bands, "qualified": 40}
    scores.save(desk.state, ScoreModel.model_validate(model), by="test", at=now())
    desk.orders = dict(enumerate(orders)) | {0: 5}
    desk.refresh()
    before = portal(desk)
    plan = desk.preview(target)
    run = desk.run(plan, *(guard.override for guard in plan.blocked))
    assert run.state is RunState.SUCCEEDED
    desk.run(take_back(desk, run.run_id))
    assert portal(desk) == before
    kept = desk.preview(target)
    desk.run(kept, *(guard.override for guard in kept.blocked))  # the next example starts from here


def test_an_undone_removal_puts_nobody_back_who_opted_out(desk: Desk) -> None:
    desk.sync()
    desk.orders |= {0: 1, 1: 1}
    desk.refresh()
    removal = desk.sync()
    unsubscribed = {"email_id": "1", "contact": email(0), "type": "UNSUBSCRIBED", "at": "2026-02-01T00:00:00Z"}
    desk.call("POST", "/__sandbox__/seed", {"email_events": [unsubscribed]})
    desk.pull()
    plan = take_back(desk, removal.run_id)
    assert [change.customer_id for change in desk.changes(plan)] == [desk.customer(1)]
    desk.run(plan)
    assert email(1) in desk.members(LIST)
    assert email(0) not in desk.members(LIST)


def test_an_undo_can_be_undone(desk: Desk) -> None:
    first = desk.sync()
    before = lists(desk)
    back = desk.run(take_back(desk, first.run_id))
    again = desk.run(take_back(desk, back.run_id))
    assert lists(desk) == before
    desk.run(take_back(desk, again.run_id))
    assert lists(desk) == {}


def test_a_run_under_way_cannot_be_taken_back(desk: Desk) -> None:
    run_id = desk.enqueue(desk.preview())
    with pytest.raises(Blocked, match="not finished"):
        take_back(desk, run_id)


def test_undo_takes_only_its_own_option_of_a_property_that_segments_share(desk: Desk) -> None:
    desk.segment("fans", at_least=5, name="Fans")
    desk.refresh()
    first = desk.sync(Target.ACTIVE_LIST)
    desk.sync(Target.ACTIVE_LIST, key="fans")
    desk.run(take_back(desk, first.run_id))
    held = desk.properties(desk.contact_id(4), "hubsync_behaviours")["hubsync_behaviours"]
    assert held == "fans"
