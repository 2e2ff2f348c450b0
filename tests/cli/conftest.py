"""The command line as a script meets it: processes, their exit codes, and JSON on stdout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Done:
    """One command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, kw_only=True)
class Cli:
    """Runs commands in one workspace."""

    home: Path
    environment: dict[str, str]

    def __call__(self, *arguments: str | Path, code: int = 0, stdin: str = "", **environment: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "hubsync", *map(str, arguments)],
            cwd=ROOT,
            env={**self.environment, **environment},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, f"{arguments} left with {done.returncode}\n{done.stdout}\n{done.stderr}"
        return Done(code=done.returncode, out=done.stdout, err=done.stderr)

    def json(self, *arguments: str | Path, code: int = 0, stdin: str = "", **environment: str) -> Any:
        return self(*arguments, "--json", code=code, stdin=stdin, **environment).json


@dataclass(frozen=True, kw_only=True)
class Served:
    """A sandbox in a process of its own."""

    base_url: str
    token: str
    portal_id: int


def environment(folder: Path) -> dict[str, str]:
    """A shell's environment with none of our settings but those of this test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUBSYNC_", "HUBSPOT_"))}
    return {**kept, "HUBSYNC_HOME": str(folder / "workspace"), "XDG_CONFIG_HOME": str(folder / "config")}


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    return Cli(home=tmp_path / "workspace", environment={**environment(tmp_path), "HUBSYNC_SANDBOX": "1"})


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Start `python -m hubsync sandbox` with the given options; stopped at the end."""
    running: list[subprocess.Popen[str]] = []

    def start(*options: str) -> Served:
        process = subprocess.Popen(
            [sys.executable, "-m", "hubsync", "sandbox", "--port", "0", *options],
            cwd=ROOT,
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        assert process.stdout is not None
        return Served(**json.loads(process.stdout.readline()))

    yield start
    for process in running:
        process.terminate()
        process.communicate()
    assert [process.returncode for process in running] == [0] * len(running)
