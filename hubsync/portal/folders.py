"""Folders that lists lie in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hubsync.portal.answer import Json, required, text
from hubsync.portal.gateway import Gateway

#: The folder that holds all others.
ROOT = "0"


@dataclass(frozen=True, kw_only=True)
class Folder:
    """One folder of lists."""

    id: str
    name: str
    parent_id: str
    #: Lists that lie in it, by id.
    list_ids: frozenset[str]


class Folders:
    """The list folders of one portal. Raises what `hubsync.portal.errors` says."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def all(self) -> list[Folder]:
        """Return every folder, those inside others too, without the root; one request."""
        answer = self._gateway.call("lists.folders", query={"folderId": ROOT})
        return [folder for folder in _below(answer.object("folder")) if folder.id != ROOT]

    def ensure(self, name: str, parent_id: str = ROOT) -> tuple[Folder, bool]:
        """Return the folder of that name in its parent, and whether it was created now.

        Names need not be unique in HubSpot; of several, the oldest is returned. Never repeated by itself: after
        Unclear, ensure it again.
        """
        same = [folder for folder in self.all() if (folder.name, folder.parent_id) == (name, parent_id)]
        if same:
            return min(same, key=lambda folder: (len(folder.id), folder.id)), False
        answer = self._gateway.call("lists.create_folder", body={"name": name, "parentFolderId": parent_id})
        return answer.read(_folder_of, "folder"), True

    def move(self, list_id: str, folder_id: str) -> None:
        """Put a list into a folder; it lies in one at a time."""
        self._gateway.call("lists.move", body={"listId": list_id, "newFolderId": folder_id})


def _below(row: Json) -> Iterator[Folder]:
    waiting = [row]
    while waiting:
        part = waiting.pop()
        yield _folder_of(part)
        children = part.get("childNodes")
        if isinstance(children, list):
            waiting.extend(child for child in children if isinstance(child, dict))


def _folder_of(row: Json) -> Folder:
    lists = row.get("childLists")
    return Folder(
        id=required(row, "id"),
        name=text(row, "name"),
        parent_id=text(row, "parentFolderId") or ROOT,
        list_ids=frozenset(str(one) for one in lists) if isinstance(lists, list) else frozenset(),
    )
