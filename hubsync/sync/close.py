"""Closing a run before its end: every row that was not sent gets its outcome."""

from __future__ import annotations

import sqlite3

from hubsync.core.run import BatchState, Outcome
from hubsync.store import batch as batches
from hubsync.store import receipt
from hubsync.sync.rows import Rows
from hubsync.sync.sent import Sent, ours

CANCELLED = "Cancelled before it was sent."


def close_rest(connection: sqlite3.Connection, run_id: str, rows: Rows, *, category: str, message: str) -> None:
    """End all rows of batches still open as cancelled, inside the caller's transaction.

    Of a batch that was in flight when its worker died, nobody knows whether it arrived; its rows say so.
    """
    for batch in batches.still_open(connection, run_id):
        batches.cancel(connection, batch)
        told = ours(category, message)
        if batch.state is BatchState.IN_FLIGHT:
            told = ours("UNCLEAR", "Under way when it was interrupted; pull to see whether HubSpot did it.")
        sent = Sent()
        for change in rows.between(batch.span.first_row, batch.span.last_row):
            sent.end(change, Outcome.CANCELLED, error=told)
        receipt.record(connection, run_id, sent.results)
