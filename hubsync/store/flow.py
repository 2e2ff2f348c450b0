"""The portal's workflows as they were last read: which of them listen to what."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass

from hubsync.store.state import State


@dataclass(frozen=True, kw_only=True)
class Listener:
    """One workflow."""

    flow_id: str
    #: "" where HubSpot does not tell it.
    name: str
    enabled: bool
    #: What it listens to could be read.
    readable: bool
    #: Lists, by id, and properties that decide who is enrolled.
    list_ids: frozenset[str]
    properties: frozenset[str]

    @property
    def title(self) -> str:
        """Its name, or its id where it has none."""
        return self.name or f"workflow {self.flow_id}"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What is known of a portal's workflows."""

    listeners: tuple[Listener, ...] = ()
    #: When they were read; None: never.
    at: dt.datetime | None = None
    #: Why they could not be read; "" where they could.
    problem: str = ""

    @property
    def known(self) -> bool:
        """Whether no listener here means that none was shown, not that none was read."""
        return self.at is not None and not self.problem


def keep(state: State, portal_id: str, listeners: Iterable[Listener], *, problem: str, at: dt.datetime) -> None:
    """Keep what was read in place of what was read before."""
    rows = [
        (
            portal_id,
            one.flow_id,
            one.name,
            int(one.enabled),
            int(one.readable),
            json.dumps(sorted(one.list_ids)),
            json.dumps(sorted(one.properties)),
        )
        for one in listeners
    ]
    with state.transaction() as connection:
        connection.execute("delete from flow where portal_id = ?", (portal_id,))
        connection.executemany("insert into flow values (?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute("insert or replace into flow_reading values (?, ?, ?)", (portal_id, at.isoformat(), problem))


def reading(state: State, portal_id: str) -> Reading:
    """Return what was read last."""
    told = state.read("select at, problem from flow_reading where portal_id = ?", (portal_id,))
    if not told:
        return Reading()
    rows = state.read("select * from flow where portal_id = ? order by name, flow_id", (portal_id,))
    return Reading(
        listeners=tuple(
            Listener(
                flow_id=row["flow_id"],
                name=row["name"],
                enabled=bool(row["enabled"]),
                readable=bool(row["readable"]),
                list_ids=frozenset(json.loads(row["list_ids"])),
                properties=frozenset(json.loads(row["properties"])),
            )
            for row in rows
        ),
        at=dt.datetime.fromisoformat(told[0]["at"]),
        problem=told[0]["problem"],
    )
