"""Who did what and when: append-only, each row's hash covering the one before it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
from dataclasses import dataclass

from hubsync.store.state import State


@dataclass(frozen=True, kw_only=True)
class Act:
    """One row of the log."""

    number: int
    at: dt.datetime
    actor: str
    act: str
    subject: str
    detail: str
    hash: str


def record(state: State, *, at: dt.datetime, actor: str, act: str, subject: str, detail: str = "") -> str:
    """Append a row (inside the caller's transaction, if there is one) and return its hash."""
    with state.transaction() as connection:
        row = connection.execute("select number, hash from audit order by number desc limit 1").fetchone()
        number, before = (row["number"] + 1, row["hash"]) if row else (1, "")
        fields = (at.astimezone(dt.UTC).isoformat(), actor, act, subject, detail)
        digest = _hash(before, number, fields)
        connection.execute("insert into audit values (?, ?, ?, ?, ?, ?, ?)", (number, *fields, digest))
    return digest


def acts(state: State, *, limit: int = 1000) -> list[Act]:
    """Return the newest rows, newest first."""
    return [_act(row) for row in state.read("select * from audit order by number desc limit ?", (limit,))]


def first_broken(state: State) -> int | None:
    """Return the number of the first row whose hash does not follow from the rows before it, or None."""
    before, expected = "", 1
    for row in state.read("select * from audit order by number"):
        fields = (row["at"], row["actor"], row["act"], row["subject"], row["detail"])
        if row["number"] != expected or row["hash"] != _hash(before, expected, fields):
            return expected
        before, expected = row["hash"], expected + 1
    return None


def _hash(before: str, number: int, fields: tuple[str, ...]) -> str:
    return hashlib.sha256(json.dumps([before, number, *fields], ensure_ascii=False).encode()).hexdigest()


def _act(row: sqlite3.Row) -> Act:
    return Act(
        number=row["number"],
        at=dt.datetime.fromisoformat(row["at"]),
        actor=row["actor"],
        act=row["act"],
        subject=row["subject"],
        detail=row["detail"],
        hash=row["hash"],
    )
