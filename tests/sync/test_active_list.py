from __future__ import annotations

from hubsync.core.plan import Op, Step, Target
from hubsync.core.run import RunState
from hubsync.sync import history
from hubsync.sync.active_list import PROPERTY
from hubsync.sync.undo import undo
from tests.sync.desk import Desk, email, now

LIST = "[Behaviour] Loyal regulars - Active"
ACTIVE = Target.ACTIVE_LIST


def numbers(*given: int) -> set[str]:
    return {email(number) for number in given}


def value(desk: Desk, number: int) -> str:
    return desk.properties(desk.contact_id(number), PROPERTY)[PROPERTY] or ""


def members(desk: Desk) -> set[str]:
    """Who is on the list, once HubSpot has worked it through."""
    desk.call("POST", "/__sandbox__/clock", {"advance_seconds": 5})
    return desk.members(LIST)


def by_hand(desk: Desk, number: int, text: str) -> None:
    desk.call("PATCH", f"/crm/v3/objects/contacts/{desk.contact_id(number)}", {"properties": {PROPERTY: text}})


def listed(desk: Desk) -> dict[str, object]:
    found: dict[str, object] = desk.call("GET", f"/crm/v3/lists/object-type-id/0-1/name/{LIST}?includeFilters=true")[
        "list"
    ]
    return found


def test_members_get_the_value_and_hubspot_keeps_the_list(desk: Desk) -> None:
    before = len(desk.writes())
    plan = desk.preview(ACTIVE)
    assert len(desk.writes()) == before
    ensured = {Op.ENSURE_GROUP: 1, Op.ENSURE_PROPERTY: 1, Op.ENSURE_LIST: 1}
    assert plan.counts == {**ensured, Op.UPDATE_CONTACT: 12, "unchanged": 0}
    run = desk.run(plan)
    assert (run.state, run.counts.confirmed, run.counts.open) == (RunState.SUCCEEDED, 15, 0)
    assert run.requests <= plan.forecast.total
    assert members(desk) == numbers(*range(12))
    assert listed(desk)["processingType"] == "DYNAMIC"
    assert (value(desk, 3), value(desk, 15)) == ("regulars", "")


def test_a_second_sync_has_nothing_to_send_before_and_after_a_pull(desk: Desk) -> None:
    desk.sync(ACTIVE)
    plan = desk.preview(ACTIVE)
    assert (plan.rows, plan.counts["unchanged"], desk.run(plan).requests) == (0, 12, 0)
    desk.pull()
    assert desk.preview(ACTIVE).rows == 0


def test_other_segments_values_and_options_stay(desk: Desk) -> None:
    desk.sync(ACTIVE)
    desk.segment("buyers", at_least=1, name="Buyers")
    desk.refresh()
    plan = desk.preview(ACTIVE, key="buyers")
    assert plan.counts == {Op.ENSURE_PROPERTY: 1, Op.ENSURE_LIST: 1, Op.UPDATE_CONTACT: 20, "unchanged": 0}
    desk.run(plan)
    assert (value(desk, 3), value(desk, 15)) == ("buyers;regulars", "buyers")
    assert members(desk) == numbers(*range(12))
    options = desk.call("GET", f"/crm/v3/properties/contacts/{PROPERTY}")["options"]
    assert [(one["value"], one["label"]) for one in options] == [("regulars", "Loyal regulars"), ("buyers", "Buyers")]
    desk.orders[3] = 1
    desk.refresh()
    desk.sync(ACTIVE)
    assert value(desk, 3) == "buyers"


def test_the_order_in_which_hubspot_keeps_the_values_is_no_difference(desk: Desk) -> None:
    desk.segment("buyers", at_least=1, name="Buyers")
    desk.refresh()
    desk.sync(ACTIVE)
    desk.sync(ACTIVE, key="buyers")
    by_hand(desk, 3, "regulars;buyers")
    desk.pull()
    assert desk.preview(ACTIVE).rows == desk.preview(ACTIVE, key="buyers").rows == 0


def test_a_leaver_loses_the_value_and_whom_others_marked_keeps_it(desk: Desk) -> None:
    desk.sync(ACTIVE)
    by_hand(desk, 19, "regulars")
    desk.orders[0] = 1
    desk.refresh()
    desk.pull()
    plan = desk.preview(ACTIVE)
    (change,) = desk.changes(plan)
    assert (change.customer_id, change.old, change.new) == (desk.customer(0), "regulars", "")
    assert change.reason == "left Loyal regulars: orders in 90 days: 1, needs 3 or more"
    desk.run(plan)
    assert members(desk) == numbers(*range(1, 12), 19)


def test_who_opts_out_goes_off_the_list(desk: Desk) -> None:
    desk.sync(ACTIVE)
    unsubscribed = {"email_id": "1", "contact": email(3), "type": "UNSUBSCRIBED", "at": "2026-02-01T00:00:00Z"}
    desk.call("POST", "/__sandbox__/seed", {"email_events": [unsubscribed]})
    desk.pull()
    plan = desk.preview(ACTIVE)
    assert plan.reach == {Step.REACHABLE: 11, Step.OPTED_OUT: 1}
    assert [change.reason for change in desk.changes(plan)] == ["opted out of e-mail"]
    desk.run(plan)
    assert email(3) not in members(desk)


def test_filters_changed_by_hand_are_put_right(desk: Desk) -> None:
    desk.sync(ACTIVE)
    found = listed(desk)
    leaf = {
        "filterType": "PROPERTY",
        "property": "email",
        "operation": {"operationType": "ALL_PROPERTY", "operator": "IS_KNOWN"},
    }
    branch = {
        "filterBranchType": "OR",
        "filters": [],
        "filterBranches": [{"filterBranchType": "AND", "filters": [leaf], "filterBranches": []}],
    }
    desk.call("PUT", f"/crm/v3/lists/{found['listId']}/update-list-filters", {"filterBranch": branch})
    desk.pull()
    plan = desk.preview(ACTIVE)
    assert plan.counts == {Op.ENSURE_LIST: 1, "unchanged": 12}
    run = desk.run(plan)
    assert (run.state, run.counts.confirmed) == (RunState.SUCCEEDED, 1)
    assert listed(desk)["filterBranch"] == found["filterBranch"]
    desk.pull()
    assert desk.preview(ACTIVE).rows == 0


def test_lists_of_others_are_never_taken(desk: Desk) -> None:
    desk.call("POST", "/crm/v3/lists", {"name": "VIP", "objectTypeId": "0-1", "processingType": "MANUAL"})
    desk.pull()
    assert [guard.code for guard in desk.preview(ACTIVE, list_name="VIP").blocked] == ["list_is_static"]
    plan = desk.preview(ACTIVE)
    leaf = {
        "filterType": "PROPERTY",
        "property": "email",
        "operation": {"operationType": "ALL_PROPERTY", "operator": "IS_KNOWN"},
    }
    branch = {"filterBranchType": "OR", "filterBranches": [{"filterBranchType": "AND", "filters": [leaf]}]}
    body = {"name": LIST, "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": branch}
    desk.call("POST", "/crm/v3/lists", body)
    run = desk.run(plan)
    assert (run.state, history.rejected(desk.state, run.run_id)[0].category) == (RunState.PARTIAL, "LIST_TAKEN")
    assert value(desk, 3) == ""
    desk.pull()
    assert [(guard.code, guard.override) for guard in desk.preview(ACTIVE).blocked] == [("list_taken", "")]


def test_a_property_of_single_choice_is_not_written_to(desk: Desk) -> None:
    options = [{"label": "A", "value": "a", "displayOrder": 0, "hidden": False}]
    body = {"name": PROPERTY, "label": "x", "type": "enumeration", "fieldType": "select", "options": options}
    desk.call("POST", "/crm/v3/properties/contacts", {**body, "groupName": "contactinformation"})
    desk.pull()
    assert "property_type" in [guard.code for guard in desk.preview(ACTIVE).blocked]


def test_missing_contacts_are_created_and_come_onto_the_list_in_the_same_run(desk: Desk) -> None:
    desk.orders[30] = 9
    desk.refresh()
    run = desk.run(desk.preview(ACTIVE, create_contacts=True))
    assert run.state is RunState.SUCCEEDED
    assert members(desk) == numbers(*range(12), 30)
    assert desk.preview(ACTIVE, create_contacts=True).rows == 0


def test_the_size_of_a_list_that_is_being_worked_through_is_called_an_estimate(desk: Desk) -> None:
    desk.sync(ACTIVE)
    desk.pull()
    assert "estimate" in " ".join(desk.preview(ACTIVE).warnings)
    members(desk)
    desk.pull()
    assert desk.preview(ACTIVE).warnings == ()


def test_a_run_is_taken_back(desk: Desk) -> None:
    first = desk.sync(ACTIVE)
    run = desk.run(undo(desk.workspace, desk.state, first.run_id, by="test", clock=now))
    assert run.state is RunState.SUCCEEDED
    assert members(desk) == set()
