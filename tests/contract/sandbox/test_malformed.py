"""Whatever is sent, the sandbox answers as a server does, never with a mistake of its own."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.sandbox.caller import Caller

#: What each part of a good body is replaced with, one after another.
WRONG: tuple[Any, ...] = (
    None,
    7,
    -1,
    True,
    "text",
    "",
    [],
    {},
    [7],
    ["text"],
    [[]],
    [{}],
    {"text": 7},
    {"a": {"b": []}},
)
BRANCH = {
    "filterBranchType": "OR",
    "filters": [],
    "filterBranches": [
        {
            "filterBranchType": "AND",
            "filterBranches": [],
            "filters": [
                {
                    "filterType": "PROPERTY",
                    "property": "behaviour",
                    "operation": {"operationType": "ENUMERATION", "operator": "IS_ANY_OF", "values": ["lapsed"]},
                },
                {
                    "filterType": "PROPERTY",
                    "property": "score",
                    "operation": {"operationType": "NUMBER_RANGED", "operator": "IS_BETWEEN", "lowerBound": 1},
                },
                {
                    "filterType": "PROPERTY",
                    "property": "createdate",
                    "operation": {
                        "operationType": "TIME_RANGED",
                        "operator": "IS_BETWEEN",
                        "lowerBoundTimePoint": {
                            "timeType": "DATE",
                            "zoneId": "US/Eastern",
                            "year": 2026,
                            "month": 1,
                            "day": 2,
                            "hour": 3,
                        },
                        "upperBoundTimePoint": {
                            "timeType": "INDEXED",
                            "zoneId": "UTC",
                            "indexReference": {"referenceType": "NOW"},
                            "offset": {"days": -1},
                        },
                    },
                },
                {"filterType": "IN_LIST", "listId": "1", "operator": "IN_LIST"},
            ],
        }
    ],
}
ACTIVE = {"name": "A", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": BRANCH}
PROPERTY = {
    "name": "fresh",
    "label": "Fresh",
    "type": "enumeration",
    "fieldType": "select",
    "groupName": "hubsync",
    "options": [{"label": "A", "value": "a", "displayOrder": 0, "hidden": False}],
}
ROW = {"id": "171590000101", "properties": {"email": "x@example.com", "score": "1"}, "objectWriteTraceId": "1"}
BODIES: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/crm/v3/objects/contacts", {"properties": {"email": "y@example.com", "behaviour": "lapsed"}}),
    ("PATCH", "/crm/v3/objects/contacts/171590000102", {"properties": {"seen_on": "2026-01-01", "loyal": "true"}}),
    ("POST", "/crm/v3/objects/contacts/batch/create", {"inputs": [ROW]}),
    ("POST", "/crm/v3/objects/contacts/batch/update", {"inputs": [ROW]}),
    ("POST", "/crm/v3/objects/contacts/batch/upsert", {"inputs": [{**ROW, "idProperty": "customer_id"}]}),
    (
        "POST",
        "/crm/v3/objects/contacts/batch/read",
        {"inputs": [{"id": "1"}], "idProperty": "email", "properties": ["a"]},
    ),
    ("POST", "/crm/v3/objects/contacts/batch/archive", {"inputs": [{"id": "1"}]}),
    (
        "POST",
        "/crm/v3/objects/contacts/search",
        {
            "filterGroups": [
                {
                    "filters": [
                        {"propertyName": "score", "operator": "BETWEEN", "value": "1", "highValue": "2"},
                        {"propertyName": "createdate", "operator": "IN", "values": ["2026-01-01"]},
                    ]
                }
            ],
            "sorts": [{"propertyName": "score", "direction": "DESCENDING"}],
            "query": "a",
            "properties": ["email"],
            "limit": 5,
            "after": "0",
        },
    ),
    ("POST", "/crm/v3/properties/contacts", PROPERTY),
    (
        "PATCH",
        "/crm/v3/properties/contacts/band",
        {"label": "B", "groupName": "hubsync", "options": PROPERTY["options"]},
    ),
    ("POST", "/crm/v3/properties/contacts/batch/create", {"inputs": [PROPERTY]}),
    ("POST", "/crm/v3/properties/contacts/batch/read", {"inputs": [{"name": "score"}], "archived": False}),
    ("POST", "/crm/v3/properties/contacts/batch/archive", {"inputs": [{"name": "absent"}]}),
    ("POST", "/crm/v3/properties/contacts/groups", {"name": "g", "label": "G", "displayOrder": 1}),
    ("PATCH", "/crm/v3/properties/contacts/groups/hubsync", {"label": "G", "displayOrder": 1}),
    (
        "POST",
        "/crm/v3/lists",
        {"name": "L", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": BRANCH},
    ),
    ("PUT", "/crm/v3/lists/2/update-list-filters", {"filterBranch": BRANCH}),
    (
        "POST",
        "/crm/v3/lists/search",
        {"query": "", "offset": 0, "count": 2, "processingTypes": ["MANUAL"], "listIds": ["1"]},
    ),
    ("POST", "/crm/lists/2026-09/all", {"count": 1, "after": "", "processingTypes": ["MANUAL"], "objectTypeId": "0-1"}),
    ("PUT", "/crm/v3/lists/1/memberships/add", ["171590000101"]),
    ("PUT", "/crm/v3/lists/1/memberships/add-and-remove", {"recordIdsToAdd": ["1"], "recordIdsToRemove": ["2"]}),
    ("POST", "/crm/v3/lists/records/memberships/batch/read", {"inputs": [{"objectTypeId": "0-1", "recordId": "1"}]}),
    ("POST", "/oauth/v2/private-apps/get/access-token-info", {"tokenKey": "x"}),
)


def spoilt(body: Any) -> Iterator[Any]:
    """Yield copies of a body, each with one part replaced by something wrong, or left out."""

    def walk(node: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        yield path
        keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
        for key in keys:
            yield from walk(node[key], (*path, key))

    for path in walk(body, ()):
        for wrong in WRONG:
            if not path:
                yield wrong
                continue
            made = copy.deepcopy(body)
            inside = made
            for key in path[:-1]:
                inside = inside[key]
            inside[path[-1]] = wrong
            yield made


@pytest.mark.parametrize(("method", "path", "body"), BODIES, ids=[f"{method} {path}" for method, path, _ in BODIES])
def test_a_spoilt_body_is_answered(ask: Caller, method: str, path: str, body: Any) -> None:
    if path.startswith("/crm/v3/lists/2"):
        ask(
            "POST",
            "/crm/v3/lists",
            {"name": "A", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": BRANCH},
        )
    for sent in spoilt(body):
        reply = ask(method, path, sent)
        assert reply.status < 500, (sent, reply.text)
        shown = ask("GET", "/crm/v3/lists?listIds=1,2,3&includeFilters=true")
        assert shown.status == 200, (sent, shown.text)


@pytest.mark.parametrize("text", ["-1", "0", "x", "999999999999999999999", "1.5", "%00", "²"])
@pytest.mark.parametrize(
    "path",
    [
        "/crm/v3/objects/contacts?limit={}",
        "/crm/v3/objects/contacts?after={}",
        "/crm/v3/objects/contacts/{}",
        "/crm/v3/objects/contacts/ana@example.com?idProperty={}",
        "/crm/v3/lists/1/memberships?limit={}",
        "/crm/v3/lists/1/memberships?after={}",
        "/crm/v3/lists/1/memberships/join-order?after={}",
        "/crm/v3/lists/{}",
        "/marketing/v3/emails?limit={}",
        "/marketing/v3/emails?after={}",
        "/marketing/v3/emails?createdAfter={}",
        "/marketing/v3/emails/statistics/list?startTimestamp={}&endTimestamp=0&emailIds={}",
        "/communication-preferences/v4/statuses/{}?channel=EMAIL",
        "/crm/v3/owners/{}",
        "/?page={}",
        "/?list={}",
    ],
)
def test_a_strange_query_is_answered(ask: Caller, path: str, text: str) -> None:
    encoded = text.encode().hex("%") if not text.isascii() else text
    encoded = f"%{encoded}" if encoded != text else text
    assert ask("GET", path.replace("{}", encoded)).status < 500
