"""Taking a run back: for each row it confirmed, the change that restores what was there before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from hubsync.core.field import FieldType, Raw, held, joined, normalise
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
    #: The property holds several options, of which a run sets or takes its own.
    multiple: bool = False
    #: The run made it: a list that was not there before.
    made: bool = False
    #: No later run has written it since.
    ours: bool = True


class Left(StrEnum):
    """Why a row cannot be taken back."""

    CHANGED = "changed since"
    GONE = "no longer in HubSpot"
    OPTED_OUT = "must not be mailed any more"
    KEPT = "made, and never deleted from here"
    DONE = "HubSpot acted on it at once, which nobody can take back"


#: What takes back what; other ops that can be taken back are taken back by themselves.
_OPPOSITE = {
    Op.ADD_MEMBER: Op.REMOVE_MEMBER,
    Op.REMOVE_MEMBER: Op.ADD_MEMBER,
    Op.ENSURE_LIST: Op.DELETE_LIST,
    Op.DELETE_LIST: Op.ENSURE_LIST,
}
_PEOPLE = frozenset({Op.UPDATE_CONTACT, Op.ADD_MEMBER, Op.REMOVE_MEMBER})


def inverse(done: Iterable[Done], run_id: str) -> Iterator[Change | tuple[Change, Left]]:
    """Yield, for each row, the change that takes it back, or the row with the reason why it stays.

    Contacts and properties are never deleted; a list only if the run made it, and then only once nobody is on it.
    """
    for row in done:
        left = _stays(row)
        old, new = _standing(row), _restored(row)
        if left is not None:
            yield row.change, left
        elif old != new:
            yield replace(
                row.change,
                op=_OPPOSITE.get(row.change.op, row.change.op),
                old=old,
                new=new,
                reason=f"takes back run {run_id}",
                row=-1,
            )


def _standing(row: Done) -> str:
    return joined(held(row.now)) if row.multiple else row.change.new


def _restored(row: Done) -> str:
    """Of a property that holds several options, only those that the run set or took are turned back."""
    if not row.multiple:
        return row.prior
    was, wrote = held(row.prior), held(row.change.new)
    return joined((held(row.now) - (wrote - was)) | (was - wrote))


def _stays(row: Done) -> Left | None:
    if row.change.op is Op.ENROL:
        return Left.DONE
    if row.change.op not in _PEOPLE:
        if not (row.made or row.change.op is Op.DELETE_LIST):
            return Left.KEPT
        return None if row.ours else Left.CHANGED
    if not row.exists:
        return Left.GONE
    if row.change.op is Op.REMOVE_MEMBER and not row.listable:
        return Left.OPTED_OUT
    # Of an option among others the value itself tells; of all else a later run's equal value is that run's.
    return None if _same(row) and (row.ours or row.multiple) else Left.CHANGED


def _same(row: Done) -> bool:
    """Whether what the run wrote still stands."""
    if row.multiple:
        was, wrote, now = held(row.prior), held(row.change.new), held(row.now)
        return wrote - was <= now and not (was - wrote) & now
    return row.now == row.change.new or _text(row.now, row.type) == _text(row.change.new, row.type)


def _text(value: Raw, kind: FieldType) -> str:
    try:
        return normalise(value, kind)
    except ValueError:
        return str(value)
