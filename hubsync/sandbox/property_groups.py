"""The endpoints of property groups."""

from __future__ import annotations

import json

from hubsync.sandbox import errors, shape
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Json


def list_all(portal: Portal, call: Call) -> Answer:
    """GET properties/contacts/groups."""
    del call
    return Answer(body={"results": list(portal.state.groups.values())})


def get(portal: Portal, call: Call, name: str) -> Answer:
    """GET properties/contacts/groups/{name}."""
    del call
    return Answer(body=_existing(portal, name))


def create(portal: Portal, call: Call) -> Answer:
    """POST properties/contacts/groups."""
    return Answer(status=201, body=make(portal, call.document(shape.GROUP, "name", "label")))


def update(portal: Portal, call: Call, name: str) -> Answer:
    """PATCH properties/contacts/groups/{name}."""
    body = call.document(shape.GROUP)
    sent = {key: body[key] for key in ("label", "displayOrder") if body.get(key) is not None}
    changed = _existing(portal, name) | sent
    portal.state.groups.put(name, changed)
    return Answer(body=changed)


def archive(portal: Portal, call: Call, name: str) -> Answer:
    """DELETE properties/contacts/groups/{name}: refused, with the reason as JSON text inside `message`, when in use."""
    del call
    _existing(portal, name)
    if any(row["groupName"] == name and not row["archived"] for row in portal.state.properties.values()):
        inner = {
            "status": "error",
            "message": "Can't delete or purge a group with active properties",
            "category": "VALIDATION_ERROR",
            "subCategory": "PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES",
        }
        raise errors.Refused(400, {"message": json.dumps(inner, separators=(",", ":"))})
    portal.state.groups.drop(name)
    return Answer(status=204)


def make(portal: Portal, body: Json) -> Json:
    """Make a property group; raises Refused (409) where there is one of that name."""
    name = str(body["name"])
    if name in portal.state.groups:
        raise errors.refused(
            409,
            f"A property group named '{name}' already exists.",
            "OBJECT_ALREADY_EXISTS",
            subCategory="PropertyGroupError.GROUP_ALREADY_EXISTS",
        )
    group: Json = {
        "name": name,
        "label": body["label"],
        "displayOrder": body.get("displayOrder", len(portal.state.groups)),
        "archived": False,
    }
    portal.state.groups.put(name, group)
    return group


def _existing(portal: Portal, name: str) -> Json:
    row = portal.state.groups.get(name)
    if row is None:
        raise errors.not_found(f"Property group {name} does not exist", groupName=[name])
    return row
