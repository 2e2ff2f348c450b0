"""Guards: figures of a plan that forbid running it, each with the way on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from hubsync.core.plan import Guard

#: A segment's size may move this far between two syncs, unless only a few people moved.
SIZE_CHANGE = 0.30
SIZE_CHANGE_PEOPLE = 50
#: Of a list, this much may be removed in one run.
REMOVED_SHARE = 0.20
#: HubSpot bills contacts; more than this many are created only on purpose.
CREATED = 500
#: A mirror older than this no longer says what HubSpot holds.
MIRROR_AGE = dt.timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What the guards look at; all counts are people."""

    #: Everybody in the feature table, whatever segment.
    customers: int
    #: Of the segment, now.
    members: int
    #: Of the segment when it was last synced to this place; None the first time.
    members_before: int | None
    #: We put there earlier: on the list, or with a value of ours.
    ours: int
    #: Would go off the list, or lose their values.
    leaving: int
    creating: int
    mirror_age: dt.timedelta


def guards(figures: Figures) -> list[Guard]:
    """Return the guards that stand in the way; none means that the plan may run."""
    found = [_empty(figures), _size(figures), _removal(figures), _creates(figures), _mirror(figures)]
    return [guard for guard in found if guard]


def age(mirror_age: dt.timedelta) -> tuple[Guard, ...]:
    """Return the guards of a plan that only puts back what was there; nothing but an old mirror forbids it."""
    still = Figures(customers=0, members=0, members_before=None, ours=0, leaving=0, creating=0, mirror_age=mirror_age)
    return tuple(guards(still))


def _empty(figures: Figures) -> Guard | None:
    """A source that lost its rows looks just like a segment that everybody left."""
    if not figures.leaving or figures.members:
        return None
    everybody = "There are no customers at all" if not figures.customers else "The segment has no members"
    return Guard(
        code="empty_source",
        message=f"{everybody}, and {figures.leaving:,} people would be taken off.",
        hint="Check the behaviour data and the rule, then refresh and preview again.",
    )


def _size(figures: Figures) -> Guard | None:
    before = figures.members_before
    if before is None or (not figures.members and figures.leaving):  # the first time, or told by the guard above
        return None
    moved = figures.members - before
    if abs(moved) < SIZE_CHANGE_PEOPLE or abs(moved) <= SIZE_CHANGE * before:
        return None
    share = f" ({moved / before:+.0%})" if before else ""
    return Guard(
        code="size_change",
        message=f"The segment went from {before:,} to {figures.members:,} members since its last sync{share}.",
        hint=f"If that is right, type {figures.members} to go on.",
        override=str(figures.members),
    )


def _removal(figures: Figures) -> Guard | None:
    if not figures.members or not figures.leaving or figures.leaving <= REMOVED_SHARE * figures.ours:
        return None
    return Guard(
        code="large_removal",
        message=f"{figures.leaving:,} of {figures.ours:,} people would be taken off"
        f" ({figures.leaving / max(figures.ours, 1):.0%}; {REMOVED_SHARE:.0%} is the limit).",
        hint=f"If that is right, type {figures.leaving} to go on.",
        override=str(figures.leaving),
    )


def _creates(figures: Figures) -> Guard | None:
    if figures.creating <= CREATED:
        return None
    return Guard(
        code="many_creates",
        message=f"{figures.creating:,} contacts would be created; HubSpot bills marketing contacts"
        f" ({CREATED:,} is the limit).",
        hint=f"If that is right, type {figures.creating} to go on.",
        override=str(figures.creating),
    )


def _mirror(figures: Figures) -> Guard | None:
    if figures.mirror_age <= MIRROR_AGE:
        return None
    hours = int(figures.mirror_age.total_seconds() // 3600)
    return Guard(
        code="old_mirror",
        message=f"HubSpot was last read {hours} hours ago; what it holds may have changed since.",
        hint=f"Pull from HubSpot and preview again, or type {hours} to go on without.",
        override=str(hours),
    )
