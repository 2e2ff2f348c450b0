"""The workspace's customers and events as tables to compute on."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from hubsync.behaviour.engine import Engine, literal
from hubsync.behaviour.mapping import FIELDS, NUMBERS, TIMES, Kind
from hubsync.core.errors import BadInput
from hubsync.store.workspace import Workspace

if TYPE_CHECKING:
    from ibis.expr import types as ir

#: Older data is a closed file, not a running business: as of now, everybody would have lapsed.
STALE = dt.timedelta(days=30)
_KINDS: tuple[Literal["customers"], Literal["events"]] = ("customers", "events")
AsOf = Literal["given", "now", "newest event"]


def data_file(workspace: Workspace, kind: Kind) -> Path:
    """Return where the workspace keeps its customers or its events; the file is there once some were loaded."""
    return workspace.behaviour / f"{kind}.parquet"


def attributes_file(workspace: Workspace) -> Path:
    """Return where customers' attributes from elsewhere lie, by customer_id; loading customers leaves them alone."""
    return workspace.behaviour / "attributes.parquet"


def counts(workspace: Workspace) -> dict[str, int]:
    """Return how many `customers` and `events` are loaded; 0 where none were."""
    from pyarrow import parquet  # noqa: PLC0415 - see below

    files = {kind: data_file(workspace, kind) for kind in _KINDS}
    return {kind: parquet.read_metadata(file).num_rows if file.exists() else 0 for kind, file in files.items()}


def tables(engine: Engine, workspace: Workspace) -> tuple[ir.Table, ir.Table]:
    """Return customers and events; customers are those of the events where none were loaded, and events may be none.

    Customers have the attributes that came from elsewhere, too, in place of loaded columns of the same name.
    Raises BadInput where neither was loaded.
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy, and only needed where something is computed

    customers, events = data_file(workspace, "customers"), data_file(workspace, "events")
    if not customers.exists() and not events.exists():
        raise BadInput(
            "There is no behaviour data.",
            "Neither customers nor events were loaded into this workspace.",
            "Load some: python -m hubsync load customers FILE, then load events FILE.",
        )
    if events.exists():
        done = engine.table("events", events)
    else:
        kinds = dict.fromkeys(TIMES, pa.timestamp("us", tz="UTC")) | dict.fromkeys(NUMBERS, pa.decimal128(18, 4))
        schema = pa.schema([(name, kinds.get(name, pa.string())) for name in FIELDS["events"]])
        done = engine.rows("events", schema.empty_table())
    if customers.exists():
        return _with_attributes(engine, workspace, engine.table("customers", customers)), done
    found = done.select("customer_id").distinct().mutate(email=_no_text())
    return _with_attributes(engine, workspace, found), done


def _with_attributes(engine: Engine, workspace: Workspace, customers: ir.Table) -> ir.Table:
    file = attributes_file(workspace)
    if not file.exists():
        return customers
    more = engine.table("attributes", file)
    twice = [name for name in more.columns if name in customers.columns and name != "customer_id"]
    return customers.drop(*twice).left_join(more, "customer_id").drop("customer_id_right")


def settle_as_of(
    engine: Engine, workspace: Workspace, given: dt.datetime | None, now: dt.datetime
) -> tuple[dt.datetime, AsOf]:
    """Return the time to compute as of, and where it is from.

    It is the one given, else now, else the newest event's if that is more than 30 days ago.
    """
    if given:
        return given.astimezone(dt.UTC), "given"
    events = data_file(workspace, "events")
    if not events.exists():
        return now, "now"
    newest = engine.query(f"select max(occurred_at) as newest from read_parquet({literal(str(events))})")  # noqa: S608
    moment: dt.datetime = newest["newest"][0].as_py().astimezone(dt.UTC)
    return (moment, "newest event") if now - moment > STALE else (now, "now")


def _no_text() -> ir.Value:
    import ibis  # noqa: PLC0415

    return ibis.null("string")
