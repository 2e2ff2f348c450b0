"""Whose value stands where somebody changed in HubSpot what we wrote there."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum


class Winner(StrEnum):
    """A rule for one property, or for the members of one list."""

    #: What our data says is written again.
    OURS = "ours"
    #: What HubSpot holds is left alone.
    HUBSPOT = "hubspot"
    #: Ours is written only where our data changed after HubSpot's value did.
    NEWEST = "newest"
    #: Nothing is written; the difference is listed until a person decides.
    ASK = "ask"


class Verdict(StrEnum):
    """What a rule makes of one difference."""

    WRITE = "is written"
    STAYS = "stays as HubSpot has it"
    ASKS = "waits for a decision"


def verdict(winner: Winner, *, ours_changed: bool, ours_at: dt.datetime, theirs_at: dt.datetime | None) -> Verdict:
    """Return what to do with a value that HubSpot changed after we wrote it.

    `ours_changed`: our data says something else than we wrote; `ours_at` is the time our data is as of. `theirs_at` is
    the latest that HubSpot's can have changed; None is unknown, and then HubSpot's counts as the newer one.
    """
    match winner:
        case Winner.OURS:
            return Verdict.WRITE
        case Winner.ASK:
            return Verdict.ASKS
        case Winner.NEWEST if ours_changed and theirs_at is not None and ours_at > theirs_at:
            return Verdict.WRITE
    return Verdict.STAYS
