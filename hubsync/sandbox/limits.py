"""The endpoints that tell how much of the account's room is taken."""

from __future__ import annotations

from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Json

#: https://developers.hubspot.com/docs/api-reference/crm-limits-tracking-v3
_PROPERTIES_PER_TYPE = 1_000
_PROPERTIES = 10_000
_CALCULATED = 5
_CONTACTS = 15_000_000


def custom_properties(portal: Portal, call: Call) -> Answer:
    """GET crm/limits/custom-properties."""
    del call
    used = sum(not row.get("hubspotDefined") and not row["archived"] for row in portal.state.properties.values())
    return Answer(
        body={
            "byObjectType": [_of_contacts(used, _PROPERTIES_PER_TYPE)],
            "overallLimit": _PROPERTIES,
            "overallPercentage": _share(used, _PROPERTIES),
            "overallUsage": used,
        }
    )


def calculated_properties(portal: Portal, call: Call) -> Answer:
    """GET crm/limits/calculated-properties."""
    del portal, call
    row = _of_contacts(0, _CALCULATED)
    return Answer(
        body={
            "byObjectType": [{name: value for name, value in row.items() if name not in {"limit", "percentage"}}],
            "overallLimit": _CALCULATED,
            "overallPercentage": 0.0,
            "overallUsage": 0,
        }
    )


def records(portal: Portal, call: Call) -> Answer:
    """GET crm/limits/records."""
    del call
    used = sum(1 for _ in portal.contacts.living())
    none = {"byObjectType": [], "overallLimit": 0, "overallPercentage": 0.0, "overallUsage": 0}
    return Answer(body={"customObjectTypes": none, "hubspotDefinedObjectTypes": [_of_contacts(used, _CONTACTS)]})


def _of_contacts(used: int, limit: int) -> Json:
    return {
        "limit": limit,
        "objectTypeId": "0-1",
        "percentage": _share(used, limit),
        "pluralLabel": "Contacts",
        "singularLabel": "Contact",
        "usage": used,
    }


def _share(used: int, limit: int) -> float:
    return round(100 * used / limit, 4)
