"""Every fault in every phase of a sync: what it led to, and that a worker later brings it to its end all the same.

A cell is two processes: one meets the fault, one comes later when all is well again. `python -m tests.crash.matrix
--shard 0/2` prints one JSON document.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import logging
import os
import resource
import signal
import sqlite3
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import duckdb  # noqa: F401 - loaded once, before the forks
import httpx
import hubspot.crm.contacts  # noqa: F401
import pyarrow.parquet  # noqa: F401
import stamina

from hubsync.core.errors import HubsyncError
from hubsync.core.field import CUSTOMER_ID
from hubsync.core.plan import Plan, Target
from hubsync.core.run import PausedFor
from hubsync.portal.errors import PortalError
from hubsync.portal.gateway import Gateway
from hubsync.portal.verify import verify
from hubsync.store import audit
from hubsync.store import connection as connections
from hubsync.store import run as runs
from hubsync.sync.refresh import refresh_mirror
from hubsync.sync.run import Portions, enqueue, resume
from hubsync.sync.undo import undo
from hubsync.worker import Worker
from tests.crash import line
from tests.crash.serve import serving
from tests.sync.desk import COLUMN, Desk, email, seed

LIST = "[Behaviour] Loyal regulars - Active"
PROPERTY = f"hubsync_{COLUMN}"
PEOPLE, CONTACTS = 10, 8
SMALL = Portions(people=4, members=4)
#: Longer than all tries of a call and all sendings of a batch.
LASTING = 40


@dataclass(frozen=True, kw_only=True)
class Phase:
    """Where a fault strikes: the requests that are met."""

    target: Target = Target.STATIC_LIST
    path: str = "*"
    #: Matching requests that pass before.
    after: int = 0


PHASES = {
    "connect": Phase(),
    "plan": Phase(),
    "ensure": Phase(target=Target.PROPERTIES, path="*/properties/*"),
    "resolve": Phase(path="*/batch/read"),
    "write": Phase(target=Target.PROPERTIES, path="*/batch/update"),
    "split": Phase(target=Target.PROPERTIES, path="*/batch/update", after=1),
    "membership": Phase(path="*/memberships/*"),
    "finish": Phase(path="*/memberships/*", after=2),
    "undo": Phase(),
}
#: What comes over the wire, and what a run that cannot go on then waits for.
WIRE = {
    "lost": PausedFor.UNREACHABLE,
    "429": PausedFor.UNREACHABLE,
    "429-daily": PausedFor.DAILY_LIMIT,
    "500": PausedFor.UNREACHABLE,
    "502": PausedFor.UNREACHABLE,
    "503": PausedFor.UNREACHABLE,
    "504": PausedFor.UNREACHABLE,
    "423": PausedFor.UNREACHABLE,
    "477": PausedFor.UNREACHABLE,
    "401": PausedFor.TOKEN,
    "403": PausedFor.SCOPE,
    "drip": PausedFor.UNREACHABLE,
    "reset-mid-body": PausedFor.UNREACHABLE,
    "truncated": PausedFor.UNREACHABLE,
    "wrong-json": PausedFor.UNREACHABLE,
    "html": PausedFor.UNREACHABLE,
}
_SENDING = tuple(PHASES)[2:]
#: What happens here or by other hands, and in which phases it can.
HERE = {
    "kill": ("plan", *_SENDING),
    "disk-full": ("plan", *_SENDING),
    "database-locked": _SENDING,
    "clock-two-days-on": ("plan", *_SENDING),
    "clock-two-days-back": ("plan", *_SENDING),
    "list-deleted": ("membership", "finish", "undo"),
    "contact-merged": ("plan", *_SENDING),
}


class Wrong(AssertionError):  # noqa: N818 - a finding
    """What a cell must not lead to."""


@dataclass(kw_only=True)
class Cell:
    """One fault in one phase."""

    home: Path
    sandbox: Any
    phase: str
    fault: str
    times: int = 1
    #: How far this process's clock is ahead.
    ahead: dt.timedelta = field(default_factory=dt.timedelta)

    def clock(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self.ahead

    @property
    def where(self) -> Phase:
        return PHASES[self.phase]

    def desk(self) -> Desk:
        desk = Desk.open(self.home, self.sandbox)
        desk.orders = dict.fromkeys(range(PEOPLE), 5)
        desk.ids = {0: "k" * 70_000} if self.where.target is Target.PROPERTIES else {}
        desk.clock = self.clock
        return desk

    def gateway(self, desk: Desk) -> Gateway:
        return line.gateway(desk, self.clock, deadline=0.4 if self.fault == "drip" else 5.0)

    def meet(self) -> None:
        """Set everything up, and let the fault strike."""
        stamina.set_testing(True, attempts=5, cap=True)
        desk = self.desk()
        connections.save(desk.state, desk.connection, desk.token, by="rig", at=self.clock())
        desk.segment()
        desk.refresh()
        gateway = self.gateway(desk)
        if self.phase == "connect":
            self._arm()
            self._verify()
            return
        if self.phase == "plan":
            self._arm()
            self._strike(desk, gateway)
            try:
                self._pull(desk, gateway)
                self._enqueue(desk, desk.preview(self.where.target, create_contacts=True))
            except (PortalError, OSError, sqlite3.Error) as error:
                self._note("planned", str(error))
            return
        self._pull(desk, gateway)
        plan = desk.preview(self.where.target, create_contacts=True)
        if self.phase == "resolve":  # made by hand since the preview
            desk.call("POST", "/crm/v3/objects/contacts", {"properties": {"email": email(CONTACTS)}})
        if self.phase == "undo":
            run_id = self._enqueue(desk, plan)
            self._work(desk, gateway)
            plan = undo(desk.workspace, desk.state, run_id, by="rig", clock=self.clock)
        self._enqueue(desk, plan)
        self._arm()
        self._strike(desk, gateway)
        self._work(desk, gateway)

    def mend(self) -> None:
        """Come later, when all is well again: finish the run, and look at everything."""
        stamina.set_testing(True, attempts=5, cap=True)
        spoilt = line.heal(self.sandbox.base_url)
        if self.fault in WIRE:
            self._note("happened", spoilt)
        self.ahead = dt.timedelta(days=1, hours=1)
        desk = self.desk()
        gateway = self.gateway(desk)
        if self.phase == "connect":
            if not self._verify():
                raise Wrong("the connection is not good again")
            return
        self._told_why(desk)
        if self.phase == "plan" and not runs.find(desk.state):
            desk.refresh()
            self._pull(desk, gateway)
            self._enqueue(desk, desk.preview(self.where.target, create_contacts=True))
        for _ in range(8):
            for run in runs.find(desk.state):
                resume(desk.state, run.run_id, by="rig", clock=self.clock)
            self._work(desk, gateway)
            if all(run.state.finished for run in runs.find(desk.state)):
                break
            self.ahead += dt.timedelta(hours=2)
        self._check_runs(desk)
        if self.fault not in {"contact-merged", "list-deleted"} and self.phase != "undo":
            self._check_portal(desk)
        self._check_quiet(desk, gateway)

    def _told_why(self, desk: Desk) -> None:
        for run in runs.find(desk.state):
            if run.paused_for is None:
                continue
            self._note("paused", run.paused_for.value)
            expected = WIRE.get(self.fault, PausedFor.UNREACHABLE)
            if run.paused_for is not expected or not run.problem:
                raise Wrong(f"it waits for {run.paused_for} ({run.problem}), not for {expected}")

    def _check_runs(self, desk: Desk) -> None:
        for run in runs.find(desk.state):
            ended = desk.state.read("select count(*) from row_result where run_id = ?", (run.run_id,))[0][0]
            if not run.state.finished:
                raise Wrong(f"the run is {run.state}: {run.problem}")
            if run.counts.open or ended != run.counts.planned:
                raise Wrong(f"{ended} outcomes for {run.counts}")
        if audit.first_broken(desk.state):
            raise Wrong("the audit chain is broken")

    def _check_portal(self, desk: Desk) -> None:
        everybody = {email(number) for number in range(PEOPLE)}
        if self.where.target is Target.STATIC_LIST:
            if (found := desk.members(LIST)) != everybody:
                raise Wrong(f"on the list, but for {sorted(found ^ everybody)}")
            return
        rows = desk.call("GET", f"/crm/v3/objects/contacts?limit=100&properties=email,{PROPERTY},{CUSTOMER_ID.name}")
        held = {row["properties"]["email"]: row["properties"] for row in rows["results"]}
        if held.keys() != everybody or len(rows["results"]) != PEOPLE:
            raise Wrong(f"contacts: {sorted(held.keys() ^ everybody)}")
        bad = [address for address, values in held.items() if values.get(PROPERTY) != "5"]
        if bad:
            raise Wrong(f"without their value: {bad}")

    def _check_quiet(self, desk: Desk, gateway: Gateway) -> None:
        """Sync once more after a pull; the sync after that has nothing to do."""
        for _ in range(2):
            self._pull(desk, gateway)
            plan = desk.preview(self.where.target, create_contacts=True)
            rest = [change for change in desk.changes(plan) if not change.customer_id.startswith("kk")]
            if not rest:
                break
            self._enqueue(desk, plan)
            self._work(desk, gateway)
        else:
            raise Wrong(f"a sync is never quiet: {rest[:2]}")
        self._check_runs(desk)
        if self.fault != "contact-merged":
            self._check_portal(desk)

    def _work(self, desk: Desk, gateway: Gateway) -> None:
        worker = Worker(desk.workspace, desk.state, gateways=lambda _: gateway, clock=self.clock, name="worker")
        try:
            worker.run_due()
        except sqlite3.Error as error:  # its loop says so in the log, and looks again
            self._note("raised", str(error))

    def _pull(self, desk: Desk, gateway: Gateway) -> None:
        refresh_mirror(desk.workspace, desk.state, desk.connection, gateway, full=True, clock=self.clock)

    def _enqueue(self, desk: Desk, plan: Plan) -> str:
        typed = tuple(guard.override for guard in plan.blocked if guard.override)
        return enqueue(
            desk.workspace, desk.state, plan.plan_id, by="rig", override=typed, portions=SMALL, clock=self.clock
        )

    def _verify(self) -> bool:
        found = verify(
            self.sandbox.base_url, self.sandbox.token, str(self.sandbox.portal_id), deadline=0.5, embedded=False
        )
        unexplained = [check for check in found.checks if not check.ok and not (check.detail and check.fix)]
        if unexplained:
            raise Wrong(f"a failed check without a way on: {unexplained}")
        return found.ok

    def _arm(self) -> None:
        """Switch a fault of the wire on."""
        if self.fault in WIRE:
            more = {"drip": " seconds=1", "500": " after_write=true"}.get(self.fault, "")
            spec = f"{self.fault} path={self.where.path} after={self.where.after} times={self.times}{more}"
            line.spoil(self.sandbox.base_url, spec)

    def _strike(self, desk: Desk, gateway: Gateway) -> None:
        """Let the others happen at the request that the phase is about."""
        if self.fault in WIRE:
            return
        exchange, passed = gateway._exchange, 0

        def watched(method: str, where: str, *rest: Any) -> Any:
            nonlocal passed
            meant = fnmatch(where, self.where.path)
            passed += meant
            now = meant and passed == self.where.after + 1
            if now and self.fault != "kill":
                self._note("happened", 1)
                self._happen(desk)
            answer = exchange(method, where, *rest)
            if now and self.fault == "kill":
                self._note("happened", 1)
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        gateway._exchange = watched  # type: ignore[method-assign]

    def _happen(self, desk: Desk) -> None:
        match self.fault:
            case "disk-full":  # from here on this process cannot write a byte to any file
                resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
            case "database-locked":
                other = sqlite3.connect(desk.workspace.state_file, isolation_level=None)
                other.execute("begin immediate")
                self._lock = other  # held until this process ends
                desk.state.connection.execute("pragma busy_timeout = 50")
            case "clock-two-days-on":
                self.ahead += dt.timedelta(days=2)
            case "clock-two-days-back":
                self.ahead -= dt.timedelta(days=2)
            case "list-deleted":
                found = desk.call("GET", f"/crm/v3/lists/object-type-id/0-1/name/{LIST}")["list"]["listId"]
                desk.call("DELETE", f"/crm/v3/lists/{found}")
            case "contact-merged":
                body = {"primaryObjectId": desk.contact_id(1), "objectIdToMerge": desk.contact_id(2)}
                desk.call("POST", "/crm/v3/objects/contacts/merge", body)

    def _note(self, name: str, value: object) -> None:
        """Remember something for the report; the disk may be full."""
        os.write(_notes, (json.dumps([name, value]) + "\n").encode())


_notes = -1


def cells(faults: set[str] | None = None) -> Iterator[tuple[str, str, int]]:
    """Yield (phase, fault, times) of every cell there is."""
    for phase in PHASES:
        for fault in WIRE:
            if faults is None or fault in faults:
                yield phase, fault, 1
                yield phase, fault, LASTING
        for fault, phases in HERE.items():
            if phase in phases and (faults is None or fault in faults):
                yield phase, fault, 1


def carry_out(sandbox: Any, phase: str, fault: str, times: int) -> dict[str, Any]:
    """Carry one cell out; returns its notes and what is wrong."""
    global _notes
    reset = {"seed": seed(range(CONTACTS))}
    httpx.post(f"{sandbox.base_url}/__sandbox__/reset", json=reset, timeout=30).raise_for_status()
    line.heal(sandbox.base_url)
    reading, _notes = os.pipe()
    wrong = ""
    with tempfile.TemporaryDirectory() as folder:
        cell = Cell(home=Path(folder), sandbox=sandbox, phase=phase, fault=fault, times=times)
        for step in (cell.meet, cell.mend):
            status = _forked(step)
            if os.WIFSIGNALED(status) and (step == cell.mend or fault != "kill"):
                wrong = wrong or "it died"
    os.close(_notes)
    with os.fdopen(reading) as heard:
        notes = dict(json.loads(row) for row in heard)
    return {"phase": phase, "fault": fault, "times": times, **notes, "wrong": notes.get("wrong", wrong)}


def _forked(step: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        try:
            logging.disable()
            step()
        except (AssertionError, HubsyncError, sqlite3.Error, OSError, LookupError, httpx.HTTPError) as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            told = f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
            os.write(_notes, (json.dumps(["wrong", told[:500]]) + "\n").encode())
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1]


def main() -> int:
    """Carry out a share of the cells."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shard", default="0/1")
    parser.add_argument("--only", action="append", help="a fault; may be given again")
    parser.add_argument("--phase", action="append")
    options = parser.parse_args()
    share, of = map(int, options.shard.split("/"))
    chosen = [cell for n, cell in enumerate(cells(set(options.only) if options.only else None)) if n % of == share]
    os.environ["HUBSYNC_SANDBOX"] = "1"
    with tempfile.TemporaryDirectory() as config, serving(seed(range(CONTACTS))) as sandbox:
        os.environ["XDG_CONFIG_HOME"] = config
        rows = []
        for cell in chosen:
            if not options.phase or cell[0] in options.phase:
                rows.append(carry_out(sandbox, *cell))
                sys.stderr.write(json.dumps(rows[-1]) + "\n")
    sys.stdout.write(json.dumps({"cells": rows}) + "\n")
    return 1 if any(row["wrong"] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
