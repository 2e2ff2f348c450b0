"""A desk whose clock a test sets, with a worker that takes turns by it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import httpx

from hubsync.core.sync import parse_sync
from hubsync.core.turn import Health, Reason, Turn
from hubsync.store import alert
from hubsync.store import connection as connections
from hubsync.store import turn as turns
from hubsync.sync import schedule
from hubsync.sync.alerts_settings import Settings
from hubsync.worker import Worker
from tests.sync.desk import Desk

LIST = "[Behaviour] Loyal regulars - Active"


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


#: A Monday noon, later than the real time at which the portal of the test runs.
MONDAY = utc("2030-01-07T12:00")


@dataclass
class Clockwork:
    """Everything of the desk happens at `at`."""

    desk: Desk
    at: dt.datetime = MONDAY
    alerts: Settings = field(default_factory=Settings)

    @classmethod
    def wind(cls, desk: Desk) -> Clockwork:
        made = cls(desk)
        desk.clock = made.now
        connections.save(desk.state, desk.connection, desk.token, by="test", at=made.at)
        desk.refresh()
        desk.pull()
        return made

    def now(self) -> dt.datetime:
        self.at += dt.timedelta(microseconds=1)  # snapshots are named by their time
        return self.at

    def pass_(self, **span: float) -> None:
        self.at += dt.timedelta(**span)

    def keep(self, key: str = "daily", **definition: Any) -> int:
        given = {"key": key, "segments": ["regulars"], "target": "static_list", **definition}
        return schedule.keep(self.desk.state, parse_sync(given), by="ana", clock=self.now)

    def worker(self, name: str = "worker") -> Worker:
        return Worker(
            self.desk.workspace,
            self.desk.state,
            gateways=lambda _: self.desk.gateway(),
            clock=self.now,
            alerts=lambda: self.alerts,
            name=name,
        )

    def look(self) -> list[Turn]:
        """What a worker does on one round; returns the turns it took."""
        worker = self.worker()
        worker.run_due()
        taken = worker.sync_due()
        worker.tell()
        return taken

    def turn(self) -> Turn:
        """Take the one turn that has come."""
        (taken,) = self.look()
        return taken

    def turns(self, key: str = "daily") -> list[Turn]:
        """All turns of a sync, oldest first."""
        return turns.of_sync(self.desk.state, key)[::-1]

    def health(self, key: str = "daily") -> tuple[Health, Reason] | None:
        found = alert.standing(self.desk.state).get(key)
        return (found.health, found.told.reason) if found else None

    def fault(self, kind: str, **more: Any) -> None:
        """Let the portal fail from now on, as `hubsync.sandbox.faults` knows how."""
        body = {"kind": kind, **more}
        httpx.post(f"{self.desk.base_url}/__sandbox__/faults", json=body).raise_for_status()

    def mend(self) -> None:
        """Let the portal fail no more."""
        httpx.delete(f"{self.desk.base_url}/__sandbox__/faults").raise_for_status()
