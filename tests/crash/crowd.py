"""Several at one portal: exporters who press the button at once, and an owner frozen past its lease.

`python -m tests.crash.crowd exporters --times 20 --seed 1` and `... frozen ...` print one JSON document.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb  # noqa: F401 - loaded once, before the forks
import hubspot.crm.contacts  # noqa: F401
import pyarrow.parquet  # noqa: F401

from hubsync.core.errors import Busy, HubsyncError
from hubsync.core.plan import Target
from hubsync.core.run import RunState
from hubsync.sync.execute import execute
from hubsync.sync.run import Portions, enqueue
from tests.crash import line
from tests.crash.bugs import CROWD_BUGS
from tests.crash.serve import serving
from tests.sync.desk import Desk, email, seed

EXPORTERS = 8
PEOPLE = 24
LIST = "[Behaviour] Loyal regulars - Active"
SMALL = Portions(people=7, members=9)
#: What a frozen owner must not change once it thaws; leases and signs of life are its own.
_TABLES = ("run", "batch", "row_result", "acknowledged", "prior", "audit")


def exporters(home: Path, sandbox: Any, bug: str) -> list[str]:
    """Let eight processes plan and ask at the same moment; return what is wrong with how it ended.

    Nobody sends before all have asked: who comes after another's run has ended may well have a run of their own.
    """
    desk = _desk(home, sandbox)
    desk.state.close()
    gate, opener = os.pipe()
    told, teller = os.pipe()
    asked, asking = os.pipe()
    ready, release = os.pipe()
    children = []
    for number in range(EXPORTERS):
        child = os.fork()
        if child == 0:
            os.close(opener)
            os.close(release)
            CROWD_BUGS.get(bug, lambda: None)()
            _leave(lambda number=number: os.write(teller, _export(home, sandbox, number, (gate, asking, ready))))
        children.append(child)
    os.close(gate)
    os.close(opener)  # all of them go
    os.close(asking)
    heard_of = 0
    while heard_of < EXPORTERS and (asks := os.read(asked, EXPORTERS)):
        heard_of += len(asks)
    os.close(release)  # and now whoever may, sends
    crashed = sum(os.waitpid(child, 0)[1] != 0 for child in children)
    os.close(teller)
    with os.fdopen(told) as heard:
        answers = Counter(heard.read().split())
    desk = _desk(home, sandbox, fresh=False)
    rows = desk.state.read("select * from run")
    faults = []
    if crashed:
        faults.append(f"{crashed} exporters crashed")
    if len(rows) != 1 or rows[0]["state"] != "succeeded" or rows[0]["confirmed"] != rows[0]["planned"]:
        faults.append(f"{len(rows)} runs: {[row['state'] for row in rows]}")
    if answers["won"] != 1 or answers.total() != EXPORTERS:
        faults.append(f"of {EXPORTERS} exporters: {dict(answers)}")
    lists = desk.call("POST", "/crm/v3/lists/search", {"query": "", "count": 100})["lists"]
    sizes = [int(row["additionalProperties"]["hs_list_size"]) for row in lists]
    if sizes != [PEOPLE]:
        faults.append(f"lists of {sizes} members")
    return faults


def _export(home: Path, sandbox: Any, number: int, gates: tuple[int, int, int]) -> bytes:
    gate, asking, ready = gates
    desk = Desk.open(home, sandbox)
    os.read(gate, 1)
    names = {"list_name": f"List of exporter {number}"} if number % 2 else {}  # half of them mean the same list
    try:
        plan = desk.preview(Target.STATIC_LIST, **names)
        run_id = enqueue(desk.workspace, desk.state, plan.plan_id, by=f"exporter {number}", clock=desk.clock)
    except Busy as busy:
        return b"busy " if "exporter" in str(busy) else b"unnamed "  # whoever loses hears who has won
    finally:
        os.write(asking, b".")
    os.read(ready, 1)
    before = desk.gateway()
    try:
        run = execute(desk.workspace, desk.state, run_id, before, clock=desk.clock, holder=f"exporter {number}")
    except Busy as busy:
        return b"busy " if "exporter" in str(busy) else b"unnamed "
    return b"won " if before.requests else (b"same " if run.state is RunState.SUCCEEDED else b"lost ")


def frozen(home: Path, sandbox: Any, chance: random.Random, bug: str) -> tuple[str, list[str]]:
    """Freeze an owner outside a transaction, let another take over and end, thaw it; return the point and faults."""
    desk = _desk(home, sandbox)
    plan = desk.preview(Target.STATIC_LIST, create_contacts=True)
    run_id = enqueue(desk.workspace, desk.state, plan.plan_id, by="owner", portions=SMALL, clock=desk.clock)
    desk.state.close()
    after = chance.randrange(3, 60)
    owner = os.fork()
    if owner == 0:
        CROWD_BUGS.get(bug, lambda: None)()
        _leave(lambda: _owner(home, sandbox, run_id, after))
    _, status = os.waitpid(owner, os.WUNTRACED)
    if not os.WIFSTOPPED(status):
        return "", [] if os.WEXITSTATUS(status) == 0 else ["the owner failed"]
    taking = os.fork()
    if taking == 0:
        _leave(lambda: _take_over(home, sandbox, run_id))
    _, status = os.waitpid(taking, 0)
    faults = ["whoever took over failed"] if status else []
    left = _left(home, sandbox)
    os.kill(owner, signal.SIGCONT)
    _, status = os.waitpid(owner, 0)
    if os.WEXITSTATUS(status):
        faults.append("the owner failed when it thawed")
    if _left(home, sandbox) != left:
        faults.append("the owner changed something when it thawed")
    desk = _desk(home, sandbox, fresh=False)
    row = desk.state.read("select * from run")[0]
    if row["state"] != "succeeded" or row["confirmed"] + row["unchanged"] != row["planned"]:
        faults.append(f"the run is {row['state']}")
    if desk.members(LIST) != {email(number) for number in range(PEOPLE)}:
        faults.append("the list is not what was planned")
    return (home / "point").read_text(), faults


def _owner(home: Path, sandbox: Any, run_id: str, after: int) -> None:
    desk = Desk.open(home, sandbox)
    left = after

    def point(name: str) -> None:
        nonlocal left
        left -= 1
        # Inside a transaction it holds the lock: nobody can take over before it thaws, and nothing is wrong.
        if left <= 0 and not desk.state.connection.in_transaction:
            left = 1_000_000
            (home / "point").write_text(name)
            os.kill(os.getpid(), signal.SIGSTOP)

    desk.state.connection.set_trace_callback(lambda sql: point(" ".join(sql.split()[:3])))
    gateway = line.gateway(desk, desk.clock)
    exchange = gateway._exchange

    def watched(method: str, where: str, *rest: Any) -> Any:
        point(f"send {method}")
        answer = exchange(method, where, *rest)
        point(f"receive {method}")
        return answer

    gateway._exchange = watched  # type: ignore[method-assign]
    execute(desk.workspace, desk.state, run_id, gateway, clock=desk.clock, holder="owner")


def _take_over(home: Path, sandbox: Any, run_id: str) -> None:
    desk = Desk.open(home, sandbox)
    desk.clock = lambda: dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)  # its lease has run out
    gateway = line.gateway(desk, desk.clock)
    run = execute(desk.workspace, desk.state, run_id, gateway, clock=desk.clock, holder="another")
    assert run.state is RunState.SUCCEEDED, run


def _left(home: Path, sandbox: Any) -> list[list[tuple[Any, ...]]]:
    state = Desk.open(home, sandbox).state
    return [[tuple(row) for row in state.read(f"select * from {table} order by 1, 2")] for table in _TABLES]  # noqa: S608 - names of ours


def _desk(home: Path, sandbox: Any, *, fresh: bool = True) -> Desk:
    desk = Desk.open(home, sandbox)
    desk.orders = dict.fromkeys(range(PEOPLE), 5)
    if fresh:
        desk.segment()
        desk.refresh()
        desk.pull()
    return desk


def _leave(act: Callable[[], object]) -> None:
    """End a forked process with what it was forked for, whatever happens, without the parent's clean-up."""
    code = 1
    try:
        act()
        code = 0
    except (AssertionError, HubsyncError, OSError, ValueError, LookupError):
        traceback.print_exc(limit=-4)
    finally:
        os._exit(code)


def prove(kind: str, *, times: int, seed_: int, bug: str = "") -> dict[str, Any]:
    """Do it so often and return what came of it."""
    os.environ["HUBSYNC_SANDBOX"] = "1"
    chance = random.Random(seed_)  # noqa: S311 - seeded
    points: Counter[str] = Counter()
    faults: list[str] = []
    done = 0
    contacts = range(PEOPLE) if kind == "exporters" else range(PEOPLE - 5)  # the frozen one creates five
    while done < times and not faults:
        with tempfile.TemporaryDirectory() as folder, serving(seed(contacts), limits="on") as sandbox:
            if kind == "exporters":
                faults = exporters(Path(folder), sandbox, bug)
                done += 1
            else:
                point, faults = frozen(Path(folder), sandbox, chance, bug)
                points[point] += 1
                done += bool(point)  # "" came to its end before it was to freeze
    return {"kind": kind, "seed": seed_, "bug": bug, "times": done, "points": dict(points), "fault": "; ".join(faults)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["exporters", "frozen"])
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bug", default="", choices=["", *CROWD_BUGS])
    options = parser.parse_args()
    result = prove(options.kind, times=options.times, seed_=options.seed, bug=options.bug)
    sys.stdout.write(json.dumps(result) + "\n")
    sys.exit(1 if result["fault"] else 0)
