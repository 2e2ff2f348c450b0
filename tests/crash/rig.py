"""A business whose worker is killed again and again, at every statement and every send and receive.

Each round edits the behaviour data, previews, and lets a forked worker ask for the run and execute it. The worker
kills itself (SIGKILL) after a seeded number of points; another one goes on, is killed too, and so forth until a run is
finished. Then the portal, over HTTP, must hold what the data say: nothing lost, nothing doubled.

`python -m tests.crash.rig --kills 1000 --seed 7` prints one JSON document; the tests run it with fewer.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb  # noqa: F401 - loaded once, before the forks
import email_validator  # noqa: F401
import hubspot.crm.contacts  # noqa: F401
import pyarrow.parquet  # noqa: F401

from hubsync.core.errors import HubsyncError
from hubsync.core.field import CUSTOMER_ID
from hubsync.core.plan import Plan, Target
from hubsync.store import plan as plans
from hubsync.sync.execute import execute
from hubsync.sync.run import Portions, enqueue
from tests.crash.bugs import BUGS
from tests.sync.desk import COLUMN, Desk, email, seed

PROPERTY = f"hubsync_{COLUMN}"
LIST = "[Behaviour] Loyal regulars - Active"
SMALL = Portions(people=7, members=9)
AT_LEAST = 3
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
    kills: int = 0
    rounds: int = 0
    #: Workers live ever later, so that a killed one's lease has run out.
    later: dt.timedelta = dt.timedelta()
    orders: dict[int, int] = field(default_factory=lambda: {n: 5 if n < 25 else 1 for n in range(40)})
    contacts: set[int] = field(default_factory=lambda: set(range(40)))
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
        self._edit()
        plan_id, overrides = self._forked(lambda: self._plan(target))
        gaps = self.chance.uniform(20, 90)  # points until a worker dies, on average
        for _ in range(MOST_WORKERS):
            after = int(self.chance.expovariate(1 / gaps)) + 1
            died_at = self._worker(plan_id, overrides, after)
            self.later += dt.timedelta(minutes=1)
            if not died_at:
                break
            self.kills += 1
            self.points[died_at] += 1
        else:
            raise Fault("the run never ends")
        self._forked(lambda: self._check(plan_id, target))

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
            desk.pull(full=True)
        plan = desk.preview(target, create_contacts=True)
        if stuck := [guard.message for guard in plan.blocked if not guard.override]:
            raise Fault(f"blocked: {stuck}")
        return plan.plan_id, tuple(guard.override for guard in plan.blocked)

    def _work(self, plan_id: str, overrides: tuple[str, ...], point: Callable[[str], None]) -> None:
        desk = self.desk()
        desk.state.connection.set_trace_callback(lambda sql: point(_head(sql)))
        gateway = desk.gateway()
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
        execute(desk.workspace, desk.state, run_id, gateway, clock=self.clock, holder=f"worker {os.getpid()}")

    def _worker(self, plan_id: str, overrides: tuple[str, ...], after: int) -> str:
        """Fork a worker that dies after so many points; return the point it died at, "" if it came to the end."""
        diary = self.home / "diary"
        child = os.fork()
        if child == 0:
            left = after

            def point(name: str) -> None:
                nonlocal left
                left -= 1
                if left == 0:
                    diary.write_text(name)
                    os.kill(os.getpid(), signal.SIGKILL)

            with _no_return():
                BUGS.get(self.bug, lambda: None)()
                self._work(plan_id, overrides, point)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            return diary.read_text()
        if os.WEXITSTATUS(status):
            raise Fault("a worker failed; see its words above")
        return ""

    def _check(self, plan_id: str, target: Target) -> None:
        desk = self.desk()
        plan = plans.get(desk.state, plan_id)
        self._check_run(desk, plan)
        members = {number for number, orders in self.orders.items() if orders >= AT_LEAST}
        held = self._portal(desk)
        expected = {email(number) for number in {*range(40), *self.contacts, *members}}
        if set(held) != expected and not expected - set(held) <= {email(n) for n in self.orders if n >= 40}:
            raise Fault(f"contacts lost or invented: {sorted(set(held) ^ expected)}")
        if target is Target.STATIC_LIST:
            wanted = {email(number) for number in members}
            if (found := desk.members(LIST)) != wanted:
                raise Fault(f"on the list, but for {sorted(found ^ wanted)}")
        else:
            for number in self.orders:
                value = str(self.orders[number]) if number in members else ""
                self._check_person(held.get(email(number)), number, value, member=number in members)
        rest = [change for change in desk.changes(desk.preview(target, create_contacts=True)) if not _spoilt(change)]
        if rest:
            raise Fault(f"a finished sync still has {len(rest)} rows to send, such as {rest[0]}")

    @staticmethod
    def _check_run(desk: Desk, plan: Plan) -> None:
        (row,) = desk.state.read("select * from run where plan_id = ? order by number desc limit 1", (plan.plan_id,))
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
        after = ""
        while True:
            names = f"email,{PROPERTY},{CUSTOMER_ID.name}"
            page = desk.call("GET", f"/crm/v3/objects/contacts?limit=100&properties={names}{after}")
            for row in page["results"]:
                address = row["properties"]["email"]
                if address in held:
                    raise Fault(f"{address} was created twice")
                held[address] = row["properties"]
            if "paging" not in page:
                return held
            after = f"&after={page['paging']['next']['after']}"

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


def prove(*, kills: int, seed_: int, bug: str = "", rounds: int = 0) -> dict[str, Any]:
    """Kill at least so many workers, over at least so many rounds, and return what came of it."""
    os.environ["HUBSYNC_SANDBOX"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "seed.json").write_text(json.dumps(seed(range(40))))
        command = [sys.executable, "-m", "hubsync.sandbox", "--limits", "off", "--seed", str(home / "seed.json")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as serving:
            try:
                assert serving.stdout
                told = SimpleNamespace(**json.loads(serving.stdout.readline()))
                rig = Rig(home=home, sandbox=told, chance=random.Random(seed_), bug=bug)  # noqa: S311 - seeded
                fault = ""
                try:
                    while rig.kills < kills or rig.rounds < rounds:
                        rig.round()
                except (Fault, HubsyncError) as error:
                    fault = str(error)
            finally:
                serving.terminate()
    return {
        "seed": seed_,
        "bug": bug,
        "kills": rig.kills,
        "rounds": rig.rounds,
        "points": dict(rig.points.most_common()),
        "fault": fault,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bug", default="", choices=["", *BUGS])
    parser.add_argument("--rounds", type=int, default=0)
    options = parser.parse_args()
    result = prove(kills=options.kills, seed_=options.seed, bug=options.bug, rounds=options.rounds)
    sys.stdout.write(json.dumps(result) + "\n")
    sys.exit(1 if result["fault"] else 0)
