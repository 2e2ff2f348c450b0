"""The first of a plan's rows and members, of one kind: as much as a screen shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hubsync.core.plan import Change, Op, Step
from hubsync.store import plan as plans
from hubsync.store.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Member:
    """One member of the plan's segment, and where they stand."""

    customer_id: str
    #: HubSpot's record id; empty where there is no contact.
    contact_id: str
    email: str
    step: Step


def first_changes(workspace: Workspace, plan_id: str, *, op: Op | None = None, limit: int) -> list[Change]:
    """Return the first changes of a plan, of one kind if `op` is given, in the order they are run."""
    names = ("row", "op", "customer_id", "contact_id", "field", "old", "new", "reason")
    rows = _read(
        f"select {', '.join(names)} from read_parquet($file) where $kind is null or op = $kind"  # noqa: S608 - constants
        " order by row limit $limit",
        {"file": str(plans.changes_file(workspace, plan_id)), "kind": op.value if op else None, "limit": limit},
    )
    return [Change(**{**dict(zip(names, row, strict=True)), "op": Op(row[1])}) for row in rows]


def first_members(workspace: Workspace, plan_id: str, step: Step, *, limit: int) -> list[Member]:
    """Return the first members of a plan's segment at one step of the funnel, by customer id."""
    rows = _read(
        "select customer_id, contact_id, email, step from read_parquet($file) where step = $step"
        " order by customer_id limit $limit",
        {"file": str(plans.reach_file(workspace, plan_id)), "step": step.value, "limit": limit},
    )
    return [
        Member(customer_id=customer, contact_id=contact or "", email=email or "", step=Step(found))
        for customer, contact, email, found in rows
    ]


def _read(sql: str, parameters: dict[str, Any]) -> list[Any]:
    import duckdb  # noqa: PLC0415 - the command line starts without it

    with duckdb.connect(config={"autoinstall_known_extensions": False}) as con:
        return list(con.execute(sql, parameters).fetchall())
