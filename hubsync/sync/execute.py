"""Executing a run: batch by batch, each noted before it is sent and settled with its receipts in one transaction.

A crash at any point loses nothing and doubles nothing: a batch found in flight is sent again, and every kind of
batch may be. A worker that was overtaken changes nothing, as each of its transactions renews the lease first.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby

from hubsync.core.plan import Change, Op, Plan
from hubsync.core.run import BatchState, Outcome, PausedFor, RowResult, Run, RunState
from hubsync.portal.account import details
from hubsync.portal.contact import RowError
from hubsync.portal.errors import (
    Archived,
    Conflict,
    Garbled,
    MissingScope,
    NotThere,
    PortalError,
    RateLimited,
    Refused,
    Unauthorized,
    Unclear,
    Unreachable,
)
from hubsync.portal.gateway import Gateway
from hubsync.portal.pace import next_midnight
from hubsync.store import audit, lease, receipt
from hubsync.store import batch as batches
from hubsync.store import plan as plans
from hubsync.store import run as runs
from hubsync.store.batch import MEMBERSHIP, Batch, Span
from hubsync.store.lease import Lease, Overtaken
from hubsync.store.state import State
from hubsync.store.workspace import Workspace
from hubsync.sync.close import CANCELLED, close_rest
from hubsync.sync.rows import Rows
from hubsync.sync.send import Sender
from hubsync.sync.sent import Sent

Clock = Callable[[], dt.datetime]

#: Of the day's requests, left to the customer's other apps.
SPARED = 0.10
#: A write whose answer was lost is sent again at once so often; then the run waits.
ATTEMPTS = 3
#: More rejected rows than this, and more than this share of those that ended, are no longer single bad rows.
REJECTED, REJECTED_SHARE = 100, 0.05
#: Waits after one pause, two, ... without progress between.
WAITS = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60))

_ENSURES = frozenset({Op.ENSURE_GROUP.value, Op.ENSURE_PROPERTY.value, Op.ENSURE_LIST.value})


class _Pause(Exception):  # noqa: N818 - never leaves this file
    def __init__(self, reason: PausedFor, problem: str, resume_at: dt.datetime | None = None) -> None:
        super().__init__()
        self.reason, self.problem, self.resume_at = reason, problem, resume_at


def execute(
    workspace: Workspace,
    state: State,
    run_id: str,
    gateway: Gateway,
    *,
    clock: Clock,
    stop: threading.Event | None = None,
    holder: str = "command line",
) -> Run:
    """Go on with a run until it is finished, must wait, or `stop` is set; return how it stands then.

    `holder` names this worker to others. Raises Busy if another worker is at this portal's target.
    """
    run = runs.get(state, run_id)
    if run.state.finished:
        return run
    held = lease.take(state, portal_id=run.portal_id, target=run.target, holder=holder, now=clock())
    try:
        with Rows(plans.changes_file(workspace, run.plan_id)) as rows:
            _Execution(state, plans.get(state, run.plan_id), run_id, gateway, rows, held, clock).go(stop)
    except Overtaken:
        return runs.get(state, run_id)
    finally:
        lease.release(state, held)
    return runs.get(state, run_id)


class _Execution:
    """One worker's stretch of one run."""

    def __init__(
        self, state: State, plan: Plan, run_id: str, gateway: Gateway, rows: Rows, held: Lease, clock: Clock
    ) -> None:
        self._state, self._plan, self._run_id = state, plan, run_id
        self._gateway, self._rows, self._lease, self._clock = gateway, rows, held, clock
        self._sender = Sender(state, gateway, plan, run_id)
        self._counted = (gateway.requests, gateway.throttled)

    def go(self, stop: threading.Event | None) -> None:
        """Send batch after batch."""
        with self._step() as connection:
            runs.set_state(connection, self._run_id, RunState.RUNNING, at=self._clock())
        try:
            checked = False
            while batch := batches.next_open(self._state, self._run_id):
                if runs.cancel_asked(self._state, self._run_id):
                    self._cancel()
                    return
                if stop is not None and stop.is_set():
                    return
                self._check_day()
                if not checked:
                    self._check_portal()
                    checked = True
                self._one(batch)
            self._finish()
        except _Pause as pause:
            with self._step() as connection:
                runs.set_state(
                    connection,
                    self._run_id,
                    RunState.PAUSED,
                    at=self._clock(),
                    paused_for=pause.reason,
                    resume_at=pause.resume_at,
                    problem=pause.problem,
                )

    @contextmanager
    def _step(self) -> Iterator[sqlite3.Connection]:
        """One transaction of this run: only while the lease is ours, and with what was sent since counted."""
        with self._state.transaction() as connection:
            lease.renew(connection, self._lease, self._clock())
            requests, throttled = self._gateway.requests, self._gateway.throttled
            runs.count_requests(
                connection,
                self._run_id,
                requests=requests - self._counted[0],
                throttled=throttled - self._counted[1],
            )
            yield connection
        self._counted = (requests, throttled)

    def _check_portal(self) -> None:
        """A run writes to the portal its plan was made for, whatever the token says now."""
        try:
            found = details(self._gateway).portal_id
        except PortalError as error:
            raise self._pause(error) from None
        if found != self._plan.portal_id:
            problem = (
                f"The token belongs to portal {found}; this run is for portal {self._plan.portal_id}."
                " Nothing was sent there."
            )
            raise _Pause(PausedFor.TOKEN, problem)

    def _check_day(self) -> None:
        quota = self._gateway.pacer.quota
        if quota.daily and quota.remaining is not None and quota.remaining <= SPARED * quota.daily:
            problem = f"{quota.remaining:,} of today's {quota.daily:,} requests are left, for your other apps."
            raise _Pause(PausedFor.DAILY_LIMIT, problem, next_midnight(self._clock(), self._gateway.pacer.time_zone))

    def _one(self, batch: Batch) -> None:
        with self._step() as connection:
            batches.begin(connection, batch, self._lease)
        changes = self._rows.between(batch.span.first_row, batch.span.last_row)
        try:
            sent = self._sender.send(batch.span.kind, changes, again=batch.attempt > 0)
        except (Refused, Conflict, Archived, NotThere) as error:
            self._refused(batch, changes, error)
        except PortalError as error:
            if isinstance(error, Unclear | Garbled) and batch.attempt + 1 < ATTEMPTS:
                return  # it stays in flight, and is sent again
            if not isinstance(error, Unclear | Garbled):
                with self._step() as connection:
                    batches.put_back(connection, batch, self._lease)
            raise self._pause(error) from None
        else:
            self._settle(batch, sent)

    def _settle(self, batch: Batch, sent: Sent) -> None:
        parts = [half for person in sent.again for half in _halves(person)]
        assert len(sent.results) + sum(map(len, parts)) == batch.span.last_row - batch.span.first_row + 1
        with self._step() as connection:
            batches.settle(connection, batch, self._lease, BatchState.ACKNOWLEDGED)
            receipt.record(connection, self._run_id, sent.results)
            receipt.acknowledge(
                connection,
                sent.acknowledged,
                portal_id=self._plan.portal_id,
                run_id=self._run_id,
                at=self._clock(),
            )
            receipt.keep_prior(connection, self._run_id, sent.prior)
            batches.insert(connection, self._run_id, _spans(batch, parts), parent=batch.number)
        self._stop_on(batch, sent.results)

    def _refused(self, batch: Batch, changes: Sequence[Change], error: PortalError) -> None:
        """Find the row that HubSpot refuses a whole batch for; a list that is gone concerns all of them."""
        list_gone = isinstance(error, NotThere) and batch.span.kind == MEMBERSHIP
        if len(changes) > 1 and not list_gone:
            with self._step() as connection:
                batches.settle(connection, batch, self._lease, BatchState.SPLIT)
                batches.insert(connection, self._run_id, _spans(batch, _halves(changes)), parent=batch.number)
            return
        reason = RowError(
            category="LIST_GONE" if list_gone else error.category or error.code.upper(),
            message=error.message or f"{error.title} {error.detail}",
            correlation_id=error.correlation_id,
        )
        sent = Sent()
        for change in changes:
            sent.end(change, Outcome.REJECTED, error=reason)
        with self._step() as connection:
            batches.settle(connection, batch, self._lease, BatchState.REJECTED)
            receipt.record(connection, self._run_id, sent.results)
        self._stop_on(batch, sent.results)

    def _stop_on(self, batch: Batch, results: Sequence[RowResult]) -> None:
        """Go no further without the list or property that everything after needs, nor against a wall of refusals."""
        bad = [result for result in results if result.outcome is Outcome.REJECTED]
        if not bad:
            return
        if batch.span.kind in _ENSURES:
            self._give_up(bad[0])
            return
        counts = runs.get(self._state, self._run_id).counts
        ended = counts.planned - counts.open
        if counts.rejected >= REJECTED and counts.rejected > REJECTED_SHARE * ended:
            if runs.guard_lifted(self._state, self._run_id):
                return
            problem = f"HubSpot rejected {counts.rejected:,} of the first {ended:,} rows: {bad[0].message}"
            raise _Pause(PausedFor.GUARD, problem)

    def _give_up(self, because: RowResult) -> None:
        with self._step() as connection:
            close_rest(
                connection,
                self._run_id,
                self._rows,
                category="NOT_TRIED",
                message=f"Not tried: {because.message}",
            )
            confirmed = connection.execute("select confirmed from run where run_id = ?", (self._run_id,)).fetchone()[
                "confirmed"
            ]
            end = RunState.PARTIAL if confirmed else RunState.FAILED
            runs.set_state(connection, self._run_id, end, at=self._clock(), problem=because.message)
            self._audit(end)

    def _cancel(self) -> None:
        with self._step() as connection:
            close_rest(connection, self._run_id, self._rows, category="CANCELLED", message=CANCELLED)
            runs.set_state(connection, self._run_id, RunState.CANCELLED, at=self._clock())
            self._audit(RunState.CANCELLED)

    def _finish(self) -> None:
        counts = runs.get(self._state, self._run_id).counts
        if runs.get(self._state, self._run_id).state.finished:
            return
        assert counts.open == 0, "every row has exactly one outcome"
        end = RunState.PARTIAL if counts.rejected else RunState.SUCCEEDED
        with self._step() as connection:
            runs.set_state(connection, self._run_id, end, at=self._clock())
            self._audit(end)

    def _audit(self, end: RunState) -> None:
        counts = runs.get(self._state, self._run_id).counts
        detail = f"{counts.confirmed} of {counts.planned} rows confirmed, {counts.rejected} rejected"
        audit.record(
            self._state, at=self._clock(), actor=self._lease.holder, act=end.value, subject=self._run_id, detail=detail
        )

    def _pause(self, error: PortalError) -> _Pause:
        now = self._clock()
        if isinstance(error, Unauthorized):
            return _Pause(PausedFor.TOKEN, str(error))
        if isinstance(error, MissingScope):
            return _Pause(PausedFor.SCOPE, str(error))
        if isinstance(error, RateLimited) and error.daily:
            midnight = next_midnight(now, self._gateway.pacer.time_zone)
            return _Pause(PausedFor.DAILY_LIMIT, str(error), error.resume_at or midnight)
        wait = WAITS[min(runs.setbacks(self._state, self._run_id), len(WAITS) - 1)]
        asked = error.resume_at if isinstance(error, Unreachable) else None
        return _Pause(PausedFor.UNREACHABLE, str(error), asked or now + wait)


def _halves(changes: Sequence[Change]) -> list[list[Change]]:
    """Cut rows in two, between two people where there are any, else between two rows."""
    people = [list(group) for _, group in groupby(changes, key=lambda row: (row.contact_id, row.customer_id))]
    if len(people) == 1:
        middle = len(changes) // 2
        return [list(changes[:middle]), list(changes[middle:])]
    middle = len(people) // 2
    return [[row for person in part for row in person] for part in (people[:middle], people[middle:])]


def _spans(batch: Batch, parts: Sequence[Sequence[Change]]) -> list[Span]:
    return [Span(kind=batch.span.kind, first_row=part[0].row, last_row=part[-1].row) for part in parts]
