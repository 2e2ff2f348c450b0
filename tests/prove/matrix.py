"""Every fault in every phase of a sync."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.prove.proof import Proof

AT_ONCE = 2


def cells(*options: str) -> list[dict[str, Any]]:
    """Carry cells out in programs of their own, as they fork."""

    def share(number: int) -> list[dict[str, Any]]:
        command = [sys.executable, "-m", "tests.crash.matrix", "--shard", f"{number}/{AT_ONCE}", *options]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if not ended.stdout:
            return [{"phase": "", "fault": "", "times": 0, "wrong": ended.stderr[-2000:]}]
        rows: list[dict[str, Any]] = json.loads(ended.stdout)["cells"]
        return rows

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [row for rows in pool.map(share, range(AT_ONCE)) for row in rows]


def matrix(*faults: str) -> Proof:
    """Let every fault (or some) strike in every phase, once and lastingly."""
    rows = cells(*(part for fault in faults for part in ("--only", fault)))
    met = [row for row in rows if row.get("happened")]
    paused = Counter(row["paused"] for row in met if row.get("paused"))
    return Proof(
        name="fault-by-phase",
        claim="Whatever goes wrong in whichever phase, the run waits and says why, and comes to its end later;"
        " then the portal is as planned and the next sync sends nothing.",
        figures={
            "cells": len(rows),
            "cells in which the fault struck": len(met),
            "phases": len({row["phase"] for row in met}),
            "faults": len({row["fault"] for row in met}),
            "runs that waited, by what for": dict(paused),
            "cells without effect": [
                f"{row['fault']} in {row['phase']}" for row in rows if not row.get("happened") and row["times"] == 1
            ],
        },
        faults=[f"{row['fault']} ×{row['times']} in {row['phase']}: {row['wrong']}" for row in rows if row["wrong"]],
    )
