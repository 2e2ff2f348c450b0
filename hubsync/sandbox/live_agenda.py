"""What will happen in the life of a portal and what has: both are kept with the state, so that a restart goes on."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Iterable
from dataclasses import dataclass

from hubsync.sandbox.clock import instant, iso
from hubsync.sandbox.state import Json, State


@dataclass(frozen=True, kw_only=True)
class Deed:
    """One thing that will happen: when, what kind of thing, and to whom or with what."""

    at: dt.datetime
    kind: str
    details: Json


class Agenda:
    """Deeds to come, in order of time, and a diary of those done."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._heap: list[tuple[str, int]] = []
        self.open()

    def open(self) -> None:
        """Read the deeds to come from the state."""
        self._heap = [(row["at"], int(key)) for key, row in self._state.upcoming.items()]
        heapq.heapify(self._heap)

    def add(self, deeds: Iterable[Deed]) -> None:
        """Put deeds down."""
        for deed in deeds:
            key, at = self._state.next_id("upcoming_id", 1), iso(deed.at)
            self._state.upcoming.put(key, {"at": at, "kind": deed.kind, "details": deed.details})
            heapq.heappush(self._heap, (at, int(key)))

    def due(self, until: dt.datetime) -> dt.datetime | None:
        """Return when the next deed is due, or None where none is up to and including `until`."""
        return instant(self._heap[0][0]) if self._heap and self._heap[0][0] <= iso(until) else None

    def take(self) -> Deed:
        """Return the next deed and strike it off; there must be one."""
        at, number = heapq.heappop(self._heap)
        row = self._state.upcoming.get(str(number))
        if row is None:
            raise LookupError(f"deed {number} was struck off by somebody else")
        self._state.upcoming.drop(str(number))
        return Deed(at=instant(at), kind=row["kind"], details=row["details"])

    def note(self, at: dt.datetime, kind: str, text: str, **details: object) -> None:
        """Write into the diary what happened: a sentence for people, `details` for recomputing."""
        key = self._state.next_id("diary_id", 1)
        self._state.diary.put(key, {"id": key, "at": iso(at), "kind": kind, "text": text, **details})

    @property
    def planned_to(self) -> dt.date | None:
        """The last day that was planned; None where none was."""
        row = self._state.life.get("last")
        return dt.date.fromisoformat(row) if row else None

    @planned_to.setter
    def planned_to(self, day: dt.date) -> None:
        self._state.life.put("last", day.isoformat())
