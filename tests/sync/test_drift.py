from __future__ import annotations

import pytest

from hubsync.core.difference import Difference, Kind
from hubsync.core.plan import Target
from hubsync.core.run import RunState
from hubsync.core.winner import Verdict, Winner
from hubsync.store import rule
from hubsync.sync.drift import Drift, drift
from hubsync.sync.repair import repair
from tests.sync.desk import COLUMN, Desk, email, now

LIST = "[Behaviour] Loyal regulars - Active"
PROPERTY = f"hubsync_{COLUMN}"


def look(desk: Desk, *, full: bool = False) -> Drift:
    desk.pull(full=full)
    return drift(desk.workspace, desk.state, desk.connection, segment_key="regulars", gateway=desk.gateway())


def one(found: Drift, kind: Kind) -> Difference:
    (difference,) = [each for each in found.differences if each.what is kind]
    return difference


def counted(found: Drift) -> dict[Kind, int]:
    return {kind: count for kind, count in found.counts.items() if count}


def mend(desk: Desk) -> list[RunState]:
    made = repair(desk.workspace, desk.state, desk.connection, segment_key="regulars", by="test", clock=now)
    return [desk.run(plan).state for plan in made]


def list_id(desk: Desk) -> str:
    return str(desk.call("GET", f"/crm/v3/lists/object-type-id/0-1/name/{LIST}")["list"]["listId"])


def set_by_hand(desk: Desk, number: int, **values: str) -> None:
    desk.call("PATCH", f"/crm/v3/objects/contacts/{desk.contact_id(number)}", {"properties": values})


def test_after_a_run_nothing_differs(desk: Desk) -> None:
    desk.sync()
    desk.sync(Target.PROPERTIES)
    assert counted(look(desk, full=True)) == {}


def test_a_value_changed_by_hand_is_told_with_what_was_there_and_since_when(desk: Desk) -> None:
    desk.sync(Target.PROPERTIES)
    desk.orders[4] = 7
    desk.refresh()
    desk.sync(Target.PROPERTIES)
    set_by_hand(desk, 4, **{PROPERTY: "99"})
    found = look(desk)
    assert counted(found) == {Kind.CHANGED: 1}
    changed = one(found, Kind.CHANGED)
    assert (changed.customer_id, changed.field) == (desk.customer(4), PROPERTY)
    assert (changed.old, changed.ours, changed.theirs) == ("5", "7", "99")
    assert changed.at is not None
    assert changed.by
    assert changed.verdict is Verdict.WRITE


def test_repair_is_a_plan_that_puts_back_what_was_written(desk: Desk) -> None:
    desk.sync()
    desk.sync(Target.PROPERTIES)
    set_by_hand(desk, 4, **{PROPERTY: "99"})
    set_by_hand(desk, 5, **{PROPERTY: ""})
    listed = list_id(desk)
    desk.call("PUT", f"/crm/v3/lists/{listed}/memberships/remove", [desk.contact_id(6)])
    desk.call("PUT", f"/crm/v3/lists/{listed}/memberships/add", [desk.contact_id(15)])
    assert counted(look(desk)) == {Kind.CHANGED: 2, Kind.MEMBER_REMOVED: 1, Kind.MEMBER_ADDED: 1}
    assert mend(desk) == [RunState.SUCCEEDED, RunState.SUCCEEDED]
    held = [desk.properties(desk.contact_id(number), PROPERTY)[PROPERTY] for number in (4, 5)]
    assert held == ["5", "5"]
    assert desk.members(LIST) == {email(number) for number in (*range(12), 15)}
    assert counted(look(desk)) == {Kind.MEMBER_ADDED: 1}


def test_merged_deleted_and_erased_people_are_told_apart(desk: Desk) -> None:
    desk.sync()
    kept, merged, binned, erased = (desk.contact_id(number) for number in (15, 1, 2, 3))
    desk.call("POST", "/crm/v3/objects/contacts/merge", {"primaryObjectId": kept, "objectIdToMerge": merged})
    desk.call("DELETE", f"/crm/v3/objects/contacts/{binned}")
    desk.call("POST", "/crm/v3/objects/contacts/gdpr-delete", {"objectId": erased})
    found = look(desk, full=True)
    assert one(found, Kind.MERGED).ours == merged
    assert (one(found, Kind.ARCHIVED).contact_id, one(found, Kind.GONE).contact_id) == (binned, erased)
    assert one(found, Kind.ARCHIVED).at is not None


def test_a_renamed_list_is_told_and_needs_no_repair(desk: Desk) -> None:
    desk.sync()
    desk.call("PUT", f"/crm/v3/lists/{list_id(desk)}/update-list-name?listName=Ours")
    found = look(desk)
    assert counted(found) == {Kind.LIST_RENAMED: 1}
    assert one(found, Kind.LIST_RENAMED).theirs == "Ours"
    assert mend(desk) == []


def test_a_deleted_list_is_made_anew_with_its_members(desk: Desk) -> None:
    desk.sync()
    desk.call("DELETE", f"/crm/v3/lists/{list_id(desk)}")
    assert counted(look(desk)) == {Kind.LIST_DELETED: 1}
    assert mend(desk) == [RunState.SUCCEEDED]
    assert desk.members(LIST) == {email(number) for number in range(12)}


def test_a_list_that_decides_for_itself_now_is_left_alone(desk: Desk) -> None:
    desk.sync()
    listed = list_id(desk)
    desk.call("DELETE", f"/crm/v3/lists/{listed}")
    desk.call("POST", "/__sandbox__/seed", {"lists": [{"name": LIST, "processingType": "DYNAMIC"}]})
    found = look(desk)
    assert one(found, Kind.LIST_TURNED_DYNAMIC).field == LIST
    (plan,) = repair(desk.workspace, desk.state, desk.connection, segment_key="regulars", by="test", clock=now)
    assert plan.rows == 0
    assert "another name" in plan.warnings[0]


def test_a_property_of_another_type_or_in_the_bin_is_told_once_not_for_everybody(desk: Desk) -> None:
    desk.sync(Target.PROPERTIES)
    desk.call("DELETE", f"/crm/v3/properties/contacts/{PROPERTY}")
    assert counted(look(desk, full=True)) == {Kind.PROPERTY_ARCHIVED: 1}
    text = {"name": PROPERTY, "label": "Orders", "type": "string", "fieldType": "text", "groupName": "hubsync"}
    desk.call("POST", "/__sandbox__/seed", {"properties": [text]})
    found = look(desk, full=True)
    assert counted(found) == {Kind.PROPERTY_TYPE_CHANGED: 1}
    assert (found.differences[0].ours, found.differences[0].theirs) == ("number", "string")


@pytest.mark.parametrize(("winner", "held"), [(Winner.HUBSPOT, "99"), (Winner.ASK, "99"), (Winner.OURS, "8")])
def test_a_rule_says_whose_value_stands(desk: Desk, winner: Winner, held: str) -> None:
    desk.sync(Target.PROPERTIES)
    set_by_hand(desk, 4, **{PROPERTY: "99"})
    rule.decide(desk.state, desk.connection.portal_id, PROPERTY, winner, by="test", at=now())
    desk.pull(full=False)
    desk.orders |= {4: 8, 5: 8}
    desk.refresh()
    plan = desk.preview(Target.PROPERTIES)
    desk.run(plan)
    assert desk.properties(desk.contact_id(4), PROPERTY)[PROPERTY] == held
    assert desk.properties(desk.contact_id(5), PROPERTY)[PROPERTY] == "8"
    assert [row["customer_id"] for row in plan.options["held"]] == ([] if winner is Winner.OURS else [desk.customer(4)])


def test_the_newest_wins_where_the_rule_says_so(desk: Desk) -> None:
    desk.sync(Target.PROPERTIES)
    rule.decide(desk.state, desk.connection.portal_id, PROPERTY, Winner.NEWEST, by="test", at=now())
    set_by_hand(desk, 4, **{PROPERTY: "99"})
    set_by_hand(desk, 5, **{PROPERTY: "98"})
    desk.pull(full=False)
    desk.orders[4] = 8
    desk.refresh()
    changes = desk.changes(desk.preview(Target.PROPERTIES))
    assert [(row.customer_id, row.new) for row in changes] == [(desk.customer(4), "8")]


def test_a_rule_against_ours_keeps_a_repair_from_writing(desk: Desk) -> None:
    desk.sync(Target.PROPERTIES)
    set_by_hand(desk, 4, **{PROPERTY: "99"})
    rule.decide(desk.state, desk.connection.portal_id, PROPERTY, Winner.ASK, by="test", at=now())
    assert one(look(desk), Kind.CHANGED).verdict is Verdict.ASKS
    (plan,) = repair(desk.workspace, desk.state, desk.connection, segment_key="regulars", by="test", clock=now)
    assert plan.rows == 0
    assert [row["theirs"] for row in plan.options["stays"]] == ["99"]


def test_whoever_was_taken_off_a_list_by_hand_stays_off_where_hubspot_wins(desk: Desk) -> None:
    desk.sync()
    desk.call("PUT", f"/crm/v3/lists/{list_id(desk)}/memberships/remove", [desk.contact_id(6)])
    rule.decide(desk.state, desk.connection.portal_id, LIST, Winner.HUBSPOT, by="test", at=now())
    desk.pull(full=False)
    plan = desk.preview()
    assert plan.counts == {"unchanged": 11}
    assert [row["customer_id"] for row in plan.options["held"]] == [desk.customer(6)]


def test_of_a_property_that_several_segments_share_each_keeps_its_own_option(desk: Desk) -> None:
    desk.segment("fans", at_least=5, name="Fans")
    desk.refresh()
    desk.sync(Target.ACTIVE_LIST)
    desk.sync(Target.ACTIVE_LIST, key="fans")
    assert counted(look(desk)) == {}
    set_by_hand(desk, 4, hubsync_behaviours="fans")
    listed = desk.call("GET", f"/crm/v3/lists/object-type-id/0-1/name/{LIST}")["list"]["listId"]
    desk.call("DELETE", f"/crm/v3/lists/{listed}")
    found = look(desk)
    assert counted(found) == {Kind.CHANGED: 1, Kind.LIST_DELETED: 1}
    assert (one(found, Kind.CHANGED).ours, one(found, Kind.CHANGED).theirs) == ("regulars", "fans")
    assert mend(desk) == [RunState.SUCCEEDED]
    assert desk.properties(desk.contact_id(4), "hubsync_behaviours")["hubsync_behaviours"] == "fans;regulars"
    assert desk.call("GET", f"/crm/v3/lists/object-type-id/0-1/name/{LIST}")["list"]["processingType"] == "DYNAMIC"
    assert counted(look(desk)) == {}
