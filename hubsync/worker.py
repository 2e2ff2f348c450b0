"""The worker: takes syncs' turns and runs what is queued, as a thread of the app or a process; leases part two."""

from __future__ import annotations

import datetime as dt
import logging
import os
import threading
from collections.abc import Callable

from hubsync.core.connection import Connection
from hubsync.core.errors import BadInput, Busy, HubsyncError
from hubsync.core.run import PausedFor, Run, RunState
from hubsync.core.turn import Turn
from hubsync.portal.gateway import Gateway
from hubsync.store import connection as connections
from hubsync.store import heartbeat
from hubsync.store import run as runs
from hubsync.store import turn as turns
from hubsync.store.state import State
from hubsync.store.workspace import Workspace
from hubsync.sync.alerts import deliver
from hubsync.sync.alerts_settings import Settings, settings
from hubsync.sync.due import Bench, take_turn, unforeseen
from hubsync.sync.execute import execute
from hubsync.sync.schedule import ask_due

log = logging.getLogger(__name__)
#: Seconds between two looks at the queue, unless woken before.
EVERY = 0.5
#: A sign of life is written this often while nothing happens.
BEAT = dt.timedelta(seconds=15)
#: How long a run waits after an error that nobody foresaw.
AFTER_FAILURE = dt.timedelta(minutes=5)


class Worker:
    """Runs what is asked for or due, and sends alerts.

    `gateways` opens the way to a portal, `clock` gives aware UTC time, `alerts` says where alerts go.
    """

    def __init__(
        self,
        workspace: Workspace,
        state: State,
        *,
        gateways: Callable[[Connection], Gateway],
        clock: Callable[[], dt.datetime],
        alerts: Callable[[], Settings] = settings,
        name: str | None = None,
    ) -> None:
        self.name = name or f"worker {os.getpid()}-{threading.get_ident() % 10_000}"
        self._workspace, self._state, self._gateways, self._clock = workspace, state, gateways, clock
        self._wake = threading.Event()
        self._beaten: dt.datetime | None = None
        self._alerts, self._complained = alerts, ""

    def wake(self) -> None:
        """Look at the queue at once."""
        self._wake.set()

    def loop(self, stop: threading.Event) -> None:
        """Work until `stop` is set; the batch under way is finished and recorded first."""
        while not stop.is_set():
            try:
                self.run_due(stop)
                self.sync_due(stop)
                self.tell()
                self._beat("idle")
            except Exception:
                log.exception("The worker goes on after an error nobody foresaw.")
            self._wake.wait(EVERY)
            self._wake.clear()
        self._state.close()

    def run_due(self, stop: threading.Event | None = None) -> list[Run]:
        """Go on with everything that is queued or due now and return how it stands; an error ends none but its run."""
        ended = []
        for run in runs.due(self._state, self._clock()):
            if stop is not None and stop.is_set():
                break
            try:
                ended.append(self.run_one(run.run_id, stop))
            except Busy:
                continue  # another worker is at it
        return ended

    def run_one(self, run_id: str, stop: threading.Event | None = None) -> Run:
        """Go on with one run and return how it stands. Raises Busy if another worker is at its target."""
        self._beat(f"run {run_id}", always=True)
        try:
            connection = connections.required(self._state)
            return execute(
                self._workspace,
                self._state,
                run_id,
                self._gateways(connection),
                clock=self._clock,
                stop=stop,
                holder=self.name,
            )
        except Busy:
            raise
        except HubsyncError as error:
            log.warning("Run %s waits: %s", run_id, error)
            return self._wait(run_id, str(error))
        except Exception:
            log.exception("Run %s failed in a way nobody foresaw.", run_id)
            return self._wait(run_id, "An unexpected error; see the log. What was sent is recorded.")

    def sync_due(self, stop: threading.Event | None = None) -> list[Turn]:
        """Take the turn of every sync whose time or event has come, and return how each stands."""
        ask_due(self._state, self._clock)
        taken = []
        for number in turns.due(self._state, self._clock()):
            if stop is not None and stop.is_set():
                break
            taken.append(self.sync_one(number, stop))
        return taken

    def sync_one(self, number: int, stop: threading.Event | None = None) -> Turn:
        """Go on with one turn of a sync and return how it stands."""
        bench = Bench(
            workspace=self._workspace,
            state=self._state,
            gateways=self._gateways,
            run=lambda run_id: self.run_one(run_id, stop),
            clock=self._clock,
            holder=self.name,
            stop=stop,
            doing=lambda what: self._beat(what, always=True),
        )
        try:
            return take_turn(bench, number)
        except Exception:
            log.exception("Turn %d failed in a way nobody foresaw.", number)
            return unforeseen(bench, number)

    def tell(self) -> int:
        """Send the alerts that are to be sent and return how many arrived; wrong settings are logged once."""
        try:
            return deliver(self._state, self._alerts(), self._clock)
        except BadInput as error:
            if str(error) != self._complained:
                log.warning("%s", error)
                self._complained = str(error)
            return 0

    def _wait(self, run_id: str, problem: str) -> Run:
        with self._state.transaction() as connection:
            if not runs.get(self._state, run_id).state.finished:
                at = self._clock()
                runs.set_state(
                    connection,
                    run_id,
                    RunState.PAUSED,
                    at=at,
                    paused_for=PausedFor.UNREACHABLE,
                    resume_at=at + AFTER_FAILURE,
                    problem=problem,
                )
        return runs.get(self._state, run_id)

    def _beat(self, doing: str, *, always: bool = False) -> None:
        now = self._clock()
        if always or self._beaten is None or now - self._beaten >= BEAT:
            heartbeat.beat(self._state, self.name, doing=doing, at=now)
            self._beaten = now
