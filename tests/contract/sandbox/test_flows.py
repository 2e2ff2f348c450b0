"""Flows are drafts that are read, replaced by revision and deleted; people enter them one by one, the old way."""

from __future__ import annotations

from collections.abc import Callable

from tests.contract.sandbox.caller import Caller
from tests.contract.sandbox.contents import SEED

FLOWS = "/automation/v4/flows"
FLOW = {
    "type": "CONTACT_FLOW",
    "flowType": "WORKFLOW",
    "objectTypeId": "0-1",
    "name": "Welcome the lapsed",
    "isEnabled": True,
    "startActionId": "1",
    "nextAvailableActionId": "2",
    "actions": [
        {
            "type": "SINGLE_CONNECTION",
            "actionId": "1",
            "actionTypeId": "0-4",
            "actionTypeVersion": 0,
            "fields": {"content_id": "701"},
        }
    ],
    "enrollmentCriteria": {
        "type": "LIST_BASED",
        "shouldReEnroll": False,
        "unEnrollObjectsNotMeetingCriteria": False,
        "reEnrollmentTriggersFilterBranches": [],
        "listFilterBranch": {
            "filterBranchType": "OR",
            "filterBranchOperator": "OR",
            "filters": [],
            "filterBranches": [
                {
                    "filterBranchType": "AND",
                    "filterBranchOperator": "AND",
                    "filterBranches": [],
                    "filters": [{"filterType": "IN_LIST", "operator": "IN_LIST", "listId": "1"}],
                }
            ],
        },
    },
}


def test_a_flow_is_made_turned_off_whatever_was_asked(ask: Caller) -> None:
    made = ask("POST", FLOWS, FLOW).json
    assert (made["isEnabled"], made["revisionId"], made["type"]) == (False, "1", "CONTACT_FLOW")
    assert made["actions"] == FLOW["actions"]
    assert made["enrollmentCriteria"] == FLOW["enrollmentCriteria"]
    assert ask("GET", f"{FLOWS}/{made['id']}").json == made


def test_a_list_of_flows_tells_little_of_each(ask: Caller) -> None:
    made = [ask("POST", FLOWS, FLOW | {"name": name}).json for name in ("One", "Two")]
    page = ask("GET", f"{FLOWS}?limit=1").json
    assert set(page["results"][0]) == {
        "createdAt",
        "flowType",
        "id",
        "isEnabled",
        "name",
        "objectTypeId",
        "revisionId",
        "updatedAt",
        "uuid",
    }
    rest = ask("GET", page["paging"]["next"]["link"].removeprefix(ask.sandbox.base_url)).json
    assert [row["id"] for row in page["results"] + rest["results"]] == [row["id"] for row in made]
    assert "paging" not in rest


def test_a_flow_is_replaced_on_top_of_the_revision_it_was_read_at(ask: Caller) -> None:
    made = ask("POST", FLOWS, FLOW).json
    path = f"{FLOWS}/{made['id']}"
    sent = {name: value for name, value in made.items() if name not in {"createdAt", "updatedAt", "dataSources"}}
    renamed = ask("PUT", path, sent | {"name": "Renamed", "actions": []}).json
    assert (renamed["name"], renamed["actions"], renamed["revisionId"]) == ("Renamed", [], "2")
    assert (renamed["id"], renamed["createdAt"]) == (made["id"], made["createdAt"])
    late = ask("PUT", path, sent)
    assert (late.status, ask("GET", path).json["name"]) == (400, "Renamed")
    bare = ask("PUT", path, {"name": "x"})
    assert (bare.status, bare.json["message"]) == (400, "Some required fields were not set: [revisionId, type]")


def test_the_old_change_of_lists_breaks_without_a_word(ask: Caller) -> None:
    """Seen in HubSpot/hubspot-api-nodejs#695."""
    reply = ask("POST", FLOWS, FLOW | {"actions": [{"actionId": "1", "actionTypeId": "0-13"}]})
    assert (reply.status, reply.text) == (500, "")
    assert ask("GET", FLOWS).json["results"] == []
    for kind in ("0-63809083", "0-63863438"):
        assert ask("POST", FLOWS, FLOW | {"actions": [{"actionId": "1", "actionTypeId": kind}]}).status == 200


def test_a_deleted_flow_is_gone(ask: Caller) -> None:
    made = ask("POST", FLOWS, FLOW).json
    assert ask("DELETE", f"{FLOWS}/{made['id']}").status == 204
    assert ask("GET", f"{FLOWS}/{made['id']}").status == 404


def test_a_flow_one_may_not_read_is_left_out_of_the_list_and_refused_by_itself(serve: Callable[..., Caller]) -> None:
    hidden = {"id": "77", "name": "Of the legal team", "unreadable": True}
    ask = serve(seed=SEED | {"flows": [hidden, {"id": "78", "name": "Ours"}]})
    assert [row["id"] for row in ask("GET", FLOWS).json["results"]] == ["78"]
    assert ask("GET", f"{FLOWS}/77").status == 403
    many = ask("POST", f"{FLOWS}/batch/read", {"inputs": [{"type": "FLOW_ID", "flowId": key} for key in ("77", "78")]})
    assert many.status == 207
    assert [row["id"] for row in many.json["results"]] == ["78"]


def test_one_contact_a_call_enters_a_workflow_by_its_older_id(ask: Caller) -> None:
    flow = ask("POST", FLOWS, FLOW).json["id"]
    mapping = "/automation/v4/workflow-id-mappings/batch/read"
    inputs = [{"type": "FLOW_ID", "flowId": flow}, {"type": "FLOW_ID", "flowId": "1"}]
    mapped = ask("POST", mapping, {"inputs": inputs})
    assert (mapped.status, mapped.json["numErrors"]) == (207, 1)
    (pair,) = mapped.json["results"]
    assert pair["flowId"] == int(flow)
    back = ask("POST", mapping, {"inputs": [{"type": "WORKFLOW_ID", "workflowId": str(pair["workflowId"])}]})
    assert back.json["results"] == [pair]
    path = f"/automation/v2/workflows/{pair['workflowId']}/enrollments/contacts"
    for method in ("POST", "POST", "DELETE", "DELETE"):
        reply = ask(method, f"{path}/ana%40example.com")
        assert (reply.status, reply.text) == (204, "")
    assert ask("POST", f"{path}/nobody@example.com").status == 404
