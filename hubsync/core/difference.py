"""One difference between what we last wrote to HubSpot and what it holds now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from hubsync.core.winner import Verdict


class Kind(StrEnum):
    """What happened in HubSpot since we wrote there."""

    #: A value of ours was changed or cleared.
    CHANGED = "changed"
    #: The contact was merged into another one and lives on under that one's id.
    MERGED = "merged"
    #: The contact lies in HubSpot's bin, and can be restored for 90 days.
    ARCHIVED = "archived"
    #: HubSpot does not know the contact any more.
    GONE = "gone"
    MEMBER_REMOVED = "member_removed"
    #: Somebody whom we did not put there, or took off; they are not ours and stay.
    MEMBER_ADDED = "member_added"
    LIST_RENAMED = "list_renamed"
    #: The list's own filters decide now who is on it.
    LIST_TURNED_DYNAMIC = "list_turned_dynamic"
    LIST_DELETED = "list_deleted"
    PROPERTY_TYPE_CHANGED = "property_type_changed"
    PROPERTY_ARCHIVED = "property_archived"
    PROPERTY_GONE = "property_gone"
    #: An option that contacts had from us is no longer among the property's.
    OPTION_REMOVED = "option_removed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """What differs, in one place."""

    what: Kind
    #: Empty for what concerns a list or a property as such.
    contact_id: str = ""
    customer_id: str = ""
    #: The property's or the list's name.
    field: str
    #: What was there before we wrote; None where nobody knows.
    old: str | None = None
    #: What we last wrote, as HubSpot confirmed it; a membership is "member" or "".
    ours: str
    #: What is there now.
    theirs: str
    #: Since when; None where HubSpot does not say.
    at: dt.datetime | None = None
    #: Who did it, in HubSpot's words (`sourceType` and `sourceId`); "" where it does not say.
    by: str = ""
    #: What a repair makes of it under the field's rule; None where there is nothing to put back.
    verdict: Verdict | None = None
