"""The endpoints of custom events' definitions: what kinds there are and which properties each takes."""

from __future__ import annotations

import re

from hubsync.sandbox import errors, shape
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.clock import iso
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Json

_USER = 76070032
#: An account takes so many kinds of custom event.
_MOST = 500
_PAGE = 100
_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_DEFAULTS = ("hs_campaign_id", "hs_element_id", "hs_page_title", "hs_url")


def page(portal: Portal, call: Call) -> Answer:
    """GET events/event-definitions: only with properties where `includeProperties` is true."""
    wanted = call.query.get("searchString", "").lower()
    rows = [row for row in portal.state.event_types.values() if wanted in row["name"]]
    limit, start = call.number("limit", 10, _PAGE), call.cursor()
    shown = [row if call.flag("includeProperties") else row | {"properties": []} for row in rows[start : start + limit]]
    body: Json = {"total": len(rows), "results": shown}
    if start + limit < len(rows):
        body["paging"] = call.onward(str(start + limit))
    return Answer(body=body)


def get(portal: Portal, call: Call, name: str) -> Answer:
    """GET events/event-definitions/{name}."""
    del call
    return Answer(body=existing(portal, name))


def create(portal: Portal, call: Call) -> Answer:
    """POST events/event-definitions."""
    body = call.document(shape.EVENT_TYPE, "label")
    if len(portal.state.event_types) >= _MOST:
        raise errors.invalid(f"An account takes up to {_MOST} event definitions")
    name = str(body.get("name") or re.sub(r"[^a-z0-9]+", "_", str(body["label"]).lower()).strip("_"))
    if not _NAME.fullmatch(name):
        raise errors.invalid(
            f"Event name '{name}' must begin with a letter; it may hold lowercase letters, digits, _ and -"
        )
    full = f"pe{portal.portal_id}_{name}"
    if full in portal.state.event_types:
        raise errors.refused(409, f"An event definition named '{name}' already exists.", "OBJECT_ALREADY_EXISTS")
    now = iso(portal.now())
    number = portal.state.next_id("event_type_id", 3_874_113)
    given = body.get("propertyDefinitions") or []
    defaults = _DEFAULTS if body.get("includeDefaultProperties") else ()
    row: Json = {
        "id": number,
        "name": name,
        "fullyQualifiedName": full,
        "objectTypeId": f"6-{number}",
        "labels": {"singular": str(body["label"]), "plural": None},
        "description": str(body.get("description") or ""),
        "primaryObject": str(body.get("primaryObject") or "CONTACT"),
        "primaryObjectId": "0-1",
        "trackingType": "MANUAL",
        "archived": False,
        "associations": [],
        "properties": [_property(portal, {"name": default, "type": "string"}) for default in defaults]
        + [_property(portal, part) for part in given],
        "createdAt": now,
        "createdUserId": _USER,
        "updatedAt": now,
        "updatedUserId": _USER,
    }
    portal.state.event_types.put(full, row)
    return Answer(body=row)


def update(portal: Portal, call: Call, name: str) -> Answer:
    """PATCH events/event-definitions/{name}: label and description."""
    body = call.document(shape.EVENT_TYPE)
    row = existing(portal, name)
    labels = {"labels": row["labels"] | {"singular": str(body["label"])}} if body.get("label") else {}
    words = {"description": str(body["description"])} if body.get("description") is not None else {}
    return _kept(portal, row | labels | words)


def delete(portal: Portal, call: Call, name: str) -> Answer:
    """DELETE events/event-definitions/{name}: with all that happened."""
    del call
    full = existing(portal, name)["fullyQualifiedName"]
    portal.state.event_types.drop(full)
    for key, event in list(portal.state.occurrences.items()):
        if event["eventType"] == full:
            portal.state.occurrences.drop(key)
    return Answer(status=204)


def create_property(portal: Portal, call: Call, name: str) -> Answer:
    """POST events/event-definitions/{name}/property."""
    row, body = existing(portal, name), call.document(shape.PROPERTY, "name", "label", "type")
    if any(part["name"] == body["name"] for part in row["properties"]):
        raise errors.refused(409, f"A property named '{body['name']}' already exists.", "OBJECT_ALREADY_EXISTS")
    made = _property(portal, body)
    _kept(portal, row | {"properties": [*row["properties"], made]})
    return Answer(status=201, body=made)


def delete_property(portal: Portal, call: Call, name: str, part: str) -> Answer:
    """DELETE events/event-definitions/{name}/property/{property}."""
    del call
    row = existing(portal, name)
    _kept(portal, row | {"properties": [own for own in row["properties"] if own["name"] != part]})
    return Answer(status=204)


def existing(portal: Portal, name: str) -> Json:
    """Return a definition by its own or its fully qualified name; raises Refused (404)."""
    rows = portal.state.event_types
    row = rows.get(name) or rows.get(f"pe{portal.portal_id}_{name}")
    if row is None:
        raise errors.not_found(f"Event definition {name} does not exist", eventName=[name])
    return row


def _kept(portal: Portal, row: Json) -> Answer:
    changed = row | {"updatedAt": iso(portal.now())}
    portal.state.event_types.put(row["fullyQualifiedName"], changed)
    return Answer(body=changed)


def _property(portal: Portal, body: Json) -> Json:
    now = iso(portal.now())
    kind = str(body["type"])
    return {
        "name": str(body["name"]),
        "label": str(body.get("label") or body["name"]),
        "description": str(body.get("description") or ""),
        "type": kind,
        "fieldType": {"number": "number", "enumeration": "select", "datetime": "date"}.get(kind, "text"),
        "groupName": "event_information",
        "options": [
            {"label": str(one["label"]), "value": str(one["value"]), "displayOrder": at, "hidden": False}
            for at, one in enumerate(body.get("options") or ())
        ],
        "createdAt": now,
        "updatedAt": now,
        "archived": False,
        "calculated": False,
        "displayOrder": -1,
        "externalOptions": False,
        "formField": False,
        "hasUniqueValue": False,
        "hidden": False,
        "modificationMetadata": {"archivable": True, "readOnlyDefinition": False, "readOnlyValue": False},
    }
