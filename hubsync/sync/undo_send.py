"""Sending the rows by which an undo takes a list away that its run made, or brings it back."""

from __future__ import annotations

from hubsync.core.plan import Change
from hubsync.core.run import Outcome
from hubsync.portal.errors import NotThere
from hubsync.portal.lists import ContactList, Lists
from hubsync.sync.sent import Sent, ours


def delete(lists: Lists, list_id: str, change: Change, *, again: bool) -> Sent:
    """Delete the list if nobody is on it; HubSpot keeps it for 90 days. `again`: it may be deleted already."""
    sent = Sent()
    found = lists.get(list_id)
    if found is not None and next(lists.members(list_id), None) is not None:
        told = ours("LIST_NOT_EMPTY", f"“{change.field}” stays: somebody else's people are on it.")
        sent.end(change, Outcome.SKIPPED, error=told)
        return sent
    if found is not None:
        lists.delete(list_id)
    sent.end(change, Outcome.CONFIRMED if found is not None or again else Outcome.UNCHANGED)
    sent.know("", f"list_name:{change.field}", "")
    sent.know("", f"list_deleted:{list_id}", change.field)
    return sent


def restore(lists: Lists, list_id: str, change: Change, *, again: bool) -> Sent:
    """Bring a deleted list back under its id, so that what refers to it works again; make it anew where it is lost."""
    found = lists.get(list_id)
    there = found is not None
    if found is None:
        found = _restored(lists, list_id) or lists.create(change.field)
    sent = Sent()
    sent.end(change, Outcome.UNCHANGED if there and not again else Outcome.CONFIRMED)
    sent.know("", f"list_name:{change.field}", found.id)
    sent.know("", f"list_deleted:{list_id}", "")
    return sent


def _restored(lists: Lists, list_id: str) -> ContactList | None:
    try:
        lists.restore(list_id)
    except NotThere:
        return None
    return lists.get(list_id)
