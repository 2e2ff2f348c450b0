"""What comes back: HubSpot's own properties as attributes of our customers, for the rules of segments."""

from __future__ import annotations

import datetime as dt
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hubsync.behaviour.engine import identifier, literal
from hubsync.behaviour.tables import attributes_file, data_file
from hubsync.core.errors import BadInput
from hubsync.mirror import contents, identity
from hubsync.mirror.changes import changes
from hubsync.mirror.view import register
from hubsync.store import rule, snapshot
from hubsync.store.snapshot import Snapshot
from hubsync.store.state import State
from hubsync.store.workspace import Workspace
from hubsync.sync.compare import acknowledged

if TYPE_CHECKING:
    import duckdb

#: How a customer's attributes out of HubSpot begin.
PREFIX = "hubspot_"
_TYPES = {"number": "double", "bool": "boolean", "date": "date", "datetime": "timestamptz"}


@dataclass(frozen=True, kw_only=True)
class Inbound:
    """What a pull brought back."""

    #: The attributes, as rules name them.
    columns: tuple[str, ...] = ()
    #: Customers with at least one value.
    customers: int = 0
    #: Values that differ from the pull before, whoever changed them.
    changed: int = 0
    #: Of these, those that are only what we wrote ourselves.
    echoes: int = 0
    #: Chosen properties that HubSpot does not have any more.
    missing: tuple[str, ...] = ()


def column(name: str) -> str:
    """Return the attribute that a property of HubSpot's becomes."""
    return PREFIX + re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def choose(workspace: Workspace, state: State, portal_id: str, name: str, *, by: str, at: dt.datetime) -> None:
    """Let a property come back with every pull from now on; BadInput where the mirror has no such property."""
    mirror = contents.newest(workspace, portal_id)
    if mirror is None:
        raise BadInput("Nothing was fetched from HubSpot yet.", "Nothing was chosen.", "Run: python -m hubsync pull")
    with _duckdb() as con:
        if name not in _types(con, mirror):
            raise BadInput(
                f"HubSpot has no contact property '{name}'.",
                "Nothing was chosen.",
                "Take its internal name, as HubSpot shows it under Settings › Properties; pull if it is new.",
            )
    rule.choose(state, portal_id, name, by=by, at=at)


def bring(workspace: Workspace, state: State, portal_id: str) -> Inbound:
    """Write the chosen properties of the newest mirror as attributes of the customers they belong to.

    All of them are made anew each time, so that who was deleted in HubSpot has no values any more and who was merged
    has those of the contact they live on as. They lie beside the loaded customers: loading those again keeps them.
    Without a choice, a mirror or behaviour data nothing is there.
    """
    target = attributes_file(workspace)
    chosen, mirror = rule.attributes(state, portal_id), contents.newest(workspace, portal_id)
    if not chosen or mirror is None or not any(data_file(workspace, kind).exists() for kind in ("customers", "events")):
        target.unlink(missing_ok=True)
        return Inbound()
    with _duckdb() as con:
        types = _types(con, mirror)
        columns = {name: column(name) for name in chosen if name in types}
        register(con, workspace, portal_id)
        con.execute(f"create temp view features as {_customers(workspace)}")
        identity.identify(con)
        values = ", ".join(f"{_value(name, types[name])} as {identifier(called)}" for name, called in columns.items())
        con.execute(
            f"create temp table brought as select f.customer_id{', ' if values else ''}{values} from found f"  # noqa: S608 - quoted
            " join mirror_contacts c on f.owns and c.contact_id = f.contact_id order by f.customer_id"
        )
        _save(con, target)
        known = " or ".join(f"{identifier(called)} is not null" for called in columns.values()) or "false"
        row = con.execute(f"select count(*) from brought where {known}").fetchone()  # noqa: S608 - quoted
    changed, echoes = _compared(workspace, state, portal_id, mirror, list(columns))
    return Inbound(
        columns=tuple(columns.values()),
        customers=int(row[0]) if row else 0,
        changed=changed,
        echoes=echoes,
        missing=tuple(name for name in chosen if name not in types),
    )


def _compared(
    workspace: Workspace, state: State, portal_id: str, mirror: Snapshot, names: Sequence[str]
) -> tuple[int, int]:
    """Return how many values changed since the mirror before that had these properties, and how many are echoes."""
    earlier = [one for one in snapshot.snapshots(workspace, contents.KIND) if one.id < mirror.id]
    before = next((one for one in reversed(earlier) if str(one.meta.get("portal_id")) == portal_id), None)
    if before is None or not set(names) <= set(before.meta.get("owned", ())):
        return 0, 0
    found = [one.echo for one in changes(before, mirror, names, acknowledged(state, portal_id))]
    return len(found), sum(found)


def _types(con: duckdb.DuckDBPyConnection, mirror: Snapshot) -> dict[str, str]:
    path = literal(str(mirror.file("properties.parquet")))
    rows = con.execute(f"select name, type from read_parquet({path}) where not archived").fetchall()  # noqa: S608 - our own path
    return dict(rows)


def _value(name: str, kind: str) -> str:
    """Return a property as SQL; a value that its type cannot hold is no value."""
    held = f"nullif(c.properties[{literal(name)}], '')"
    if kind not in _TYPES:
        return held
    plain = f"try_cast({held} as {_TYPES[kind]})"
    if not _TYPES[kind].startswith(("date", "time")):
        return plain
    # HubSpot writes times as milliseconds or as text, whichever way they came in.
    return f"coalesce({plain}, make_timestamptz(try_cast({held} as bigint) * 1000)::{_TYPES[kind]})"


def _customers(workspace: Workspace) -> str:
    customers, events = data_file(workspace, "customers"), data_file(workspace, "events")
    if customers.exists():
        return f"select customer_id, email from read_parquet({literal(str(customers))})"  # noqa: S608 - our own path
    return f"select distinct customer_id, null::varchar as email from read_parquet({literal(str(events))})"  # noqa: S608


def _save(con: duckdb.DuckDBPyConnection, target: Path) -> None:
    handle, draft = tempfile.mkstemp(prefix=".draft-", suffix=".parquet", dir=target.parent)
    os.close(handle)
    try:
        con.execute(f"copy (from brought order by customer_id) to {literal(draft)} (format parquet, compression zstd)")
        os.replace(draft, target)  # noqa: PTH105 - the atomic call, by name
    finally:
        Path(draft).unlink(missing_ok=True)


def _duckdb() -> duckdb.DuckDBPyConnection:
    import duckdb  # noqa: PLC0415 - the command line starts without it

    con = duckdb.connect(config={"autoinstall_known_extensions": False})
    con.execute("set timezone = 'UTC'")
    return con
