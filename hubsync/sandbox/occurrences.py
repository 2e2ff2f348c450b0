"""The endpoints of what happened: custom events come in, and are read back with the pages people visited."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hubsync.sandbox import errors, event_types, shape
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.clock import instant, iso
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Json

_BATCH = 500
_PAGE = 1_000
_DEFAULT_PAGE = 20
#: For so long an event's `uuid` must not come again.
_MEMORY = dt.timedelta(days=365)


def send(portal: Portal, call: Call) -> Answer:
    """POST events/send: one custom event; 204."""
    _take(portal, [call.document(shape.EVENT)], call)
    return Answer(status=204)


def send_many(portal: Portal, call: Call) -> Answer:
    """POST events/send/batch: up to 500, all or none; 204."""
    inputs = call.document({"inputs": [shape.EVENT]}, "inputs")["inputs"]
    if not 1 <= len(inputs) <= _BATCH:
        raise errors.invalid(f"A batch takes from 1 to {_BATCH} events, received {len(inputs)}.")
    _take(portal, inputs, call)
    return Answer(status=204)


def page(portal: Portal, call: Call) -> Answer:
    """GET events/event-occurrences: of one contact, of one kind, or both; newest first."""
    object_id, kind = call.query.get("objectId"), call.query.get("eventType")
    if kind is None and (object_id is None or call.query.get("objectType") is None):
        raise errors.invalid("Either eventType or objectType with objectId is required")
    if object_id is not None:
        object_id = portal.contacts.current_id(object_id)
    after, before = call.span("occurredAfter", "occurredBefore")
    rows = [
        row
        for row in portal.state.occurrences.values()
        if kind in {None, row["eventType"]}
        and object_id in {None, portal.contacts.current_id(row["objectId"])}
        and after <= row["occurredAt"] <= before
    ]
    ascending = call.query.get("sort", "").lower() == "occurredat"
    rows.sort(key=lambda row: (row["occurredAt"], row["id"]), reverse=not ascending)
    limit, start = call.number("limit", _DEFAULT_PAGE, _PAGE), call.position()
    body: Json = {"results": [_wire(portal, row) for row in rows[start : start + limit]]}
    if start + limit < len(rows):
        body["paging"] = call.onward_to(start + limit)
    return Answer(body=body)


def kinds(portal: Portal, call: Call) -> Answer:
    """GET events/event-occurrences/event-types."""
    del call
    seen = {row["eventType"] for row in portal.state.occurrences.values()}
    return Answer(body={"eventTypes": sorted(seen | {name for name, _ in portal.state.event_types.items()})})


def log(portal: Portal, contact_id: str, kind: str, at: str, properties: dict[str, str]) -> None:
    """Note that something happened to a contact."""
    number = portal.state.next_id("occurrence_id", 1)
    row = {"id": f"leviathan-{number}", "objectId": contact_id, "eventType": kind, "occurredAt": at}
    portal.state.occurrences.put(number, row | {"objectType": "CONTACT", "properties": properties})


def _take(portal: Portal, inputs: list[Json], call: Call) -> None:
    rows: dict[str, Json] = {}
    for event in inputs:
        call.require(event, "eventName")
        row = _checked(portal, event)
        number = portal.state.next_id("occurrence_id", 1)
        key = f"uuid {event['uuid']}" if event.get("uuid") else number
        if key in rows or _recent(portal, key):
            raise errors.invalid(f"An event with the uuid {event['uuid']} was already received", "EVENT_ALREADY_EXISTS")
        rows[key] = row | {"id": f"leviathan-{number}"}
    for key, row in rows.items():
        portal.state.occurrences.put(key, row)


def _recent(portal: Portal, key: str) -> bool:
    """Return whether an event of this key came within a year."""
    earlier = portal.state.occurrences.get(key)
    return earlier is not None and earlier["occurredAt"] >= iso(portal.now() - _MEMORY)


def _checked(portal: Portal, event: Json) -> Json:
    definition = event_types.existing(portal, str(event["eventName"]))
    given: dict[str, Any] = event.get("properties") or {}
    unknown = set(given) - {part["name"] for part in definition["properties"]}
    if unknown:
        raise errors.invalid(f"Properties do not exist on {event['eventName']}: {', '.join(sorted(unknown))}")
    at = event.get("occurredAt")
    try:
        moment = instant(str(at)) if at is not None else portal.now()
    except ValueError as error:
        raise errors.invalid(f"occurredAt is not a time: '{at}'") from error
    return {
        "objectType": "CONTACT",
        "objectId": _object_id(portal, event),
        "eventType": definition["fullyQualifiedName"],
        "occurredAt": iso(moment),
        "properties": {name: str(value) for name, value in given.items()},
    }


def _object_id(portal: Portal, event: Json) -> str:
    """Return whom an event happened to; events of visitors nobody knows are kept for nobody."""
    if event.get("objectId") is not None:
        contact = portal.contacts.get(str(event["objectId"]))
        if contact is None:
            raise errors.not_found(f"Object not found. objectId: {event['objectId']}")
        return contact.id
    if event.get("email") is not None:
        contact = portal.contacts.find("email", str(event["email"]))
        return contact.id if contact else ""
    if event.get("utk") is not None:
        return ""
    raise errors.invalid("One of email, objectId or utk is required")


def _wire(portal: Portal, row: Json) -> Json:
    return row | {"objectId": portal.contacts.current_id(row["objectId"])}
