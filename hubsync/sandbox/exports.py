"""The endpoints of exports: a file of contacts, made one after the other, to be fetched within five minutes."""

from __future__ import annotations

import csv
import datetime as dt
import io
import secrets
import zipfile
from collections.abc import Sequence

from hubsync.sandbox import errors, search, shape
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.clock import instant, iso
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Contact, Json

#: Where files are fetched from, without a token: who has the address has the file.
FILES = "/_files/"
_REQUIRED = ("exportType", "exportName", "format", "objectType", "objectProperties")
_LIFE = dt.timedelta(minutes=5)
#: In any 24 hours.
_A_DAY = 30
#: Files above this many bytes come zipped.
_LARGEST = 2_000_000
#: Fewer filters than a search takes.
_GROUPS = _FILTERS = 3


def create(portal: Portal, call: Call) -> Answer:
    """POST exports/export/async: of a list, or of a view as a search describes it; 202."""
    body = call.document(shape.EXPORT, *_REQUIRED)
    now = portal.now()
    since = iso(now - dt.timedelta(days=1))
    if sum(row["createdAt"] > since for row in portal.state.exports.values()) >= _A_DAY:
        raise errors.refused(429, f"You have reached your limit of {_A_DAY} exports in 24 hours.", "RATE_LIMITS")
    _check(portal, call, body)
    number = portal.state.next_id("export_id", 92_000_001)
    # One at a time: the others wait their turn.
    begins = max([iso(now), *(row["dueAt"] for row in portal.state.exports.values())])
    ends = instant(begins) + dt.timedelta(seconds=portal.settings.processing_seconds)
    row: Json = {
        "id": number,
        "createdAt": iso(now),
        "beginsAt": begins,
        "dueAt": iso(ends),
        "request": body,
        "host": call.url.split("/", 3)[2],
    }
    portal.state.exports.put(number, row)
    return Answer(status=202, body={"id": number, "links": {"status": f"{call.url}/tasks/{number}/status"}})


def status(portal: Portal, call: Call, task_id: str) -> Answer:
    """GET exports/export/async/tasks/{id}/status: COMPLETE brings the file's address."""
    del call
    row = _existing(portal, task_id)
    state = _state(portal, row)
    body: Json = {
        "status": state,
        "requestedAt": row["createdAt"],
        "startedAt": row["beginsAt"],
        "completedAt": row["dueAt"],
    }
    if state == "COMPLETE":
        body["result"] = f"http://{row['host']}{FILES}{_file(portal, row)}"
    return Answer(body=body)


def get(portal: Portal, call: Call, export_id: str) -> Answer:
    """GET exports/export/{id}."""
    del call
    row = _existing(portal, export_id)
    state = {"PENDING": "ENQUEUED", "COMPLETE": "DONE"}.get(_state(portal, row), "PROCESSING")
    request = row["request"]
    body: Json = {
        "id": export_id,
        "createdAt": row["createdAt"],
        "updatedAt": min(row["dueAt"], iso(portal.now())),
        "exportState": state,
        "exportType": request["exportType"],
        "exportName": request["exportName"],
        "objectType": "CONTACT",
        "objectProperties": request["objectProperties"],
    }
    return Answer(body=body | ({"recordCount": row["count"]} if "count" in row else {}))


def download(portal: Portal, path: str) -> tuple[int, bytes, str]:
    """Return status, content and content type of a file's address; 403 once it is five minutes old."""
    held = portal.files.get(path.removeprefix(FILES))
    if held is None or held.expires < portal.now():
        return 403, b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>", "application/xml"
    zipped = held.content.startswith(b"PK")
    return 200, held.content, "application/zip" if zipped else "text/csv;charset=utf-8"


def work_due(portal: Portal) -> None:
    """Write the files of the exports whose time has come, with the contacts as they are now."""
    for row in list(portal.state.exports.values()):
        if "name" not in row and _state(portal, row) == "COMPLETE":
            _write(portal, row)


def _file(portal: Portal, row: Json) -> str:
    """Return the name under which an export is fetched, a new one where the last has expired."""
    held = portal.files.get(row.get("name", ""))
    if held is None or held.expires < portal.now():
        row = _write(portal, row)
    return str(row["name"])


def _write(portal: Portal, row: Json) -> Json:
    contacts = _contacts(portal, row["request"])
    name = f"{secrets.token_urlsafe(12)}.csv"
    portal.keep_file(name, _csv(portal, row["request"], contacts), portal.now() + _LIFE)
    written = row | {"name": name, "count": len(contacts)}
    portal.state.exports.put(row["id"], written)
    return written


def _csv(portal: Portal, request: Json, contacts: Sequence[Contact]) -> bytes:
    names = [str(name).lower() for name in request["objectProperties"]]
    inner = "NAMES" in (request.get("exportInternalValuesOptions") or ())
    known = portal.state.properties
    labels = [name if inner or name not in known else (known.get(name) or {})["label"] for name in names]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["Record ID", *labels])
    writer.writerows([contact.id, *(contact.properties.get(name, "") for name in names)] for contact in contacts)
    content = text.getvalue().encode()
    if len(content) <= _LARGEST:
        return content
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{request['exportName']}.csv", content)
    return packed.getvalue()


def _contacts(portal: Portal, request: Json) -> list[Contact]:
    if request["exportType"] == "LIST":
        row = portal.lists.get(str(request["listId"]))
        ids = portal.lists.roster(row).ids() if row is not None else []
        return [contact for key in ids if (contact := portal.contacts.get(key)) is not None]
    return search.found(portal, request.get("publicCrmSearchRequest") or {})


def _check(portal: Portal, call: Call, body: Json) -> None:
    if str(body["objectType"]).upper() not in {"CONTACT", "CONTACTS", "0-1"}:
        raise errors.missing_scopes(["crm.export"])
    if body["format"] != "CSV":
        raise errors.invalid("The sandbox writes files of format CSV only")
    if body["exportType"] == "LIST":
        call.require(body, "listId")
        if portal.lists.get(str(body["listId"])) is None:
            raise errors.not_found(f"List does not exist with ID {body['listId']}.", listId=[str(body["listId"])])
    elif body["exportType"] == "VIEW":
        wanted = body.get("publicCrmSearchRequest") or {}
        groups = wanted.get("filterGroups") or []
        if len(groups) > _GROUPS or any(len(group.get("filters") or ()) > _FILTERS for group in groups):
            raise errors.invalid(f"An export takes up to {_GROUPS} filter groups of up to {_FILTERS} filters.")
        search.found(portal, wanted)
    else:
        raise errors.invalid(f"Unable to convert {body['exportType']} to one of [LIST, VIEW]")


def _state(portal: Portal, row: Json) -> str:
    now = iso(portal.now())
    if now < row["beginsAt"]:
        return "PENDING"
    return "PROCESSING" if now < row["dueAt"] else "COMPLETE"


def _existing(portal: Portal, export_id: str) -> Json:
    row = portal.state.exports.get(export_id)
    if row is None:
        raise errors.not_found(f"Export {export_id} does not exist", id=[export_id])
    return row
