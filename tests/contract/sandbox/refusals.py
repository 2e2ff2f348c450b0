"""How HubSpot refuses: request, status, category, subcategory and message as live portals were seen to answer.

Seen in: amp-labs/connectors@30bbef6 (bodies kept from a test portal), scopiousdigital/kalup@a742270 (a logged run
against a live account, API 2026-09), Luigi08001/hubcli@5e7c4fb and @702d18f (probes of a live portal), and the issue
threads named beside a case. `{ana}` and such stand for record ids, `{portal}` for the portal id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

OBJECTS = "/crm/objects/2026-03/contacts"
PROPERTIES = "/crm/properties/2026-09/contacts"
NUMBER = {"label": "X", "type": "number", "fieldType": "number", "groupName": "hubsync"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One refusal; `message` is a pattern for the whole message."""

    id: str
    method: str = "POST"
    path: str
    body: Any = None
    status: int
    category: str | None = None
    sub_category: str | None = None
    message: str
    keys: frozenset[str] = frozenset()


def _create(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"inputs": [{"properties": row} for row in rows]}


CASES = (
    Case(
        id="unknown properties refuse a whole batch",
        path=f"{OBJECTS}/batch/update",
        body={"inputs": [{"id": "{ana}", "properties": {"first000name": "a", "firstname": "b"}}]},
        status=400,
        category="VALIDATION_ERROR",
        message=r"Property values were not valid: \[\{\"isValid\":false,\"message\":\"Property \\\"first000name\\\""
        r" does not exist\",\"error\":\"PROPERTY_DOESNT_EXIST\",\"name\":\"first000name\"\}\]",
        keys=frozenset({"errors"}),
    ),
    Case(
        id="one bad e-mail refuses a whole batch",  # github.com/Atlas-Authority/marketing-automation/issues/174
        path="/crm/v3/objects/contacts/batch/create",
        body=_create({"email": "name@domain.<INVALID TLD>"}, {"email": "good@example.com"}),
        status=400,
        category="VALIDATION_ERROR",
        message=r"Property values were not valid: \[\{\"isValid\":false,\"message\":\"Email address"
        r" name@domain.<INVALID TLD> is invalid\",\"error\":\"INVALID_EMAIL\",\"name\":\"email\"\}\]",
    ),
    Case(
        id="the same id twice in a batch",
        path=f"{OBJECTS}/batch/update",
        body={"inputs": [{"id": "{ana}", "properties": {"firstname": name}} for name in "ab"]},
        status=400,
        category="VALIDATION_ERROR",
        message=r"Duplicate IDs found in batch input: \[{ana}\]\. IDs must be unique",
        keys=frozenset({"context"}),
    ),
    Case(
        id="the record id as idProperty",  # github.com/segmentio/action-destinations/pull/3957
        path=f"{OBJECTS}/batch/update",
        body={"inputs": [{"id": "{ana}", "idProperty": "hs_object_id", "properties": {"firstname": "a"}}]},
        status=400,
        category="VALIDATION_ERROR",
        message=r"Unable to perform update/upsert by non-unique 0-1 property hs_object_id in portal ID {portal}",
    ),
    Case(
        id="a batch create of a known address without a trace",  # github.com/HubSpot/hubspot-api-python/issues/51
        path="/crm/v3/objects/contacts/batch/create",
        body=_create({"email": "new@example.com"}, {"email": "ana@example.com"}, {"email": "bo@example.com"}),
        status=409,
        category="CONFLICT",
        message=r"Contact already exists\. Existing ID: {ana}",
    ),
    Case(
        id="a batch create of the same new address twice",
        path=f"{OBJECTS}/batch/create",
        body=_create({"email": "new@example.com"}, {"email": "NEW@example.com"}),
        status=409,
        category="CONFLICT",
        message=r"Contact already exists",
    ),
    Case(
        id="a create of a known address",  # github.com/HubSpot/hubspot-api-nodejs/issues/545
        path="/crm/v3/objects/contacts",
        body={"properties": {"email": "ana@example.com"}},
        status=409,
        category="CONFLICT",
        message=r"Contact already exists\. Existing ID: {ana}",
    ),
    Case(
        id="a create of a second address of another contact",
        path="/crm/v3/objects/contacts",
        body={"properties": {"email": "ana@work.example"}},
        status=409,
        category="CONFLICT",
        message=r"Contact already exists\. Existing ID: {ana}",
    ),
    Case(
        id="an input that is no object",  # rudderlabs/rudder-transformer@c98d160
        path="/crm/v3/objects/contacts/batch/create",
        body=[],
        status=400,
        message=r"Invalid input JSON on line \d+, column \d+: Cannot deserialize value of type"
        r" `com\.hubspot\.inbounddb\.publicobject\.core\.v2\.SimplePublicObjectBatchInput\$Json` from Array value"
        r" \(token `JsonToken\.START_ARRAY`\)",
    ),
    Case(
        id="a body that is no JSON",
        path="/crm/v3/objects/contacts",
        body=b'{"properties": ',
        status=400,
        message=r"Invalid input JSON on line \d+, column \d+: .+",
    ),
    Case(
        id="an object type that does not exist",
        path="/crm/objects/2026-03/butterflies/search",
        body={},
        status=400,
        message=r"Unable to infer object type from: butterflies",
    ),
    Case(
        id="a change of nothing",
        method="PATCH",
        path="/crm/v3/objects/contacts/{ana}",
        body={"properties": {}},
        status=400,
        category="VALIDATION_ERROR",
        message=r"No properties found to update, please provide at least one\.",
    ),
    Case(
        id="the contact 0",
        method="GET",
        path="/crm/objects/2025-09/contacts/0",
        status=404,
        category="OBJECT_NOT_FOUND",
        message=r"Object not found\. objectId is usually positive\.",
        keys=frozenset({"context"}),
    ),
    Case(
        id="a contact that does not exist",
        method="GET",
        path="/crm/v3/objects/contacts/123",
        status=404,
        category="OBJECT_NOT_FOUND",
        message=r"resource not found",
    ),
    Case(
        id="a read-only property",
        method="PATCH",
        path="/crm/v3/objects/contacts/{ana}",
        body={"properties": {"hs_email_open": "9"}},
        status=400,
        category="VALIDATION_ERROR",
        message=r".*\\\"hs_email_open\\\" is a read only property; its value cannot be set\.\",\"error\":"
        r"\"READ_ONLY_VALUE\".*",
    ),
    Case(
        id="a property that exists",
        path=PROPERTIES,
        body={"name": "score", **NUMBER},
        status=409,
        category="OBJECT_ALREADY_EXISTS",
        sub_category="Properties.PROPERTY_WITH_NAME_EXISTS",
        message=r"A property named 'score' already exists\.",
    ),
    Case(
        id="a property that does not exist",
        method="GET",
        path=f"{PROPERTIES}/absent",
        status=404,
        category="OBJECT_NOT_FOUND",
        message=r".+",
    ),
    Case(
        id="a group in use",
        method="DELETE",
        path=f"{PROPERTIES}/groups/hubsync",
        status=400,
        message=r"\{\"status\":\"error\",\"message\":\"Can't delete or purge a group with active properties\".*"
        r"\"category\":\"VALIDATION_ERROR\",\"subCategory\":\"PropertyGroupError\.GROUP_WITH_ACTIVE_PROPERTIES\"\}",
    ),
    Case(
        id="a list without anything set",
        path="/crm/v3/lists/",
        body={},
        status=400,
        message=r"Invalid input JSON on line 1, column 2\. Some required fields were not set: \[name, objectTypeId,"
        r" processingType\]",
    ),
    Case(
        id="a list of a type that contacts have not",  # github.com/singer-io/tap-hubspot/issues/299
        path="/crm/v3/lists",
        body={"name": "x", "objectTypeId": "0-53", "processingType": "MANUAL"},
        status=400,
        category="VALIDATION_ERROR",
        sub_category="ListError.INVALID_OBJECT_TYPE_FOR_LIST",
        message=r"The objectTypeId 0-53 provided for the list is not valid for this portal\.",
    ),
    Case(
        id="a list name that is taken",
        path="/crm/v3/lists",
        body={"name": "newsletter", "objectTypeId": "0-1", "processingType": "MANUAL"},
        status=400,
        category="VALIDATION_ERROR",
        sub_category="ILS.DUPLICATE_LIST_NAMES",
        message=r".*newsletter.*",
    ),
    Case(
        id="members that are no array",
        method="PUT",
        path="/crm/v3/lists/1/memberships/add",
        body={"ids": []},
        status=400,
        message=r"Invalid input JSON on line 1, column 1: Cannot deserialize value of type `java\.util\.ArrayList.*",
    ),
    Case(
        id="a list that does not exist",
        method="GET",
        path="/crm/v3/lists/0",
        status=404,
        category="OBJECT_NOT_FOUND",
        message=r"List does not exist with ID 0\.",
        keys=frozenset({"context"}),
    ),
    Case(
        id="what a token of a private app is, asked the OAuth way",  # HubSpot/hubspot-api-nodejs/issues/530
        method="GET",
        path="/oauth/v1/access-tokens/pat-eu1-0000",
        status=400,
        message=r"The access token must have the correct format",
    ),
    Case(
        id="objects the token has no scope for",  # github.com/HubSpot/hubspot-api-nodejs/issues/268
        method="GET",
        path="/crm/v3/objects/companies",
        status=403,
        category="MISSING_SCOPES",
        message=r"This app hasn't been granted all required scopes to make this call\. Read more about required scopes"
        r" here: https://developers\.hubspot\.com/scopes\.",
        keys=frozenset({"errors", "links"}),
    ),
    Case(
        id="an object type the token may not see",
        method="GET",
        path="/crm/v3/objects/deals",
        status=403,
        category="MISSING_SCOPES",
        message=r"This app hasn't been granted.*",
        keys=frozenset({"errors", "links"}),
    ),
    Case(
        id="a filter operator that does not exist",
        path="/crm/v3/lists",
        body={
            "name": "x",
            "objectTypeId": "0-1",
            "processingType": "DYNAMIC",
            "filterBranch": {
                "filterBranchType": "OR",
                "filterBranches": [
                    {
                        "filterBranchType": "AND",
                        "filters": [
                            {
                                "filterType": "PROPERTY",
                                "property": "email",
                                "operation": {"operationType": "ALL_PROPERTY", "operator": "IS_NOT_KNOWN"},
                            }
                        ],
                    }
                ],
            },
        },
        status=400,
        category="VALIDATION_ERROR",
        sub_category="ListError.ENUM_CONVERSION",
        message=r".*IS_NOT_KNOWN.*",
    ),
    Case(
        id="a text operation on an enumeration",
        path="/crm/v3/lists",
        body={
            "name": "x",
            "objectTypeId": "0-1",
            "processingType": "DYNAMIC",
            "filterBranch": {
                "filterBranchType": "OR",
                "filterBranches": [
                    {
                        "filterBranchType": "AND",
                        "filters": [
                            {
                                "filterType": "PROPERTY",
                                "property": "behaviour",
                                "operation": {"operationType": "STRING", "operator": "CONTAINS", "value": "lap"},
                            }
                        ],
                    }
                ],
            },
        },
        status=400,
        category="VALIDATION_ERROR",
        sub_category="ListError.INVALID_OPERATION_FOR_PROPERTY_TYPE",
        message=r".*behaviour.*",
    ),
)
