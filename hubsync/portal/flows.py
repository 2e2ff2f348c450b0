"""Flows, which HubSpot's pages call workflows: who listens to our lists and properties; and drafts for people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hubsync.portal.answer import Json, moment, required, text
from hubsync.portal.errors import MissingScope, NotThere, Refused
from hubsync.portal.gateway import Gateway

CONTACT = "0-1"
PAGE = 100
#: Kinds of action, by HubSpot's id, that a live portal took when a flow was created with them.
DELAY, SEND_EMAIL, SET_PROPERTY = "0-1", "0-4", "0-5"
#: What the id of a flow is called where its workflow's is asked for: HubSpot's reference says one, its OpenAPI
#: document (August 2026) the other.
_NAMES_OF_FLOW_ID = ("flowId", "flowMigrationStatuses")


@dataclass(frozen=True, kw_only=True)
class Flow:
    """One workflow of a portal."""

    id: str
    #: "" where HubSpot does not tell it, which it may.
    name: str
    enabled: bool
    #: What enrols people could be read. Of a flow with sensitive data, HubSpot shows that it exists and no more.
    readable: bool
    updated_at: dt.datetime | None = None
    #: Lists and properties of contacts that decide who is enrolled: ids and names.
    list_ids: frozenset[str] = frozenset()
    properties: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Action:
    """One step of a flow."""

    #: HubSpot's id for this kind of action, e.g. `SEND_EMAIL`.
    type_id: str
    fields: Mapping[str, Any] = field(default_factory=dict)


class Flows:
    """The workflows of one portal. Raises what `hubsync.portal.errors` says."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def all(self) -> Iterator[Flow]:
        """Yield every workflow for contacts that HubSpot lists, with what it listens to; one request for each.

        HubSpot leaves some out of its list, so that none here is not the same as none.
        """
        for answer in self._gateway.pages("flows.page", query={"limit": PAGE}):
            for row in answer.rows():
                if text(row, "objectTypeId") in {"", CONTACT}:
                    found = self._read(row)
                    if found is not None:
                        yield found

    def get(self, flow_id: str) -> Flow | None:
        """Return a workflow, or None; MissingScope where HubSpot does not show it."""
        try:
            return _flow_of(self._gateway.call("flows.get", path={"flow_id": flow_id}).body)
        except NotThere:
            return None

    def create_draft(self, name: str, *, list_id: str, actions: Sequence[Action] = ()) -> Flow:
        """Create a workflow that enrols the members of a list, turned off, for a person to look at and turn on.

        Never repeated by itself: Unclear says that there may be one of this name already.
        """
        return self._gateway.call("flows.create", body=_draft(name, list_id, actions)).read(_flow_of)

    def workflow_ids(self, flow_ids: Sequence[str]) -> dict[str, str]:
        """Return the ids by which enrolment knows flows: flow id → workflow id; those that have none are left out."""
        found: dict[str, str] = {}
        for start in range(0, len(flow_ids), PAGE):
            rows = self._mapped(flow_ids[start : start + PAGE], *_NAMES_OF_FLOW_ID)
            found |= {required(row, "flowId"): required(row, "workflowId") for row in rows}
        return {one: found[one] for one in flow_ids if one in found}

    def _mapped(self, flow_ids: Sequence[str], name: str, *others: str) -> list[Json]:
        body = {"inputs": [{"type": "FLOW_ID", name: one} for one in flow_ids]}
        try:
            return self._gateway.call("flows.workflow_ids", body=body).rows()
        except Refused:
            if not others:
                raise
            return self._mapped(flow_ids, *others)

    def _read(self, row: Json) -> Flow | None:
        try:
            return self.get(required(row, "id"))
        except (MissingScope, Refused):  # the listing was shown: it is this one that is not
            return _flow_of(row)


def _flow_of(row: Json) -> Flow:
    criteria = row.get("enrollmentCriteria")
    lists, properties = frozenset[str](), frozenset[str]()
    if isinstance(criteria, dict):
        filters = list(_filters(criteria))
        lists = frozenset(found for one in filters if (found := text(one, "listId")))
        properties = frozenset(found for one in filters if (found := _property(one)))
    return Flow(
        id=required(row, "id"),
        name=text(row, "name"),
        enabled=row.get("isEnabled") is True,
        # A flow that nothing enrols has criteria of the kind MANUAL, or no such field at all; both come with actions.
        readable=isinstance(criteria, dict) or isinstance(row.get("actions"), list),
        updated_at=moment(row, "updatedAt"),
        list_ids=lists,
        properties=properties,
    )


def _filters(found: object) -> Iterator[Json]:
    """Yield every filter below, whatever branches it lies in: LIST_BASED and EVENT_BASED nest them differently."""
    waiting = [found]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if "filterType" in part:
                yield part
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)


#: An event "the property named so changed" keeps the name where other filters keep the value.
_CHANGED = "hs_name"


def _property(one: Json) -> str:
    if text(one, "filterType") != "PROPERTY":
        return ""
    name = text(one, "property")
    operation = one.get("operation")
    if name == _CHANGED and isinstance(operation, dict):
        values = operation.get("values")
        return text(operation, "value") or (str(values[0]) if isinstance(values, list) and values else "")
    return name


def _draft(name: str, list_id: str, actions: Sequence[Action]) -> Json:
    member = {"filterType": "IN_LIST", "operator": "IN_LIST", "listId": list_id}
    both = {"filterBranchType": "AND", "filterBranchOperator": "AND", "filterBranches": [], "filters": [member]}
    root = {"filterBranchType": "OR", "filterBranchOperator": "OR", "filterBranches": [both], "filters": []}
    steps = [_step(number, action, last=number == len(actions)) for number, action in enumerate(actions, 1)]
    return {
        # HubSpot refuses a flow without it, in words that do not name it.
        "type": "CONTACT_FLOW",
        "flowType": "WORKFLOW",
        "objectTypeId": CONTACT,
        "name": name,
        "isEnabled": False,
        "startActionId": "1",
        "nextAvailableActionId": str(len(steps) + 1),
        "actions": steps,
        "enrollmentCriteria": {
            "type": "LIST_BASED",
            "shouldReEnroll": False,
            "unEnrollObjectsNotMeetingCriteria": False,
            "reEnrollmentTriggersFilterBranches": [],
            "listFilterBranch": root,
        },
        "timeWindows": [],
        "blockedDates": [],
        "suppressionListIds": [],
        "dataSources": [],
        "customProperties": {},
        "canEnrollFromSalesforce": False,
    }


def _step(number: int, action: Action, *, last: bool) -> Json:
    step: Json = {
        "type": "SINGLE_CONNECTION",
        "actionId": str(number),
        "actionTypeId": action.type_id,
        "actionTypeVersion": 0,
        "fields": dict(action.fields),
    }
    if not last:
        step["connection"] = {"edgeType": "STANDARD", "nextActionId": str(number + 1)}
    return step
