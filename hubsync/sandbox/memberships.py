"""The endpoints of list members: read in either order, add, remove."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hubsync.sandbox import errors, shape
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.envelope import failure, wrapped
from hubsync.sandbox.list_calls import existing
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import ContactList, Json

_PAGE = 250
_DEFAULT_PAGE = 100
#: Beyond this many members a list cannot be emptied or poured into another in one call.
_BULK = 100_000
_JAVA = "java.util.ArrayList<java.lang.Long>"


def page(portal: Portal, call: Call, list_id: str) -> Answer:
    """GET lists/{id}/memberships: by ascending record id."""
    row = existing(portal, list_id)
    return _page(portal, call, row, portal.lists.roster(row).page_by_id)


def page_by_joining(portal: Portal, call: Call, list_id: str) -> Answer:
    """GET lists/{id}/memberships/join-order: who joined first comes first."""
    row = existing(portal, list_id)
    return _page(portal, call, row, portal.lists.roster(row).page_by_joining)


def add(portal: Portal, call: Call, list_id: str) -> Answer:
    """PUT lists/{id}/memberships/add: the body is a bare array of record ids."""
    return _change(portal, _by_hand(portal, list_id), add=_array(call), remove=())


def remove(portal: Portal, call: Call, list_id: str) -> Answer:
    """PUT lists/{id}/memberships/remove: the body is a bare array of record ids."""
    return _change(portal, _by_hand(portal, list_id), add=(), remove=_array(call))


def add_and_remove(portal: Portal, call: Call, list_id: str) -> Answer:
    """PUT lists/{id}/memberships/add-and-remove."""
    body = call.document(shape.MEMBERSHIP_CHANGE)
    row = _by_hand(portal, list_id)
    added = _ids(call, body.get("recordIdsToAdd") or [])
    removed = _ids(call, body.get("recordIdsToRemove") or [])
    return _change(portal, row, add=added, remove=removed)


def remove_all(portal: Portal, call: Call, list_id: str) -> Answer:
    """DELETE lists/{id}/memberships: the list stays, empty."""
    del call
    row = _by_hand(portal, list_id)
    portal.lists.change(row, (), _not_too_many(portal, row))
    return Answer(status=204)


def add_from(portal: Portal, call: Call, list_id: str, source_id: str) -> Answer:
    """PUT lists/{id}/memberships/add-from/{source}."""
    del call
    row = _by_hand(portal, list_id)
    portal.lists.change(row, _not_too_many(portal, existing(portal, source_id)), ())
    return Answer(status=204)


def lists_of(portal: Portal, call: Call, object_type: str, contact_id: str) -> Answer:
    """GET lists/records/{type}/{id}/memberships: the lists one contact is in."""
    del call, object_type
    results = _lists_of(portal, contact_id)
    return Answer(body={"results": results, "total": len(results)})


def lists_of_many(portal: Portal, call: Call) -> Answer:
    """POST lists/records/memberships/batch/read: the lists each of some contacts is in."""
    results: list[Json] = []
    failed: list[Json] = []
    for row in call.document(shape.RECORDS, "inputs")["inputs"]:
        contact_id = portal.contacts.current_id(str(row.get("recordId", "")))
        if portal.contacts.get(contact_id) is None:
            failed.append(failure("OBJECT_NOT_FOUND", f"Record {contact_id} does not exist", recordId=[contact_id]))
        else:
            results.append(
                {
                    "objectTypeId": "0-1",
                    "recordId": contact_id,
                    "recordListMemberships": _lists_of(portal, contact_id),
                }
            )
    return wrapped(portal, results, failed)


def _lists_of(portal: Portal, contact_id: str) -> list[Json]:
    results: list[Json] = []
    for row in portal.lists.all():
        roster = portal.lists.roster(row)
        if contact_id in roster:
            joined = roster.joined(contact_id)
            results.append(
                {
                    "listId": row.id,
                    "listVersion": row.version,
                    "isPublicList": True,
                    "firstAddedTimestamp": joined,
                    "lastAddedTimestamp": joined,
                }
            )
    return results


def _page(
    portal: Portal, call: Call, row: ContactList, cut: Callable[[int, int], tuple[list[str], str | None]]
) -> Answer:
    ids, rest = cut(call.cursor(), call.number("limit", _DEFAULT_PAGE, _PAGE))
    roster = portal.lists.roster(row)
    body: Json = {
        "results": [{"recordId": key, "membershipTimestamp": roster.joined(key)} for key in ids],
        "total": len(roster),
    }
    if rest:
        body["paging"] = call.onward(rest)
    return Answer(body=body)


def _by_hand(portal: Portal, list_id: str) -> ContactList:
    row = existing(portal, list_id)
    if row.processing == "DYNAMIC":
        raise errors.invalid(
            "Can not operate manually on a dynamic list", "ListError.INVALID_PROCESSING_TYPE", listId=list_id
        )
    return row


def _array(call: Call) -> list[str]:
    body = call.json()
    if not isinstance(body, list):
        raise errors.bad_json(
            call.body,
            f"Cannot deserialize value of type `{_JAVA}` from Object value (token `JsonToken.START_OBJECT`)",
        )
    return _ids(call, body)


def _ids(call: Call, values: object) -> list[str]:
    if not isinstance(values, list) or not all(shape.whole(str(value)) for value in values):
        raise errors.bad_json(call.body, f"Cannot deserialize value of type `{_JAVA}` from String value")
    return [str(value) for value in values]


def _change(portal: Portal, row: ContactList, *, add: Sequence[str], remove: Sequence[str]) -> Answer:
    done = portal.lists.change(row, add, remove)
    parts = {"recordsIdsAdded": done.added, "recordIdsRemoved": done.removed, "recordIdsMissing": done.missing}
    return Answer(body={name: list(ids) for name, ids in parts.items() if ids})


def _not_too_many(portal: Portal, row: ContactList) -> list[str]:
    members = portal.lists.roster(row).ids()
    if len(members) > _BULK:
        raise errors.invalid(
            f"The list has {len(members)} members; this call takes lists of up to {_BULK}.",
            "ListError.TOO_MANY_MEMBERSHIPS",
        )
    return members
