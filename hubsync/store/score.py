"""The score model in use, and those before it."""

from __future__ import annotations

import datetime as dt

from hubsync.core.score import ScoreModel
from hubsync.store import audit
from hubsync.store.state import State

_NAME = "score_model/"


def save(state: State, model: ScoreModel, *, by: str, at: dt.datetime) -> int:
    """Keep a model as the one in use and return its version; the same model again makes none."""
    with state.transaction() as connection:
        found = current(state)
        if found is not None and found[1] == model:
            return found[0]
        version = found[0] + 1 if found else 1
        connection.execute("insert into setting values (?, ?)", (f"{_NAME}{version:06}", model.model_dump_json()))
        audit.record(state, at=at, actor=by, act="score model", subject=f"version {version}")
    return version


def current(state: State) -> tuple[int, ScoreModel] | None:
    """Return (version, model) of the one in use, or None where nobody has made one."""
    rows = state.read("select name, value from setting where name like ? order by name desc limit 1", (f"{_NAME}%",))
    if not rows:
        return None
    return int(rows[0]["name"].removeprefix(_NAME)), ScoreModel.model_validate_json(rows[0]["value"])
