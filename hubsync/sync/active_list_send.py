"""Sending the row that makes an active list, or puts the filters of one of ours right."""

from __future__ import annotations

from hubsync.core.plan import Change, Plan
from hubsync.core.run import Outcome
from hubsync.portal import filters
from hubsync.portal.contact import RowError
from hubsync.portal.lists import ContactList, Lists
from hubsync.sync.sent import Sent, ours

DYNAMIC = "DYNAMIC"


def ensure(lists: Lists, plan: Plan, change: Change, *, again: bool) -> Sent:
    """Make sure of the list and return how the row ended; `again`: it may have been made before."""
    wanted = plan.options["filters"]
    assert isinstance(wanted, dict), "a plan for an active list says its filters"
    sent = Sent()
    known = str(plan.options.get("list_id") or "")
    if known:
        found = lists.get(known)
        if found is None:
            error = ours("LIST_GONE", f"“{change.field}” was deleted in HubSpot since the preview.")
            sent.end(change, Outcome.REJECTED, error=error)
            return sent
        if not _is_active(found):
            sent.end(change, Outcome.REJECTED, error=_static(change))
            return sent
        right = filters.same(lists.filters(found.id), wanted)
        if not right:
            lists.set_filters(found.id, wanted)
        _there(sent, change, found, Outcome.CONFIRMED if again or not right else Outcome.UNCHANGED)
        return sent
    found, made = lists.ensure(change.field, processing_type=DYNAMIC, filters=wanted)
    if not _is_active(found):
        sent.end(change, Outcome.REJECTED, error=_static(change))
    elif not made and not (again and filters.same(lists.filters(found.id), wanted)):
        error = ours("LIST_TAKEN", f"“{change.field}” was made by somebody else since the preview.")
        sent.end(change, Outcome.REJECTED, error=error)
    else:
        _there(sent, change, found, Outcome.CONFIRMED)
    return sent


def _there(sent: Sent, change: Change, found: ContactList, outcome: Outcome) -> None:
    sent.end(change, outcome)
    sent.know("", f"list_name:{change.field}", found.id)
    sent.know("", f"list_filters:{change.field}", DYNAMIC)


def _is_active(found: ContactList) -> bool:
    return found.processing_type == DYNAMIC


def _static(change: Change) -> RowError:
    return ours("LIST_IS_STATIC", f"“{change.field}” is a list whose members are put on one by one.")
