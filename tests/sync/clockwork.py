"""A desk whose clock a test sets, with a worker that takes turns by it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from hubsync.core.sync import parse_sync
from hubsync.core.turn import Turn
from hubsync.store import connection as connections
from hubsync.store import turn as turns
from hubsync.sync import schedule
from hubsync.worker import Worker
from tests.sync.desk import Desk


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


#: A Monday. Also later than any file's or token's real time, so that nothing looks newer than it is.
MONDAY = utc("2030-01-07T12:00")


@dataclass
class Clockwork:
    """Everything of the desk happens at `at`."""

    desk: Desk
    at: dt.datetime = MONDAY
    said: list[str] = field(default_factory=list)

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

    def keep(self, **definition: Any) -> int:
        given = {"key": "daily", "segments": ["regulars"], "target": "static_list", **definition}
        return schedule.keep(self.desk.state, parse_sync(given), by="ana", clock=self.now)

    def worker(self, name: str = "worker") -> Worker:
        gateways = lambda _: self.desk.gateway()  # noqa: E731
        return Worker(self.desk.workspace, self.desk.state, gateways=gateways, clock=self.now, name=name)

    def look(self) -> list[Turn]:
        """What a worker does on one round."""
        worker = self.worker()
        worker.run_due()
        return worker.sync_due()

    def turns(self, key: str = "daily") -> list[Turn]:
        return turns.of_sync(self.desk.state, key)
