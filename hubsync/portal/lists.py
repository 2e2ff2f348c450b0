"""Lists (HubSpot's word is now segments): found, made, and their members kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from hubsync.portal.answer import Json, garbled, moment, required, text, whole
from hubsync.portal.errors import Conflict, NotThere
from hubsync.portal.gateway import Gateway

CONTACT = "0-1"
#: Members of one page (HubSpot's API reference).
PAGE = 250
#: Lists of one page of a search.
SEARCH_PAGE = 500
#: Ids of one membership write; HubSpot documents no limit.
CHUNK = 5_000


@dataclass(frozen=True, kw_only=True)
class ContactList:
    """One list of a portal."""

    id: str
    name: str
    #: "MANUAL", "DYNAMIC" or "SNAPSHOT".
    processing_type: str
    #: "COMPLETE", "PROCESSING", ...
    processing_status: str
    #: "0-1" for contacts.
    object_type: str
    #: Members; None where this answer does not tell.
    size: int | None
    updated_at: dt.datetime | None

    @property
    def is_manual(self) -> bool:
        """Whether members can be written: a list of contacts without filters of its own at work."""
        return self.object_type == CONTACT and self.processing_type in {"MANUAL", "SNAPSHOT"}


@dataclass(frozen=True, kw_only=True)
class Membership:
    """What a membership write did. Ids in none of the three were as wanted already."""

    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    #: Record ids that HubSpot does not know.
    missing: frozenset[str] = frozenset()


#: HubSpot spells the first one so, and leaves out those that would be empty.
_MEMBERSHIP = frozenset(
    {"recordsIdsAdded", "recordIdsAdded", "recordIdsRemoved", "recordsIdsRemoved", "recordIdsMissing"}
)


class Lists:
    """The lists of one portal. Raises what `hubsync.portal.errors` says."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def get(self, list_id: str) -> ContactList | None:
        """Return a list by its id, or None; no list has the id "", which would ask for something else."""
        return self._one("lists.get", {"list_id": list_id}) if list_id else None

    def filters(self, list_id: str) -> Json | None:
        """Return the filter branch of a list; None where it has none, or there is no such list."""
        try:
            row = self._gateway.call("lists.get", path={"list_id": list_id}, query={"includeFilters": "true"})
        except NotThere:
            return None
        branch = row.object("list").get("filterBranch")
        return branch if isinstance(branch, dict) else None

    def by_name(self, name: str) -> ContactList | None:
        """Return the list of contacts with this name, or None."""
        return self._one("lists.by_name", {"name": name})

    def create(self, name: str, *, processing_type: str = "MANUAL", filters: Json | None = None) -> ContactList:
        """Create a list of contacts; `filters` is the filter branch of a DYNAMIC one. Conflict: the name is taken."""
        body: Json = {"name": name, "objectTypeId": CONTACT, "processingType": processing_type}
        if filters is not None:
            body["filterBranch"] = filters
        return self._gateway.call("lists.create", body=body).read(_list_of, "list")

    def ensure(
        self, name: str, *, processing_type: str = "MANUAL", filters: Json | None = None
    ) -> tuple[ContactList, bool]:
        """Return the list of that name and whether it was created now; one that is there is returned as it is."""
        found = self.by_name(name)
        if found is not None:
            return found, False
        try:
            return self.create(name, processing_type=processing_type, filters=filters), True
        except Conflict:
            found = self.by_name(name)  # created by somebody else between the two calls
            if found is None:
                raise
            return found, False

    def search(self, query: str = "", *, list_ids: Sequence[str] = ()) -> Iterator[ContactList]:
        """Yield the lists of contacts whose name contains `query`, with their sizes."""
        body: Json = {
            "query": query,
            "count": SEARCH_PAGE,
            "offset": 0,
            "additionalProperties": ["hs_list_size"],
        }
        if list_ids:
            body["listIds"] = list(list_ids)
        seen: set[str] = set()
        while True:
            answer = self._gateway.call("lists.search", body=body)
            page = {found.id: found for found in map(_list_of, answer.rows("lists")) if found.id not in seen}
            yield from (found for found in page.values() if found.object_type == CONTACT)
            if answer.body.get("hasMore") is not True:
                return
            if not page:
                raise garbled("a page of it holds only lists of the pages before", answer)
            seen |= page.keys()
            body["offset"] += len(answer.rows("lists"))

    def members(self, list_id: str) -> Iterator[str]:
        """Yield the record ids of a list's members, in order, 250 a request."""
        for answer in self._gateway.pages("lists.members", path={"list_id": list_id}, query={"limit": PAGE}):
            yield from (required(row, "recordId") for row in answer.rows())

    def add_and_remove(
        self, list_id: str, add: Sequence[str] = (), remove: Sequence[str] = (), *, chunk: int = CHUNK
    ) -> Membership:
        """Add and remove record ids, `chunk` of each a request; sent twice, the second does nothing."""
        added: set[str] = set()
        removed: set[str] = set()
        missing: set[str] = set()
        for plus, minus in zip_longest(_chunks(add, chunk), _chunks(remove, chunk), fillvalue=()):
            answer = self._gateway.call(
                "lists.add_and_remove",
                path={"list_id": list_id},
                body={"recordIdsToAdd": list(plus), "recordIdsToRemove": list(minus)},
            )
            if answer.body and not answer.body.keys() & _MEMBERSHIP:
                raise garbled("it tells neither who was added nor who was removed", answer)
            added |= _ids(answer.body, "recordsIdsAdded") | _ids(answer.body, "recordIdsAdded")
            removed |= _ids(answer.body, "recordIdsRemoved") | _ids(answer.body, "recordsIdsRemoved")
            missing |= _ids(answer.body, "recordIdsMissing")
        return Membership(added=frozenset(added), removed=frozenset(removed), missing=frozenset(missing))

    def set_filters(self, list_id: str, filters: Json) -> None:
        """Replace the filter branch of a DYNAMIC list; it is processed anew."""
        self._gateway.call("lists.set_filters", path={"list_id": list_id}, body={"filterBranch": filters})

    def rename(self, list_id: str, name: str) -> None:
        """Give a list another name. Conflict: it is taken."""
        self._gateway.call("lists.rename", path={"list_id": list_id}, query={"listName": name})

    def delete(self, list_id: str) -> None:
        """Delete a list, not its contacts; it can be restored for 90 days. One that is gone already is no error."""
        try:
            self._gateway.call("lists.delete", path={"list_id": list_id})
        except NotThere:
            return

    def restore(self, list_id: str) -> None:
        """Bring a deleted list back with its members."""
        self._gateway.call("lists.restore", path={"list_id": list_id})

    def _one(self, route: str, path: dict[str, str]) -> ContactList | None:
        try:
            return self._gateway.call(route, path=path).read(_list_of, "list")
        except NotThere:
            return None


def _list_of(row: Json) -> ContactList:
    extra = row.get("additionalProperties")
    size = whole(row, "size")
    if size is None and isinstance(extra, dict):  # search tells it as text, and only there
        size = whole(extra, "hs_list_size")
    return ContactList(
        id=required(row, "listId"),
        name=text(row, "name"),
        processing_type=text(row, "processingType"),
        processing_status=text(row, "processingStatus"),
        object_type=text(row, "objectTypeId"),
        size=size,
        updated_at=moment(row, "updatedAt"),
    )


def _chunks(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


def _ids(body: Json, key: str) -> set[str]:
    found = body.get(key)
    return {str(one) for one in found} if isinstance(found, list) else set()
