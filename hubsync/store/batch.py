"""Batches: a run's rows in the portions they are sent in.

pending → in_flight → acknowledged | split | rejected; cancelled where the run was. A batch found in flight by a new
worker may or may not have reached HubSpot; it is sent again, as every kind is safe to repeat.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from hubsync.core.run import BatchState
from hubsync.store.lease import Lease, Overtaken
from hubsync.store.state import State

#: Members come and go in the same request, so both ops share batches.
MEMBERSHIP = "membership"


@dataclass(frozen=True, kw_only=True)
class Span:
    """Neighbouring rows of one kind, both ends included."""

    #: An op's value, or MEMBERSHIP.
    kind: str
    first_row: int
    last_row: int


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One portion of a run."""

    run_id: str
    number: int
    span: Span
    state: BatchState
    #: How often it was sent.
    attempt: int


def insert(connection: sqlite3.Connection, run_id: str, spans: Iterable[Span], *, parent: int | None = None) -> None:
    """Add pending batches after those there are."""
    last = connection.execute("select coalesce(max(number), -1) from batch where run_id = ?", (run_id,)).fetchone()[0]
    connection.executemany(
        "insert into batch (run_id, number, kind, first_row, last_row, parent) values (?, ?, ?, ?, ?, ?)",
        (
            (run_id, number, span.kind, span.first_row, span.last_row, parent)
            for number, span in enumerate(spans, start=last + 1)
        ),
    )


def next_open(state: State, run_id: str) -> Batch | None:
    """Return the first batch that is still to be sent, or None."""
    rows = state.read(
        "select * from batch where run_id = ? and state in ('pending', 'in_flight') order by first_row limit 1",
        (run_id,),
    )
    return _batch(rows[0]) if rows else None


def still_open(connection: sqlite3.Connection, run_id: str) -> list[Batch]:
    """Return every batch that is still to be sent, in order."""
    rows = connection.execute(
        "select * from batch where run_id = ? and state in ('pending', 'in_flight') order by first_row", (run_id,)
    )
    return [_batch(row) for row in rows]


def begin(connection: sqlite3.Connection, batch: Batch, lease: Lease) -> None:
    """Note that a batch is about to be sent under this lease."""
    connection.execute(
        "update batch set state = 'in_flight', attempt = attempt + 1, epoch = ? where run_id = ? and number = ?",
        (lease.epoch, batch.run_id, batch.number),
    )


def settle(connection: sqlite3.Connection, batch: Batch, lease: Lease, state: BatchState) -> None:
    """Move a batch on from in flight; Overtaken if it was not ours any more."""
    moved = connection.execute(
        "update batch set state = ? where run_id = ? and number = ? and state = 'in_flight' and epoch = ?",
        (state.value, batch.run_id, batch.number, lease.epoch),
    )
    if moved.rowcount != 1:
        raise Overtaken("Another worker took this batch over.", "Nothing was lost.", "Nothing to do.")


def put_back(connection: sqlite3.Connection, batch: Batch, lease: Lease) -> None:
    """Take a batch out of flight that certainly did not reach HubSpot; the attempt does not count."""
    settle(connection, batch, lease, BatchState.PENDING)
    connection.execute(
        "update batch set attempt = attempt - 1 where run_id = ? and number = ?", (batch.run_id, batch.number)
    )


def cancel(connection: sqlite3.Connection, batch: Batch) -> None:
    """Close a batch that will not be sent."""
    connection.execute(
        "update batch set state = 'cancelled' where run_id = ? and number = ?", (batch.run_id, batch.number)
    )


def _batch(row: sqlite3.Row) -> Batch:
    return Batch(
        run_id=row["run_id"],
        number=row["number"],
        span=Span(kind=row["kind"], first_row=row["first_row"], last_row=row["last_row"]),
        state=BatchState(row["state"]),
        attempt=row["attempt"],
    )
