"""The reliability figures: `python -m hubsync prove`, short (under two minutes) or `--full`.

Every proof runs against a HubSpot of its own over real HTTP; one JSON document comes out, progress goes to stderr.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace

from tests.prove import crowd, kills, matrix, model, trust
from tests.prove.proof import Proof

#: Bugs of the short form: one for each thing that can be lost.
FEW = ["acknowledge-before-send", "plan-is-not-atomic", "lost-is-refused", "old-for-new"]
#: Faults of the short form.
FAULTS = ("kill",)


def proofs(seed: int, *, full: bool) -> dict[str, Callable[[], Proof]]:
    """Return the proofs by name, in the order they are carried out."""
    bugs = kills.every_bug() if full else FEW
    return {
        "kills": lambda: kills.killed(1000 if full else 60, seed),
        "wal-cuts": lambda: kills.killed(500 if full else 30, seed, cut=True),
        "planted-bugs": lambda: kills.planted(bugs, seed),
        "exporters": lambda: crowd.exporters(20 if full else 1, seed),
        "frozen-owner": lambda: crowd.frozen(40 if full else 2, seed),
        **({"planted-crowd-bugs": lambda: crowd.planted(seed)} if full else {}),
        "fault-by-phase": lambda: matrix.matrix(*(() if full else FAULTS)),
        "state-machine": lambda: model.anything(1500 if full else 10, seed),
    }


def main() -> int:
    """Carry the proofs out and print what came of them; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.prove", description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", help="a proof's name; may be given again")
    parser.add_argument("--write", action="store_true", help="put the figures into TRUST.md")
    options = parser.parse_args()
    wanted = proofs(options.seed, full=options.full)
    if unknown := set(options.only or ()) - wanted.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}; proofs are {', '.join(wanted)}")
    done: list[Proof] = []
    began = time.monotonic()
    for name, prove in wanted.items():
        if options.only and name not in options.only:
            continue
        sys.stderr.write(f"{name} …\n")
        start = time.monotonic()
        done.append(replace(prove(), seconds=round(time.monotonic() - start, 1)))
    document = {
        "ok": all(proof.ok for proof in done),
        "full": options.full,
        "seed": options.seed,
        "seconds": round(time.monotonic() - began, 1),
        "proofs": [{**asdict(proof), "ok": proof.ok} for proof in done],
    }
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    if options.write:
        trust.write(document, when=f"{dt.datetime.now(dt.UTC):%Y-%m-%d}", version=_version())
    return 0 if document["ok"] else 1


def _version() -> str:
    told = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
