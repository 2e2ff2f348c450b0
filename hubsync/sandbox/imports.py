"""The endpoints of imports: files of contacts, worked off some seconds later, row by row with errors of their own."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

from hubsync.sandbox import errors, import_request
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.clock import instant, iso
from hubsync.sandbox.import_request import Column
from hubsync.sandbox.import_work import work_off
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Json

_PAGE = 100
#: HubSpot takes so many imports in 24 hours.
_A_DAY = 500
#: Kept while an import waits, not shown.
_INNER = ("columns", "rows", "operation", "heading", "errors", "dueAt")
_COUNTERS = ("TOTAL_ROWS", "CREATED_OBJECTS", "UPDATED_OBJECTS", "UNIQUE_OBJECTS_WRITTEN", "PROPERTY_VALUES_EMITTED")
_OVER = frozenset({"DONE", "CANCELED", "FAILED"})


def create(portal: Portal, call: Call) -> Answer:
    """POST imports: a multipart body of `importRequest` (JSON) and `files` (CSV)."""
    asked = import_request.read(call.content_type, call.body)
    now = portal.now()
    since = iso(now - dt.timedelta(days=1))
    if sum(row["createdAt"] > since for row in portal.state.imports.values()) >= _A_DAY:
        raise errors.refused(429, f"You have reached your limit of {_A_DAY} imports a day.", "RATE_LIMITS")
    number = portal.state.next_id("import_id", 38_100_001)
    row: Json = {
        "id": number,
        "state": "STARTED",
        "importName": str(asked.description["name"]),
        "importSource": "API",
        "optOutImport": False,
        "mappedObjectTypeIds": ["0-1"],
        "importRequestJson": asked.description,
        "metadata": {"counters": {}, "fileIds": [portal.state.next_id("file_id", 171_000_001)], "objectLists": []},
        "createdAt": iso(now),
        "updatedAt": iso(now),
        "dueAt": iso(now + dt.timedelta(seconds=portal.settings.processing_seconds)),
        "operation": asked.operation,
        "columns": [asdict(column) for column in asked.columns],
        "rows": [list(one) for one in asked.rows],
        "heading": asked.heading,
        "errors": [],
    }
    portal.state.imports.put(number, row)
    return Answer(body=_wire(portal, row))


def page(portal: Portal, call: Call) -> Answer:
    """GET imports: newest first."""
    rows = sorted(portal.state.imports.values(), key=lambda row: int(row["id"]), reverse=True)
    limit, start = call.number("limit", _PAGE, _PAGE), call.position()
    body: Json = {"results": [_wire(portal, row) for row in rows[start : start + limit]]}
    if start + limit < len(rows):
        body["paging"] = call.onward_to(start + limit)
    return Answer(body=body)


def get(portal: Portal, call: Call, import_id: str) -> Answer:
    """GET imports/{id}."""
    del call
    return Answer(body=_wire(portal, _existing(portal, import_id)))


def failures(portal: Portal, call: Call, import_id: str) -> Answer:
    """GET imports/{id}/errors."""
    rows = _existing(portal, import_id)["errors"]
    limit, start = call.number("limit", _PAGE, _PAGE), call.position()
    body: Json = {"results": rows[start : start + limit]}
    if start + limit < len(rows):
        body["paging"] = call.onward_to(start + limit)
    return Answer(body=body)


def cancel(portal: Portal, call: Call, import_id: str) -> Answer:
    """POST imports/{id}/cancel: what is not done yet is left undone."""
    del call
    row = _existing(portal, import_id)
    if row["state"] in _OVER:
        raise errors.invalid(f"Import {import_id} is {row['state']} and cannot be canceled")
    now = iso(portal.now())
    portal.state.imports.put(import_id, row | {"state": "CANCELED", "rows": [], "updatedAt": now})
    return Answer(body={"status": "COMPLETE", "startedAt": now, "completedAt": now})


def work_due(portal: Portal) -> None:
    """Work off the imports whose time has come."""
    now = iso(portal.now())
    for row in list(portal.state.imports.values()):
        if row["state"] in _OVER or row["dueAt"] > now:
            continue
        columns = [Column(**column) for column in row["columns"]]
        written = work_off(portal, row, columns)
        metadata = row["metadata"] | {
            "counters": dict(zip(_COUNTERS, written.counts(), strict=True)),
            "objectLists": _lists(portal, row, written.ids),
        }
        done = {"state": "DONE", "rows": [], "errors": written.errors, "metadata": metadata, "updatedAt": now}
        portal.state.imports.put(row["id"], row | done)


def _lists(portal: Portal, row: Json, ids: list[str]) -> list[Json]:
    """Make the list of who was imported, where that was asked for."""
    if not row["importRequestJson"].get("createContactListFromImport"):
        return []
    name = f"{row['importName']} (import {row['id']})"
    made = portal.lists.named(name) or portal.lists.create(name, "MANUAL", None)
    portal.lists.change(made, ids, ())
    return [{"listId": made.id, "objectType": "CONTACT"}]


def _existing(portal: Portal, import_id: str) -> Json:
    row = portal.state.imports.get(import_id)
    if row is None:
        raise errors.not_found(f"Import {import_id} does not exist", importId=[import_id])
    return row


def _wire(portal: Portal, row: Json) -> Json:
    shown = {name: value for name, value in row.items() if name not in _INNER}
    made, due = instant(row["createdAt"]), instant(row["dueAt"])
    if row["state"] == "STARTED" and portal.now() - made > (due - made) / 2:
        shown["state"] = "PROCESSING"
    return shown
