"""What a request to import holds: a description and files of rows, in one multipart body."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from hubsync.sandbox import errors, shape
from hubsync.sandbox.state import Json

_CONTACTS = "0-1"
#: HubSpot's caps on one file.
_MOST_ROWS = 1_048_576
_OPERATIONS = ("CREATE", "UPDATE", "UPSERT")


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a file: the property it fills, if any, and whether a contact is found by it."""

    name: str
    property: str | None
    #: HUBSPOT_OBJECT_ID, HUBSPOT_ALTERNATE_ID or, for plain values, "".
    kind: str


@dataclass(frozen=True, kw_only=True)
class ImportRequest:
    """A checked request."""

    description: Json
    operation: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    #: Lines before the first row.
    heading: int


def read(content_type: str, body: bytes) -> ImportRequest:
    """Return what a multipart body asks for; raises Refused (400, 415)."""
    if not content_type.startswith("multipart/form-data"):
        raise errors.html(415, "Unsupported Media Type")
    parts = _parts(content_type, body)
    if "importRequest" not in parts:
        raise errors.invalid("The part importRequest is required")
    try:
        description = json.loads(parts["importRequest"][1])
    except ValueError as error:
        raise errors.bad_json(parts["importRequest"][1], "Unexpected end-of-input or character") from error
    problem = shape.misfit(shape.IMPORT, description) if isinstance(description, dict) else "not an object"
    if problem:
        raise errors.bad_json(parts["importRequest"][1], problem)
    missing = [name for name in ("name", "files") if not description.get(name)]
    if missing:
        raise errors.fields_missing(parts["importRequest"][1], missing)
    return _checked(description, parts.get("files"))


def _parts(content_type: str, body: bytes) -> dict[str, tuple[str, bytes]]:
    """Return each part's file name and content by the part's name."""
    message: Message = message_from_bytes(b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n" + body)
    parts: dict[str, tuple[str, bytes]] = {}
    for part in message.get_payload() if message.is_multipart() else ():
        if not isinstance(part, Message):
            continue
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            parts[name] = (part.get_filename() or "", content)
    return parts


def _checked(description: Json, file: tuple[str, bytes] | None) -> ImportRequest:
    described = description["files"][0]
    operation = (description.get("importOperations") or {}).get(_CONTACTS, "UPSERT")
    if operation not in _OPERATIONS:
        raise errors.invalid(f"Unable to convert {operation} to one of [{', '.join(_OPERATIONS)}]")
    if str(described.get("fileFormat", "CSV")) != "CSV":
        raise errors.invalid("The sandbox reads files of format CSV only")
    if file is None or file[0] != described.get("fileName"):
        raise errors.invalid(f"File {described.get('fileName')} was described but not sent")
    sheet = described.get("fileImportPage") or {}
    mappings = sheet.get("columnMappings") or []
    if not mappings:
        raise errors.invalid("The file has no columnMappings")
    try:
        rows = list(csv.reader(io.StringIO(file[1].decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise errors.invalid(f"File {file[0]} cannot be read: {error}") from error
    if len(rows) > _MOST_ROWS:
        raise errors.invalid(f"A file may have {_MOST_ROWS} rows, this one has {len(rows)}")
    heading = 1 if sheet.get("hasHeader", True) else 0
    return ImportRequest(
        description=description,
        operation=operation,
        columns=tuple(_column(mapping) for mapping in mappings),
        rows=tuple(tuple(row) for row in rows[heading:]),
        heading=heading,
    )


def _column(mapping: Json) -> Column:
    if str(mapping.get("columnObjectTypeId") or _CONTACTS) != _CONTACTS:
        raise errors.invalid(f"The object type {mapping['columnObjectTypeId']} cannot be imported")
    return Column(
        name=str(mapping.get("columnName", "")),
        property=str(mapping["propertyName"]).lower() if mapping.get("propertyName") else None,
        kind=str(mapping.get("columnType") or mapping.get("idColumnType") or ""),
    )
