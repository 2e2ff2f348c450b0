"""Properties of contacts: read, and ours made where they are missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from hubsync.core.field import GROUP, GROUP_LABEL, Field, FieldType
from hubsync.portal.answer import Json, moment, required, text
from hubsync.portal.errors import Archived, Conflict, NotThere
from hubsync.portal.gateway import Gateway


@dataclass(frozen=True, kw_only=True)
class Property:
    """One contact property of a portal."""

    name: str
    label: str
    #: "string", "number", "enumeration", ...
    type: str
    field_type: str
    group_name: str
    #: (value, label), in order.
    options: tuple[tuple[str, str], ...]
    #: At most one contact holds a value.
    unique: bool
    #: HubSpot fills it by itself; writing it is refused.
    read_only: bool
    archived: bool
    updated_at: dt.datetime | None


class Properties:
    """The contact properties of one portal. Raises what `hubsync.portal.errors` says."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def all(self, *, archived: bool = False) -> list[Property]:
        """Return every property, or every one in the bin."""
        answer = self._gateway.call("properties.all", query={"archived": "true" if archived else "false"})
        return [_property_of(row) for row in answer.rows()]

    def get(self, name: str, *, archived: bool = False) -> Property | None:
        """Return a property by its name, or None; with `archived`, one in the bin."""
        query = {"archived": "true"} if archived else None
        try:
            found = _property_of(self._gateway.call("properties.get", path={"name": name}, query=query).body)
        except NotThere:
            return None
        return found if found.archived == archived else None

    def groups(self) -> dict[str, str]:
        """Return the property groups: name → label."""
        rows = self._gateway.call("properties.groups").rows()
        return {text(row, "name"): text(row, "label") for row in rows if row.get("archived") is not True}

    def ensure_group(self, name: str = GROUP, label: str = GROUP_LABEL) -> bool:
        """Make a group unless it is there; return whether it was made now."""
        if name in self.groups():
            return False
        try:
            self._gateway.call("properties.create_group", body={"name": name, "label": label, "displayOrder": -1})
        except Conflict:
            return False  # made by somebody else between the two calls
        return True

    def ensure(self, field: Field, *, group: str = GROUP, restore: bool = False) -> tuple[Property, bool]:
        """Make a property unless it is there, add options it lacks, and return it and whether anything was sent.

        Options of others are never dropped. Raises Conflict where it is there with another type, and Archived where
        it lies in the bin, unless `restore`: creating it would bring the old one back.
        """
        found = self.get(field.name)
        if found is not None:
            return self._fitting(found, field)
        if not restore and self.get(field.name, archived=True) is not None:
            raise Archived(
                f"The property '{field.name}' lies in HubSpot's bin.",
                "Creating it would bring the old one back, with the values it had. Nothing was sent.",
                "Restore it in HubSpot under Settings › Properties, or agree to restoring it.",
            )
        try:
            answer = self._gateway.call("properties.create", body=_definition(field, group))
        except Conflict:
            found = self.get(field.name)  # made by somebody else, or by us when an answer was lost
            if found is None:
                raise
            return self._fitting(found, field)
        made = answer.read(_property_of)
        # A restored property keeps its old type and options, whatever was asked for.
        return (self._fitting(made, field)[0] if restore else made), True

    def _fitting(self, found: Property, field: Field) -> tuple[Property, bool]:
        single = field.multiple and found.field_type != field.control
        if found.type != field.type.value or found.unique < field.unique or single:
            wanted = f"{field.type.value}{', unique' if field.unique else ''}{' of several' if single else ''}"
            raise Conflict(
                f"The property '{field.name}' is there already, as another kind.",
                f"It is {found.type}{', unique' if found.unique else ''}; {wanted} is needed. Nothing was sent.",
                "Choose another property, or have the one in HubSpot archived if nobody uses it.",
                category="PROPERTY_TYPE",
            )
        known = {value for value, _ in found.options}
        lacking = [(value, label) for value, label in field.options if value not in known]
        if field.type is not FieldType.ENUMERATION or not lacking:
            return found, False
        # HubSpot replaces the options by those that are sent, so that the present ones must be sent too.
        body: Json = {"options": _options((*found.options, *lacking))}
        changed = self._gateway.call("properties.update", path={"name": field.name}, body=body)
        return changed.read(_property_of), True


def _definition(field: Field, group: str) -> Json:
    body: Json = {
        "name": field.name,
        "label": field.label,
        "type": field.type.value,
        "fieldType": field.control,
        "groupName": group,
        "formField": False,
    }
    if field.unique:
        body["hasUniqueValue"] = True  # can be set now, and never again
    if field.type is FieldType.BOOL:
        body["options"] = _options((("true", "Yes"), ("false", "No")))
    elif field.options:
        body["options"] = _options(field.options)
    return body


def _options(options: Sequence[tuple[str, str]]) -> list[Json]:
    return [
        {"value": value, "label": label, "displayOrder": order, "hidden": False}
        for order, (value, label) in enumerate(options)
    ]


def _property_of(row: Json) -> Property:
    options, rules = row.get("options"), row.get("modificationMetadata")
    return Property(
        name=required(row, "name"),
        label=text(row, "label"),
        type=text(row, "type"),
        field_type=text(row, "fieldType"),
        group_name=text(row, "groupName"),
        options=tuple((text(option, "value"), text(option, "label")) for option in options if isinstance(option, dict))
        if isinstance(options, list)
        else (),
        unique=row.get("hasUniqueValue") is True,
        read_only=row.get("calculated") is True or (isinstance(rules, dict) and rules.get("readOnlyValue") is True),
        archived=row.get("archived") is True,
        updated_at=moment(row, "updatedAt"),
    )
