"""The life of a portal: time passes, and in it campaigns go out, people read, visit, sign up, leave, colleagues edit.

The same seed, content and start give the same life, whether days pass one by one or all at once.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from dataclasses import replace

from hubsync.sandbox import live_mail
from hubsync.sandbox.clock import iso
from hubsync.sandbox.live_agenda import Agenda
from hubsync.sandbox.live_chance import Chance
from hubsync.sandbox.live_day import Day
from hubsync.sandbox.live_people import People
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Json

#: Sandbox seconds a second where no other speed is asked for: a day a minute.
DEFAULT_SPEED = 1_440.0
#: Seconds in a week: faster than that a step would hold more days than one can follow.
FASTEST = 604_800.0
_STEP_SECONDS = 0.5
_MOST_DAYS = 400.0
#: For how long after an e-mail was published by somebody else one goes on to ask who reads it.
_LATELY = dt.timedelta(days=3)
_DAY = dt.timedelta(days=1)


class Life:
    """Lets time pass in a portal."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        #: Sandbox seconds that pass for each of ours; 0 where life stands still until it is asked for.
        self.speed = 0.0
        self.reset()

    @property
    def diary(self) -> list[Json]:
        """What has happened, first things first; what every reader and visitor did is in the portal's own records."""
        return list(self._portal.state.diary.values())

    def reseed(self, seed: int) -> None:
        """Let chance fall otherwise from here on; 1 is what it begins with."""
        self._portal.state.life.put("seed", str(seed))
        self.reset()

    def reset(self) -> None:
        """Begin anew, after the portal did."""
        self._chance = Chance(int(self._portal.state.life.get("seed") or 1))
        self._agenda = Agenda(self._portal.state)
        self._people = People(self._portal, self._agenda, self._chance)

    def days(self, number: float) -> None:
        """Let days pass; raises ValueError unless there are more than 0 and at most 400."""
        if not 0 < number <= _MOST_DAYS:
            raise ValueError(f"days must be above 0 and at most {_MOST_DAYS:.0f}, not {number}")
        self.until(self._portal.now() + number * _DAY)

    def hasten(self, speed: float) -> None:
        """Let life go on by itself, at `speed` sandbox seconds a second; 0 ends that. Raises ValueError."""
        if not 0 <= speed <= FASTEST:
            raise ValueError(f"speed must be from 0 to {FASTEST:.0f} sandbox seconds a second, not {speed}")
        self.speed = speed

    def until(self, end: dt.datetime) -> None:
        """Let everything happen that happens up to `end`, each thing at its time; the clock then shows `end`."""
        clock = self._portal.clock
        tick = clock.tick
        # Held, so that how long this takes here does not show there.
        clock.rate(0)
        try:
            while (at := self._next(end)) is not None:
                clock.set(max(at, clock.now()))
                self._step()
            clock.set(max(end, clock.now()))
        finally:
            clock.rate(tick)
        self._portal.settle()
        self._portal.keep_time()
        self._portal.state.flush()

    async def run(self) -> None:
        """Let life go on at its speed, until cancelled."""
        before = time.monotonic()
        while True:
            await asyncio.sleep(_STEP_SECONDS)
            now = time.monotonic()
            passed, before = now - before, now
            if self.speed:
                ahead = max(self.speed - self._portal.clock.tick, 0) * passed
                self.until(self._portal.now() + dt.timedelta(seconds=ahead))

    def _next(self, end: dt.datetime) -> dt.datetime | None:
        """Return when something is next to be done: a day to be planned, or a deed; None where that is after `end`."""
        planned = self._agenda.planned_to
        today = self._portal.now().astimezone(self._portal.zone).date()
        if planned is None or planned < today:
            return self._portal.now()
        morning = dt.datetime.combine(planned + _DAY, dt.time(), tzinfo=self._portal.zone).astimezone(dt.UTC)
        due = self._agenda.due(end)
        if morning <= end and (due is None or morning <= due):
            return morning
        return due

    def _step(self) -> None:
        """Plan the day if it is not planned; else do the next deed."""
        now = self._portal.now()
        today = now.astimezone(self._portal.zone).date()
        planned = self._agenda.planned_to
        if planned is None or planned < today:
            self._plan(today, now)
            return
        deed = self._agenda.take()
        if deed.kind == "mail":
            live_mail.happen(self._portal, deed.details, now)
        elif deed.kind == "campaign":
            live_mail.campaign(self._portal, self._agenda, self._chance, now)
        else:
            self._people.happen(deed.kind, deed.details, now)

    def _plan(self, day: dt.date, now: dt.datetime) -> None:
        self._agenda.planned_to = day
        deeds = Day(self._portal, self._chance, day).deeds()
        # Nothing happens in the hours of a day that are over.
        self._agenda.add([deed for deed in deeds if iso(deed.at) > iso(now)])
        # What was sent before anybody looked is read from now on.
        read = live_mail.sent_by_others(self._portal, self._agenda, self._chance, now - _LATELY)
        self._agenda.add([replace(deed, at=max(deed.at, now)) for deed in read])
