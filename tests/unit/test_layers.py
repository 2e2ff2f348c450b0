"""The rooms keep to their place: what the layer contract cannot see, seen at run time."""

from __future__ import annotations

import subprocess
import sys

import pytest

FRAMEWORKS = ("pandas", "streamlit", "plotly", "duckdb", "ibis", "hubspot", "pyarrow", "statsmodels", "starlette")


def imported_by(statement: str) -> set[str]:
    """Names of top-level modules in memory after `statement` ran in a fresh interpreter."""
    code = f"{statement}\nimport sys\nprint(' '.join(sorted(name for name in sys.modules if '.' not in name)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_core_starts_without_any_framework() -> None:
    rooms = "connection, diff, email, errors, field, measure, naming, plan, run, segment"
    assert imported_by(f"from hubsync.core import {rooms}").isdisjoint(FRAMEWORKS)


@pytest.mark.parametrize("room", ["hubsync.cli.commands", "hubsync.store.state", "hubsync.worker"])
def test_the_command_line_starts_without_what_only_screens_need(room: str) -> None:
    assert imported_by(f"import {room}").isdisjoint({"pandas", "streamlit", "plotly", "statsmodels", "ibis"})


def test_the_sandbox_loads_nothing_of_the_product_it_judges() -> None:
    code = "import hubsync.sandbox.server, sys; print([n for n in sys.modules if n.startswith('hubsync.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = [name for name in eval(done.stdout) if not name.startswith("hubsync.sandbox")]  # noqa: S307 - our own list
    assert loaded == []
