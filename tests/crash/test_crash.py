from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.crash.bugs import BUGS


def rig(*, kills: int, rounds: int, seed: int, bug: str = "") -> dict[str, Any]:
    """Run the rig as a program of its own: it forks, which a test process with threads must not."""
    command = [sys.executable, "-m", "tests.crash.rig", "--kills", str(kills), "--rounds", str(rounds)]
    ended = subprocess.run([*command, "--seed", str(seed), "--bug", bug], capture_output=True, text=True, check=False)
    assert ended.stdout, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def test_workers_killed_at_any_point_lose_nothing_and_double_nothing() -> None:
    told = rig(kills=40, rounds=5, seed=1)
    assert told["fault"] == ""
    assert told["kills"] >= 40
    assert {"commit", "send POST"} & told["points"].keys()


@pytest.mark.parametrize("bug", BUGS)
def test_the_rig_catches_a_planted_bug(bug: str) -> None:
    assert rig(kills=20, rounds=10, seed=3, bug=bug)["fault"]
