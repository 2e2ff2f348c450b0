"""Anything in any order: a state machine whose model is the behaviour data, and whose system is a portal over HTTP.

Data are edited, syncs crash at the n-th step, people in HubSpot change lists, values and contacts, the token is revoked
and the day's requests end, runs are cancelled and taken back. After a quiet sync the portal must equal the model.

`python -m tests.crash.model --syncs 1500 --seed 1` prints one JSON document.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import httpx
import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from hubsync.core.errors import HubsyncError
from hubsync.core.plan import Target
from hubsync.store import run as runs
from hubsync.sync.run import cancel
from tests.crash import line
from tests.crash.rig import FINISHED, LIST, PROPERTY, Fault, Rig, _pages, _state
from tests.crash.serve import serving
from tests.sync.desk import seed

TARGETS = st.sampled_from([Target.STATIC_LIST, Target.PROPERTIES])
#: Steps until a worker dies; the last never does.
CRASHES = st.sampled_from([3, 10, 25, 60, 120, 100_000])
PEOPLE = st.integers(0, 39)
ORDERS = st.integers(1, 9)


class Enough(Exception):  # noqa: N818 - so many syncs were carried out
    """Ends the search."""


class Business(RuleBasedStateMachine):
    """One business and one portal, for as many steps as hypothesis wants."""

    sandbox: ClassVar[Any] = None
    counts: ClassVar[Counter[str]] = Counter()
    enough: ClassVar[int] = 0

    @initialize(chance=st.integers(0, 1_000_000))
    def begin(self, chance: int) -> None:
        if self.counts["syncs"] >= self.enough:
            raise Enough
        body = {"seed": seed(range(40))}
        httpx.post(f"{self.sandbox.base_url}/__sandbox__/reset", json=body, timeout=30).raise_for_status()
        line.heal(self.sandbox.base_url)
        self.home = Path(tempfile.mkdtemp())
        self.rig = Rig(home=self.home, sandbox=self.sandbox, chance=random.Random(chance))  # noqa: S311 - seeded
        self.rig.rounds = 1
        self.unread = True
        self.last: tuple[str, Target, dict[str, Any]] | None = None
        self.counts["businesses"] += 1

    @rule(edits=st.dictionaries(PEOPLE, ORDERS, min_size=1, max_size=8))
    def edit_data(self, edits: dict[int, int]) -> None:
        self.rig.orders |= edits

    @rule(to=TARGETS, crash=CRASHES)
    def sync(self, to: Target, crash: int) -> None:
        before = self.rig._forked(lambda: self.rig._held(to))
        plan_id, typed = self._plan(to)
        self._go(plan_id, typed, crash)
        self.last = (plan_id, to, before)

    @precondition(lambda self: self.last is not None)
    @rule(crash=CRASHES)
    def undo(self, crash: int) -> None:
        assert self.last
        plan_id, target, before = self.last
        undo_id = self.rig._forked(lambda: self.rig._undo(plan_id))
        self._go(undo_id, [], crash)
        if not self.unread:  # nobody changed anything in between
            self.rig._forked(lambda: self.rig._check_undone(undo_id, target, before))
        self.last = None
        self.counts["undone"] += 1

    @rule(to=TARGETS, crash=st.sampled_from([10, 40, 80]))
    def cancel_halfway(self, to: Target, crash: int) -> None:
        plan_id, typed = self._plan(to)
        self.rig._worker(plan_id, tuple(typed), crash)
        self.rig.later += dt.timedelta(minutes=1)
        self.rig._forked(lambda: self._cancelled(plan_id))
        self.last, self.unread = None, True
        self.counts["cancelled"] += 1

    @rule(to=TARGETS, fault=st.sampled_from(["401", "403", "429-daily"]), after=st.integers(0, 5))
    def token_revoked_or_day_ended(self, to: Target, fault: str, after: int) -> None:
        plan_id, typed = self._plan(to)
        line.spoil(self.sandbox.base_url, f"{fault} after={after}")
        ended = self.rig._worker(plan_id, tuple(typed), 100_000)
        line.heal(self.sandbox.base_url)
        self.rig.later += dt.timedelta(days=1)
        if ended != FINISHED:
            self._go(plan_id, typed, 100_000)
        self.last, self.unread = None, True
        self.counts[fault] += 1

    @rule(number=PEOPLE, joins=st.booleans())
    def list_changed_by_hand(self, number: int, joins: bool) -> None:  # noqa: FBT001 - hypothesis calls it
        if self.rig._forked(lambda: self._moved(number, "add" if joins else "remove")):
            self.last, self.unread = None, True
            self.counts["edits by hand"] += 1

    @rule(number=PEOPLE, value=ORDERS)
    def value_changed_by_hand(self, number: int, value: int) -> None:
        if self.rig._forked(lambda: self._written(number, value)):
            self.last, self.unread = None, True
            self.counts["edits by hand"] += 1

    @precondition(lambda self: len(self.rig.aside) < 6)
    @rule(pair=st.tuples(PEOPLE, PEOPLE))
    def contacts_merged_by_hand(self, pair: tuple[int, int]) -> None:
        if pair[0] != pair[1] and not self.rig.aside & set(pair) and 0 not in pair:
            self.rig._forked(lambda: self._merged(*pair))
            self.rig.aside |= set(pair)
            self.last, self.unread = None, True
            self.counts["contacts merged"] += 1

    @rule(to=TARGETS)
    def quiet_sync(self, to: Target) -> None:
        """Read the portal, sync in peace: what people of ours did there by hand is put right or left alone."""
        self.rig._forked(lambda: self.rig._read(self.rig.desk()))
        plan_id, typed = self._plan(to)
        self._go(plan_id, typed, 100_000)
        self.rig._forked(lambda: self._equal(plan_id, to))
        self.last, self.unread = None, False
        self.counts["compared with the model"] += 1

    def teardown(self) -> None:
        shutil.rmtree(getattr(self, "home", "/nonexistent"), ignore_errors=True)

    def _plan(self, target: Target) -> tuple[str, list[str]]:
        plan_id, typed = self.rig._forked(lambda: self.rig._plan(target))
        return plan_id, typed

    def _go(self, plan_id: str, typed: list[str], crash: int) -> None:
        for _ in range(60):
            ended = self.rig._worker(plan_id, tuple(typed), crash)
            self.rig.later += dt.timedelta(minutes=1)
            if ended == FINISHED:
                self.counts["syncs"] += 1
                return
            self.counts["crashes"] += 1
            crash += 10
        raise Fault("the run never ends")

    def _cancelled(self, plan_id: str) -> None:
        desk = self.rig.desk()
        for run in runs.find(desk.state, "plan_id = ?", (plan_id,)):
            ended = cancel(desk.state, run.run_id, by="somebody", clock=self.rig.clock)
            if not ended.state.finished or ended.counts.open:
                raise Fault(f"cancelled, and {ended.state} with {ended.counts}")

    def _moved(self, number: int, way: str) -> bool:
        desk = self.rig.desk()
        ids = {row["name"]: row["id"] for row in _state(desk)["lists"]}
        if LIST not in ids or number in self.rig.aside or (way == "add" and self.rig.orders[number] < 3):
            return False  # a stranger whom others put on the list stays there: right, and not in the model
        desk.call("PUT", f"/crm/v3/lists/{ids[LIST]}/memberships/{way}", [desk.contact_id(number)])
        return True

    def _written(self, number: int, value: int) -> bool:
        desk = self.rig.desk()
        if number in self.rig.aside or self.rig.orders[number] < 3 or PROPERTY not in _state(desk)["custom_properties"]:
            return False  # a value that others gave to somebody who is no member is theirs
        desk.call(
            "PATCH", f"/crm/v3/objects/contacts/{desk.contact_id(number)}", {"properties": {PROPERTY: str(value)}}
        )
        return True

    def _merged(self, first: int, second: int) -> None:
        desk = self.rig.desk()
        body = {"primaryObjectId": desk.contact_id(first), "objectIdToMerge": desk.contact_id(second)}
        desk.call("POST", "/crm/v3/objects/contacts/merge", body)

    def _equal(self, plan_id: str, target: Target) -> None:
        self.rig._check(plan_id, target)
        if (
            sum(1 for _ in _pages(self.rig.desk(), "/crm/v3/objects/contacts?limit=100"))
            != 40 - len(self.rig.aside) // 2
        ):
            raise Fault("contacts were lost or made twice")


def prove(*, syncs: int, seed_: int) -> dict[str, Any]:
    """Carry out at least so many syncs, in as many businesses as it takes."""
    os.environ["HUBSYNC_SANDBOX"] = "1"
    Business.enough = syncs
    fault = ""
    with serving(seed(range(40))) as Business.sandbox, _quietly():
        try:
            run_state_machine_as_test(
                hypothesis.seed(seed_)(Business),
                settings=settings(
                    max_examples=1_000_000,
                    stateful_step_count=25,
                    deadline=None,
                    database=None,
                    phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck),
                    report_multiple_bugs=False,
                ),
            )
        except Enough:
            pass
        except (Fault, HubsyncError, httpx.HTTPError) as error:
            fault = "\n".join((str(error), *getattr(error, "__notes__", ())))
    return {"seed": seed_, "counts": dict(Business.counts), "fault": fault}


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Keep stdout for the one document."""
    with contextlib.redirect_stdout(sys.stderr):
        yield


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--syncs", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    result = prove(syncs=options.syncs, seed_=options.seed)
    sys.stdout.write(json.dumps(result) + "\n")
    sys.exit(1 if result["fault"] else 0)
