"""Asking for a run, stopping it, and letting a paused one go on. The sending is done in `hubsync.sync.execute`."""

from __future__ import annotations

import datetime as dt
import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubsync.core.errors import Blocked, Busy, Stale
from hubsync.core.plan import Guard, Op, Plan, Target
from hubsync.core.run import Run, RunState
from hubsync.portal.contacts import BATCH
from hubsync.portal.lists import CHUNK
from hubsync.store import audit, batch, lease, receipt, snapshot
from hubsync.store import plan as plans
from hubsync.store import run as runs
from hubsync.store import segment as segments
from hubsync.store.batch import MEMBERSHIP, Span
from hubsync.store.state import State
from hubsync.store.workspace import Workspace
from hubsync.sync import lead_score
from hubsync.sync.close import CANCELLED, close_rest
from hubsync.sync.rows import Rows

if TYPE_CHECKING:
    from pathlib import Path

Clock = Callable[[], dt.datetime]


class Guarded(Blocked):
    """Guards stand in the way of this plan; `guards` are those that were not overridden."""

    def __init__(self, guards: tuple[Guard, ...]) -> None:
        super().__init__(
            "This plan is blocked.",
            " ".join(guard.message for guard in guards) + " Nothing was sent.",
            " ".join(guard.hint for guard in guards),
        )
        self.guards = guards


@dataclass(frozen=True, kw_only=True)
class Portions:
    """How much goes into one request."""

    #: People created or updated at once; HubSpot takes no more than this.
    people: int = BATCH
    #: Members that come and go at once; HubSpot documents no limit.
    members: int = CHUNK


def enqueue(
    workspace: Workspace,
    state: State,
    plan_id: str,
    *,
    by: str,
    override: str | tuple[str, ...] = (),
    portions: Portions = Portions(),
    clock: Clock,
) -> str:
    """Ask for a run of a plan and return the run's id; a plan that was asked for already gives the run it has.

    `override` is what guards ask to be typed. Raises Guarded, Stale (what the plan was made from has changed), Busy
    (another run holds this portal's target) and NotFound. A plan without rows is finished at once.
    """
    plan = plans.get(state, plan_id)
    asked = runs.of_plan(state, plan_id, plan.made_at)
    if asked is not None:
        return asked.run_id
    typed = (override,) if isinstance(override, str) else override
    standing = tuple(guard for guard in plan.blocked if not guard.override or guard.override not in typed)
    if standing:
        raise Guarded(standing)
    _check_fresh(workspace, state, plan)
    spans = _spans(plans.changes_file(workspace, plan_id), portions) if plan.rows else []
    run_id, at = f"{clock():%Y%m%d}-{uuid.uuid4().hex[:10]}", clock()
    try:
        with state.transaction() as connection:
            runs.insert(connection, run_id=run_id, plan=plan, planned=plan.rows, by=by, at=at)
            batch.insert(connection, run_id, spans)
            if not spans:
                runs.set_state(connection, run_id, RunState.SUCCEEDED, at=at)
            overridden = ", ".join(guard.code for guard in plan.blocked)
            detail = f"plan {plan_id}" + (f"; overridden: {overridden}" if overridden else "")
            audit.record(state, at=at, actor=by, act="run", subject=run_id, detail=detail)
    except sqlite3.IntegrityError:
        holder = runs.active(state, plan.portal_id, plan.target.value)
        if holder is None:
            raise
        if holder.plan_id == plan_id:  # the other click of a double click was quicker
            return holder.run_id
        raise _busy(holder) from None
    return run_id


def cancel(state: State, run_id: str, *, by: str, clock: Clock) -> Run:
    """Stop a run: at once where no worker is at it, else before its next batch. A finished run stays as it is."""
    run = runs.get(state, run_id)
    if run.state.finished:
        return run
    with state.transaction() as connection:
        connection.execute("update run set cancel_asked = 1 where run_id = ?", (run_id,))
        audit.record(state, at=clock(), actor=by, act="cancel", subject=run_id)
    try:
        held = lease.take(state, portal_id=run.portal_id, target=run.target, holder=by, now=clock())
    except Busy:
        return runs.get(state, run_id)  # a worker is at it, and looks before each batch
    try:
        _close(state, run_id, clock())
    finally:
        lease.release(state, held)
    return runs.get(state, run_id)


def _close(state: State, run_id: str, at: dt.datetime) -> None:
    run = runs.get(state, run_id)
    if run.state.finished:
        return
    with Rows(plans.changes_file(state.workspace, run.plan_id)) as rows, state.transaction() as connection:
        close_rest(connection, run_id, rows, category="CANCELLED", message=CANCELLED)
        runs.set_state(connection, run_id, RunState.CANCELLED, at=at)


def resume(state: State, run_id: str, *, by: str, clock: Clock) -> Run:
    """Let a paused run go on now, whatever it waits for; the guard against many rejected rows is lifted for it."""
    run = runs.get(state, run_id)
    if run.state is RunState.PAUSED:
        with state.transaction() as connection:
            runs.set_state(connection, run_id, RunState.PLANNED, at=clock())
            connection.execute("update run set guard_lifted = 1, setbacks = 0 where run_id = ?", (run_id,))
            audit.record(state, at=clock(), actor=by, act="resume", subject=run_id)
    return runs.get(state, run_id)


def _busy(holder: Run) -> Busy:
    return Busy(
        f"Another run to {holder.target.replace('_', ' ')} is under way.",
        f"It was started by {holder.started_by} at {holder.queued_at:%Y-%m-%d %H:%M} UTC"
        f" (run {holder.run_id}, {holder.state.value}).",
        "Wait for it to finish, or cancel it.",
    )


def _check_fresh(workspace: Workspace, state: State, plan: Plan) -> None:
    """Raise Stale unless everything the plan was made from is as it was."""
    if not plan.undo_of:
        version = segments.current(state, plan.segment_key).version
        if version != plan.segment_version:
            raise _stale(f"The segment is at version {version} now; the plan was made for {plan.segment_version}.")
        features = snapshot.latest(workspace, "features")
        if features is None or features.id != plan.options["features_id"]:
            raise _stale("The feature table was made anew since.")
        if plan.target is Target.LEAD_SCORE and lead_score.version(state) != plan.options["model_version"]:
            raise _stale("The score model was changed since.")
    sequence = plan.options["acknowledged"]
    assert isinstance(sequence, int)
    writer = receipt.changed_since(state, plan.portal_id, _touched(plan), sequence)
    if writer:
        raise _stale(f"Run {writer} has written to the same place since.")


def _touched(plan: Plan) -> list[str]:
    """Return the acknowledged fields whose change makes a plan stale."""
    fields = plan.options.get("fields")
    names = [str(each["name"]) for each in fields] if isinstance(fields, list) else []
    return [*names, f"list:{plan.options.get('list_id') or ''}", f"list_name:{plan.list_name}"]


def _stale(fact: str) -> Stale:
    return Stale("This plan is no longer up to date.", f"{fact} Nothing was sent.", "Preview it again, then run that.")


def _spans(file: Path, portions: Portions) -> list[Span]:
    """Return the plan's rows in the portions they are sent in; a person's rows stay together."""
    import duckdb  # noqa: PLC0415 - the command line starts without it

    path = str(file).replace("'", "''")
    with duckdb.connect() as con:
        rows = con.execute(
            "with rows as (select row, case when op in ($add, $remove) then $membership else op end as kind,"  # noqa: S608 - our own path
            f" contact_id, customer_id from read_parquet('{path}')),"
            " portions as (select row, kind, case when kind = $membership"
            " then (row_number() over (partition by kind order by row) - 1) // $chunk"
            " when kind in ($create, $update)"
            " then (dense_rank() over (partition by kind order by contact_id, customer_id) - 1) // $batch"
            " else row end as portion from rows)"
            " select kind, min(row), max(row) from portions group by kind, portion order by min(row)",
            {
                "add": Op.ADD_MEMBER.value,
                "remove": Op.REMOVE_MEMBER.value,
                "create": Op.CREATE_CONTACT.value,
                "update": Op.UPDATE_CONTACT.value,
                "membership": MEMBERSHIP,
                "chunk": portions.members,
                "batch": portions.people,
            },
        ).fetchall()
    return [Span(kind=kind, first_row=first, last_row=last) for kind, first, last in rows]
