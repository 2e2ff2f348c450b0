"""A turn: one time that a sync was due or asked for, and how each of its segments went."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Health(StrEnum):
    """How a sync stands; a change of it is told once."""

    #: Its last turn did what it should.
    FINE = "fine"
    #: Something was left out, or waits and goes on by itself.
    WARNING = "warning"
    #: It does not go on without a person.
    FAILING = "failing"


class Reason(StrEnum):
    """Why a sync stands as it does."""

    #: Everything was done, or there was nothing to do.
    DONE = "done"
    #: Rows were rejected, the others written.
    REJECTED = "rejected"
    #: Guards forbid the plan, beyond what the sync allows; nothing was sent.
    GUARD = "guard"
    #: HubSpot refuses the token.
    TOKEN = "token"  # noqa: S105 - a word, not a secret
    #: The token may not do what is needed.
    SCOPE = "scope"
    #: The day's requests are used up.
    DAILY_LIMIT = "daily_limit"
    #: HubSpot did not answer; tried again by itself.
    UNREACHABLE = "unreachable"
    #: Somebody else's run holds the target; tried again by itself.
    BUSY = "busy"
    #: What it was made from changed while it was planned; tried again by itself.
    STALE = "stale"
    #: An error nobody foresaw; tried again by itself.
    UNFORESEEN = "unforeseen"
    #: Tried again so often that it is left to a person.
    GAVE_UP = "gave_up"
    #: The run stopped against a wall of refusals.
    WALL = "wall"
    #: The run ended before its first row.
    FAILED = "failed"
    #: A person stopped the run.
    STOPPED = "stopped"
    #: No portal is connected.
    NOT_CONNECTED = "not_connected"
    #: Another portal is connected than the one it was made for.
    OTHER_PORTAL = "other_portal"
    #: It cannot be planned as it is defined: a segment is gone, a measure unknown, data missing.
    UNUSABLE = "unusable"

    @property
    def health(self) -> Health | None:
        """How a sync stands for this reason; None leaves it as it stood."""
        if self is Reason.STOPPED:
            return None
        if self is Reason.DONE:
            return Health.FINE
        return Health.WARNING if self in _MENDS_ITSELF else Health.FAILING


_MENDS_ITSELF = {
    Reason.REJECTED,
    Reason.DAILY_LIMIT,
    Reason.UNREACHABLE,
    Reason.BUSY,
    Reason.STALE,
    Reason.UNFORESEEN,
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """How it went, without a word that could hold a person's data or a token: a reason and figures."""

    reason: Reason
    segment_key: str = ""
    plan_id: str = ""
    run_id: str = ""
    #: planned, confirmed, rejected; `at`: when it goes on by itself; `guards`: their codes; `what`: our own words.
    figures: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One segment's part of a turn."""

    segment_key: str
    plan_id: str = ""
    run_id: str = ""
    #: None until it is over.
    told: Told | None = None


class TurnState(StrEnum):
    """open → done | blocked | failed | cancelled."""

    OPEN = "open"
    DONE = "done"
    #: At least one segment's plan was blocked, and none failed.
    BLOCKED = "blocked"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One time that a sync was due or asked for."""

    number: int
    sync_key: str
    version: int
    #: The portal it may write to; "" for whichever is connected.
    portal_id: str
    #: "schedule", or who asked.
    asked_by: str
    asked_at: dt.datetime
    #: The time of the schedule it stands for.
    due_at: dt.datetime
    #: Earlier times that went by while no worker ran; they are not made up for.
    missed: int
    state: TurnState
    parts: tuple[Part, ...]
    #: How often it was tried in vain.
    tries: int
    #: Not looked at before.
    again_at: dt.datetime
    #: A run that stands still and is waited for; "" otherwise.
    waits_for: str
    ended_at: dt.datetime | None
    #: How it went; None while it is open and nothing is to be told.
    told: Told | None


#: Who asks where a schedule does.
SCHEDULE = "schedule"
_WORST = (Health.FINE, Health.WARNING, Health.FAILING)


def worst(parts: tuple[Part, ...]) -> Told:
    """Return what is to be told of a turn whose parts are over: of the worst part, the first."""
    told = [part.told for part in parts if part.told is not None]
    assert told, "a turn has at least one segment"
    known = [one for one in told if one.reason.health is not None] or told
    return max(known, key=lambda one: _WORST.index(one.reason.health or Health.FINE))
