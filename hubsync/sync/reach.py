"""Reach: of a segment's members, who can be reached in HubSpot, and where the others are lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hubsync.core.plan import Step
from hubsync.store import connection as connections
from hubsync.store import snapshot
from hubsync.store.state import State
from hubsync.store.workspace import Workspace
from hubsync.sync.compare import comparison

if TYPE_CHECKING:
    import duckdb


def reachable(workspace: Workspace, state: State) -> dict[str, int] | None:
    """Return how many members of each segment can be reached; None before a portal was pulled or features made."""
    connection = connections.active(state)
    if connection is None or any(snapshot.latest(workspace, kind) is None for kind in ("features", "mirror")):
        return None
    with comparison(workspace, state, connection.portal_id) as side:
        rows = side.con.execute(
            "select segment_key, count(*) filter (step = 'reachable') from memberships join people using (customer_id)"
            " group by segment_key"
        ).fetchall()
    return dict(rows)


def stage(con: duckdb.DuckDBPyConnection, segment_key: str | None, *, create_contacts: bool) -> dict[Step, int]:
    """Make the table `members` (customer_id, contact_id, email, step) of a segment and return its counts by step.

    None: of all customers.
    """
    whose = "semi join (from memberships where segment_key = $key) using (customer_id)" if segment_key else ""
    con.execute(
        "create temp table members as select p.customer_id, p.contact_id, p.email,"  # noqa: S608 - our own words
        " case when $create and p.step = 'not_in_hubspot' then 'would_be_created' else p.step end as step"
        f" from people p {whose}",
        {"create": create_contacts} | ({"key": segment_key} if segment_key else {}),
    )
    counted = dict(con.execute("select step, count(*) from members group by step").fetchall())
    return {step: counted[step.value] for step in Step if step.value in counted}


def write(con: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Write the staged members to a Parquet file, by customer id."""
    path = str(file).replace("'", "''")
    con.execute(f"copy (from members order by customer_id) to '{path}' (format parquet, compression zstd)")
