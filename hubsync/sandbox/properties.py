"""The endpoints of contact properties."""

from __future__ import annotations

import re

from hubsync.sandbox import errors, shape
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.clock import iso
from hubsync.sandbox.envelope import failure, wrapped
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Json

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_USER = "76070032"
_REQUIRED = ("name", "label", "type", "fieldType", "groupName")
_CONTROLS = {
    "string": {"text", "textarea", "html", "phonenumber", "file"},
    "number": {"number"},
    "date": {"date"},
    "datetime": {"date"},
    "enumeration": {"select", "radio", "checkbox"},
    "bool": {"booleancheckbox"},
    "phone_number": {"phonenumber"},
}
#: What PATCH may change, with what each is when it was never set.
_EDITABLE = {
    "label": "",
    "description": "",
    "groupName": "",
    "fieldType": "",
    "options": [],
    "displayOrder": -1,
    "hidden": False,
    "formField": False,
}
#: Left out of what a batch answers.
_NOT_IN_BATCH = {"createdAt", "updatedAt", "createdUserId", "updatedUserId", "archived"}


def list_properties(portal: Portal, call: Call) -> Answer:
    """GET properties/contacts: all at once, without pages."""
    archived = call.flag("archived")
    return Answer(body={"results": [row for row in portal.state.properties.values() if row["archived"] == archived]})


def get_property(portal: Portal, call: Call, name: str) -> Answer:
    """GET properties/contacts/{name}."""
    return Answer(body=_existing(portal, name, archived=call.flag("archived")))


def create_property(portal: Portal, call: Call) -> Answer:
    """POST properties/contacts; the name of an archived property brings that one back with its values."""
    body = call.document(shape.PROPERTY, *_REQUIRED)
    return Answer(status=201, body=make_property(portal, body))


def update_property(portal: Portal, call: Call, name: str) -> Answer:
    """PATCH properties/contacts/{name}; `options`, where sent, replace all there were."""
    body = call.document(shape.PROPERTY)
    current = _existing(portal, name)
    if current["modificationMetadata"]["readOnlyDefinition"]:
        raise errors.invalid(
            f"Property {name} is read only and its definition cannot be changed.",
            "PropertyValidationError.READ_ONLY_DEFINITION",
        )
    if "groupName" in body:
        _group(portal, str(body["groupName"]))
    if "fieldType" in body:
        _check_control(current["type"], str(body["fieldType"]))
    sent = {field: body[field] for field in _EDITABLE if body.get(field) is not None}
    if "options" in sent:
        sent["options"] = _options(current["type"], sent["options"])
    changed = current | sent | {"updatedAt": iso(portal.now()), "updatedUserId": _USER}
    portal.state.properties.put(name, changed)
    return Answer(body=changed)


def archive_property(portal: Portal, call: Call, name: str) -> Answer:
    """DELETE properties/contacts/{name}; refused where a list's filters use it."""
    del call
    _archive(portal, name)
    return Answer(status=204)


def batch_create(portal: Portal, call: Call) -> Answer:
    """POST properties/contacts/batch/create: 207 where some exist."""
    results: list[Json] = []
    failed: list[Json] = []
    for row in call.document({"inputs": [shape.PROPERTY]}, "inputs")["inputs"]:
        call.require(row, *_REQUIRED)
        try:
            made = make_property(portal, row)
        except errors.Refused as refusal:
            if not isinstance(refusal.body, dict) or refusal.status != 409:  # noqa: PLR2004 - conflicts are per row
                raise
            failed.append(refusal.body | {"context": {"name": [row["name"]]}})
        else:
            results.append({key: value for key, value in made.items() if key not in _NOT_IN_BATCH})
    return wrapped(portal, results, failed, 201)


def batch_read(portal: Portal, call: Call) -> Answer:
    """POST properties/contacts/batch/read."""
    body = call.document(shape.PROPERTY_NAMES, "inputs")
    names = [str(row.get("name", "")) for row in body["inputs"]]
    archived = bool(body.get("archived"))
    results = [
        row for name in names if (row := portal.state.properties.get(name)) is not None and row["archived"] == archived
    ]
    found = {row["name"] for row in results}
    failed = [
        failure("OBJECT_NOT_FOUND", f'Property "{name}" does not exist', name=[name])
        for name in names
        if name not in found
    ]
    return wrapped(portal, results, failed)


def batch_archive(portal: Portal, call: Call) -> Answer:
    """POST properties/contacts/batch/archive."""
    for row in call.document(shape.PROPERTY_NAMES, "inputs")["inputs"]:
        if row.get("name") in portal.state.properties:
            _archive(portal, str(row["name"]))
    return Answer(status=204)


def make_property(portal: Portal, body: Json) -> Json:
    """Make a property of its definition, or bring an archived one back; raises Refused."""
    name = str(body["name"])
    if not _NAME.fullmatch(name):
        raise errors.invalid(
            f"Property name '{name}' may only hold lowercase letters, numbers and underscores, and must start with a"
            " letter.",
            "PropertyValidationError.INVALID_PROPERTY_NAME",
        )
    kind, control = str(body["type"]), str(body["fieldType"])
    _check_control(kind, control)
    _group(portal, str(body["groupName"]))
    now = iso(portal.now())
    existing = portal.state.properties.get(name)
    if existing is not None and not existing["archived"]:
        raise errors.refused(
            409,
            f"A property named '{name}' already exists.",
            "OBJECT_ALREADY_EXISTS",
            subCategory="Properties.PROPERTY_WITH_NAME_EXISTS",
        )
    made = {
        "updatedAt": now,
        "createdAt": now if existing is None else existing["createdAt"],
        "name": name,
        "label": body["label"],
        "type": kind,
        "fieldType": control,
        "description": body.get("description", ""),
        "groupName": body["groupName"],
        "options": _options(kind, body.get("options") or []),
        "createdUserId": _USER,
        "updatedUserId": _USER,
        "displayOrder": body.get("displayOrder", -1),
        "calculated": False,
        "externalOptions": False,
        "archived": False,
        "hasUniqueValue": bool(body.get("hasUniqueValue")),
        "hidden": bool(body.get("hidden")),
        "modificationMetadata": {"archivable": True, "readOnlyDefinition": False, "readOnlyValue": False},
        "formField": bool(body.get("formField")),
        "dataSensitivity": body.get("dataSensitivity", "non_sensitive"),
    }
    portal.state.properties.put(name, made)
    if made["hasUniqueValue"]:
        portal.contacts.track(name)
    return made


def _existing(portal: Portal, name: str, *, archived: bool = False) -> Json:
    row = portal.state.properties.get(name)
    if row is None or row["archived"] != archived:
        raise errors.not_found(f'Property "{name}" does not exist', propertyName=[name])
    return row


def _archive(portal: Portal, name: str) -> None:
    row = _existing(portal, name)
    if not row["modificationMetadata"]["archivable"]:
        raise errors.invalid(
            f"Property {name} is defined by HubSpot and cannot be deleted",
            "PropertyValidationError.CANNOT_DELETE_HUBSPOT_PROPERTY",
        )
    uses = portal.lists.uses(name)
    if uses:
        raise errors.invalid(
            f"Property: {name} of object type 0-1 is currently used in {uses} places and cannot be deleted",
            "PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE",
        )
    now = iso(portal.now())
    portal.state.properties.put(name, row | {"archived": True, "archivedAt": now, "updatedAt": now})


def _group(portal: Portal, name: str) -> None:
    if name not in portal.state.groups:
        raise errors.invalid(
            f"Property group {name} does not exist", "PropertyValidationError.PROPERTY_GROUP_DOESNT_EXIST"
        )


def _check_control(kind: str, control: str) -> None:
    if control not in _CONTROLS.get(kind, set()):
        raise errors.invalid(
            f"Property type {kind} cannot have the field type {control}", "PropertyValidationError.INVALID_FIELD_TYPE"
        )


def _options(kind: str, options: list[Json]) -> list[Json]:
    if kind == "bool" and not options:
        options = [{"label": "True", "value": "true"}, {"label": "False", "value": "false"}]
    kept: list[Json] = []
    for at, option in enumerate(options):
        if option.get("label") in {None, ""} or option.get("value") in {None, ""}:
            raise errors.invalid("Every option needs a label and a value", "PropertyValidationError.INVALID_OPTION")
        kept.append(
            {
                "label": str(option["label"]),
                "value": str(option["value"]),
                **({"description": option["description"]} if "description" in option else {}),
                "displayOrder": option.get("displayOrder", at),
                "hidden": bool(option.get("hidden", False)),
            }
        )
    for field in ("label", "value"):
        if len({option[field].lower() for option in kept}) < len(kept):
            raise errors.invalid(
                f"Property options must have unique {field}s", "PropertyValidationError.DUPLICATE_OPTION"
            )
    return kept
