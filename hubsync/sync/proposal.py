"""What is asked of a preview, and what a target answers: the changes it proposes and what stands in their way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from hubsync.core.plan import Change, Guard, Target
from hubsync.store.segment import Version
from hubsync.store.state import State
from hubsync.sync.compare import Comparison

if TYPE_CHECKING:
    import duckdb

#: What is acknowledged about the portal itself, by field: (value, when, the segment whose run wrote it).
Facts = Mapping[str, tuple[str, dt.datetime, str]]


@dataclass(frozen=True, kw_only=True)
class EmailAsk:
    """The draft e-mail that is asked for."""

    #: The e-mail to copy.
    template_id: str
    #: The copy's name; by list and template unless given.
    name: str = ""
    #: The template's unless given.
    subject: str = ""
    #: Lists, by id, whose people do not get it.
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One preview as it was asked for."""

    version: Version
    target: Target
    list_name: str
    create_contacts: bool
    #: Feature column → property name; None for the measures of the segment's own rule.
    mapping: Mapping[str, str] | None
    at: dt.datetime
    email: EmailAsk | None = None
    #: The workflow that new members are put into by name, by its id; "" for none.
    enrol: str = ""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A target's answer."""

    #: Read once, in any order of ops.
    changes: Iterable[Change]
    list_name: str = ""
    #: People we put there earlier.
    ours: int = 0
    guards: tuple[Guard, ...] = ()
    warnings: tuple[str, ...] = ()
    #: What the run needs to know besides the rows; part of what the plan's id is a hash of.
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Everything a target looks at."""

    ask: Ask
    side: Comparison
    facts: Facts
    #: By property: the other segments whose syncs write it.
    writers: Mapping[str, tuple[str, ...]]
    state: State
    portal_id: str
    #: The time our data is of.
    as_of: dt.datetime

    def sharers(self, names: Iterable[str]) -> list[dict[str, str]]:
        """Return which other segments write these properties, as rows of field and segment_key."""
        found = [{"field": name, "segment_key": key} for name in names for key in self.writers.get(name, ())]
        return found or [{"field": "", "segment_key": ""}]  # a list without a row has no type in SQL

    def fact(self, name: str) -> str:
        """Return a value we had confirmed after the mirror was read; "" where the mirror knows as much."""
        value, at, _ = self.facts.get(name, ("", self.side.mirror.pulled_at, ""))
        return value if at >= self.side.mirror.pulled_at else ""


def stream(con: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Yield a query's rows, some thousand of them in memory at once; the connection is busy until the last."""
    result = con.execute(sql, dict(parameters))
    for page in iter(partial(result.fetchmany, 10_000), []):
        yield from page


def moment(microseconds: int | None) -> dt.datetime | None:
    """Return the time of DuckDB's `epoch_us`, which unlike a timestamp needs no time zone library to be read."""
    return None if microseconds is None else dt.datetime.fromtimestamp(microseconds / 1_000_000, tz=dt.UTC)


def quoted(name: str) -> str:
    """Return a column's name as SQL."""
    return '"' + name.replace('"', '""') + '"'
