"""The endpoints of lists: create, find, rename, filter, delete, restore."""

from __future__ import annotations

import base64
import json

from hubsync.sandbox import errors, filters, shape
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.clock import instant
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import ContactList, Json

_TYPES = ("MANUAL", "DYNAMIC", "SNAPSHOT")
_CONTACTS = "0-1"
_USER = "76070032"
_PAGE = 500
_SEARCH_PAGE = 20


def wire(portal: Portal, row: ContactList, *, with_filters: bool = False, with_size: bool = True) -> Json:
    """Return a list as get and create give it; search gives no size."""
    body: Json = {
        "listId": row.id,
        "listVersion": row.version,
        "createdAt": row.created_at,
        "updatedAt": row.updated_at,
        "filtersUpdatedAt": row.filters_updated_at,
        "processingStatus": "PROCESSING" if portal.lists.processing(row) else "COMPLETE",
        "createdById": _USER,
        "updatedById": _USER,
        "processingType": row.processing,
        "objectTypeId": _CONTACTS,
        "name": row.name,
    }
    if row.deleted_at is not None:
        body["deletedAt"] = row.deleted_at
    if with_size:
        body["size"] = len(portal.lists.roster(row))
        body["listPermissions"] = {"teamsWithEditAccess": [], "usersWithEditAccess": []}
        body["membershipSettings"] = {"includeUnassigned": None, "membershipTeamId": None}
    if with_filters and row.filter_branch is not None:
        body["filterBranch"] = row.filter_branch
    return body


def existing(portal: Portal, list_id: str) -> ContactList:
    """Return a list; raises Refused (404)."""
    row = portal.lists.get(list_id)
    if row is None:
        raise errors.not_found(f"List does not exist with ID {list_id}.", listId=[list_id])
    return row


def create(portal: Portal, call: Call) -> Answer:
    """POST lists."""
    body = call.document(shape.LIST, "name", "objectTypeId", "processingType")
    _object_type(str(body["objectTypeId"]))
    processing = _processing_type(str(body["processingType"]))
    name = _free_name(portal, str(body["name"]))
    branch = body.get("filterBranch")
    if processing == "DYNAMIC" and branch is None:
        raise errors.invalid("A DYNAMIC list must have a filterBranch", "ListError.FILTER_BRANCH_REQUIRED")
    if processing == "MANUAL" and branch is not None:
        raise errors.invalid("A MANUAL list must not have a filterBranch", "ListError.FILTER_BRANCH_NOT_ALLOWED")
    if branch is not None:
        branch = filters.check(branch, portal.state.properties)
    folder_id = str(body.get("listFolderId") or "0")
    if folder_id != "0" and folder_id not in portal.state.folders:
        raise errors.not_found(f"Folder does not exist with ID {folder_id}.", folderId=[folder_id])
    row = portal.lists.create(name, processing, branch, folder_id)
    return Answer(body={"list": wire(portal, row, with_filters=True)})


def get(portal: Portal, call: Call, list_id: str) -> Answer:
    """GET lists/{id}."""
    row = existing(portal, list_id)
    return Answer(body={"list": wire(portal, row, with_filters=call.flag("includeFilters"))})


def get_many(portal: Portal, call: Call) -> Answer:
    """GET lists?listIds=: without ids there are none."""
    found = (portal.lists.get(list_id) for list_id in call.names("listIds"))
    with_filters = call.flag("includeFilters")
    return Answer(body={"lists": [wire(portal, row, with_filters=with_filters) for row in found if row]})


def get_named(portal: Portal, call: Call, object_type: str, name: str) -> Answer:
    """GET lists/object-type-id/{type}/name/{name}."""
    row = portal.lists.named(name) if object_type == _CONTACTS else None
    if row is None:
        raise errors.not_found(
            f"List does not exist with name {name} and object type ID {object_type}.", listName=[name]
        )
    return Answer(body={"list": wire(portal, row, with_filters=call.flag("includeFilters"))})


def search(portal: Portal, call: Call) -> Answer:
    """POST lists/search: sizes come as texts among `additionalProperties`."""
    body = call.document(shape.LIST_SEARCH)
    offset = _whole(body, "offset", 0, None)
    count = _whole(body, "count", _SEARCH_PAGE, _PAGE)
    query = str(body.get("query") or "").lower()
    types = [_processing_type(str(kind)) for kind in body.get("processingTypes") or []]
    ids = [str(list_id) for list_id in body.get("listIds") or []]
    found = [
        row
        for row in portal.lists.all()
        if query in row.name.lower() and (not types or row.processing in types) and (not ids or row.id in ids)
    ]
    page = found[offset : offset + count]
    return Answer(
        body={
            "offset": offset + len(page),
            "hasMore": offset + len(page) < len(found),
            "lists": [_found(portal, row) for row in page],
            "total": len(found),
        }
    )


def all_lists(portal: Portal, call: Call) -> Answer:
    """POST lists/all (2026-09 only): lists by ascending id with a cursor."""
    body = call.document(shape.LIST_SEARCH)
    types: list[str] = body.get("processingTypes") or []
    wanted: Json = {"objectTypeId": body.get("objectTypeId"), "processingTypes": types}
    if not set(types) <= set(_TYPES):
        raise errors.invalid("One or more processing types are not known", "INVALID_PROCESSING_TYPE")
    last = _last_seen(str(body["after"]), wanted) if body.get("after") else 0
    count = _whole(body, "count", _SEARCH_PAGE, _PAGE)
    rest = sorted(
        (row for row in portal.lists.all() if int(row.id) > last and row.processing in (types or _TYPES)),
        key=lambda row: int(row.id),
    )
    answer: Json = {"results": [_found(portal, row) for row in rest[:count]]}
    if len(rest) > count:
        cursor = json.dumps({"listId": rest[count - 1].id, **wanted}, separators=(",", ":"))
        answer["paging"] = {"next": {"after": base64.b64encode(cursor.encode()).decode()}}
    return Answer(body=answer)


def _last_seen(cursor: str, wanted: Json) -> int:
    """Return the list id a cursor stands at; a cursor of another question is refused."""
    try:
        kept = json.loads(base64.b64decode(cursor, validate=True))
        last = int(kept.pop("listId"))
    except (ValueError, KeyError, AttributeError) as error:
        raise errors.invalid("The cursor is not valid", "INVALID_CURSOR") from error
    if kept != wanted:
        raise errors.invalid("The cursor belongs to other filters", "INVALID_CURSOR")
    return last


def rename(portal: Portal, call: Call, list_id: str) -> Answer:
    """PUT lists/{id}/update-list-name?listName=."""
    row = existing(portal, list_id)
    name = _free_name(portal, call.query.get("listName") or "", row.id)
    changed = portal.lists.rename(row, name)
    return Answer(body={"updatedList": wire(portal, changed, with_filters=call.flag("includeFilters"))})


def refilter(portal: Portal, call: Call, list_id: str) -> Answer:
    """PUT lists/{id}/update-list-filters: replaces them all; active lists only."""
    row = existing(portal, list_id)
    body = call.document(shape.LIST, "filterBranch")
    if row.processing != "DYNAMIC":
        raise errors.invalid(
            f"Cannot update the filters of a list of processing type {row.processing}",
            "ListError.INVALID_PROCESSING_TYPE",
        )
    changed = portal.lists.refilter(row, filters.check(body["filterBranch"], portal.state.properties))
    return Answer(body={"updatedList": wire(portal, changed, with_filters=True)})


def delete(portal: Portal, call: Call, list_id: str) -> Answer:
    """DELETE lists/{id}."""
    del call
    portal.lists.delete(existing(portal, list_id))
    return Answer(status=204)


def restore(portal: Portal, call: Call, list_id: str) -> Answer:
    """PUT lists/{id}/restore."""
    del call
    row = portal.lists.deleted(list_id)
    if row is None:
        existing(portal, list_id)
        return Answer(status=204)
    _free_name(portal, row.name, row.id)
    portal.lists.restore(row)
    return Answer(status=204)


def _found(portal: Portal, row: ContactList) -> Json:
    additional = {"hs_list_size": str(len(portal.lists.roster(row))), "hs_list_reference_count": "0"}
    # The roster may just have been worked out, and with it when members came.
    current = portal.lists.get(row.id) or row
    if current.last_added_at:
        additional["hs_last_record_added_at"] = _epoch(current.last_added_at)
    if current.last_removed_at:
        additional["hs_last_record_removed_at"] = _epoch(current.last_removed_at)
    return wire(portal, current, with_size=False) | {"additionalProperties": additional}


def _epoch(text: str) -> str:
    return str(round(instant(text).timestamp() * 1000))


def _free_name(portal: Portal, name: str, own_id: str | None = None) -> str:
    if not name.strip():
        raise errors.invalid("List name must not be blank", "ListError.INVALID_LIST_NAME")
    holder = portal.lists.named(name)
    if holder is not None and holder.id != own_id:
        raise errors.invalid(f"A list already exists with the name '{name}'", "ILS.DUPLICATE_LIST_NAMES")
    return name


def _object_type(object_type: str) -> None:
    if object_type != _CONTACTS:
        raise errors.invalid(
            f"The objectTypeId {object_type} provided for the list is not valid for this portal.",
            "ListError.INVALID_OBJECT_TYPE_FOR_LIST",
        )


def _processing_type(kind: str) -> str:
    if kind not in _TYPES:
        raise errors.invalid(f"Unable to convert {kind} to one of [{', '.join(_TYPES)}]", "ListError.ENUM_CONVERSION")
    return kind


def _whole(body: Json, name: str, default: int, most: int | None) -> int:
    value: int | None = body.get(name)
    if value is None:
        return default
    if value < 0 or (most is not None and value > most):
        raise errors.invalid(f"{name} must be a whole number" + (f" up to {most}" if most else ""))
    return value
