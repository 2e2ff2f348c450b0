"""What was run: headers, progress, and what was left out with its reason and a way to mend it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from hubsync.core.run import Outcome, RowResult, Run, RunState
from hubsync.store import receipt
from hubsync.store import run as runs_store
from hubsync.store.state import State

#: What to do about a category of HubSpot's, or of ours.
_FIXES = {
    "VALIDATION_ERROR": "Correct the value at its source, refresh and preview again.",
    "INVALID_OPTION": "Add the option to the property in HubSpot, or map another one.",
    "PROPERTY_DOESNT_EXIST": "The property was deleted in HubSpot meanwhile; pull and preview again to make it anew.",
    "CONFLICT": "Another contact holds this value already; merge the two in HubSpot, then pull.",
    "OBJECT_NOT_FOUND": "The contact was deleted in HubSpot; pull, and the next preview leaves it out.",
    "NO_LONGER_IN_HUBSPOT": "The contact was deleted in HubSpot; pull, and the next preview leaves it out.",
    "LIST_GONE": "The list was deleted in HubSpot; pull and preview again to make it anew.",
    "NOT_CREATED": "See why the contact could not be created.",
    "NOT_TRIED": "Mend what stopped the run, and preview again.",
    "PROPERTY_TYPE": "Map the measure to another property.",
    "LIST_TAKEN": "Pull and preview again: then type the list's name to add to it, or choose another.",
    "LIST_IS_DYNAMIC": "Choose another name for the list.",
    "ARCHIVED": "Restore the property in HubSpot under Settings › Properties, pull and preview again.",
    "LIST_IS_STATIC": "Choose another name for the list.",
    "ENROLMENT_UNCLEAR": "Look in HubSpot whether they are in the workflow; if not, enrol them there by hand.",
    "WORKFLOW_GONE": "Pull, then choose another workflow.",
    "NOT_ENROLLED": "The contact or the workflow is gone; pull and preview again.",
    "EMAIL_GONE": "Pull and preview again to make another draft.",
    "EMAIL_TAKEN": "Pull and preview again: then type the draft's name to use it, or give another (--email-name).",
    "EMAIL_AUDIENCE": "Open the draft in HubSpot and choose the list as its recipients.",
    "UNCLEAR": "Pull: then the next preview says what is left to do.",
    "OPTED_OUT": "Nothing: who opted out is never put on a list again.",
}


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Rows of one run that were left out for the same reason."""

    outcome: Outcome
    category: str
    message: str
    #: What a person can do about it, in one line.
    fix: str
    count: int
    #: The first ones, to open.
    rows: tuple[RowResult, ...]


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a run has come."""

    state: RunState
    done: int
    planned: int
    requests: int
    #: 0 to 1; 1 for a run without rows.
    share: float


def runs(state: State, *, limit: int = 100, segment_key: str = "", target: str = "", run_state: str = "") -> list[Run]:
    """Return the newest runs, newest first; each filter that is not empty narrows them down."""
    wanted = {"segment_key": segment_key, "target": target, "state": run_state}
    given = {name: value for name, value in wanted.items() if value}
    condition = " and ".join(f"{name} = ?" for name in given) or "true"
    return runs_store.find(state, condition, tuple(given.values()), limit=limit)


def run(state: State, run_id: str) -> Run:
    """Return one run; NotFound if there is none."""
    return runs_store.get(state, run_id)


def rejected(state: State, run_id: str, *, sample: int = 50) -> list[Reason]:
    """Return what was rejected or skipped, grouped by reason, the largest group first."""
    runs_store.get(state, run_id)
    rows = receipt.told(state, run_id, (Outcome.REJECTED, Outcome.SKIPPED))
    groups = Counter((row.outcome, row.category, row.message) for row in rows)
    return [
        Reason(
            outcome=outcome,
            category=category,
            message=message,
            fix=_FIXES.get(category, "See HubSpot's message; if it is unclear, ask HubSpot with the correlation id."),
            count=count,
            rows=tuple(row for row in rows if (row.outcome, row.category, row.message) == (outcome, category, message))[
                :sample
            ],
        )
        for (outcome, category, message), count in groups.most_common()
    ]


def progress(state: State, run_id: str) -> Progress:
    """Return how far a run has come."""
    found = runs_store.get(state, run_id)
    done = found.counts.planned - found.counts.open
    return Progress(
        state=found.state,
        done=done,
        planned=found.counts.planned,
        requests=found.requests,
        share=done / found.counts.planned if found.counts.planned else 1.0,
    )


def seconds(item: Run, now: dt.datetime) -> float | None:
    """Return how long a run took, or has taken so far; None before it started."""
    return ((item.finished_at or now) - item.started_at).total_seconds() if item.started_at else None
