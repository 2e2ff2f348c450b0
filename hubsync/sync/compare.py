"""The two sides of every preview beside each other in DuckDB: our customers, and what HubSpot is known to hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubsync.behaviour.engine import identifier
from hubsync.core.errors import NotFound
from hubsync.mirror.view import MirrorView, register
from hubsync.store import receipt, snapshot
from hubsync.store.snapshot import Snapshot
from hubsync.store.state import State
from hubsync.store.workspace import Workspace
from hubsync.sync import match

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A DuckDB connection that holds, all text but for the features:

    `features` and `memberships` of the newest refresh; `mirror_contacts`, `_members`, `_lists` and `_properties`, the
    newest pull with what was written since laid over it; `acknowledged` (contact_id, field, value, at, segment_key);
    `people` (customer_id, contact_id, email, step): where every customer stands.
    """

    con: duckdb.DuckDBPyConnection
    features: Snapshot
    mirror: MirrorView


@contextmanager
def comparison(workspace: Workspace, state: State, portal_id: str) -> Iterator[Comparison]:
    """Yield the newest features beside the newest mirror of a portal; NotFound says which of them to make first."""
    import duckdb  # noqa: PLC0415 - the command line starts without it

    features = snapshot.latest(workspace, "features")
    if features is None:
        raise NotFound(
            "There is no feature table yet.", "Nothing was compared.", "Make one: python -m hubsync features refresh"
        )
    with duckdb.connect(config={"autoinstall_known_extensions": False, "preserve_insertion_order": True}) as con:
        con.execute("set timezone = 'UTC'")
        for name in ("features", "memberships"):
            path = str(features.file(f"{name}.parquet")).replace("'", "''")
            con.execute(f"create temp view {name} as from {_timeless(con, path)}")
        rows = acknowledged(state, portal_id)
        mirror = register(con, workspace, portal_id, rows)
        con.register("acknowledged_rows", rows)
        con.execute(_ACKNOWLEDGED)
        _without(con, [name.removeprefix("list_deleted:") for name in _deleted(state, portal_id, mirror)])
        match.place(con)
        yield Comparison(con=con, features=features, mirror=mirror)


def _timeless(con: duckdb.DuckDBPyConnection, path: str) -> str:
    """Return a file as SQL, its times as UTC without a zone: to read one with a zone DuckDB wants another library."""
    file = f"read_parquet('{path}')"
    kinds = con.execute(f"describe from {file}").fetchall()
    zoned = [identifier(row[0]) for row in kinds if row[1] == "TIMESTAMP WITH TIME ZONE"]
    casts = ", ".join(f"{name}::timestamp as {name}" for name in zoned)
    return f"(select * replace ({casts}) from {file})" if zoned else file  # noqa: S608 - our own file, quoted


def _deleted(state: State, portal_id: str, mirror: MirrorView) -> list[str]:
    """Return the lists that an undo deleted after the mirror was read, as `list_deleted:ID`."""
    facts = receipt.of_portal(state, portal_id).items()
    return [n for n, (name, at, _) in facts if n.startswith("list_deleted:") and name and at >= mirror.pulled_at]


def _without(con: duckdb.DuckDBPyConnection, list_ids: list[str]) -> None:
    if list_ids:
        con.execute(
            "create temp table lists_left as from mirror_lists where not list_contains($ids, list_id)",
            {"ids": list_ids},
        )
        con.execute("create or replace temp view mirror_lists as from lists_left")


# What was written to a contact that was merged since holds for the one it lives on as.
_ACKNOWLEDGED = """
create temp table acknowledged as
with living as (select unnest(merged_ids) as old_id, contact_id from mirror_contacts)
select coalesce(l.contact_id, a.contact_id) as contact_id, a.field, arg_max(a.value, a.at) as value,
    max(a.at) as at, arg_max(a.segment_key, a.at) as segment_key
from acknowledged_rows a left join living l on l.old_id = a.contact_id
group by all
"""


def acknowledged(state: State, portal_id: str) -> pa.Table:
    """Return everything HubSpot confirmed about contacts: contact_id, field, value, at, segment_key."""
    import pyarrow as pa  # noqa: PLC0415 - see above

    names = ("contact_id", "field", "value", "at", "segment_key")
    text = pa.schema([(name, pa.string()) for name in names])
    typed = text.set(3, pa.field("at", pa.timestamp("us", tz="UTC")))
    pages = [
        pa.RecordBatch.from_pydict(dict(zip(names, zip(*page, strict=True), strict=True)), text)
        for page in receipt.of_contacts(state, portal_id)
    ]
    return pa.Table.from_batches(pages, text).cast(typed)
