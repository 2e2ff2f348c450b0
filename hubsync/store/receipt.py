"""Receipts: how each row ended, what HubSpot now is known to hold, and what it held before."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from hubsync.core.plan import Target
from hubsync.core.run import Outcome, RowResult
from hubsync.store.state import State

#: Rows read at once where there may be very many.
PAGE = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Acknowledged:
    """One value that HubSpot confirmed."""

    #: Empty for what concerns the portal, not a contact.
    contact_id: str
    #: A property's name, "list:ID", or for the portal "group:NAME", "property:NAME", "list_name:NAME".
    field: str
    value: str


def record(connection: sqlite3.Connection, run_id: str, results: Collection[RowResult]) -> None:
    """Keep how rows ended and add them to the run's counts; a row that already ended raises IntegrityError."""
    connection.executemany(
        "insert into row_result values (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (run_id, r.row, r.outcome.value, r.customer_id, r.contact_id, r.category, r.message, r.correlation_id)
            for r in results
        ),
    )
    ended = Counter(result.outcome for result in results)
    connection.execute(
        "update run set confirmed = confirmed + ?, unchanged = unchanged + ?, rejected = rejected + ?,"
        " skipped = skipped + ?, cancelled = cancelled + ?, setbacks = 0 where run_id = ?",
        (*(ended[outcome] for outcome in Outcome), run_id),
    )


def acknowledge(
    connection: sqlite3.Connection, values: Collection[Acknowledged], *, portal_id: str, run_id: str, at: dt.datetime
) -> None:
    """Keep what HubSpot confirmed; "" forgets nothing but says that there is no value."""
    sequence = newest(connection) + 1
    connection.executemany(
        "insert or replace into acknowledged values (?, ?, ?, ?, ?, ?, ?)",
        ((portal_id, v.contact_id, v.field, v.value, at.isoformat(), run_id, sequence) for v in values),
    )


def keep_prior(connection: sqlite3.Connection, run_id: str, values: Iterable[tuple[int, str]]) -> None:
    """Keep what rows replaced, by row."""
    connection.executemany("insert into prior values (?, ?, ?)", ((run_id, row, value) for row, value in values))


def newest(connection: sqlite3.Connection) -> int:
    """Return the number of the last acknowledgement; 0 before the first."""
    return int(connection.execute("select coalesce(max(sequence), 0) from acknowledged").fetchone()[0])


def changed_since(state: State, portal_id: str, fields: Collection[str], sequence: int) -> str:
    """Return the id of a run that wrote one of `fields` after acknowledgement `sequence`; "" if none did."""
    marks = ", ".join("?" * len(fields))
    rows = state.read(
        f"select run_id from acknowledged where portal_id = ? and field in ({marks}) and sequence > ? limit 1",  # noqa: S608 - question marks only
        (portal_id, *fields, sequence),
    )
    return str(rows[0]["run_id"]) if rows else ""


def of_contacts(state: State, portal_id: str) -> Iterator[list[tuple[str, str, str, str, str]]]:
    """Yield pages of (contact_id, field, value, at, segment_key) of everything acknowledged about contacts."""
    cursor = state.connection.execute(
        "select a.contact_id, a.field, a.value, a.at, coalesce(r.segment_key, '') from acknowledged a"
        " left join run r using (run_id) where a.portal_id = ? and a.contact_id <> ''",
        (portal_id,),
    )
    while page := cursor.fetchmany(PAGE):
        yield [tuple(row) for row in page]


def still_of(state: State, run_id: str) -> list[tuple[str, str, str]]:
    """Return (contact_id, field, value) of what a run wrote and no later run has written since."""
    rows = state.read("select contact_id, field, value from acknowledged where run_id = ?", (run_id,))
    return [(row["contact_id"], row["field"], row["value"]) for row in rows]


def of_portal(state: State, portal_id: str) -> dict[str, tuple[str, dt.datetime, str]]:
    """Return, by field, (value, at, segment_key) of what is acknowledged about the portal itself."""
    rows = state.read(
        "select a.field, a.value, a.at, coalesce(r.segment_key, '') segment_key from acknowledged a"
        " left join run r using (run_id) where a.portal_id = ? and a.contact_id = ''",
        (portal_id,),
    )
    return {row["field"]: (row["value"], dt.datetime.fromisoformat(row["at"]), row["segment_key"]) for row in rows}


def written(state: State, portal_id: str, segment_key: str) -> dict[str, tuple[Target, str]]:
    """Return, by field, the (target, list name) of the newest of a segment's runs that wrote it."""
    rows = state.read(
        "select a.field, r.target, r.list_name, max(a.sequence) from acknowledged a join run r using (run_id)"
        " where a.portal_id = ? and r.segment_key = ? group by a.field order by a.field",
        (portal_id, segment_key),
    )
    return {row["field"]: (Target(row["target"]), row["list_name"]) for row in rows}


def properties(state: State, portal_id: str) -> list[str]:
    """Return, in order, the properties of contacts ever written; not the addresses they were created with."""
    rows = state.read(
        "select distinct field from acknowledged where portal_id = ? and contact_id <> ''"
        " and field <> 'email' and field not like 'list:%' order by field",
        (portal_id,),
    )
    return [str(row["field"]) for row in rows]


def created(state: State, run_id: str, first_row: int, last_row: int) -> dict[str, str]:
    """Return contact ids by customer for those of these rows that HubSpot has a contact for now."""
    rows = state.read(
        "select customer_id, contact_id from row_result where run_id = ? and row between ? and ? and contact_id <> ''",
        (run_id, first_row, last_row),
    )
    return {row["customer_id"]: row["contact_id"] for row in rows}


def confirmed(state: State, run_id: str) -> Iterator[list[tuple[int, str, str, str]]]:
    """Yield pages of (row, customer_id, contact_id, what it replaced) of a run's confirmed rows."""
    cursor = state.connection.execute(
        "select r.row, r.customer_id, r.contact_id, p.value from row_result r join prior p using (run_id, row)"
        " where r.run_id = ? and r.outcome = 'confirmed' order by r.row",
        (run_id,),
    )
    while page := cursor.fetchmany(PAGE):
        yield [tuple(row) for row in page]


def told(state: State, run_id: str, outcomes: Collection[Outcome], *, limit: int = 100_000) -> list[RowResult]:
    """Return the rows that ended in one of `outcomes`, in the plan's order."""
    marks = ", ".join("?" * len(outcomes))
    rows = state.read(
        f"select * from row_result where run_id = ? and outcome in ({marks}) order by row limit ?",  # noqa: S608 - question marks only
        (run_id, *(outcome.value for outcome in outcomes), limit),
    )
    return [
        RowResult(
            row=row["row"],
            outcome=Outcome(row["outcome"]),
            customer_id=row["customer_id"],
            contact_id=row["contact_id"],
            category=row["category"],
            message=row["message"],
            correlation_id=row["correlation_id"],
        )
        for row in rows
    ]
