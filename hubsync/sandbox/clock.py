"""The sandbox's time: injectable, put forward, slowed or hastened; whole milliseconds in UTC, as HubSpot keeps them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

#: Seconds in a week: faster than that the days of a life could not be told apart.
_FASTEST = 604_800


def utc_now() -> dt.datetime:
    """Return the machine's time, aware, in UTC."""
    return dt.datetime.now(tz=dt.UTC)


class Clock:
    """Tells the sandbox's time: as the source does, or put forward, or passing at another rate; never backwards."""

    def __init__(self, source: Callable[[], dt.datetime] = utc_now, ahead: dt.timedelta = dt.timedelta()) -> None:
        self._source = source
        self._tick = 1.0
        self._read = source()
        self._shown = self._read + ahead

    @property
    def tick(self) -> float:
        """Seconds that pass here for each second of the source; 0 where time stands still."""
        return self._tick

    @property
    def ahead(self) -> dt.timedelta:
        """How far this clock is ahead of its source."""
        return self._shown - self._read + (self._source() - self._read) * (self._tick - 1)

    def now(self) -> dt.datetime:
        """Return the time, aware, in UTC, cut to milliseconds."""
        moment = self._moment()
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def advance(self, seconds: float) -> None:
        """Put the clock forward by `seconds`; raises ValueError where they are less than 0 or beyond the calendar."""
        try:
            self.set(self._moment() + dt.timedelta(seconds=seconds))
        except OverflowError as error:
            raise ValueError(f"{seconds} seconds from now no calendar has a date") from error

    def set(self, moment: dt.datetime) -> None:
        """Put the clock forward to `moment`; raises ValueError where that is past.

        What happened bears the time at which it did: were the clock put back, changes would lie in the future and no
        client that asks for what is new would be told of the next ones.
        """
        if moment < self.now():
            raise ValueError(f"the clock goes forward only: {iso(moment)} is before {iso(self.now())}")
        self._anchor(moment)

    def rate(self, tick: float) -> None:
        """Let `tick` seconds pass for each of the source's, from 0 (stand still) to a week; raises ValueError."""
        if not 0 <= tick <= _FASTEST:
            raise ValueError(f"the clock takes from 0 to {_FASTEST} seconds a second, not {tick}")
        self._anchor(self._moment())
        self._tick = float(tick)

    def reset(self) -> None:
        """Return to the source's time and pace."""
        self._tick = 1.0
        self._read = self._shown = self._source()

    def _anchor(self, moment: dt.datetime) -> None:
        self._shown, self._read = moment, self._source()

    def _moment(self) -> dt.datetime:
        return self._shown + (self._source() - self._read) * self._tick


def iso(moment: dt.datetime) -> str:
    """Return `moment` as HubSpot writes it, e.g. `2025-11-03T23:36:13.632Z`."""
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant(text: str) -> dt.datetime:
    """Return the time that `text` (epoch milliseconds or ISO 8601, UTC where no zone is given) stands for.

    Raises ValueError for anything else.
    """
    if text.lstrip("-").isdigit():
        try:
            return dt.datetime.fromtimestamp(int(text) / 1000, tz=dt.UTC)
        except (OverflowError, OSError) as error:
            raise ValueError(text) from error
    moment = dt.datetime.fromisoformat(text)
    return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
