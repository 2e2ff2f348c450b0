"""A run: one execution of one plan, its states and its rows' outcomes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class RunState(StrEnum):
    """planned → running ⇄ paused → succeeded | partial | failed | cancelled."""

    #: Queued; no request sent yet.
    PLANNED = "planned"
    #: A worker holds its lease and sends batches.
    RUNNING = "running"
    #: Waits for what `paused_for` names; nothing is lost.
    PAUSED = "paused"
    #: Every row confirmed, unchanged or skipped with a reason.
    SUCCEEDED = "succeeded"
    #: Finished, and at least one row was rejected.
    PARTIAL = "partial"
    #: Could not go on before its first row (list or property refused); nothing was written.
    FAILED = "failed"
    #: Stopped by a person between two batches.
    CANCELLED = "cancelled"

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self in {RunState.SUCCEEDED, RunState.PARTIAL, RunState.FAILED, RunState.CANCELLED}


class PausedFor(StrEnum):
    """Why a run waits."""

    DAILY_LIMIT = "daily_limit"
    TOKEN = "token"  # noqa: S105 - a word, not a secret
    SCOPE = "scope"
    UNREACHABLE = "unreachable"
    USER = "user"
    GUARD = "guard"


class BatchState(StrEnum):
    """pending → in_flight → acknowledged | split | rejected; cancelled where a run was."""

    PENDING = "pending"
    IN_FLIGHT = "in_flight"
    ACKNOWLEDGED = "acknowledged"
    #: Replaced by its two halves, to find the row that spoils it.
    SPLIT = "split"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """How a row ended; every planned row ends in exactly one."""

    CONFIRMED = "confirmed"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Counts:
    """planned = confirmed + unchanged + rejected + skipped + cancelled, once a run has finished."""

    planned: int = 0
    confirmed: int = 0
    unchanged: int = 0
    rejected: int = 0
    skipped: int = 0
    cancelled: int = 0

    @property
    def open(self) -> int:
        """Rows that have no outcome yet."""
        return self.planned - self.confirmed - self.unchanged - self.rejected - self.skipped - self.cancelled


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run's header, as history shows it."""

    run_id: str
    plan_id: str
    segment_key: str
    target: str
    list_name: str
    portal_id: str
    state: RunState
    paused_for: PausedFor | None
    #: When a paused run may go on by itself.
    resume_at: dt.datetime | None
    #: Who or which schedule asked for it.
    started_by: str
    queued_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    counts: Counts
    requests: int
    throttled: int
    #: What went wrong, in words; empty otherwise.
    problem: str
    undo_of: str


@dataclass(frozen=True, kw_only=True)
class RowResult:
    """The receipt of one row."""

    row: int
    outcome: Outcome
    customer_id: str
    contact_id: str
    #: HubSpot's category, or ours for what never was sent.
    category: str
    message: str
    correlation_id: str
