"""The sandbox's time: injectable, can be put forward, always whole milliseconds in UTC as HubSpot keeps them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable


def utc_now() -> dt.datetime:
    """Return the machine's time, aware, in UTC."""
    return dt.datetime.now(tz=dt.UTC)


class Clock:
    """Tells the sandbox's time: a source plus however far it was put forward."""

    def __init__(self, source: Callable[[], dt.datetime] = utc_now) -> None:
        self._source = source
        self._ahead = dt.timedelta()

    def now(self) -> dt.datetime:
        """Return the time, aware, in UTC, cut to milliseconds."""
        moment = self._source() + self._ahead
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def advance(self, seconds: float) -> None:
        """Put the clock forward by `seconds`."""
        self._ahead += dt.timedelta(seconds=seconds)

    def reset(self) -> None:
        """Return to the source's time."""
        self._ahead = dt.timedelta()


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
