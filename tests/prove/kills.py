"""Workers killed at every step, commits cut halfway, and the rig itself put to the test with planted bugs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.crash.bugs import BUGS
from tests.prove.proof import Proof

#: Rigs at once; each is a business with a portal and one worker at a time.
AT_ONCE = 2


def rig(*, kills: int, seed: int, rounds: int = 0, bug: str = "", cut: bool = False) -> dict[str, Any]:
    """Run the rig as a program of its own: it forks, which a process with threads must not."""
    command = [sys.executable, "-m", "tests.crash.rig", "--kills", str(kills), "--rounds", str(rounds)]
    command += ["--seed", str(seed), "--bug", bug, *(["--cut"] if cut else [])]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if not ended.stdout:
        return {"kills": 0, "rounds": 0, "runs": 0, "spoilt": 0, "points": {}, "fault": ended.stderr[-2000:]}
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def killed(kills: int, seed: int, *, cut: bool = False) -> Proof:
    """Kill at least so many workers between two steps; with `cut`, in the middle of a commit."""
    seeds = range(seed, seed + AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(pool.map(lambda each: rig(kills=-(-kills // AT_ONCE), seed=each, rounds=6, cut=cut), seeds))
    points: Counter[str] = sum((Counter(each["points"]) for each in told), Counter())
    summed = {name: sum(each[name] for each in told) for name in ("kills", "rounds", "runs", "spoilt")}
    return Proof(
        name="wal-cuts" if cut else "kills",
        claim="A power cut in a commit loses, doubles and leaves open no row."
        if cut
        else "A worker killed at any statement, send or receive loses, doubles and leaves open no row.",
        figures={
            ("power cuts in a commit" if cut else "kills"): summed["kills"],
            "rounds of edit, preview, run, check": summed["rounds"],
            "runs, undos among them": summed["runs"],
            "requests spoilt on their way": summed["spoilt"],
            ("how the log was left" if cut else "kinds of points"): dict(points) if cut else len(points),
            "rows lost, doubled or left open": sum(bool(each["fault"]) for each in told),
        },
        faults=[each["fault"] for each in told if each["fault"]],
        seeds=list(seeds),
    )


def planted(names: list[str], seed: int) -> Proof:
    """Plant each bug in turn; the rig must find fault with every one."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(pool.map(lambda bug: rig(kills=60, rounds=12, seed=seed, bug=bug), names))
    caught = {bug: each["fault"] for bug, each in zip(names, told, strict=True)}
    return Proof(
        name="planted-bugs",
        claim="The rig finds every bug that was planted in the engine.",
        figures={"planted": len(names), "caught": sum(map(bool, caught.values())), "bugs": names},
        faults=[f"not caught: {bug}" for bug, fault in caught.items() if not fault],
        seeds=[seed],
    )


def every_bug() -> list[str]:
    """Return the names of all bugs that killing workers brings to light."""
    return list(BUGS)
