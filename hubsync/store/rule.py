"""Rules per field: whose value stands, by portal; and the fields of HubSpot's own that come back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from hubsync.core.winner import Winner
from hubsync.store import audit
from hubsync.store.state import State


def decide(state: State, portal_id: str, field: str, winner: Winner, *, by: str, at: dt.datetime) -> None:
    """Keep whose value stands for a property or a list, by its name; the last word counts."""
    with state.transaction() as connection:
        connection.execute(
            "insert or replace into field_rule values (?, ?, ?, ?, ?)",
            (portal_id, field, winner.value, at.isoformat(), by),
        )
        audit.record(state, at=at, actor=by, act="rule", subject=field, detail=f"{winner.value} wins")


def of_portal(state: State, portal_id: str) -> Mapping[str, Winner]:
    """Return the rules by field: what was decided, and HubSpot for the fields that come back from there.

    A field that is not among them is ours.
    """
    found = dict.fromkeys(attributes(state, portal_id), Winner.HUBSPOT)
    rows = state.read("select field, winner from field_rule where portal_id = ?", (portal_id,))
    return found | {row["field"]: Winner(row["winner"]) for row in rows}


def attributes(state: State, portal_id: str) -> tuple[str, ...]:
    """Return, in order, the properties of HubSpot's that come back as customer attributes."""
    rows = state.read("select property from attribute where portal_id = ? order by property", (portal_id,))
    return tuple(str(row["property"]) for row in rows)


def choose(state: State, portal_id: str, name: str, *, by: str, at: dt.datetime) -> None:
    """Let a property of HubSpot's come back with every pull from now on."""
    with state.transaction() as connection:
        connection.execute("insert or ignore into attribute values (?, ?, ?, ?)", (portal_id, name, at.isoformat(), by))
        audit.record(state, at=at, actor=by, act="attribute", subject=name, detail="comes back")


def leave(state: State, portal_id: str, name: str, *, by: str, at: dt.datetime) -> None:
    """Let a property of HubSpot's no longer come back."""
    with state.transaction() as connection:
        connection.execute("delete from attribute where portal_id = ? and property = ?", (portal_id, name))
        audit.record(state, at=at, actor=by, act="attribute", subject=name, detail="no longer comes back")
