"""Workflows: who listens to what is read out of every kind of trigger; what is not shown is told, never left out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hubsync.portal.errors import MissingScope, Refused, Unclear
from hubsync.portal.flows import DELAY, SEND_EMAIL, Action, Flow, Flows

NO_SCOPE = {"category": "MISSING_SCOPES", "errors": [{"context": {"requiredGranularScopes": ["automation"]}}]}


def in_list(list_id: str) -> dict[str, Any]:
    return {"filterType": "IN_LIST", "operator": "IN_LIST", "listId": list_id}


def about(name: str) -> dict[str, Any]:
    return {"filterType": "PROPERTY", "property": name, "operation": {"operationType": "NUMBER", "value": 5}}


def branch(kind: str, *filters: dict[str, Any], branches: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {"filterBranchType": kind, "filters": list(filters), "filterBranches": list(branches)}


CHANGED = {
    "filterType": "PROPERTY",
    "property": "hs_name",
    "operation": {"operationType": "STRING", "operator": "IS_EQUAL_TO", "value": "hubsync_segment"},
}
TRIGGERS: dict[str, tuple[dict[str, Any], set[str], set[str]]] = {
    "members of a list": (
        {
            "type": "LIST_BASED",
            "listFilterBranch": branch("OR", branches=(branch("AND", in_list("7"), about("lead_score")),)),
        },
        {"7"},
        {"lead_score"},
    ),
    "joining a list": (
        {
            "type": "EVENT_BASED",
            "eventFilterBranches": [],
            "listMembershipFilterBranches": [branch("AND", in_list("8"))],
        },
        {"8"},
        set(),
    ),
    "a property that changes": (
        {
            "type": "EVENT_BASED",
            "eventFilterBranches": [branch("UNIFIED_EVENTS", CHANGED)],
            "listMembershipFilterBranches": [],
        },
        set(),
        {"hubsync_segment"},
    ),
    "re-enrolment": (
        {
            "type": "LIST_BASED",
            "listFilterBranch": branch("OR"),
            "reEnrollmentTriggersFilterBranches": [branch("AND", about("x"))],
        },
        set(),
        {"x"},
    ),
    "nothing": ({"type": "MANUAL", "shouldReEnroll": True}, set(), set()),
}


def flow(flow_id: str, **more: object) -> dict[str, object]:
    return {"id": flow_id, "name": f"Flow {flow_id}", "isEnabled": True, "objectTypeId": "0-1", **more}


@pytest.mark.parametrize("name", TRIGGERS)
def test_what_a_workflow_listens_to_is_read_from_its_trigger(hubspot, gateway, name: str) -> None:
    criteria, lists, properties = TRIGGERS[name]
    hubspot.replies = [hubspot.answer(200, flow("1", actions=[], enrollmentCriteria=criteria))]
    found = Flows(gateway).get("1")
    assert found is not None
    assert (found.list_ids, found.properties) == (lists, properties)
    assert found.readable


def test_all_contact_workflows_are_found_on_all_pages_each_with_its_trigger(hubspot, gateway) -> None:
    criteria, lists, _ = TRIGGERS["members of a list"]
    first = {"results": [flow("1"), flow("2", objectTypeId="0-3")], "paging": {"next": {"after": "2"}}}
    hubspot.replies = [
        hubspot.answer(200, first),
        hubspot.answer(200, flow("1", actions=[], enrollmentCriteria=criteria)),
        hubspot.answer(200, {"results": [flow("3", name=None)]}),
        hubspot.answer(404, {"category": "OBJECT_NOT_FOUND"}),
    ]
    assert [(found.id, found.list_ids) for found in Flows(gateway).all()] == [("1", lists)], "3 was deleted meanwhile"
    assert b"after=2" in hubspot.asked[2]


def test_a_workflow_that_hubspot_does_not_show_is_there_and_unreadable(hubspot, gateway) -> None:
    hubspot.replies = [hubspot.answer(200, {"results": [flow("1")]}), hubspot.answer(403, NO_SCOPE)]
    assert list(Flows(gateway).all()) == [Flow(id="1", name="Flow 1", enabled=True, readable=False)]


def test_a_token_without_the_scope_is_told_rather_than_no_workflows(hubspot, gateway) -> None:
    hubspot.replies = [hubspot.answer(403, NO_SCOPE)]
    with pytest.raises(MissingScope) as caught:
        list(Flows(gateway).all())
    assert caught.value.scopes == ("automation",)


def test_a_draft_is_turned_off_and_its_steps_follow_each_other(hubspot, gateway) -> None:
    hubspot.replies = [hubspot.answer(201, flow("9", isEnabled=False, actions=[], enrollmentCriteria={}))]
    steps = [Action(type_id=DELAY, fields={"delta": "1"}), Action(type_id=SEND_EMAIL, fields={"content_id": "5"})]
    made = Flows(gateway).create_draft("Win back", list_id="7", actions=steps)
    assert (made.id, made.enabled) == ("9", False)
    sent = json.loads(hubspot.asked[0].partition(b"\r\n\r\n")[2])
    assert (sent["type"], sent["isEnabled"], sent["objectTypeId"]) == ("CONTACT_FLOW", False, "0-1")
    assert [(step["actionId"], step["actionTypeId"], step.get("connection")) for step in sent["actions"]] == [
        ("1", DELAY, {"edgeType": "STANDARD", "nextActionId": "2"}),
        ("2", SEND_EMAIL, None),
    ]
    assert (sent["startActionId"], sent["nextAvailableActionId"]) == ("1", "3")
    hubspot.replies = [hubspot.answer(200, flow("9", actions=[], enrollmentCriteria=sent["enrollmentCriteria"]))]
    again = Flows(gateway).get("9")
    assert again is not None
    assert again.list_ids == {"7"}, "what we write is read as we read others"


@pytest.mark.parametrize("broken", [None, b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n"])
def test_a_draft_that_may_have_been_made_is_not_made_again(hubspot, gateway, broken: bytes | None) -> None:
    hubspot.replies = [broken]
    with pytest.raises(Unclear):
        Flows(gateway).create_draft("Win back", list_id="7")
    assert len(hubspot.asked) == 1


def test_flow_ids_become_workflow_ids_whatever_hubspot_calls_the_field(hubspot, gateway) -> None:
    mapped = {"results": [{"flowId": 11, "workflowId": 21}], "status": "COMPLETE"}
    hubspot.replies = [hubspot.answer(200, mapped)]
    assert Flows(gateway).workflow_ids(["11", "12"]) == {"11": "21"}
    hubspot.replies = [
        hubspot.answer(400, {"message": "Some required fields were not set"}),
        hubspot.answer(200, mapped),
    ]
    assert Flows(gateway).workflow_ids(["11"]) == {"11": "21"}
    assert b"flowMigrationStatuses" in hubspot.asked[-1]
    hubspot.replies = [hubspot.answer(400)]
    with pytest.raises(Refused):
        Flows(gateway).workflow_ids(["11"])
