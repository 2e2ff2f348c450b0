"""How HubSpot refuses beyond contacts, properties and lists, on an account that has everything.

Seen in the threads named beside a case; a case without a name has HubSpot's status and category by its documentation
or its clients' models, and our words. `{ana}` and such stand for record ids.
"""

from __future__ import annotations

from tests.contract.sandbox.refusals import Case

FLOWS = "/automation/v4/flows"
EMAILS = "/marketing/emails/2026-03"
EVENTS = "/events/2026-03"
#: HubSpot/hubspot-api-nodejs#695, HubSpot/hubspot-api-python#498
_FLOW = {"type": "CONTACT_FLOW", "objectTypeId": "0-1", "name": "Welcome"}


def _criteria(operator: str) -> dict[str, object]:
    operation = {"operationType": "ENUMERATION", "operator": operator, "values": ["lapsed"]}
    leaf = {"filterType": "PROPERTY", "property": "behaviour", "operation": operation}
    branch = {"filterBranchType": "OR", "filterBranches": [{"filterBranchType": "AND", "filters": [leaf]}]}
    return {"type": "LIST_BASED", "listFilterBranch": branch}


CASES = (
    Case(
        id="a flow without its type",  # HubSpot/hubspot-api-nodejs#695
        path=FLOWS,
        body={"objectTypeId": "0-1", "name": "Welcome"},
        status=400,
        message=r"Some required fields were not set: \[type\]",
    ),
    Case(
        id="a flow of contacts under another type",  # HubSpot/hubspot-api-nodejs#695
        path=FLOWS,
        body=_FLOW | {"type": "PLATFORM_FLOW"},
        status=400,
        message=r'Expected an object type other than "0-1" objectType but got "0-1"',
    ),
    Case(
        id="a flow by an operator that enumerations have not",  # HubSpot/hubspot-api-nodejs#695
        path=FLOWS,
        body=_FLOW | {"enrollmentCriteria": _criteria("IS_NOT_EQUAL_TO")},
        status=400,
        category="VALIDATION_ERROR",
        sub_category="ListError.ENUM_CONVERSION",
        message=r"Unable to convert IS_NOT_EQUAL_TO to one of \[.*IS_NONE_OF.*\]",
    ),
    Case(
        id="a flow that does not exist",
        method="GET",
        path=f"{FLOWS}/1",
        status=404,
        category="OBJECT_NOT_FOUND",
        message=r"Flow 1 does not exist",
    ),
    Case(
        id="an enrolment into no workflow",
        path="/automation/v2/workflows/1/enrollments/contacts/ana@example.com",
        status=404,
        category="OBJECT_NOT_FOUND",
        message=r".+",
    ),
    Case(
        id="a contact merged with itself",
        path="/crm/v3/objects/contacts/merge",
        body={"primaryObjectId": "{ana}", "objectIdToMerge": "{ana}"},
        status=400,
        category="VALIDATION_ERROR",
        message=r"Cannot merge an object with itself\. objectId: {ana}",
    ),
    Case(
        id="a merge of half a pair",
        path="/crm/v3/objects/contacts/merge",
        body={"primaryObjectId": "{ana}"},
        status=400,
        message=r"Invalid input JSON on line 1, column \d+\. Some required fields were not set: \[objectIdToMerge\]",
    ),
    Case(
        id="a merge with nobody",
        path="/crm/v3/objects/contacts/merge",
        body={"primaryObjectId": "{ana}", "objectIdToMerge": "999"},
        status=404,
        category="OBJECT_NOT_FOUND",
        message=r"Object not found\. objectId: 999",
    ),
    Case(
        id="erasing somebody by what is not unique",
        path="/crm/v3/objects/contacts/gdpr-delete",
        body={"objectId": "Ana", "idProperty": "firstname"},
        status=400,
        category="VALIDATION_ERROR",
        message=r"Unable to find by non-unique 0-1 property firstname in portal ID {portal}",
    ),
    Case(
        id="a folder that does not exist",
        method="PUT",
        path="/crm/v3/lists/folders/move-list",
        body={"listId": "1", "newFolderId": "99"},
        status=404,
        category="OBJECT_NOT_FOUND",
        message=r".+",
    ),
    Case(
        id="a conversion of a list that is static",
        method="PUT",
        path="/crm/v3/lists/1/schedule-conversion",
        body={"conversionType": "INACTIVITY", "offset": 3, "timeUnit": "DAY"},
        status=400,
        category="VALIDATION_ERROR",
        sub_category="ListError.INVALID_PROCESSING_TYPE",
        message=r".+",
    ),
    Case(
        id="an e-mail for a list that does not exist",
        method="PATCH",
        path=f"{EMAILS}/703/draft",
        body={"to": {"contactIlsLists": {"include": ["99"]}}},
        status=400,
        category="VALIDATION_ERROR",
        message=r"Lists do not exist: 99",
    ),
    Case(
        id="publishing an e-mail for nobody",
        path=f"{EMAILS}/703/publish",
        status=400,
        category="VALIDATION_ERROR",
        message=r".+no recipients.+",
    ),
    Case(
        id="a clone of no e-mail",
        path=f"{EMAILS}/clone",
        body={"id": "1"},
        status=404,
        category="OBJECT_NOT_FOUND",
        message=r".+",
    ),
    Case(
        id="a histogram by a span HubSpot has not",
        method="GET",
        path=f"{EMAILS}/statistics/histogram?interval=FORTNIGHT&startTimestamp=2026-01-01&endTimestamp=2026-02-01",
        status=400,
        category="VALIDATION_ERROR",
        message=r"Unable to convert FORTNIGHT to one of \[.+\]",
    ),
    Case(
        id="a campaign whose id is none",  # amp-labs/connectors@30bbef6, batch/read/campaigns/multi-207.json
        method="GET",
        path="/marketing/campaigns/2026-03/1",
        status=400,
        category="VALIDATION_ERROR",
        sub_category="CampaignApiError.INVALID_REQUEST",
        message=r"Invalid request: 'Invalid campaign GUID format: 1'",
    ),
    Case(
        id="an event of a kind that does not exist",
        path=f"{EVENTS}/send",
        body={"eventName": "pe1_nothing", "email": "ana@example.com"},
        status=404,
        category="OBJECT_NOT_FOUND",
        message=r".+",
    ),
    Case(
        id="more events than a batch holds",
        path=f"{EVENTS}/send/batch",
        body={"inputs": [{"eventName": "pe1_nothing", "email": "ana@example.com"}] * 501},
        status=400,
        category="VALIDATION_ERROR",
        message=r".+500.+",
    ),
    Case(
        id="what happened to nobody",
        method="GET",
        path="/events/event-occurrences/2026-03",
        status=400,
        category="VALIDATION_ERROR",
        message=r".+",
    ),
    Case(
        id="preferences of no channel",
        method="GET",
        path="/communication-preferences/2026-03/statuses/ana@example.com",
        status=400,
        category="VALIDATION_ERROR",
        message=r".+channel.+",
    ),
    Case(
        id="a subscription that does not exist",
        path="/communication-preferences/2026-03/statuses/ana@example.com",
        body={"subscriptionId": 1, "statusState": "SUBSCRIBED", "channel": "EMAIL"},
        status=400,
        category="VALIDATION_ERROR",
        message=r".+",
    ),
    Case(
        id="subscribing again who left, the old way",
        path="/communication-preferences/v3/subscribe",
        body={"emailAddress": "bo@example.com", "subscriptionId": "413096751"},
        status=400,
        category="VALIDATION_ERROR",
        message=r"bo@example\.com has unsubscribed .+",
    ),
    Case(
        id="an export of no list",
        path="/crm/v3/exports/export/async",
        body={
            "exportType": "LIST",
            "exportName": "x",
            "format": "CSV",
            "objectType": "CONTACT",
            "objectProperties": ["email"],
            "listId": "99",
        },
        status=404,
        category="OBJECT_NOT_FOUND",
        message=r"List does not exist with ID 99\.",
    ),
    Case(
        id="an export with more filters than it takes",
        path="/crm/v3/exports/export/async",
        body={
            "exportType": "VIEW",
            "exportName": "x",
            "format": "CSV",
            "objectType": "CONTACT",
            "objectProperties": ["email"],
            "publicCrmSearchRequest": {
                "filterGroups": [{"filters": [{"propertyName": "score", "operator": "HAS_PROPERTY"}] * 4}]
            },
        },
        status=400,
        category="VALIDATION_ERROR",
        message=r".+3 filter groups of up to 3 filters.+",
    ),
    Case(
        id="an import that does not exist",
        method="GET",
        path="/crm/imports/2026-03/1",
        status=404,
        category="OBJECT_NOT_FOUND",
        message=r".+",
    ),
    Case(
        id="more contacts with their history than come at once",
        path="/crm/objects/2026-03/contacts/batch/read",
        body={"inputs": [{"id": str(at)} for at in range(51)], "propertiesWithHistory": ["score"]},
        status=400,
        category="VALIDATION_ERROR",
        message=r"The maximum number of inputs in a batch is 50, received 51\.",
    ),
    Case(
        id="a schema of objects, in the other shape of a missing scope",  # amp-labs, metadata-err-schemas-scope.json
        method="GET",
        path="/crm-object-schemas/2026-03/schemas/contacts",
        status=403,
        category="MISSING_SCOPES",
        message=r"One or more of the following scopes are required\.",
        keys=frozenset({"context"}),
    ),
)
