"""The pace: how fast this portal lets us ask, kept in step between every process that asks.

A sliding log, so that no window of ten seconds anywhere holds more than the limit (a token bucket lets twice as many
through). The log and the limits lie in one SQLite file; its own write lock makes "count, then note" one step.
"""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from pyrate_limiter import Rate, RateItem, SQLiteBucket

from hubsync.portal.errors import RateLimited
from hubsync.portal.versions import Bucket

#: Until the portal has said its own limit: the smallest there is (free and starter accounts).
BURST, WINDOW = 100, dt.timedelta(seconds=10)
#: HubSpot allows 5 a second for the whole account; one is left to its other apps.
SEARCHES, SEARCH_WINDOW = 4, dt.timedelta(seconds=1)
#: Requests do not all travel equally long, so that they may arrive closer together than they left.
SLACK = dt.timedelta(milliseconds=250)
#: After a 429 we go at half the pace for so long; at a quarter after the next, and so on, down to an eighth.
SLOW_FOR = dt.timedelta(minutes=1)
_SLOWEST = 0.125
_TIDY_EVERY = 200

_SCHEMA = """
create table if not exists limits (
    portal text primary key, burst integer, window_ms integer, daily integer, remaining integer, seen_ms integer,
    share real not null default 1, slow_until_ms integer not null default 0, closed_until_ms integer not null default 0
)
"""


@dataclass(frozen=True, kw_only=True)
class Quota:
    """What the portal said about its limits."""

    #: Requests a day, of the whole account; None where it did not say.
    daily: int | None
    #: Of these, left until midnight in the portal's time zone.
    remaining: int | None
    #: Requests per ten seconds.
    per_10s: int
    #: When it said so; None if never.
    seen_at: dt.datetime | None


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Pacer:
    """Lets requests to one portal through at its pace.

    `file` is shared by processes; None keeps the log in memory. `clock` gives aware UTC time and `sleep` waits for
    seconds; tests pass their own.
    """

    def __init__(
        self,
        *,
        file: Path | None,
        portal_id: str,
        time_zone: str = "UTC",
        clock: Callable[[], dt.datetime] = _utc_now,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.time_zone = time_zone
        self._portal = re.sub(r"\D", "", portal_id) or "0"
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._taken = 0
        self._connection = sqlite3.connect(
            file if file is not None else ":memory:", timeout=10, isolation_level=None, check_same_thread=False
        )
        # A log lost in a power cut costs ten seconds of caution, not a disk flush for every request.
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = off")
        self._connection.execute(_SCHEMA)
        self._buckets = {bucket: self._open(bucket) for bucket in Bucket}
        self._connection.execute("insert or ignore into limits (portal) values (?)", (self._portal,))

    def now(self) -> dt.datetime:
        """Return the time the pace goes by."""
        return self._clock()

    def take(self, bucket: Bucket = Bucket.BURST) -> None:
        """Wait until one more request may be sent, and count it. Raises RateLimited if the day's are used up."""
        while (wait := self._try(bucket)) > 0:
            self._sleep(wait)

    def learn(self, headers: Mapping[str, str]) -> None:
        """Take over what the headers of an answer (lower-case names) say; searches' say nothing about the burst."""
        burst, window = _number(headers, "max"), _number(headers, "interval-milliseconds")
        daily, remaining = _number(headers, "daily"), _number(headers, "daily-remaining")
        if burst is None and daily is None:
            return
        with self._exclusive():
            self._connection.execute(
                "update limits set burst = coalesce(?, burst), window_ms = coalesce(?, window_ms),"
                " daily = coalesce(?, daily), remaining = coalesce(?, remaining), seen_ms = ? where portal = ?",
                (burst, window, daily, remaining, self._ms_now(), self._portal),
            )

    def slow_down(self) -> None:
        """Halve the pace for a minute; halve it again if it is slow already."""
        now = self._ms_now()
        with self._exclusive():
            self._connection.execute(
                "update limits set share = max(?, case when slow_until_ms > ? then share / 2 else 0.5 end),"
                " slow_until_ms = ? where portal = ?",
                (_SLOWEST, now, now + _ms(SLOW_FOR), self._portal),
            )

    def close_for_today(self) -> dt.datetime:
        """Let nothing through before the next midnight in the portal's time zone; return that moment."""
        until = next_midnight(self._clock(), self.time_zone)
        with self._exclusive():
            self._connection.execute(
                "update limits set closed_until_ms = ?, remaining = 0, seen_ms = ? where portal = ?",
                (int(until.timestamp() * 1000), self._ms_now(), self._portal),
            )
        return until

    @property
    def quota(self) -> Quota:
        """What is known of the portal's limits; what was left yesterday is not what is left today."""
        with self._lock:
            row = self._connection.execute(
                "select burst, window_ms, daily, remaining, seen_ms from limits where portal = ?", (self._portal,)
            ).fetchone()
        burst, window, daily, remaining, seen = row
        seen_at = dt.datetime.fromtimestamp(seen / 1000, tz=dt.UTC) if seen else None
        if seen_at is not None and next_midnight(seen_at, self.time_zone) <= self._clock():
            remaining = daily
        per_10s = int((burst or BURST) * _ms(WINDOW) / (window or _ms(WINDOW)))
        return Quota(daily=daily, remaining=remaining, per_10s=per_10s, seen_at=seen_at)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _try(self, bucket: Bucket) -> float:
        """Count one request if it may be sent now and return 0.0, else the seconds to wait."""
        log = self._buckets[bucket]
        with self._exclusive():
            now = self._ms_now()
            # The machine's clock was put back: what lies ahead of it happened just now at the latest, and must not
            # be waited for as long as it lies ahead.
            self._connection.execute(
                f"update {log.table} set item_timestamp = ? where item_timestamp > ?",  # noqa: S608 - a name of ours
                (now, now),
            )
            log.rates = [self._rate(bucket, now)]
            item = RateItem(bucket.value, now)
            if log.put(item):
                self._taken += 1
                if self._taken % _TIDY_EVERY == 0:
                    log.leak(now)
                return 0.0
            wait = log.waiting(item)
            return max(1, wait if isinstance(wait, int) else 1) / 1000  # only buckets of other kinds answer later

    def _rate(self, bucket: Bucket, now: int) -> Rate:
        burst, window, share, slow_until, closed_until = self._connection.execute(
            "select burst, window_ms, share, slow_until_ms, closed_until_ms from limits where portal = ?",
            (self._portal,),
        ).fetchone()
        if closed_until > now:
            raise self._closed(dt.datetime.fromtimestamp(closed_until / 1000, tz=dt.UTC))
        limit, interval = burst or BURST, window or _ms(WINDOW)
        if bucket is Bucket.SEARCH:
            limit, interval = SEARCHES, _ms(SEARCH_WINDOW)
        if slow_until > now:
            limit = max(1, int(limit * share))
        return Rate(limit, interval + _ms(SLACK))

    def _closed(self, until: dt.datetime) -> RateLimited:
        error = RateLimited(
            "Today's requests to HubSpot are used up.",
            "Nothing was sent.",
            f"It goes on at {until.astimezone(ZoneInfo(self.time_zone)):%Y-%m-%d %H:%M} {self.time_zone}.",
            policy="DAILY",
        )
        error.daily, error.resume_at = True, until
        return error

    def _open(self, bucket: Bucket) -> SQLiteBucket:
        table = f"{bucket.value}_{self._portal}"
        self._connection.execute(f"create table if not exists {table} (name text, item_timestamp integer)")
        self._connection.execute(f"create index if not exists {table}_at on {table} (item_timestamp)")
        return SQLiteBucket([Rate(1, 1)], self._connection, table)

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """Hold off every other thread and process."""
        with self._lock:
            self._connection.execute("begin immediate")
            try:
                yield
            finally:
                if self._connection.in_transaction:  # the bucket commits what it counted
                    self._connection.execute("commit")

    def _ms_now(self) -> int:
        return int(self._clock().timestamp() * 1000)


def next_midnight(now: dt.datetime, time_zone: str) -> dt.datetime:
    """Return when the day that `now` lies in ends there, in UTC; on days of 23 and 25 hours too."""
    zone = ZoneInfo(time_zone)
    tomorrow = now.astimezone(zone).date() + dt.timedelta(days=1)
    # Some zones change their clocks at midnight: then the day begins at the first time that exists.
    return dt.datetime.combine(tomorrow, dt.time(), tzinfo=zone).astimezone(dt.UTC)


def _ms(span: dt.timedelta) -> int:
    return int(span / dt.timedelta(milliseconds=1))


def _number(headers: Mapping[str, str], name: str) -> int | None:
    value = headers.get(f"x-hubspot-ratelimit-{name}", "")
    return int(value) if value.isdigit() and int(value) > 0 else (0 if value == "0" and "remaining" in name else None)
