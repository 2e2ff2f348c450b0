from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from hubsync.sandbox.server import Sandbox
from hubsync.store.state import State
from hubsync.store.workspace import Workspace
from tests.pages.shop import Made, copied, make, seed


@pytest.fixture(autouse=True)
def _fresh_server() -> None:
    """What a server keeps for all its sessions, it has not when it starts."""
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> State:
    """A workspace that holds nothing, opened by the pages."""
    monkeypatch.setenv("HUBSYNC_HOME", str(tmp_path / "empty"))
    return State(Workspace.open(tmp_path / "empty"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("shop")
    with pytest.MonkeyPatch.context() as patch, Sandbox(seed=seed(), limits=False) as sandbox:
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        make(folder / "home", sandbox, folder)
        yield Made(home=folder / "home", config=folder / "config", sandbox=sandbox)


@pytest.fixture
def shop(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> State:
    """A filled workspace of its own, opened by the pages; the portal is shared by a module's tests."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(made.config))
    monkeypatch.setenv("HUBSYNC_HOME", str(copied(made, tmp_path / "home")))
    return State(Workspace.open(tmp_path / "home"))
