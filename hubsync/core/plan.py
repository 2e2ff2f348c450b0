"""A plan: the exact changes a sync would make, each with its old value, new value and reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Target(StrEnum):
    """What a sync keeps in step."""

    STATIC_LIST = "static_list"
    ACTIVE_LIST = "active_list"
    PROPERTIES = "properties"
    LEAD_SCORE = "lead_score"
    WORKFLOW = "workflow"
    EMAIL = "email"


#: Targets that write values and make no list.
NAMELESS = frozenset({Target.PROPERTIES, Target.LEAD_SCORE})


class Op(StrEnum):
    """One kind of change; rows of a plan are ordered by these, in this order."""

    ENSURE_GROUP = "ensure_group"
    ENSURE_PROPERTY = "ensure_property"
    ENSURE_LIST = "ensure_list"
    CREATE_CONTACT = "create_contact"
    UPDATE_CONTACT = "update_contact"
    REMOVE_MEMBER = "remove_member"
    ADD_MEMBER = "add_member"
    #: Only to take back its making, and only once nobody is on it.
    DELETE_LIST = "delete_list"
    DRAFT_EMAIL = "draft_email"
    #: Put into a workflow by name: what it does cannot be taken back, so each is tried once.
    ENROL = "enrol"


class Step(StrEnum):
    """Where a member stands in the reach funnel; each member is in exactly one.

    The last three of HubSpot's own (opted out, hard-bounced, quarantined) are contacts that must not be mailed. They
    come onto no list, but their properties are still kept in step: writing a property sends nobody mail.
    """

    REACHABLE = "reachable"
    WOULD_BE_CREATED = "would_be_created"
    NO_EMAIL = "no_email"
    INVALID_EMAIL = "invalid_email"
    SHARED_EMAIL = "shared_email"
    NOT_IN_HUBSPOT = "not_in_hubspot"
    OPTED_OUT = "opted_out"
    HARD_BOUNCED = "hard_bounced"
    QUARANTINED = "quarantined"
    SUPPRESSED = "suppressed"
    HELD_OUT = "held_out"

    @property
    def listable(self) -> bool:
        """Whether the member may stand on a list."""
        return self in {Step.REACHABLE, Step.WOULD_BE_CREATED}

    @property
    def writable(self) -> bool:
        """Whether the member's properties may be written."""
        return self.listable or self in {Step.OPTED_OUT, Step.HARD_BOUNCED, Step.QUARANTINED}


#: What the value of a membership is; "" is none.
MEMBER = "member"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One row of a plan."""

    op: Op
    #: Empty for the ensure ops.
    customer_id: str
    #: HubSpot's record id; empty where the contact is yet to be created, and for the ensure ops.
    contact_id: str
    #: The property's or the list's name.
    field: str
    #: Normalised text; "" is no value. A membership is "member" or "".
    old: str
    new: str
    #: In words a marketer reads.
    reason: str
    #: Position in the plan, from 0; also the row's trace id on the wire. -1 until the plan's rows are put in order.
    row: int = -1


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What running the plan would cost this portal."""

    #: By kind of call ("batch update", "memberships", ...).
    requests: Mapping[str, int]
    #: At the portal's pace; 0.0 when there is nothing to send.
    seconds: float
    #: Of today's remaining quota, 0 to 1; None where the portal does not say.
    share_of_daily: float | None
    #: Requests if every member were sent without comparing first.
    requests_without_diff: int

    @property
    def total(self) -> int:
        """All requests."""
        return sum(self.requests.values())


@dataclass(frozen=True, kw_only=True)
class Guard:
    """A reason not to run, with its figure and the way on."""

    code: str
    message: str
    hint: str
    #: What a person must type to go on all the same; empty where nobody may.
    override: str = ""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A plan's header; its rows and its funnel lie in two Parquet files beside each other."""

    #: Hash of rows, policy and portal: the same plan made twice has the same id.
    plan_id: str
    segment_key: str
    segment_version: int
    target: Target
    portal_id: str
    #: The list's name, for the targets that have one.
    list_name: str
    made_at: dt.datetime
    made_by: str
    #: What it was compared with: as-of time of the features, time and id of the mirror.
    features_as_of: dt.datetime
    mirror_at: dt.datetime
    #: Rows by op, plus `unchanged` (people already as they should be).
    counts: Mapping[str, int]
    #: Members by funnel step.
    reach: Mapping[Step, int]
    forecast: Forecast
    warnings: tuple[str, ...] = ()
    blocked: tuple[Guard, ...] = ()
    #: What else it was made with (mapping, create contacts, ...), kept so that it can be made anew.
    options: Mapping[str, object] = field(default_factory=dict)
    #: The run this plan takes back, if it is an undo.
    undo_of: str = ""

    @property
    def rows(self) -> int:
        """How many rows a run of it has."""
        return sum(count for op, count in self.counts.items() if op != "unchanged")
