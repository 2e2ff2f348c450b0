"""What every test starts from: a clean environment, its own workspace, no host but this one."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from hubsync.store.state import State
from hubsync.store.workspace import Workspace


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in [name for name in os.environ if name.startswith(("HUBSYNC_", "HUBSPOT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))


@pytest.fixture(autouse=True)
def _only_this_machine(socket_enabled: None) -> None:
    """`--allow-hosts` in pyproject.toml names the loopback addresses; everything else raises."""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.open(tmp_path / "workspace")


@pytest.fixture
def state(workspace: Workspace) -> State:
    return State(workspace)


@pytest.fixture
def now() -> dt.datetime:
    return dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
