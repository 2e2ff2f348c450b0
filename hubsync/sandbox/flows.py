"""The endpoints of automation flows (workflows): a draft is made, replaced, deleted; people turn it on in HubSpot."""

from __future__ import annotations

import uuid

from hubsync.sandbox import errors, filters, shape
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.clock import iso
from hubsync.sandbox.envelope import failure, wrapped
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Json

_PAGE = 100
_FIRST_ID = 585_051_946
#: A flow's id in the older API is another number.
_FIRST_WORKFLOW = 44_327_001
#: The old "change list membership", which breaks HubSpot.
_BROKEN_ACTION = "0-13"
#: Which discriminator a flow of contacts needs.
_CONTACT_FLOW, _CONTACTS = "CONTACT_FLOW", "0-1"
#: Another name of a flow's id in HubSpot's reference.
_OTHER_NAME = "flowMigrationStatuses"
#: What the list of flows tells of each.
_LISTED = ("createdAt", "flowType", "id", "isEnabled", "name", "objectTypeId", "revisionId", "updatedAt", "uuid")
#: HubSpot's own, whatever a request says.
_FIXED = ("id", "uuid", "createdAt", "updatedAt", "revisionId", "workflowId", "unreadable", "crmObjectCreationStatus")
_BLANK: Json = {
    "flowType": "WORKFLOW",
    "objectTypeId": _CONTACTS,
    "isEnabled": False,
    "actions": [],
    "timeWindows": [],
    "blockedDates": [],
    "customProperties": {},
    "dataSources": [],
    "suppressionListIds": [],
    "canEnrollFromSalesforce": False,
}


def page(portal: Portal, call: Call) -> Answer:
    """GET automation/flows: without those this app may not read."""
    limit = call.number("limit", _PAGE, _PAGE)
    start = call.cursor()
    rows = [row for row in portal.state.flows.values() if not row.get("unreadable") and int(row["id"]) > start]
    found = [{name: row[name] for name in _LISTED if name in row} for row in rows[:limit]]
    body: Json = {"results": found}
    if len(rows) > limit:
        body["paging"] = call.onward(found[-1]["id"])
    return Answer(body=body)


def get(portal: Portal, call: Call, flow_id: str) -> Answer:
    """GET automation/flows/{id}."""
    del call
    return Answer(body=_wire(_existing(portal, flow_id)))


def batch_read(portal: Portal, call: Call) -> Answer:
    """POST automation/flows/batch/read."""
    ids = [str(row.get("flowId", "")) for row in call.document(shape.FLOW_IDS, "inputs")["inputs"]]
    found = [row for key in ids if (row := portal.state.flows.get(key)) and not row.get("unreadable")]
    known = {row["id"] for row in found}
    failed = [_absent(key) for key in ids if key not in known]
    return wrapped(portal, [_wire(row) for row in found], failed)


def create(portal: Portal, call: Call) -> Answer:
    """POST automation/flows: always turned off."""
    body = call.document(shape.FLOW)
    _check(portal, body, "type")
    return Answer(status=200, body=_wire(make(portal, body | {"isEnabled": False})))


def make(portal: Portal, body: Json) -> Json:
    """Put in a flow of checked parts and return it."""
    now = iso(portal.now())
    flow_id = str(body.get("id") or portal.state.next_id("flow_id", _FIRST_ID))
    sent = {name: value for name, value in body.items() if name not in _FIXED or name == "unreadable"}
    row: Json = {
        "type": _CONTACT_FLOW,
        "name": f"Unnamed workflow - {now}",
        "nextAvailableActionId": str(len(sent.get("actions") or ()) + 1),
        **_BLANK,
        **sent,
        "id": flow_id,
        "revisionId": "1",
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{portal.portal_id}/{flow_id}")),
        "createdAt": now,
        "updatedAt": now,
        "crmObjectCreationStatus": "COMPLETE",
        "workflowId": str(body.get("workflowId") or portal.state.next_id("workflow_id", _FIRST_WORKFLOW)),
    }
    portal.state.flows.put(flow_id, row)
    return row


def replace(portal: Portal, call: Call, flow_id: str) -> Answer:
    """PUT automation/flows/{id}: the whole flow, on top of the revision it was read at."""
    row = _existing(portal, flow_id)
    body = call.document(shape.FLOW)
    _check(portal, body, "revisionId", "type")
    if str(body["revisionId"]) != row["revisionId"]:
        raise errors.invalid(
            f"Flow {flow_id} is at revision {row['revisionId']}, not {body['revisionId']}",
            "AutomationPlatformError.REVISION_CONFLICT",
        )
    own = {name: row[name] for name in _FIXED if name in row}
    sent = {name: value for name, value in body.items() if name not in _FIXED}
    revision = {"revisionId": str(int(row["revisionId"]) + 1), "updatedAt": iso(portal.now())}
    changed = {**_BLANK, "name": row["name"], **sent, **own, **revision}
    portal.state.flows.put(flow_id, changed)
    return Answer(body=_wire(changed))


def delete(portal: Portal, call: Call, flow_id: str) -> Answer:
    """DELETE automation/flows/{id}: for good."""
    del call
    _existing(portal, flow_id)
    portal.state.flows.drop(flow_id)
    return Answer(status=204)


def workflow_ids(portal: Portal, call: Call) -> Answer:
    """POST automation/workflow-id-mappings/batch/read: which flow is which workflow of the older API."""
    results: list[Json] = []
    failed: list[Json] = []
    for row in call.document(shape.FLOW_IDS, "inputs")["inputs"]:
        by_workflow = row.get("type") == "WORKFLOW_ID"
        # HubSpot's reference calls the id by either name.
        names = ("workflowId", "flowMigrationStatusForClassicWorkflows") if by_workflow else ("flowId", _OTHER_NAME)
        key = next((str(row[name]) for name in names if row.get(name)), "")
        own = "workflowId" if by_workflow else "id"
        flow = next((flow for flow in portal.state.flows.values() if flow[own] == key), None)
        if flow is None:
            failed.append(_absent(key))
        else:
            results.append({"flowId": int(flow["id"]), "workflowId": int(flow["workflowId"])})
    return wrapped(portal, results, failed)


def _existing(portal: Portal, flow_id: str) -> Json:
    row = portal.state.flows.get(flow_id)
    if row is None:
        raise errors.not_found(f"Flow {flow_id} does not exist", flowId=[flow_id])
    if row.get("unreadable"):
        raise errors.refused(403, f"You do not have permission to view flow {flow_id}", "FORBIDDEN")
    return row


def _absent(flow_id: str) -> Json:
    return failure("OBJECT_NOT_FOUND", f"Flow {flow_id} does not exist", id=[flow_id])


def _wire(row: Json) -> Json:
    return {name: value for name, value in row.items() if name not in {"workflowId", "unreadable"}}


def _check(portal: Portal, body: Json, *required: str) -> None:
    missing = [name for name in required if body.get(name) is None]
    if missing:
        raise errors.refused(400, f"Some required fields were not set: [{', '.join(missing)}]")
    object_type = str(body.get("objectTypeId") or _CONTACTS)
    if (object_type == _CONTACTS) != (body["type"] == _CONTACT_FLOW):
        other = "other than " if object_type == _CONTACTS else ""
        raise errors.refused(400, f'Expected an object type {other}"0-1" objectType but got "{object_type}"')
    if object_type != _CONTACTS:
        raise errors.missing_scopes(["automation", f"crm.objects.{object_type}.read"])
    if any(action.get("actionTypeId") == _BROKEN_ACTION for action in body.get("actions") or ()):
        raise errors.Refused(500, None)
    criteria = body.get("enrollmentCriteria") or {}
    if criteria.get("type") == "LIST_BASED" and criteria.get("listFilterBranch"):
        filters.check(criteria["listFilterBranch"], portal.state.properties)
