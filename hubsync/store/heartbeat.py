"""Heartbeats: which workers live, and what they do."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from hubsync.store.state import State


@dataclass(frozen=True, kw_only=True)
class Heartbeat:
    """A worker's last sign of life."""

    worker: str
    at: dt.datetime
    #: "idle", or the run it is at.
    doing: str


def beat(state: State, worker: str, *, doing: str, at: dt.datetime) -> None:
    """Give a sign of life."""
    with state.transaction() as connection:
        connection.execute("insert or replace into heartbeat values (?, ?, ?)", (worker, at.isoformat(), doing))


def latest(state: State) -> Heartbeat | None:
    """Return the newest sign of life of any worker, or None."""
    rows = state.read("select * from heartbeat order by at desc limit 1")
    if not rows:
        return None
    row = rows[0]
    return Heartbeat(worker=row["worker"], at=dt.datetime.fromisoformat(row["at"]), doing=row["doing"])
