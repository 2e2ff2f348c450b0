"""What live portals were seen to answer: request, status, the fields of the answer and of its rows, and where.

amp-labs = amp-labs/connectors@30bbef6, `providers/hubspot/test/`; grouparoo = grouparoo/grouparoo@a453a40,
`plugins/@grouparoo/hubspot/__tests__/fixtures/`; kalup = scopiousdigital/kalup@a742270,
`docs/conformance/runs/2026-09-29-89b45da9.json`. `{ana}`, `{campaign}` and such stand for ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_RECORD = frozenset({"archived", "createdAt", "id", "properties", "updatedAt", "url"})
_BATCH = frozenset({"completedAt", "results", "startedAt", "status"})
_PARTLY = _BATCH | {"errors", "numErrors"}
_ERROR = frozenset({"category", "context", "message", "status"})
_DEFINITION = frozenset(
    {
        "calculated",
        "dataSensitivity",
        "description",
        "displayOrder",
        "externalOptions",
        "fieldType",
        "formField",
        "groupName",
        "hasUniqueValue",
        "hidden",
        "label",
        "modificationMetadata",
        "name",
        "options",
        "type",
    }
)
_PROPERTY = _DEFINITION | {"archived", "createdAt", "createdUserId", "updatedAt", "updatedUserId"}
_LIST = frozenset(
    {
        "additionalProperties",
        "createdAt",
        "createdById",
        "filtersUpdatedAt",
        "listId",
        "listVersion",
        "name",
        "objectTypeId",
        "processingStatus",
        "processingType",
        "updatedAt",
        "updatedById",
    }
)
_EMAIL = frozenset(
    {
        "activeDomain",
        "archived",
        "businessUnitId",
        "content",
        "createdAt",
        "createdById",
        "emailTemplateMode",
        "from",
        "id",
        "isAb",
        "isPublished",
        "isTransactional",
        "jitterSendTime",
        "language",
        "name",
        "previewKey",
        "publishDate",
        "sendOnPublish",
        "state",
        "subcategory",
        "subject",
        "subscriptionDetails",
        "to",
        "type",
        "updatedAt",
        "updatedById",
        "webversion",
    }
)
_CAMPAIGN = frozenset({"businessUnits", "createdAt", "id", "properties", "updatedAt"})
_NEW = {"properties": {"email": "new@example.com", "firstname": "New"}}
_TIER = {"name": "tier", "label": "Tier", "type": "string", "fieldType": "text", "groupName": "hubsync"}


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One answer; `rows` are the fields of each row under `part`, `failures` those of each row error."""

    id: str
    source: str
    method: str = "POST"
    path: str
    body: Any = None
    status: int = 200
    keys: frozenset[str]
    part: str = "results"
    rows: frozenset[str] = frozenset()
    failures: frozenset[str] = frozenset()
    #: Of the first row error, by field.
    told: tuple[tuple[str, str], ...] = ()


ANSWERS = (
    Seen(
        id="a search with a hit",
        source="amp-labs search/contacts/2-second-page.json",
        path="/crm/objects/2026-03/contacts/search",
        body={"properties": ["email", "company"], "query": "ana"},
        keys=frozenset({"results", "total"}),
        rows=_RECORD,
    ),
    Seen(
        id="a search with more to come",
        source="amp-labs search/contacts/1-first-page.json",
        path="/crm/objects/2026-03/contacts/search",
        body={"limit": 1},
        keys=frozenset({"paging", "results", "total"}),
        rows=_RECORD,
    ),
    Seen(
        id="a search without a hit",
        source="grouparoo export-objects/export-records-contact.js",
        path="/crm/v3/objects/CONTACT/search",
        body={"query": "nobody"},
        keys=frozenset({"results", "total"}),
    ),
    Seen(
        id="contacts created together",
        source="amp-labs batch/create/contacts/success.json",
        path="/crm/objects/2026-03/contacts/batch/create",
        body={"inputs": [_NEW]},
        status=201,
        keys=_BATCH,
        rows=_RECORD,
    ),
    Seen(
        id="contacts created in part",
        source="amp-labs batch/create/contacts/err-partial-success.json",
        path="/crm/objects/2026-03/contacts/batch/create",
        body={
            "inputs": [
                _NEW | {"objectWriteTraceId": "a"},
                {"properties": {"email": "ana@example.com"}, "objectWriteTraceId": "b"},
            ]
        },
        status=207,
        keys=_PARTLY,
        rows=_RECORD,
        failures=_ERROR,
        told=(("category", "CONFLICT"), ("message", "Contact already exists. Existing ID: {ana}")),
    ),
    Seen(
        id="contacts changed together",
        source="amp-labs batch/update/contacts/success.json",
        path="/crm/objects/2026-03/contacts/batch/update",
        body={"inputs": [{"id": "{ana}", "properties": {"firstname": "A"}}]},
        keys=_BATCH,
        rows=_RECORD,
    ),
    Seen(
        id="contacts changed in part",
        source="amp-labs batch/update/contacts/err-partial-success.json",
        path="/crm/objects/2026-03/contacts/batch/update",
        body={"inputs": [{"id": key, "properties": {"firstname": "A"}} for key in ("{ana}", "999")]},
        status=207,
        keys=_PARTLY,
        rows=_RECORD,
        failures=_ERROR,
        told=(
            ("category", "OBJECT_NOT_FOUND"),
            (
                "message",
                "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid.",
            ),
        ),
    ),
    Seen(
        id="an account's details",
        source="amp-labs post-auth/account-info.json",
        method="GET",
        path="/account-info/2026-03/details",
        keys=frozenset(
            {
                "accountType",
                "additionalCurrencies",
                "companyCurrency",
                "dataHostingLocation",
                "portalId",
                "timeZone",
                "uiDomain",
                "utcOffset",
                "utcOffsetMilliseconds",
            }
        ),
    ),
    Seen(
        id="who asks, the old way",
        source="grouparoo integration/hubspot-export.js",
        method="GET",
        path="/integrations/v1/me",
        keys=frozenset({"accountType", "currency", "portalId", "timeZone", "utcOffset", "utcOffsetMilliseconds"}),
    ),
    Seen(
        id="lists found",
        source="amp-labs read-lists-1-first-page.json",
        path="/crm/v3/lists/search",
        body={"offset": 0},
        keys=frozenset({"hasMore", "lists", "offset", "total"}),
        part="lists",
        rows=_LIST,
    ),
    Seen(
        id="marketing e-mails with more to come",
        source="amp-labs read/marketing-emails/1-first-page.json",
        method="GET",
        path="/marketing/emails/2026-03?isPublished=false",
        keys=frozenset({"results", "total"}),
        rows=_EMAIL,
    ),
    Seen(
        id="marketing e-mails that were sent",
        source="amp-labs read/marketing-emails/2-last-page.json",
        method="GET",
        path="/marketing/emails/2026-03?isPublished=true&limit=1",
        keys=frozenset({"paging", "results", "total"}),
        rows=_EMAIL | {"publishedAt", "publishedById", "publishedByName"},
    ),
    Seen(
        id="a property group made",
        source="amp-labs custom/create/2-response-create-property-group.json",
        path="/crm/v3/properties/Contact/groups",
        body={"name": "more", "label": "More"},
        status=201,
        keys=frozenset({"archived", "displayOrder", "label", "name"}),
    ),
    Seen(
        id="properties made together",
        source="amp-labs custom/create/4-response-batch-create-properties.json",
        path="/crm/v3/properties/Contact/batch/create",
        body={"inputs": [_TIER]},
        status=201,
        keys=_BATCH,
        rows=_DEFINITION,
    ),
    Seen(
        id="properties made in part",
        source="amp-labs custom/update/3-response-batch-create-properties.json",
        path="/crm/v3/properties/Contact/batch/create",
        body={"inputs": [_TIER, _TIER | {"name": "score"}]},
        status=207,
        keys=_PARTLY,
        rows=_DEFINITION,
        failures=_ERROR | {"subCategory"},
        told=(
            ("category", "OBJECT_ALREADY_EXISTS"),
            ("subCategory", "Properties.PROPERTY_WITH_NAME_EXISTS"),
            ("message", "A property named 'score' already exists."),
        ),
    ),
    Seen(
        id="a property made",
        source="kalup, the same without hubspotDefined",
        path="/crm/properties/2026-09/contacts",
        body=_TIER,
        status=201,
        keys=_PROPERTY,
    ),
    Seen(
        id="a property changed",
        source="amp-labs custom/update/5-response-update-property-age.json",
        method="PATCH",
        path="/crm/v3/properties/Contact/score",
        body={"label": "Points"},
        keys=_PROPERTY,
    ),
    Seen(
        id="campaigns",
        source="amp-labs read/campaigns/1-first-page.json",
        method="GET",
        path="/marketing/campaigns/2026-03?limit=1&sort=-updatedAt&properties=hs_name%2Chs_notes",
        keys=frozenset({"paging", "results", "total"}),
        rows=_CAMPAIGN,
    ),
    Seen(
        id="campaigns with what belongs to them",
        source="amp-labs batch/read/campaigns/ok-200.json",
        path="/marketing/campaigns/2026-03/batch/read?properties=hs_name",
        body={"inputs": [{"id": "{campaign}"}]},
        keys=_BATCH,
        rows=_CAMPAIGN | {"assets"},
    ),
    Seen(
        id="campaigns read in part",
        source="amp-labs batch/read/campaigns/multi-207.json",
        path="/marketing/campaigns/2026-03/batch/read?properties=hs_name",
        body={"inputs": [{"id": "{campaign}"}, {"id": "430318c4-abb7-4bf7-a75ee-9c5fa8f475a6"}]},
        status=207,
        keys=_PARTLY,
        rows=_CAMPAIGN | {"assets"},
        failures=_ERROR | {"subCategory"},
        told=(
            ("category", "VALIDATION_ERROR"),
            ("subCategory", "CampaignApiError.INVALID_REQUEST"),
            ("message", "Invalid request: 'Invalid campaign GUID format: 430318c4-abb7-4bf7-a75ee-9c5fa8f475a6'"),
        ),
    ),
    Seen(
        id="what happened",
        source="amp-labs read/events/e_visited_page.json",
        method="GET",
        path="/events/event-occurrences/2026-03?eventType=pe{portal}_looked",
        keys=frozenset({"results"}),
        rows=frozenset({"eventType", "id", "objectId", "objectType", "occurredAt", "properties"}),
    ),
)
