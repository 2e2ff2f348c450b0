"""The demo workspace for a browser to show: made once by the command line, copied wherever a test writes."""

from __future__ import annotations

import dataclasses
import functools
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from hubsync.core.connection import Connection
from hubsync.core.plan import Change, Plan
from hubsync.core.run import Run
from hubsync.store import connection as connections
from hubsync.store import plan as plans
from hubsync.store.state import State
from hubsync.store.workspace import Workspace
from hubsync.sync import history
from hubsync.sync.preview import changes
from tests.browser.app import ROOT, environment, free_port

#: How the demo's behaviours are called on screen.
BEHAVIOURS = ("Comfort seekers", "Loyal regulars", "Bargain hunters", "Quality enthusiasts")


@dataclass(kw_only=True)
class Demo:
    """A workspace on disk, and where the key of its token lies; `close` it where its state was looked at."""

    home: Path
    config: Path

    @classmethod
    def make(cls, folder: Path, **settings: str) -> Demo:
        """Make the demo as a person would, in a shell with these settings."""
        made = cls(home=folder / "workspace", config=folder / "config")
        done = subprocess.run(
            [sys.executable, "-m", "hubsync", "demo", "--json"],
            cwd=ROOT,
            env=environment(home=made.home, config=made.config, **settings),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["segments"] == len(BEHAVIOURS)
        return made

    def copy(self, folder: Path) -> Demo:
        """Return a copy whose sandbox listens elsewhere: both hold the same token, and must not answer for another."""
        shutil.copytree(self.home, folder / "workspace")
        copied = Demo(home=folder / "workspace", config=self.config)
        copied.connect(f"http://127.0.0.1:{free_port()}")
        return copied

    @functools.cached_property
    def state(self) -> State:
        """What the workspace remembers."""
        return State(Workspace.open(self.home))

    def close(self) -> None:
        """Let go of the state."""
        self.state.close()

    @property
    def connection(self) -> Connection:
        """The portal in use."""
        return connections.required(self.state)

    def connect(self, base_url: str, *, embedded: bool = True) -> None:
        """Let the portal answer at another address; one that is not `embedded` is served by the test alone."""
        there = dataclasses.replace(self.connection, base_url=base_url, embedded=embedded)
        connections.move(self.state, there)

    def runs(self) -> list[Run]:
        """Return every run, newest first."""
        return history.runs(self.state)

    def plan(self, plan_id: str) -> tuple[Plan, list[Change]]:
        """Return a plan and all its rows."""
        return plans.get(self.state, plan_id), list(changes(self.state.workspace, plan_id))
