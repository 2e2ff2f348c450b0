"""Anything in any order, held against a model."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.prove.proof import Proof

AT_ONCE = 2


def business(*, syncs: int, seed: int) -> dict[str, Any]:
    """Run the state machine as a program of its own, as it forks."""
    command = [sys.executable, "-m", "tests.crash.model", "--syncs", str(syncs), "--seed", str(seed)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if not ended.stdout:
        return {"counts": {}, "fault": ended.stderr[-2000:]}
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def anything(syncs: int, seed: int) -> Proof:
    """Carry out at least so many syncs among edits, crashes and hands in HubSpot."""
    seeds = range(seed, seed + AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(pool.map(lambda each: business(syncs=-(-syncs // AT_ONCE), seed=each), seeds))
    counts: Counter[str] = sum((Counter(each["counts"]) for each in told), Counter())
    return Proof(
        name="state-machine",
        claim="Whatever happens in whatever order, after a quiet sync the portal equals the model.",
        figures={**counts, "differences": sum(bool(each["fault"]) for each in told)},
        faults=[each["fault"] for each in told if each["fault"]],
        seeds=list(seeds),
    )
