"""Writing an import's rows: a bad value costs that value, a row nobody can be told by costs the row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hubsync.sandbox import values
from hubsync.sandbox.clock import instant
from hubsync.sandbox.history import Source
from hubsync.sandbox.import_request import Column
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Contact, Json

#: HubSpot's error types by what a property's value is refused for.
_TYPES = {
    "INVALID_EMAIL": "INVALID_EMAIL",
    "INVALID_INTEGER": "COULD_NOT_PARSE_NUMBER",
    "INVALID_LONG": "COULD_NOT_PARSE_DATE",
    "INVALID_DATE": "COULD_NOT_PARSE_DATE",
    "INVALID_OPTION": "INVALID_ENUMERATION_OPTION",
    "PROPERTY_VALUE_TOO_LONG": "COLUMN_TOO_LARGE",
}


@dataclass(kw_only=True)
class Written:
    """What became of an import."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    emitted: int = 0
    #: Contacts written, each once.
    ids: list[str] = field(default_factory=list)
    errors: list[Json] = field(default_factory=list)

    def counts(self) -> tuple[int, int, int, int, int]:
        """Return rows, created, updated, distinct contacts, values."""
        return self.rows, self.created, self.updated, len(self.ids), self.emitted


class _Failed(Exception):  # noqa: N818 - a row is given up, which is no mishap
    """A row cannot be written."""


def work_off(portal: Portal, row: Json, columns: Sequence[Column]) -> Written:
    """Write the rows of an import and return what became of them."""
    written = Written(rows=len(row["rows"]))
    work = _Work(portal, row, columns, written)
    seen: dict[str, None] = {}
    for number, cells in enumerate(row["rows"], start=1 + int(row["heading"])):
        try:
            seen[work.write(number, cells)] = None
        except _Failed:
            continue
    written.ids = list(seen)
    return written


class _Work:
    def __init__(self, portal: Portal, row: Json, columns: Sequence[Column], written: Written) -> None:
        self._portal = portal
        self._row = row
        self._columns = columns
        self._written = written
        self._source = Source(type="IMPORT", id=str(row["id"]))

    def write(self, number: int, cells: list[str]) -> str:
        """Write one row and return its contact's id; raises _Failed."""
        if len(cells) != len(self._columns):
            raise self._fail(number, cells, "INCORRECT_NUMBER_OF_COLUMNS", f"{len(cells)} columns")
        kept = self._kept(number, cells)
        contact = self._found(number, cells, kept)
        conflict = self._portal.contacts.conflict(kept, contact.id if contact else None)
        if conflict is not None:
            at = next((at for at, column in enumerate(self._columns) if column.property == conflict.name), None)
            kind = "DUPLICATE_UNIQUE_PROPERTY_VALUE" if conflict.holder else "GDPR_BLACKLISTED_EMAIL"
            raise self._fail(number, cells, kind, conflict.value, at)
        now = self._portal.now()
        self._written.emitted += len(kept)
        if contact is None:
            contact = self._portal.contacts.create(kept, now, source=self._source)
            self._portal.settle_later(contact)
            self._written.created += 1
        else:
            self._portal.contacts.update(contact, kept, now, self._source)
            self._written.updated += 1
        return contact.id

    def _kept(self, number: int, cells: list[str]) -> dict[str, str]:
        kept: dict[str, str] = {}
        for at, (column, cell) in enumerate(zip(self._columns, cells, strict=True)):
            if column.property is None or column.kind == "HUBSPOT_OBJECT_ID" or not cell.strip():
                continue
            definition = self._portal.state.properties.get(column.property)
            if definition is None or definition["archived"]:
                self._fail(number, cells, "PROPERTY_DEFINITION_NOT_FOUND", column.property, at)
                continue
            try:
                kept[column.property] = values.kept_text(definition, cell)
            except values.BadValue as bad:
                failed = self._fail(number, cells, _TYPES.get(bad.code, "FAILED_VALIDATION"), cell, at)
                if column.property == "email" or column.kind:
                    raise failed from bad
        return kept

    def _found(self, number: int, cells: list[str], kept: dict[str, str]) -> Contact | None:
        """Return the contact a row is about, None where it is to be made."""
        contacts = self._portal.contacts
        operation = self._row["operation"]
        for at, (column, cell) in enumerate(zip(self._columns, cells, strict=True)):
            if column.kind == "HUBSPOT_OBJECT_ID" and cell.strip():
                contact = contacts.get(cell.strip())
                if contact is None:
                    raise self._fail(number, cells, "INVALID_OBJECT_ID", cell, at)
                return contact
        keys = [column.property for column in self._columns if column.kind == "HUBSPOT_ALTERNATE_ID"] or ["email"]
        contact = next((held for key in keys if key in kept and (held := contacts.find(key, kept[key]))), None)
        if contact is not None and operation == "CREATE":
            raise self._fail(number, cells, "CREATE_ONLY_IMPORT", contact.id)
        if contact is None and operation == "UPDATE":
            raise self._fail(number, cells, "UPDATE_ONLY_IMPORT", "")
        return contact

    def _fail(self, number: int, cells: list[str], kind: str, value: str, at: int | None = None) -> _Failed:
        self._written.errors.append(
            {
                "id": f"{self._row['id']}-{len(self._written.errors) + 1}",
                "createdAt": round(instant(self._row["dueAt"]).timestamp() * 1000),
                "errorType": kind,
                "errorMessage": f"{kind}: {value}",
                "invalidValue": value,
                "objectType": "CONTACT",
                "objectTypeId": "0-1",
                "sourceData": {
                    "additionalRowData": [],
                    "containsEncryptedProperties": False,
                    "fileId": int(self._row["metadata"]["fileIds"][0]),
                    "lineNumber": number,
                    "rowData": cells,
                },
                **({"knownColumnNumber": at + 1} if at is not None else {}),
            }
        )
        return _Failed()
