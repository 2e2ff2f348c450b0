"""The server as it is started: what it refuses, and what it answers on a cold start."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx

from hubsync.store import heartbeat
from hubsync.store.state import State
from hubsync.store.workspace import Workspace
from tests.browser.app import free_port, running

ROOT = Path(__file__).parents[2]
#: How long a loaded machine may take to start the worker's thread, in seconds.
PATIENCE = 30.0


def test_a_public_address_is_refused_in_words(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(free_port())]
    ended = subprocess.run(
        [*command, "--server.address", "0.0.0.0"],  # noqa: S104 - the case
        cwd=ROOT,
        env={**os.environ, "HUBSYNC_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode != 0
    assert "The dashboard does not start on 0.0.0.0" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "home").exists()


def test_the_server_answers_and_its_worker_works(tmp_path: Path) -> None:
    with running(tmp_path / "home", config=tmp_path / "config") as app:
        assert httpx.get(f"{app.url}/healthz").json() == {"ok": True}
        assert httpx.get(app.page("segments")).status_code == httpx.codes.OK
        state = State(Workspace.open(tmp_path / "home"))
        until = time.monotonic() + PATIENCE
        while heartbeat.latest(state) is None and time.monotonic() < until:
            time.sleep(0.1)  # another process: there is nothing to wait on but its sign of life
        assert heartbeat.latest(state) is not None


def test_the_server_starts_without_the_key_of_the_saved_token(shop: State, tmp_path: Path) -> None:
    with running(shop.workspace.home, config=tmp_path / "another config") as app:
        assert httpx.get(f"{app.url}/healthz").json() == {"ok": True}
        assert "key" in app.log.read_text()
