"""Runs: their headers and states; a run's batches and receipts have files of their own."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Sequence

from hubsync.core.errors import NotFound
from hubsync.core.plan import Plan
from hubsync.core.run import Counts, PausedFor, Run, RunState
from hubsync.store.state import State

#: States in which a run holds its place: no other run of the same portal and target can be asked for.
ACTIVE = ("planned", "running", "paused")


def insert(connection: sqlite3.Connection, *, run_id: str, plan: Plan, planned: int, by: str, at: dt.datetime) -> None:
    """Ask for a run of `plan`; sqlite3.IntegrityError where another one holds its portal and target."""
    connection.execute(
        "insert into run (run_id, plan_id, segment_key, target, list_name, portal_id, state, started_by, queued_at,"
        " planned, undo_of) values (?, ?, ?, ?, ?, ?, 'planned', ?, ?, ?, ?)",
        (
            run_id,
            plan.plan_id,
            plan.segment_key,
            plan.target.value,
            plan.list_name,
            plan.portal_id,
            by,
            at.isoformat(),
            planned,
            plan.undo_of,
        ),
    )


def get(state: State, run_id: str) -> Run:
    """Return a run; NotFound if there is none."""
    rows = state.read("select * from run where run_id = ?", (run_id,))
    if not rows:
        raise NotFound(f"There is no run '{run_id}'.", "Nothing was read.", "See the runs there are in the history.")
    return _run(rows[0])


def find(state: State, condition: str = "true", parameters: Sequence[str] = (), *, limit: int = 100) -> list[Run]:
    """Return the runs a condition of ours holds for, newest first."""
    rows = state.read(f"select * from run where {condition} order by number desc limit ?", (*parameters, limit))  # noqa: S608 - the condition is a constant of the caller
    return [_run(row) for row in rows]


def active(state: State, portal_id: str, target: str) -> Run | None:
    """Return the run that holds a portal's target, if one does."""
    found = find(state, f"portal_id = ? and target = ? and state in {ACTIVE}", (portal_id, target))
    return found[0] if found else None


def of_plan(state: State, plan_id: str, since: dt.datetime) -> Run | None:
    """Return the newest run of a plan that was asked for at or after `since` and not cancelled or failed."""
    found = find(
        state, "plan_id = ? and queued_at >= ? and state not in ('cancelled', 'failed')", (plan_id, since.isoformat())
    )
    return found[0] if found else None


def due(state: State, now: dt.datetime) -> list[Run]:
    """Return the runs a worker may go on with now, oldest first: asked for, left behind, or waited long enough.

    A run that another worker is at is among them; only the lease tells.
    """
    found = find(
        state,
        "state in ('planned', 'running') or (state = 'paused' and (cancel_asked"
        " or (resume_at <> '' and resume_at <= ?)))",
        (now.isoformat(),),
        limit=1000,
    )
    return found[::-1]


def set_state(
    connection: sqlite3.Connection,
    run_id: str,
    state: RunState,
    *,
    at: dt.datetime,
    paused_for: PausedFor | None = None,
    resume_at: dt.datetime | None = None,
    problem: str = "",
) -> None:
    """Move a run to another state; its first start and its end are noted with their time."""
    connection.execute(
        "update run set state = ?, paused_for = ?, resume_at = ?, problem = ?,"
        " started_at = case when ? = 'running' and started_at = '' then ? else started_at end,"
        " finished_at = case when ? then ? else '' end, setbacks = setbacks + ? where run_id = ?",
        (
            state.value,
            paused_for.value if paused_for else "",
            resume_at.isoformat() if resume_at else "",
            problem,
            state.value,
            at.isoformat(),
            state.finished,
            at.isoformat(),
            state is RunState.PAUSED,
            run_id,
        ),
    )


def count_requests(connection: sqlite3.Connection, run_id: str, *, requests: int, throttled: int) -> None:
    """Add what was sent, and how often HubSpot said "too fast", to the run's sums."""
    connection.execute(
        "update run set requests = requests + ?, throttled = throttled + ? where run_id = ?",
        (requests, throttled, run_id),
    )


def setbacks(state: State, run_id: str) -> int:
    """Return how many times in a row the run paused without progress since."""
    return int(state.read("select setbacks from run where run_id = ?", (run_id,))[0][0])


def guard_lifted(state: State, run_id: str) -> bool:
    """Return whether a person let the run go on in spite of the share of rejected rows."""
    return bool(state.read("select guard_lifted from run where run_id = ?", (run_id,))[0][0])


def cancel_asked(state: State, run_id: str) -> bool:
    """Return whether a person asked to stop the run."""
    return bool(state.read("select cancel_asked from run where run_id = ?", (run_id,))[0][0])


def _run(row: sqlite3.Row) -> Run:
    return Run(
        run_id=row["run_id"],
        plan_id=row["plan_id"],
        segment_key=row["segment_key"],
        target=row["target"],
        list_name=row["list_name"],
        portal_id=row["portal_id"],
        state=RunState(row["state"]),
        paused_for=PausedFor(row["paused_for"]) if row["paused_for"] else None,
        resume_at=_time(row["resume_at"]),
        started_by=row["started_by"],
        queued_at=dt.datetime.fromisoformat(row["queued_at"]),
        started_at=_time(row["started_at"]),
        finished_at=_time(row["finished_at"]),
        counts=Counts(
            planned=row["planned"],
            confirmed=row["confirmed"],
            unchanged=row["unchanged"],
            rejected=row["rejected"],
            skipped=row["skipped"],
            cancelled=row["cancelled"],
        ),
        requests=row["requests"],
        throttled=row["throttled"],
        problem=row["problem"],
        undo_of=row["undo_of"],
    )


def _time(text: str) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
