"""The connected portal, and its token: from the environment first, else sealed."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
from typing import Any

from hubsync.core.connection import Connection, Method
from hubsync.core.errors import BadInput, NotConnected
from hubsync.store import audit, secret
from hubsync.store.state import State

TOKEN_VARIABLE = "HUBSPOT_TOKEN"  # noqa: S105 - a name


def save(state: State, connection: Connection, token: str, *, by: str, at: dt.datetime) -> None:
    """Keep a verified connection and make it the one in use; an earlier portal's own history is kept."""
    definition = json.dumps(dataclasses.asdict(connection), default=str)
    sealed = secret.seal(token)
    when = at.astimezone(dt.UTC).isoformat()
    with state.transaction() as transaction:
        transaction.execute("update connection set active = 0")
        transaction.execute(
            "insert into connection values (?, ?, ?, ?, ?, 1) on conflict (portal_id) do update set"
            " definition = excluded.definition, token = excluded.token, saved_at = excluded.saved_at,"
            " saved_by = excluded.saved_by, active = 1",
            (connection.portal_id, definition, sealed, when, by),
        )
        audit.record(state, at=at, actor=by, act="connect", subject=connection.portal_id, detail=connection.base_url)


def move(state: State, connection: Connection) -> None:
    """Keep what changed of a saved connection that is the same portal's still."""
    definition = json.dumps(dataclasses.asdict(connection), default=str)
    with state.transaction() as transaction:
        transaction.execute(
            "update connection set definition = ? where portal_id = ?", (definition, connection.portal_id)
        )


def active(state: State) -> Connection | None:
    """Return the connection in use, or None."""
    rows = state.read("select definition from connection where active = 1")
    return _connection(json.loads(rows[0]["definition"])) if rows else None


def required(state: State) -> Connection:
    """Return the connection in use, or raise NotConnected."""
    found = active(state)
    if found is None:
        raise NotConnected
    return found


def token(state: State, connection: Connection) -> str:
    """Return the token for a connection: HUBSPOT_TOKEN if set (never for the embedded sandbox), else the sealed one."""
    from_environment = os.environ.get(TOKEN_VARIABLE, "").strip()
    if from_environment and not connection.embedded:
        return from_environment
    rows = state.read("select token from connection where portal_id = ?", (connection.portal_id,))
    if not rows or rows[0]["token"] is None:
        raise BadInput(
            f"There is no token for portal {connection.portal_id}.",
            "Nothing was sent.",
            f"Set {TOKEN_VARIABLE}, or connect again.",
        )
    return secret.unseal(rows[0]["token"])


def _connection(data: dict[str, Any]) -> Connection:
    known: dict[str, Any] = {
        **data,
        "method": Method(str(data["method"])),
        "scopes": tuple(data["scopes"]),
        "missing_scopes": tuple(data["missing_scopes"]),
        "verified_at": dt.datetime.fromisoformat(str(data["verified_at"])),
    }
    return Connection(**known)
