"""What each scheduled sync waits for: a time, or news of data or features."""

from __future__ import annotations

import datetime as dt
import sqlite3
from dataclasses import dataclass

from hubsync.store.state import State


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One scheduled sync, waiting."""

    sync_key: str
    #: The portal it may write to; "" until one is connected.
    portal_id: str
    #: Times up to here had their turn.
    looked_at: dt.datetime
    #: None where an event decides.
    next_at: dt.datetime | None
    #: The data or the features that last had their turn.
    seen: str


def put(connection: sqlite3.Connection, waiting: Waiting) -> None:
    """Let a sync wait for what is given, and for nothing else."""
    connection.execute(
        "insert or replace into schedule values (?, ?, ?, ?, ?)",
        (
            waiting.sync_key,
            waiting.portal_id,
            waiting.looked_at.isoformat(),
            waiting.next_at.isoformat() if waiting.next_at else "",
            waiting.seen,
        ),
    )


def drop(connection: sqlite3.Connection, sync_key: str) -> None:
    """Let a sync wait for nothing."""
    connection.execute("delete from schedule where sync_key = ?", (sync_key,))


def see(connection: sqlite3.Connection, sync_key: str, seen: str) -> None:
    """Note the data or features that a sync's turn was computed from."""
    connection.execute("update schedule set seen = ? where sync_key = ? and next_at = ''", (seen, sync_key))


def get(connection: sqlite3.Connection, sync_key: str) -> Waiting | None:
    """Return what a sync waits for; None where it waits for nothing."""
    row = connection.execute("select * from schedule where sync_key = ?", (sync_key,)).fetchone()
    return _waiting(row) if row else None


def everything(state: State) -> dict[str, Waiting]:
    """Return what every scheduled sync waits for, by key; the soonest first, events last."""
    rows = state.read("select * from schedule order by next_at = '', next_at, sync_key")
    return {row["sync_key"]: _waiting(row) for row in rows}


def perhaps_due(state: State, now: dt.datetime) -> list[Waiting]:
    """Return the syncs whose time has come, and those that wait for an event."""
    return [
        _waiting(row)
        for row in state.read(
            "select * from schedule where next_at <= ? order by next_at = '', next_at, sync_key", (now.isoformat(),)
        )
    ]


def _waiting(row: sqlite3.Row) -> Waiting:
    return Waiting(
        sync_key=row["sync_key"],
        portal_id=row["portal_id"],
        looked_at=dt.datetime.fromisoformat(row["looked_at"]),
        next_at=dt.datetime.fromisoformat(row["next_at"]) if row["next_at"] else None,
        seen=row["seen"],
    )
