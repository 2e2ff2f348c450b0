"""The endpoints of list folders: a tree of names whose root is folder 0."""

from __future__ import annotations

from dataclasses import replace

from hubsync.sandbox import errors, shape
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.clock import iso
from hubsync.sandbox.list_calls import existing
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Json

ROOT = "0"
_USER = 76070032
#: HubSpot nests folders five deep.
_DEEPEST = 5


def get(portal: Portal, call: Call) -> Answer:
    """GET lists/folders?folderId=: a folder with everything below it; the root where none is named."""
    return Answer(body={"folder": _wire(portal, _existing(portal, call.query.get("folderId", ROOT)))})


def create(portal: Portal, call: Call) -> Answer:
    """POST lists/folders."""
    body = call.document(shape.FOLDER, "name")
    parent = _existing(portal, str(body.get("parentFolderId") or ROOT))
    if _depth(portal, parent) >= _DEEPEST:
        raise errors.invalid(f"Folders may be nested {_DEEPEST} deep", "ListError.FOLDER_TOO_DEEP")
    now = iso(portal.now())
    folder: Json = {
        "id": portal.state.next_id("folder_id", 1),
        "name": str(body["name"]),
        "parentFolderId": parent["id"],
        "userId": _USER,
        "createdAt": now,
        "updatedAt": now,
    }
    portal.state.folders.put(folder["id"], folder)
    return Answer(body={"folder": _wire(portal, folder)})


def rename(portal: Portal, call: Call, folder_id: str) -> Answer:
    """PUT lists/folders/{id}/rename?newFolderName=."""
    name = call.query.get("newFolderName", "")
    if not name.strip():
        raise errors.invalid("newFolderName must not be blank")
    return _kept(portal, _own(portal, folder_id) | {"name": name})


def move(portal: Portal, call: Call, folder_id: str, parent_id: str) -> Answer:
    """PUT lists/folders/{id}/move/{new parent}."""
    del call
    folder, parent = _own(portal, folder_id), _existing(portal, parent_id)
    if folder["id"] in _ancestry(portal, parent):
        raise errors.invalid(f"Folder {folder_id} cannot be moved below itself", "ListError.INVALID_FOLDER_MOVE")
    return _kept(portal, folder | {"parentFolderId": parent["id"]})


def move_list(portal: Portal, call: Call) -> Answer:
    """PUT lists/folders/move-list."""
    body = call.document(shape.LIST_MOVE, "listId", "newFolderId")
    row, folder = existing(portal, str(body["listId"])), _existing(portal, str(body["newFolderId"]))
    portal.state.lists.put(row.id, replace(row, folder_id=folder["id"]))
    return Answer(status=204)


def delete(portal: Portal, call: Call, folder_id: str) -> Answer:
    """DELETE lists/folders/{id}: only an empty one."""
    del call
    folder = _wire(portal, _own(portal, folder_id))
    if folder["childNodes"] or folder["childLists"]:
        raise errors.invalid(f"Folder {folder_id} is not empty", "ListError.FOLDER_NOT_EMPTY")
    portal.state.folders.drop(folder_id)
    return Answer(status=204)


def _kept(portal: Portal, folder: Json) -> Answer:
    changed = folder | {"updatedAt": iso(portal.now())}
    portal.state.folders.put(folder["id"], changed)
    return Answer(body={"folder": _wire(portal, changed)})


def _existing(portal: Portal, folder_id: str) -> Json:
    if folder_id == ROOT:
        return {"id": ROOT, "name": "", "parentFolderId": ROOT, "userId": _USER}
    folder = portal.state.folders.get(folder_id)
    if folder is None:
        raise errors.not_found(f"Folder does not exist with ID {folder_id}.", folderId=[folder_id])
    return folder


def _own(portal: Portal, folder_id: str) -> Json:
    if folder_id == ROOT:
        raise errors.invalid("The root folder cannot be changed", "ListError.INVALID_FOLDER")
    return _existing(portal, folder_id)


def _ancestry(portal: Portal, folder: Json) -> list[str]:
    ids = []
    while folder["id"] != ROOT:
        ids.append(folder["id"])
        folder = _existing(portal, folder["parentFolderId"])
    return ids


def _depth(portal: Portal, folder: Json) -> int:
    return len(_ancestry(portal, folder))


def _wire(portal: Portal, folder: Json) -> Json:
    children = [row for row in portal.state.folders.values() if row["parentFolderId"] == folder["id"]]
    return folder | {
        "childLists": [int(row.id) for row in portal.lists.all() if row.folder_id == folder["id"]],
        "childNodes": [_wire(portal, child) for child in children],
    }
