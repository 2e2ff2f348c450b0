"""Leases: who may write to a portal's target now, with an epoch that only grows.

Every change of a run is made `where epoch = mine`: a worker frozen past its lease and overtaken changes nothing when
it thaws.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from dataclasses import dataclass

from hubsync.core.errors import Busy, HubsyncError
from hubsync.store.state import State

#: How long a lease lasts unless it is renewed; each batch renews it.
LASTS = dt.timedelta(seconds=30)


class Overtaken(HubsyncError):  # noqa: N818 - as the others of our tree
    """Another worker took the lease over; this one stops without a trace."""

    code = "overtaken"


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The right to write to one target of one portal."""

    portal_id: str
    target: str
    holder: str
    epoch: int


def take(state: State, *, portal_id: str, target: str, holder: str, now: dt.datetime) -> Lease:
    """Take the lease if nobody holds it, and return it with a new epoch; else raise Busy."""
    with state.transaction() as connection:
        held = connection.execute(
            "select * from lease where portal_id = ? and target = ?", (portal_id, target)
        ).fetchone()
        if held and held["holder"] and dt.datetime.fromisoformat(held["until"]) > now:
            raise Busy(
                f"'{held['holder']}' is writing to this target.",
                f"Its lease lasts until {held['until']}.",
                "Wait for it to finish.",
            )
        epoch = held["epoch"] + 1 if held else 1
        connection.execute(
            "insert or replace into lease values (?, ?, ?, ?, ?)",
            (portal_id, target, holder, epoch, (now + LASTS).isoformat()),
        )
    return Lease(portal_id=portal_id, target=target, holder=holder, epoch=epoch)


def renew(connection: sqlite3.Connection, lease: Lease, now: dt.datetime) -> None:
    """Prolong the lease inside the caller's transaction; Overtaken undoes that transaction."""
    renewed = connection.execute(
        "update lease set until = ? where portal_id = ? and target = ? and epoch = ?",
        ((now + LASTS).isoformat(), lease.portal_id, lease.target, lease.epoch),
    )
    if renewed.rowcount != 1:
        raise Overtaken("Another worker took this run over.", "Nothing was lost.", "Nothing to do.")


def release(state: State, lease: Lease) -> None:
    """Give the lease back; the epoch stays, so that the next one is higher."""
    with state.transaction() as connection:
        connection.execute(
            "update lease set holder = '', until = '' where portal_id = ? and target = ? and epoch = ?",
            (lease.portal_id, lease.target, lease.epoch),
        )
