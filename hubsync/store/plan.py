"""Plans: headers as rows, contents as files that are named by what they hold."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hubsync.core.errors import NotFound
from hubsync.core.plan import Forecast, Guard, Plan, Step, Target
from hubsync.store.state import State
from hubsync.store.workspace import Workspace


def folder(workspace: Workspace, plan_id: str) -> Path:
    """Where a plan's files lie."""
    return workspace.plans / plan_id


def changes_file(workspace: Workspace, plan_id: str) -> Path:
    """The plan's rows: row, op, customer_id, contact_id, field, old, new, reason."""
    return folder(workspace, plan_id) / "changes.parquet"


def reach_file(workspace: Workspace, plan_id: str) -> Path:
    """The plan's funnel, a row per member: customer_id, contact_id, email, step."""
    return folder(workspace, plan_id) / "reach.parquet"


def save(state: State, plan: Plan) -> None:
    """Keep a plan's header; the same plan made again renews it."""
    with state.transaction() as connection:
        connection.execute(
            "insert into plan values (?, ?, ?, ?, ?)"
            " on conflict (plan_id) do update set made_at = excluded.made_at, header = excluded.header",
            (plan.plan_id, plan.portal_id, plan.target.value, plan.made_at.isoformat(), _text(plan)),
        )


def get(state: State, plan_id: str) -> Plan:
    """Return a plan's header; NotFound if there is none."""
    rows = state.read("select header from plan where plan_id = ?", (plan_id,))
    if not rows:
        raise NotFound(f"There is no plan '{plan_id}'.", "Nothing was sent.", "Preview the export again.")
    return _plan(rows[0]["header"])


def recent(state: State, *, limit: int = 50) -> list[Plan]:
    """Return the plans made last, newest first."""
    return [
        _plan(row["header"]) for row in state.read("select header from plan order by made_at desc limit ?", (limit,))
    ]


def last_run(state: State, portal_id: str, target: Target) -> dict[tuple[str, str], Plan]:
    """Return, by segment and list name, the plan that a run last brought to its end in this portal."""
    rows = state.read(
        "select p.header from run r join plan p using (plan_id)"
        " where r.portal_id = ? and r.target = ? and r.undo_of = '' and r.state in ('succeeded', 'partial')"
        " order by r.number",
        (portal_id, target.value),
    )
    plans = [_plan(row["header"]) for row in rows]
    return {(plan.segment_key, plan.list_name): plan for plan in plans}


def _text(plan: Plan) -> str:
    return json.dumps(asdict(plan), default=_iso, ensure_ascii=False)


def _iso(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a plan cannot keep {type(value).__name__}")


def _plan(text: str) -> Plan:
    data: dict[str, Any] = json.loads(text)
    for name in ("made_at", "features_as_of", "mirror_at"):
        data[name] = dt.datetime.fromisoformat(data[name])
    data["target"] = Target(data["target"])
    data["reach"] = {Step(step): count for step, count in data["reach"].items()}
    data["forecast"] = Forecast(**data["forecast"])
    data["warnings"] = tuple(data["warnings"])
    data["blocked"] = tuple(Guard(**guard) for guard in data["blocked"])
    return Plan(**data)
