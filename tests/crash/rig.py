"""A business whose worker is killed again and again, at every statement and every send and receive.

Each round edits the behaviour data, previews, and lets a forked worker ask for the run and execute it, over a line on
which requests fail and answers are lost. The worker kills itself (SIGKILL) after a seeded number of points; another one
goes on, is killed too, and so forth until a run is finished. Then the portal, over HTTP, must hold what the data say:
nothing lost, nothing doubled. Some runs are undone in the same way, and the portal must be as it was before.

With `--cut` the workers die right after a commit, of which a power cut leaves only a part on the disk.

`python -m tests.crash.rig --kills 1000 --seed 7` prints one JSON document; the tests run it with fewer.
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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb  # noqa: F401 - loaded once, before the forks
import email_validator  # noqa: F401
import httpx
import hubspot.crm.contacts  # noqa: F401
import pyarrow.parquet  # noqa: F401
import stamina

from hubsync.core.errors import HubsyncError
from hubsync.core.field import CUSTOMER_ID
from hubsync.core.plan import Plan, Target
from hubsync.store import audit
from hubsync.store import plan as plans
from hubsync.sync.execute import execute
from hubsync.sync.refresh import refresh_mirror
from hubsync.sync.run import Portions, enqueue
from hubsync.sync.undo import undo
from tests.crash import line, wal
from tests.crash.bugs import BUGS
from tests.crash.serve import serving
from tests.sync.desk import COLUMN, Desk, email, seed

PROPERTY = f"hubsync_{COLUMN}"
LIST = "[Behaviour] Loyal regulars - Active"
SMALL = Portions(people=7, members=9)
AT_LEAST = 3
#: How a worker ends that is not killed.
FINISHED, PAUSED = "finished", "paused"
#: More workers than this for one run means that no progress is made.
MOST_WORKERS = 200


class Fault(AssertionError):  # noqa: N818 - a finding, not a failure of the rig
    """Something was lost, doubled, or left without an outcome."""


@dataclass
class Rig:
    home: Path
    sandbox: SimpleNamespace
    chance: random.Random
    bug: str = ""
    #: Workers die in the middle of a commit rather than between two steps.
    cut: bool = False
    kills: int = 0
    rounds: int = 0
    runs: int = 0
    #: Requests that were spoilt on their way.
    spoilt: int = 0
    #: Workers live ever later, so that a killed one's lease has run out.
    later: dt.timedelta = dt.timedelta()
    orders: dict[int, int] = field(default_factory=lambda: {n: 5 if n < 25 else 1 for n in range(40)})
    #: Customers whose contacts were merged by hand: not compared.
    aside: set[int] = field(default_factory=set)
    points: Counter[str] = field(default_factory=Counter)

    def clock(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self.later

    def desk(self) -> Desk:
        desk = Desk.open(self.home, self.sandbox)
        desk.orders = self.orders
        desk.ids = {0: "k" * 70_000}  # spoils the batch it is in: cut in two, down to the one value
        desk.clock = self.clock
        return desk

    def round(self) -> None:
        self.rounds += 1
        target = self.chance.choice([Target.STATIC_LIST, Target.PROPERTIES])
        before = self._forked(lambda: self._held(target)) if self.rounds % 3 == 0 else None
        self._edit()
        plan_id, overrides = self._forked(lambda: self._plan(target))
        self._run(plan_id, overrides)
        self._forked(lambda: self._check(plan_id, target))
        if before is not None:
            undo_id = self._forked(lambda: self._undo(plan_id))
            self._run(undo_id, [])
            self._forked(lambda: self._check_undone(undo_id, target, before))

    def _run(self, plan_id: str, overrides: list[str]) -> None:
        """Let one worker after the other at a plan, until its run is finished."""
        self.runs += 1
        line.spoil(self.sandbox.base_url, *line.WEATHER, seed=self.chance.randrange(1_000_000))
        gaps = self.chance.uniform(20, 90)  # points until a worker dies, on average
        for _ in range(MOST_WORKERS):
            after = int(self.chance.expovariate(1 / (gaps / 8 if self.cut else gaps))) + 1
            died_at = self._worker(plan_id, tuple(overrides), after)
            self.later += dt.timedelta(minutes=1)
            if died_at == FINISHED:
                break
            if died_at == PAUSED:
                continue
            if self.cut:
                died_at = wal.cut(self.home / "state.sqlite", self.chance)
            self.kills += bool(died_at)
            self.points[died_at] += bool(died_at)
        else:
            raise Fault("the run never ends")
        self.spoilt += line.heal(self.sandbox.base_url)

    def _edit(self) -> None:
        for _ in range(self.chance.randint(2, 16)):
            who = self.chance.choice(sorted(self.orders))
            self.orders[who] = self.chance.randint(1, 9)
        if self.chance.random() < 0.5:
            self.orders[max(self.orders) + 1] = self.chance.randint(1, 9)

    def _plan(self, target: Target) -> tuple[str, tuple[str, ...]]:
        desk = self.desk()
        desk.segment(at_least=AT_LEAST)
        desk.refresh()
        if self.rounds % 3 == 1:
            self._read(desk)
        BUGS.get(self.bug, lambda: None)()
        plan = desk.preview(target, create_contacts=True)
        if stuck := [guard.message for guard in plan.blocked if not guard.override]:
            raise Fault(f"blocked: {stuck}")
        if desk.preview(target, create_contacts=True).plan_id != plan.plan_id:
            raise Fault("the same preview has another id")
        return plan.plan_id, tuple(guard.override for guard in plan.blocked)

    def _read(self, desk: Desk) -> None:
        gateway = line.gateway(desk, self.clock)
        refresh_mirror(desk.workspace, desk.state, desk.connection, gateway, full=True, clock=self.clock)

    def _undo(self, plan_id: str) -> str:
        desk = self.desk()
        run_id = self._row(desk, plan_id)["run_id"]
        return undo(desk.workspace, desk.state, run_id, by="rig", clock=self.clock).plan_id

    def _work(self, plan_id: str, overrides: tuple[str, ...], point: Callable[[str], None]) -> str:
        desk = self.desk()
        desk.state.connection.set_trace_callback(lambda sql: point(_head(sql)))
        stamina.set_testing(True, attempts=5, cap=True)  # no waiting between tries
        gateway = line.gateway(desk, self.clock)
        exchange = gateway._exchange

        def watched(method: str, where: str, *rest: Any) -> Any:
            point(f"send {method}")
            answer = exchange(method, where, *rest)
            point(f"receive {method}")
            return answer

        gateway._exchange = watched  # type: ignore[method-assign]
        run_id = enqueue(
            desk.workspace, desk.state, plan_id, by="rig", override=overrides, portions=SMALL, clock=self.clock
        )
        run = execute(desk.workspace, desk.state, run_id, gateway, clock=self.clock, holder=f"worker {os.getpid()}")
        return FINISHED if run.state.finished else PAUSED

    def _worker(self, plan_id: str, overrides: tuple[str, ...], after: int) -> str:
        """Fork a worker that dies after so many points; return the point it died at, or how it ended."""
        diary = self.home / "diary"
        child = os.fork()
        if child == 0:
            left, last = after, ""

            def point(name: str) -> None:
                nonlocal left, last
                left -= not self.cut or last == "commit"
                last, before = name, last
                if left <= 0 and (not self.cut or before == "commit"):
                    diary.write_text(name)
                    os.kill(os.getpid(), signal.SIGKILL)

            with _no_return():
                BUGS.get(self.bug, lambda: None)()
                diary.write_text(self._work(plan_id, overrides, point))
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status):
            raise Fault("a worker failed; see its words above")
        return diary.read_text()

    def _check(self, plan_id: str, target: Target) -> None:
        desk = self.desk()
        plan = plans.get(desk.state, plan_id)
        self._check_run(desk, plan)
        members = {number for number, orders in self.orders.items() if orders >= AT_LEAST}
        aside = {email(number) for number in self.aside}
        held = self._portal(desk)
        if lost := {email(number) for number in {*range(40), *members}} - held.keys() - aside:
            raise Fault(f"contacts lost: {sorted(lost)}")
        if invented := held.keys() - {email(number) for number in self.orders}:
            raise Fault(f"contacts invented: {sorted(invented)}")
        if target is Target.STATIC_LIST:
            wrong = (self._members(desk) ^ {email(number) for number in members}) - aside
            if wrong:
                raise Fault(f"on the list, but for {sorted(wrong)}")
        else:
            for number in self.orders.keys() - self.aside:
                value = str(self.orders[number]) if number in members else ""
                self._check_person(held.get(email(number)), number, value, member=number in members)
        rest = [change for change in desk.changes(desk.preview(target, create_contacts=True)) if not _spoilt(change)]
        if rest:
            raise Fault(f"a finished sync still has {len(rest)} rows to send, such as {rest[0]}")

    def _held(self, target: Target) -> dict[str, Any]:
        """What the portal holds of what a target writes, by address."""
        desk = self.desk()
        if target is Target.STATIC_LIST:
            return {address: ["member"] for address in self._members(desk)}
        return {address: [row.get(PROPERTY), row.get(CUSTOMER_ID.name)] for address, row in self._portal(desk).items()}

    def _check_undone(self, plan_id: str, target: Target, before: dict[str, Any]) -> None:
        desk = self.desk()
        self._check_run(desk, plans.get(desk.state, plan_id))
        after = self._held(target)
        made = after.keys() - before.keys() if target is Target.PROPERTIES else set()  # contacts are never deleted
        for address in {*before, *after} - made:
            was, found = before.get(address), after.get(address)
            if [value or None for value in was or ()] != [value or None for value in found or ()]:
                raise Fault(f"undone, but {address} is {found}, and was {was}")

    @staticmethod
    def _row(desk: Desk, plan_id: str) -> Any:
        (row,) = desk.state.read("select * from run where plan_id = ? order by number desc limit 1", (plan_id,))
        return row

    @staticmethod
    def _check_run(desk: Desk, plan: Plan) -> None:
        row = Rig._row(desk, plan.plan_id)
        ended = desk.state.read("select outcome from row_result where run_id = ?", (row["run_id"],))
        summed = sum(row[name] for name in ("confirmed", "unchanged", "rejected", "skipped", "cancelled"))
        if row["state"] not in {"succeeded", "partial"}:
            raise Fault(f"the run is {row['state']}: {row['problem']}")
        if not plan.rows == row["planned"] == summed == len(ended):
            raise Fault(f"{plan.rows} rows planned, {summed} counted, {len(ended)} ended")
        told = desk.state.read(
            "select 1 from row_result where outcome = 'rejected' and (category = '' or message = '')"
            " or outcome = 'rejected' and correlation_id = ''"
        )
        if told:
            raise Fault("a row was rejected without its reason")
        if broken := audit.first_broken(desk.state):
            raise Fault(f"the audit chain breaks at {broken}")

    def _check_person(self, held: Mapping[str, str | None] | None, number: int, value: str, *, member: bool) -> None:
        if held is None:
            if member:
                raise Fault(f"customer {number} was not created")
            return
        if (held.get(PROPERTY) or "") != value:
            raise Fault(f"customer {number} holds {held.get(PROPERTY)!r}, not {value!r}")
        if member and number != 0 and held.get(CUSTOMER_ID.name) != f"k{number:05}":
            raise Fault(f"customer {number} has lost its id")

    @staticmethod
    def _portal(desk: Desk) -> dict[str, dict[str, str | None]]:
        held: dict[str, dict[str, str | None]] = {}
        names = f"email,{PROPERTY},{CUSTOMER_ID.name}"
        for row in _pages(desk, f"/crm/v3/objects/contacts?limit=100&properties={names}"):
            address = row["properties"]["email"]
            if address in held:
                raise Fault(f"{address} was created twice")
            held[address] = row["properties"]
        return held

    @staticmethod
    def _members(desk: Desk) -> set[str]:
        ids = {list_["name"]: list_["id"] for list_ in _state(desk)["lists"]}
        if LIST not in ids:
            return set()
        addresses = {
            row["id"]: row["properties"]["email"] for row in _pages(desk, "/crm/v3/objects/contacts?limit=100")
        }
        return {addresses[row["recordId"]] for row in _pages(desk, f"/crm/v3/lists/{ids[LIST]}/memberships?limit=250")}

    def _forked(self, act: Callable[[], Any]) -> Any:
        """Do something in a process of its own and return what it returns; its fault is ours."""
        answer = self.home / "answer.json"
        answer.unlink(missing_ok=True)
        child = os.fork()
        if child == 0:
            with _no_return():
                try:
                    answer.write_text(json.dumps({"value": act()}))
                except Fault as fault:
                    answer.write_text(json.dumps({"fault": str(fault)}))
        os.waitpid(child, 0)
        if not answer.exists():
            raise Fault("a step failed; see its words above")
        told = json.loads(answer.read_text())
        if "fault" in told:
            raise Fault(told["fault"])
        return told["value"]


class _no_return:  # noqa: N801 - reads as a clause
    """Ends a forked process at the end of its block, whatever happens, without the parent's clean-up."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is not None:
            traceback.print_exception(error, limit=-4)
        os._exit(1 if error is not None else 0)


def _head(sql: str) -> str:
    return " ".join(sql.split()[:3])


def _spoilt(change: Any) -> bool:
    return change.field == CUSTOMER_ID.name and change.customer_id.startswith("kk")


def _pages(desk: Desk, path: str) -> Iterator[dict[str, Any]]:
    after = ""
    while True:
        page = desk.call("GET", path + after)
        yield from page["results"]
        if "paging" not in page:
            return
        after = f"&after={page['paging']['next']['after']}"


def _state(desk: Desk) -> Any:
    return httpx.get(f"{desk.base_url}/__sandbox__/state", timeout=30).json()


def prove(*, kills: int, seed_: int, bug: str = "", rounds: int = 0, cut: bool = False) -> dict[str, Any]:
    """Kill at least so many workers, over at least so many rounds, and return what came of it."""
    os.environ["HUBSYNC_SANDBOX"] = "1"
    with tempfile.TemporaryDirectory() as folder, serving(seed(range(40))) as sandbox:
        rig = Rig(home=Path(folder), sandbox=sandbox, chance=random.Random(seed_), bug=bug, cut=cut)  # noqa: S311 - seeded
        fault = ""
        try:
            while rig.kills < kills or rig.rounds < rounds:
                rig.round()
        except (Fault, HubsyncError) as error:
            fault = str(error)
    return {
        "seed": seed_,
        "bug": bug,
        "kills": rig.kills,
        "rounds": rig.rounds,
        "runs": rig.runs,
        "spoilt": rig.spoilt,
        "points": dict(rig.points.most_common()),
        "fault": fault,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bug", default="", choices=["", *BUGS])
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--cut", action="store_true")
    options = parser.parse_args()
    result = prove(kills=options.kills, seed_=options.seed, bug=options.bug, rounds=options.rounds, cut=options.cut)
    sys.stdout.write(json.dumps(result) + "\n")
    sys.exit(1 if result["fault"] else 0)
