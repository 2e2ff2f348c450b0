"""Turns: asked for once, claimed by one worker at a time, and ended with how they went."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from hubsync.core.errors import NotFound
from hubsync.core.turn import Part, Reason, Told, Turn, TurnState
from hubsync.store.lease import Overtaken
from hubsync.store.state import State

#: How long a claim lasts unless a step of the turn renews it; computing members of much data is one step.
LASTS = dt.timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right to go on with one turn; overtaken, it changes nothing."""

    number: int
    worker: str
    epoch: int


def ask(connection: sqlite3.Connection, turn: Turn) -> int | None:
    """Keep a new turn (its number is given here) and return its number; None where one of its sync is still open."""
    inserted = connection.execute(
        "insert or ignore into turn (sync_key, version, portal_id, asked_by, asked_at, due_at, missed, again_at)"
        " values (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            turn.sync_key,
            turn.version,
            turn.portal_id,
            turn.asked_by,
            turn.asked_at.isoformat(),
            turn.due_at.isoformat(),
            turn.missed,
            turn.again_at.isoformat(),
        ),
    )
    return int(inserted.lastrowid or 0) if inserted.rowcount else None


def missed(connection: sqlite3.Connection, sync_key: str, times: int) -> None:
    """Note times that came round while a sync's turn was still open."""
    connection.execute("update turn set missed = missed + ? where sync_key = ? and state = 'open'", (times, sync_key))


def hurry(connection: sqlite3.Connection, sync_key: str, at: dt.datetime) -> int:
    """Let a sync's open turn be looked at now, and return its number."""
    row = connection.execute(
        "update turn set again_at = ?, waits_for = '', waits_as = '' where sync_key = ? and state = 'open'"
        " returning number",
        (at.isoformat(), sync_key),
    ).fetchone()
    return int(row["number"])


def cancel(connection: sqlite3.Connection, sync_key: str, at: dt.datetime) -> None:
    """End a sync's open turn, whoever is at it; what was sent stays."""
    connection.execute(
        "update turn set state = 'cancelled', epoch = epoch + 1, ended_at = ? where sync_key = ? and state = 'open'",
        (at.isoformat(), sync_key),
    )


#: How a run stands, as far as it matters to a turn that waits for it: also whether it has waited more than once.
_STANDS = "state || ':' || paused_for || ':' || (setbacks > 1)"
#: Looked at once their time has come; where a run stands still, once it stands otherwise and nobody is at it.
_DUE = f"""
select number from turn where state = 'open' and again_at <= $now and until <= $now and (
    waits_for = '' or waits_for in (
        select run_id from run where run_id = waits_for and state not in ('planned', 'running')
        and {_STANDS} <> waits_as
    )
) order by number
"""  # noqa: S608 - our own words


def due(state: State, now: dt.datetime) -> list[int]:
    """Return the numbers of the turns that can be gone on with now, oldest first."""
    rows = state.connection.execute(_DUE, {"now": now.isoformat()}).fetchall()
    return [int(row["number"]) for row in rows]


def claim(state: State, number: int, *, worker: str, now: dt.datetime) -> Claim | None:
    """Claim an open turn that nobody is at; None where somebody is, or it has ended."""
    with state.transaction() as connection:
        row = connection.execute(
            "update turn set worker = ?, epoch = epoch + 1, until = ? where number = ? and state = 'open'"
            " and until <= ? returning epoch",
            (worker, (now + LASTS).isoformat(), number, now.isoformat()),
        ).fetchone()
    return Claim(number=number, worker=worker, epoch=row["epoch"]) if row else None


@contextmanager
def step(state: State, held: Claim, now: dt.datetime) -> Iterator[sqlite3.Connection]:
    """One transaction of a turn, which renews the claim; Overtaken undoes it."""
    with state.transaction() as connection:
        renewed = connection.execute(
            "update turn set until = ? where number = ? and epoch = ? and state = 'open'",
            ((now + LASTS).isoformat(), held.number, held.epoch),
        )
        if renewed.rowcount != 1:
            raise Overtaken("Another worker took this turn over.", "Nothing was lost.", "Nothing to do.")
        yield connection


def keep_parts(connection: sqlite3.Connection, held: Claim, parts: Sequence[Part]) -> None:
    """Note how far each segment came."""
    text = json.dumps([asdict(part) for part in parts], ensure_ascii=False)
    connection.execute("update turn set parts = ? where number = ?", (text, held.number))


def wait(
    connection: sqlite3.Connection, held: Claim, *, until: dt.datetime, told: Told | None, waits_for: str = ""
) -> None:
    """Give the claim back until a time; with `waits_for`, until that run stands otherwise than now."""
    connection.execute(
        "update turn set until = '', again_at = ?, result = ?, tries = tries + ?, waits_for = ?,"  # noqa: S608 - our own words
        f" waits_as = coalesce((select {_STANDS} from run where run_id = ?), '') where number = ?",
        (until.isoformat(), _text(told), not waits_for, waits_for, waits_for, held.number),
    )


def release(state: State, held: Claim) -> None:
    """Give the claim back, so that another worker goes on at once."""
    with state.transaction() as connection:
        connection.execute("update turn set until = '' where number = ? and epoch = ?", (held.number, held.epoch))


def end(connection: sqlite3.Connection, held: Claim, state: TurnState, *, told: Told | None, at: dt.datetime) -> None:
    """End a turn."""
    connection.execute(
        "update turn set state = ?, until = '', waits_for = '', ended_at = ?, result = ? where number = ?",
        (state.value, at.isoformat(), _text(told), held.number),
    )


def get(state: State, number: int) -> Turn:
    """Return a turn; NotFound if there is none."""
    rows = state.read("select * from turn where number = ?", (number,))
    if not rows:
        raise NotFound(f"There is no turn {number}.", "Nothing was read.", "See `syncs list`.")
    return _turn(rows[0])


def newest(state: State) -> dict[str, Turn]:
    """Return each sync's newest turn, by key."""
    rows = state.read("select * from turn where number in (select max(number) from turn group by sync_key)")
    return {row["sync_key"]: _turn(row) for row in rows}


def of_sync(state: State, sync_key: str, *, limit: int = 20) -> list[Turn]:
    """Return a sync's turns, newest first."""
    rows = state.read("select * from turn where sync_key = ? order by number desc limit ?", (sync_key, limit))
    return [_turn(row) for row in rows]


def written(told: Told) -> str:
    """Return what was told as text to keep."""
    return json.dumps(asdict(told), ensure_ascii=False)


def told_of(text: str) -> Told:
    """Return what `written` was made from."""
    return _told(json.loads(text))


def _text(told: Told | None) -> str:
    return written(told) if told else ""


def _told(data: dict[str, Any]) -> Told:
    return Told(**{**data, "reason": Reason(data["reason"])})


def _part(data: dict[str, Any]) -> Part:
    return Part(**{**data, "told": _told(data["told"]) if data["told"] else None})


def _turn(row: sqlite3.Row) -> Turn:
    return Turn(
        number=row["number"],
        sync_key=row["sync_key"],
        version=row["version"],
        portal_id=row["portal_id"],
        asked_by=row["asked_by"],
        asked_at=dt.datetime.fromisoformat(row["asked_at"]),
        due_at=dt.datetime.fromisoformat(row["due_at"]),
        missed=row["missed"],
        state=TurnState(row["state"]),
        parts=tuple(_part(part) for part in json.loads(row["parts"])),
        tries=row["tries"],
        again_at=dt.datetime.fromisoformat(row["again_at"]),
        waits_for=row["waits_for"],
        ended_at=dt.datetime.fromisoformat(row["ended_at"]) if row["ended_at"] else None,
        told=told_of(row["result"]) if row["result"] else None,
    )
