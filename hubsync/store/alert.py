"""How each sync stands, the notices of its changes, and what became of them on their way."""

from __future__ import annotations

import datetime as dt
import sqlite3
from dataclasses import dataclass

from hubsync.core.turn import Health, Told
from hubsync.store import turn
from hubsync.store.state import State

#: Notices older than this are not sent any more: a channel that is set up later starts with what is new.
FRESH = dt.timedelta(days=1)
#: Waits after one failure to deliver, two, ...; then it is given up.
WAITS = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360))


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a sync stands, since when and why."""

    health: Health
    since: dt.datetime
    told: Told


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A change of how a sync stands, to be told once."""

    number: int
    sync_key: str
    at: dt.datetime
    before: Health
    after: Health
    told: Told


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A notice's way through one channel."""

    notice: int
    channel: str
    #: "pending", "sent" or "failed".
    state: str
    tries: int
    again_at: dt.datetime
    problem: str


def note(state: State, sync_key: str, told: Told, at: dt.datetime) -> int | None:
    """Note how a sync stands now (in the caller's transaction); a change makes a notice, whose number is returned.

    A sync that was never looked at stood fine.
    """
    after = told.reason.health
    if after is None:
        return None
    with state.transaction() as connection:
        row = connection.execute("select * from health where sync_key = ?", (sync_key,)).fetchone()
        before = Health(row["health"]) if row else Health.FINE
        since = row["since"] if row and before is after else at.isoformat()
        connection.execute(
            "insert or replace into health values (?, ?, ?, ?)", (sync_key, after.value, since, turn.written(told))
        )
        if before is after:
            return None
        added = connection.execute(
            "insert into notice (sync_key, at, before, after, told) values (?, ?, ?, ?, ?)",
            (sync_key, at.isoformat(), before.value, after.value, turn.written(told)),
        )
        return added.lastrowid


def standing(state: State) -> dict[str, Standing]:
    """Return how every sync that had a turn stands, by key."""
    return {
        row["sync_key"]: Standing(
            health=Health(row["health"]),
            since=dt.datetime.fromisoformat(row["since"]),
            told=turn.told_of(row["told"]),
        )
        for row in state.read("select * from health")
    }


def forget(connection: sqlite3.Connection, sync_key: str) -> None:
    """Drop how a sync stands; its notices are kept."""
    connection.execute("delete from health where sync_key = ?", (sync_key,))


def notices(state: State, *, limit: int = 50) -> list[Notice]:
    """Return the newest notices, newest first."""
    return [_notice(row) for row in state.read("select * from notice order by number desc limit ?", (limit,))]


def deliveries(state: State, *, limit: int = 200) -> list[Delivery]:
    """Return what became of the newest notices, channel by channel."""
    rows = state.read("select * from delivery order by notice desc, channel limit ?", (limit,))
    return [
        Delivery(
            notice=row["notice"],
            channel=row["channel"],
            state=row["state"],
            tries=row["tries"],
            again_at=dt.datetime.fromisoformat(row["again_at"]),
            problem=row["problem"],
        )
        for row in rows
    ]


def next_for(state: State, channel: str, now: dt.datetime) -> Notice | None:
    """Return the oldest fresh notice that a channel has still to send, if its time has come; later ones wait for it."""
    rows = state.read(
        "select n.*, coalesce(d.again_at, '') as again_at from notice n"
        " left join delivery d on d.notice = n.number and d.channel = ?"
        " where n.at > ? and coalesce(d.state, 'pending') = 'pending' order by n.number limit 1",
        (channel, (now - FRESH).isoformat()),
    )
    return _notice(rows[0]) if rows and rows[0]["again_at"] <= now.isoformat() else None


def begin(state: State, notice: Notice, channel: str, now: dt.datetime) -> bool:
    """Note that a notice is about to be sent; False where another worker is just sending it."""
    with state.transaction() as connection:
        row = connection.execute(
            "select state, tries, again_at from delivery where notice = ? and channel = ?", (notice.number, channel)
        ).fetchone()
        tries = row["tries"] if row else 0
        if row and (row["state"] != "pending" or row["again_at"] > now.isoformat()):
            return False
        again_at = now + WAITS[min(tries, len(WAITS) - 1)]
        connection.execute(
            "insert or replace into delivery values (?, ?, 'pending', ?, ?, '')",
            (notice.number, channel, tries + 1, again_at.isoformat()),
        )
    return True


def sent(state: State, notice: Notice, channel: str, remark: str = "") -> None:
    """Note that a notice has arrived, with what is to be said of it."""
    with state.transaction() as connection:
        connection.execute(
            "update delivery set state = 'sent', problem = ? where notice = ? and channel = ?",
            (remark, notice.number, channel),
        )


def not_sent(state: State, notice: Notice, channel: str, problem: str) -> None:
    """Note why a notice did not arrive; after the last wait it is given up."""
    with state.transaction() as connection:
        connection.execute(
            "update delivery set problem = ?, state = case when tries > ? then 'failed' else 'pending' end"
            " where notice = ? and channel = ?",
            (problem, len(WAITS), notice.number, channel),
        )


def _notice(row: sqlite3.Row) -> Notice:
    return Notice(
        number=row["number"],
        sync_key=row["sync_key"],
        at=dt.datetime.fromisoformat(row["at"]),
        before=Health(row["before"]),
        after=Health(row["after"]),
        told=turn.told_of(row["told"]),
    )
