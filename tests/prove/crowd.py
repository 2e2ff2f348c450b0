"""Several at one portal: exporters at the same moment, and an owner that was frozen past its lease."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from tests.crash.bugs import CROWD_BUGS
from tests.prove.proof import Proof

#: What brings each of these bugs to light.
_FOUND_BY = {"nobody-is-overtaken": "frozen", "everybody-runs": "exporters"}


def crowd(kind: str, *, times: int, seed: int, bug: str = "") -> dict[str, Any]:
    """Run it as a program of its own, as it forks."""
    command = [sys.executable, "-m", "tests.crash.crowd", kind, "--times", str(times), "--seed", str(seed)]
    ended = subprocess.run([*command, "--bug", bug], capture_output=True, text=True, check=False)
    if not ended.stdout:
        return {"times": 0, "points": {}, "fault": ended.stderr[-2000:]}
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def exporters(times: int, seed: int) -> Proof:
    """Let eight export to the same target at once, so often."""
    told = crowd("exporters", times=times, seed=seed)
    return Proof(
        name="exporters",
        claim="Of eight exporters at once exactly one writes; the others hear who it is.",
        figures={"times": told["times"], "exporters each time": 8, "times with another than one winner": 0}
        if not told["fault"]
        else {"times": told["times"]},
        faults=[told["fault"]] if told["fault"] else [],
        seeds=[seed],
    )


def frozen(times: int, seed: int) -> Proof:
    """Freeze owners (SIGSTOP) past their lease, let others take over, thaw them."""
    told = crowd("frozen", times=times, seed=seed)
    return Proof(
        name="frozen-owner",
        claim="An owner frozen past its lease and taken over changes nothing of ours when it thaws.",
        figures={"owners frozen, taken over and thawed": told["times"], "frozen at": told["points"]},
        faults=[told["fault"]] if told["fault"] else [],
        seeds=[seed],
    )


def planted(seed: int) -> Proof:
    """Plant the bugs that only show where several are at it."""
    told = {bug: crowd(_FOUND_BY[bug], times=15, seed=seed, bug=bug)["fault"] for bug in CROWD_BUGS}
    return Proof(
        name="planted-crowd-bugs",
        claim="These proofs find every bug of this kind that was planted in the engine.",
        figures={"planted": len(told), "caught": sum(map(bool, told.values())), "bugs": list(told)},
        faults=[f"not caught: {bug}" for bug, fault in told.items() if not fault],
        seeds=[seed],
    )
