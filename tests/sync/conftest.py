from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hubsync.sandbox.server import Sandbox
from tests.sync.desk import Desk, seed


@pytest.fixture(autouse=True)
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBSYNC_SANDBOX", "1")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Twenty customers, all of them contacts; numbers 0 to 11 ordered often enough for the segment."""
    with Sandbox(seed=seed(range(20)), limits=False) as sandbox:
        desk = Desk.open(tmp_path, sandbox)
        desk.orders = {number: 5 if number < 12 else 1 for number in range(20)}
        desk.segment()
        desk.refresh()
        desk.pull()
        yield desk
        desk.state.close()
