from __future__ import annotations

import pytest

from hubsync.core.errors import Blocked
from hubsync.core.plan import Op, Step
from hubsync.core.run import Outcome, RunState
from hubsync.store import receipt
from hubsync.sync import history
from tests.sync.desk import Desk, email

LIST = "[Behaviour] Loyal regulars - Active"


def numbers(*given: int) -> set[str]:
    return {email(number) for number in given}


def test_a_preview_sends_nothing_and_its_run_puts_the_members_on_the_list(desk: Desk) -> None:
    before = len(desk.writes())
    plan = desk.preview()
    assert len(desk.writes()) == before
    assert plan.counts == {Op.ENSURE_LIST: 1, Op.ADD_MEMBER: 12, "unchanged": 0}
    run = desk.run(plan)
    assert (run.state, run.counts.confirmed, run.counts.open) == (RunState.SUCCEEDED, 13, 0)
    assert run.requests <= plan.forecast.total
    assert desk.members(LIST) == numbers(*range(12))


def test_the_same_preview_has_the_same_id(desk: Desk) -> None:
    assert desk.preview().plan_id == desk.preview().plan_id


def test_a_second_sync_has_nothing_to_send(desk: Desk) -> None:
    desk.sync()
    before = len(desk.requests())
    plan = desk.preview()
    run = desk.run(plan)
    assert (plan.rows, plan.counts["unchanged"], plan.forecast.total) == (0, 12, 0)
    assert (run.state, run.requests) == (RunState.SUCCEEDED, 0)
    assert len(desk.requests()) == before


def test_a_leaver_goes_off_the_list_and_people_others_put_there_stay(desk: Desk) -> None:
    desk.sync()
    list_id = desk.call("GET", f"/crm/v3/lists/object-type-id/0-1/name/{LIST}")["list"]["listId"]
    desk.call("PUT", f"/crm/v3/lists/{list_id}/memberships/add", [desk.contact_id(19)])
    desk.orders[0] = 1
    desk.refresh()
    desk.pull()
    (change,) = desk.changes(plan := desk.preview())
    assert (change.op, change.customer_id) == (Op.REMOVE_MEMBER, desk.customer(0))
    assert change.reason == "left Loyal regulars: orders in 90 days: 1, needs 3 or more"
    assert desk.run(plan).state is RunState.SUCCEEDED
    assert desk.members(LIST) == numbers(*range(1, 12), 19)


def test_who_opts_out_goes_off_the_list_and_never_comes_back(desk: Desk) -> None:
    desk.sync()
    unsubscribed = {"email_id": "1", "contact": email(3), "type": "UNSUBSCRIBED", "at": "2026-02-01T00:00:00Z"}
    desk.call("POST", "/__sandbox__/seed", {"email_events": [unsubscribed]})
    desk.pull()
    plan = desk.preview()
    (change,) = desk.changes(plan)
    assert (change.op, change.customer_id, change.reason) == (
        Op.REMOVE_MEMBER,
        desk.customer(3),
        "opted out of e-mail",
    )
    assert plan.reach == {Step.REACHABLE: 11, Step.OPTED_OUT: 1}
    desk.run(plan)
    assert email(3) not in desk.members(LIST)
    assert desk.preview().rows == 0


def test_each_member_stands_in_exactly_one_step(desk: Desk) -> None:
    desk.orders |= {30: 9, 31: 9, 32: 9, 33: 9, 34: 9}
    desk.emails = {30: None, 31: "no address", 32: email(32), 33: email(0).upper(), 34: email(32)}
    desk.refresh()
    plan = desk.preview()
    assert plan.reach == {
        Step.REACHABLE: 12,
        Step.NO_EMAIL: 1,
        Step.INVALID_EMAIL: 1,
        Step.SHARED_EMAIL: 2,
        Step.NOT_IN_HUBSPOT: 1,
    }
    assert plan.counts[Op.ADD_MEMBER] == 12


def test_missing_contacts_are_created_only_where_asked_for(desk: Desk) -> None:
    desk.orders |= {30: 9, 31: 9}
    desk.refresh()
    assert desk.preview().counts.get(Op.CREATE_CONTACT) is None
    plan = desk.preview(create_contacts=True)
    assert plan.counts[Op.CREATE_CONTACT] == plan.reach[Step.WOULD_BE_CREATED] == 2
    assert "bills" in " ".join(plan.warnings)
    run = desk.run(plan)
    assert (run.state, run.counts.confirmed) == (RunState.SUCCEEDED, 17)
    assert desk.members(LIST) == numbers(*range(12), 30, 31)
    assert desk.preview(create_contacts=True).rows == 0
    desk.pull()
    assert desk.preview(create_contacts=True).rows == 0


def test_a_contact_created_by_somebody_else_meanwhile_is_taken_not_doubled(desk: Desk) -> None:
    desk.orders[30] = 9
    desk.refresh()
    plan = desk.preview(create_contacts=True)
    desk.call("POST", "/crm/v3/objects/contacts", {"properties": {"email": email(30)}})
    run = desk.run(plan)
    assert (run.state, run.counts.unchanged, run.counts.open) == (RunState.SUCCEEDED, 1, 0)
    assert email(30) in desk.members(LIST)


def test_a_contact_deleted_between_preview_and_run_is_skipped_with_its_reason(desk: Desk) -> None:
    plan = desk.preview()
    desk.call("DELETE", f"/crm/v3/objects/contacts/{desk.contact_id(5)}")
    run = desk.run(plan)
    assert (run.state, run.counts.skipped, run.counts.confirmed) == (RunState.SUCCEEDED, 1, 12)
    (reason,) = history.rejected(desk.state, run.run_id)
    assert (reason.category, reason.count) == ("NO_LONGER_IN_HUBSPOT", 1)
    assert reason.rows[0].customer_id == desk.customer(5)
    assert desk.members(LIST) == numbers(*(n for n in range(12) if n != 5))


def test_a_segment_that_matches_nobody_makes_an_empty_list_and_warns(desk: Desk) -> None:
    desk.segment("whales", at_least=1000, name="Whales")
    desk.refresh()
    plan = desk.preview(key="whales")
    assert plan.counts == {Op.ENSURE_LIST: 1, "unchanged": 0}
    assert "no members" in " ".join(plan.warnings)
    assert desk.run(plan).state is RunState.SUCCEEDED
    assert desk.preview(key="whales").rows == 0


def test_a_source_that_lost_its_rows_removes_nobody(desk: Desk) -> None:
    desk.sync()
    desk.orders = {}
    desk.refresh()
    plan = desk.preview()
    assert [(guard.code, guard.override) for guard in plan.blocked] == [("empty_source", "")]
    with pytest.raises(Blocked, match="no customers"):
        desk.enqueue(plan)
    assert desk.members(LIST) == numbers(*range(12))


def test_removing_over_a_fifth_needs_the_number_typed(desk: Desk) -> None:
    desk.sync()
    desk.orders |= dict.fromkeys(range(4), 1)
    desk.refresh()
    plan = desk.preview()
    (guard,) = plan.blocked
    assert (guard.code, guard.override) == ("large_removal", "4")
    with pytest.raises(Blocked):
        desk.enqueue(plan, "5")
    assert desk.run(plan, "4").state is RunState.SUCCEEDED
    assert desk.members(LIST) == numbers(*range(4, 12))


def test_a_name_that_an_active_list_has_is_refused(desk: Desk) -> None:
    branch = {"filterBranchType": "OR", "filters": [], "filterBranches": [{"filterBranchType": "AND", "filters": []}]}
    body = {"name": "VIP", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": branch}
    desk.call("POST", "/crm/v3/lists", body)
    desk.pull()
    plan = desk.preview(list_name="VIP")
    assert [(guard.code, guard.override) for guard in plan.blocked] == [("list_is_dynamic", "")]
    assert plan.rows == 0


def test_a_list_of_others_is_added_to_only_if_its_name_is_typed_and_keeps_its_people(desk: Desk) -> None:
    body = {"name": "VIP", "objectTypeId": "0-1", "processingType": "MANUAL"}
    list_id = desk.call("POST", "/crm/v3/lists", body)["list"]["listId"]
    desk.call("PUT", f"/crm/v3/lists/{list_id}/memberships/add", [desk.contact_id(n) for n in (0, 19)])
    desk.pull()
    plan = desk.preview(list_name="VIP")
    assert [(guard.code, guard.override) for guard in plan.blocked] == [("list_taken", "VIP")]
    run = desk.run(plan, "VIP")
    assert (run.state, run.counts.unchanged) == (RunState.SUCCEEDED, 2)  # the list, and who stood on it
    assert desk.members("VIP") == numbers(*range(12), 19)
    desk.pull()
    plan = desk.preview(list_name="VIP")
    assert (plan.rows, plan.blocked) == (0, ())


def test_a_list_made_by_others_between_preview_and_run_is_not_taken_over(desk: Desk) -> None:
    plan = desk.preview(list_name="VIP")
    desk.call("POST", "/crm/v3/lists", {"name": "VIP", "objectTypeId": "0-1", "processingType": "MANUAL"})
    run = desk.run(plan)
    assert (run.state, run.counts.rejected, run.counts.cancelled) == (RunState.FAILED, 1, 12)
    assert desk.members("VIP") == set()
    assert history.rejected(desk.state, run.run_id)[0].category == "LIST_TAKEN"


def test_a_list_deleted_by_hand_is_made_anew_after_a_pull(desk: Desk) -> None:
    desk.sync()
    list_id = desk.call("GET", f"/crm/v3/lists/object-type-id/0-1/name/{LIST}")["list"]["listId"]
    desk.call("DELETE", f"/crm/v3/lists/{list_id}")
    desk.pull()
    plan = desk.preview()
    assert plan.counts == {Op.ENSURE_LIST: 1, Op.ADD_MEMBER: 12, "unchanged": 0}
    assert desk.run(plan).state is RunState.SUCCEEDED
    assert desk.members(LIST) == numbers(*range(12))


def test_a_list_renamed_by_hand_is_still_the_one_kept_in_step(desk: Desk) -> None:
    desk.sync()
    list_id = desk.call("GET", f"/crm/v3/lists/object-type-id/0-1/name/{LIST}")["list"]["listId"]
    desk.call("PUT", f"/crm/v3/lists/{list_id}/update-list-name?listName=Theirs")
    desk.orders[15] = 9
    desk.refresh()
    desk.pull()
    plan = desk.preview()
    assert plan.counts == {Op.ADD_MEMBER: 1, "unchanged": 12}
    assert "Theirs" in " ".join(plan.warnings)
    desk.run(plan)
    assert desk.members("Theirs") == numbers(*range(12), 15)


def test_a_list_deleted_during_a_run_rejects_its_rows_with_the_reason(desk: Desk) -> None:
    desk.sync()
    list_id = desk.call("GET", f"/crm/v3/lists/object-type-id/0-1/name/{LIST}")["list"]["listId"]
    desk.orders[15] = 9
    desk.refresh()
    plan = desk.preview()
    desk.call("DELETE", f"/crm/v3/lists/{list_id}")
    run = desk.run(plan)
    assert (run.state, run.counts.rejected) == (RunState.PARTIAL, 1)
    (row,) = receipt.told(desk.state, run.run_id, (Outcome.REJECTED,))
    assert row.category == "LIST_GONE"
    assert row.message
    assert row.correlation_id


def test_a_member_we_added_is_still_ours_under_the_id_of_a_merged_contact(desk: Desk) -> None:
    desk.sync()
    old = desk.contact_id(5)
    desk.call("DELETE", f"/crm/v3/objects/contacts/{old}")
    merged = {"email": "merged@example.com", "hs_additional_emails": email(5), "hs_merged_object_ids": old}
    desk.call("POST", "/__sandbox__/seed", {"contacts": [{"properties": merged}]})
    living = desk.contact_id(5)
    list_id = desk.call("GET", f"/crm/v3/lists/object-type-id/0-1/name/{LIST}")["list"]["listId"]
    desk.call("PUT", f"/crm/v3/lists/{list_id}/memberships/add", [living])  # HubSpot carries memberships over
    desk.orders[5] = 1
    desk.refresh()
    desk.pull()
    (change,) = desk.changes(plan := desk.preview())
    assert (change.op, change.customer_id, change.contact_id) == (Op.REMOVE_MEMBER, desk.customer(5), living)
    desk.run(plan)
    assert "merged@example.com" not in desk.members(LIST)
