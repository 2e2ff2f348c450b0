"""Taking a run back: for each row it confirmed, the change that restores what was there before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from hubsync.core.field import FieldType, Raw, normalise
from hubsync.core.plan import Change, Op


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """A row that HubSpot confirmed, and what it holds there now."""

    #: As it was sent, with the record id the contact has now.
    change: Change
    #: What was there before.
    prior: str
    #: What is there now: a property's text, or "member" or "".
    now: str
    #: The contact still exists.
    exists: bool = True
    #: May stand on a list: not opted out, bounced or in quarantine.
    listable: bool = True
    #: Of the property; memberships have none.
    type: FieldType = FieldType.STRING


class Left(StrEnum):
    """Why a row cannot be taken back."""

    CHANGED = "changed since"
    GONE = "no longer in HubSpot"
    OPTED_OUT = "must not be mailed any more"
    KEPT = "made, and never deleted from here"


def inverse(done: Iterable[Done], run_id: str) -> Iterator[Change | tuple[Change, Left]]:
    """Yield, for each row, the change that takes it back, or the row with the reason why it stays.

    Contacts, lists and properties are never deleted.
    """
    for row in done:
        left = _stays(row)
        if left is not None:
            yield row.change, left
        elif row.prior != row.change.new:
            yield replace(
                row.change,
                op={Op.ADD_MEMBER: Op.REMOVE_MEMBER, Op.REMOVE_MEMBER: Op.ADD_MEMBER}.get(row.change.op, row.change.op),
                old=row.change.new,
                new=row.prior,
                reason=f"takes back run {run_id}",
                row=-1,
            )


def _stays(row: Done) -> Left | None:
    if row.change.op not in {Op.UPDATE_CONTACT, Op.ADD_MEMBER, Op.REMOVE_MEMBER}:
        return Left.KEPT
    if not row.exists:
        return Left.GONE
    if row.change.op is Op.REMOVE_MEMBER and not row.listable:
        return Left.OPTED_OUT
    same = row.now == row.change.new or _text(row.now, row.type) == _text(row.change.new, row.type)
    return None if same else Left.CHANGED


def _text(value: Raw, kind: FieldType) -> str:
    try:
        return normalise(value, kind)
    except ValueError:
        return str(value)
