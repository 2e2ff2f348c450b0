"""The pace: no ten seconds hold more than the portal allows, whoever asks; a used-up day ends at midnight there."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubsync.portal.errors import RateLimited
from hubsync.portal.pace import BURST, SEARCHES, SLACK, Pacer, next_midnight
from hubsync.portal.versions import Bucket

START = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
LIMIT_HEADERS = {
    "x-hubspot-ratelimit-max": "190",
    "x-hubspot-ratelimit-interval-milliseconds": "10000",
    "x-hubspot-ratelimit-daily": "650000",
    "x-hubspot-ratelimit-daily-remaining": "1000",
}


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = START
        self.slept = 0.0

    def __call__(self) -> dt.datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.slept += seconds
        self.now += dt.timedelta(seconds=seconds)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def pacer(time: Time) -> Pacer:
    return Pacer(file=None, portal_id="1", clock=time, sleep=time.sleep)


def most_in(moments: list[dt.datetime], window: dt.timedelta) -> int:
    """Return the most that lie in any window of that length."""
    return max(sum(start <= other < start + window for other in moments[at:]) for at, start in enumerate(moments))


def taken(pacer: Pacer, time: Time, count: int, bucket: Bucket = Bucket.BURST) -> list[dt.datetime]:
    moments = []
    for _ in range(count):
        pacer.take(bucket)
        moments.append(time.now)
    return moments


def test_below_the_limit_nothing_waits(pacer: Pacer, time: Time) -> None:
    taken(pacer, time, BURST)
    assert time.slept == 0


def test_no_ten_seconds_hold_more_than_the_limit(pacer: Pacer, time: Time) -> None:
    pacer.learn(LIMIT_HEADERS)
    moments = taken(pacer, time, 600)
    assert most_in(moments, dt.timedelta(seconds=10)) == 190
    assert time.slept < 4 * (10 + SLACK.total_seconds()), "and no longer is waited than it takes"


def test_searches_have_a_pace_of_their_own(pacer: Pacer, time: Time) -> None:
    moments = taken(pacer, time, 20, Bucket.SEARCH)
    assert most_in(moments, dt.timedelta(seconds=1)) == SEARCHES
    slept = time.slept
    taken(pacer, time, BURST)
    assert time.slept == slept


def test_headers_of_a_search_leave_the_limits_alone(pacer: Pacer) -> None:
    pacer.learn(LIMIT_HEADERS)
    before = pacer.quota
    pacer.learn({"content-type": "application/json"})
    pacer.learn({"x-hubspot-ratelimit-max": "many", "x-hubspot-ratelimit-daily": "0"})
    assert pacer.quota == before


def test_after_a_429_the_pace_is_halved_for_a_minute(pacer: Pacer, time: Time) -> None:
    pacer.learn(LIMIT_HEADERS)
    pacer.slow_down()
    assert most_in(taken(pacer, time, 300), dt.timedelta(seconds=10)) == 95
    pacer.slow_down()
    pacer.slow_down()
    time.now += dt.timedelta(seconds=20)
    assert most_in(taken(pacer, time, 100), dt.timedelta(seconds=10)) < 48
    time.now += dt.timedelta(minutes=2)
    assert most_in(taken(pacer, time, 190), dt.timedelta(seconds=10)) == 190


def test_many_429_never_stop_it_altogether(pacer: Pacer, time: Time) -> None:
    pacer.learn(LIMIT_HEADERS)
    for _ in range(50):
        pacer.slow_down()
    taken(pacer, time, 23)
    assert time.slept == 0


def test_a_used_up_day_lets_nothing_through_until_midnight_there(time: Time) -> None:
    pacer = Pacer(file=None, portal_id="1", time_zone="America/Sao_Paulo", clock=time, sleep=time.sleep)
    pacer.learn(LIMIT_HEADERS)
    until = pacer.close_for_today()
    assert until == dt.datetime(2026, 11, 24, 3, tzinfo=dt.UTC)
    assert pacer.quota.remaining == 0
    for bucket in Bucket:
        with pytest.raises(RateLimited, match="2026-11-24 00:00 America/Sao_Paulo") as caught:
            pacer.take(bucket)
        assert caught.value.daily
        assert caught.value.resume_at == until
    time.now = until
    pacer.take()
    assert time.slept == 0
    assert pacer.quota.remaining == 650_000, "a new day has all of its requests"


@pytest.mark.parametrize(
    ("now", "zone", "midnight"),
    [
        ("2026-03-07T12:00-05:00", "US/Eastern", "2026-03-08T00:00-05:00"),
        ("2026-03-08T12:00-04:00", "US/Eastern", "2026-03-09T00:00-04:00"),  # the day had 23 hours
        ("2026-11-01T00:30-04:00", "US/Eastern", "2026-11-02T00:00-05:00"),  # this one has 25
        ("2026-10-25T02:30+02:00", "Europe/Paris", "2026-10-26T00:00+01:00"),
        ("2026-09-05T23:30-04:00", "America/Santiago", "2026-09-06T01:00-03:00"),  # midnight itself is left out
    ],
)
def test_midnight_is_right_on_days_of_23_and_25_hours(now: str, zone: str, midnight: str) -> None:
    found = next_midnight(dt.datetime.fromisoformat(now), zone)
    assert found == dt.datetime.fromisoformat(midnight)


@given(
    st.datetimes(min_value=dt.datetime(2020, 1, 1), max_value=dt.datetime(2035, 1, 1), timezones=st.just(dt.UTC)),  # noqa: DTZ001
    st.sampled_from(["UTC", "US/Eastern", "Europe/Lisbon", "Asia/Kolkata", "Pacific/Apia", "America/Sao_Paulo"]),
)
@settings(max_examples=200, deadline=None)
def test_midnight_is_always_ahead_and_never_more_than_a_long_day_away(now: dt.datetime, zone: str) -> None:
    until = next_midnight(now, zone)
    assert dt.timedelta(0) < until - now <= dt.timedelta(hours=25)


def test_portals_do_not_share_a_pace(tmp_path: Path, time: Time) -> None:
    one, other = (
        Pacer(file=tmp_path / "pace.sqlite", portal_id=portal, clock=time, sleep=time.sleep) for portal in ("1", "2")
    )
    one.learn(LIMIT_HEADERS)
    taken(one, time, 190)
    taken(other, time, BURST)
    assert time.slept == 0
    assert other.quota.daily is None


def test_what_one_process_learns_the_other_knows(tmp_path: Path, time: Time) -> None:
    one, other = (Pacer(file=tmp_path / "pace.sqlite", portal_id="1", clock=time, sleep=time.sleep) for _ in range(2))
    one.learn(LIMIT_HEADERS)
    assert other.quota == one.quota
    until = one.close_for_today()
    with pytest.raises(RateLimited) as caught:
        other.take()
    assert caught.value.resume_at == until


_ASKER = """
import datetime as dt, sys
from pathlib import Path
from hubsync.portal.pace import Pacer

class Enough(Exception): pass
def sleep(seconds): raise Enough
start = dt.datetime.fromisoformat(sys.argv[2])
steps = iter(range(100_000))
clock = lambda: start + dt.timedelta(milliseconds=next(steps))
pacer = Pacer(file=Path(sys.argv[1]), portal_id="1", clock=clock, sleep=sleep)
sys.stdin.readline()
count = 0
try:
    while True:
        pacer.take()
        count += 1
except Enough:
    print(count)
"""


def test_processes_that_ask_at_once_get_no_more_than_the_limit_together(tmp_path: Path) -> None:
    file = tmp_path / "pace.sqlite"
    pacer = Pacer(file=file, portal_id="1", clock=lambda: START)
    pacer.learn(LIMIT_HEADERS)
    pacer.close()
    command = [sys.executable, "-c", _ASKER, str(file), START.isoformat()]
    askers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    for asker in askers:  # each waits for its line, so that all of them ask at the same time
        assert asker.stdin is not None
        asker.stdin.write("go\n")
        asker.stdin.flush()
    counts = [int(asker.communicate()[0]) for asker in askers]
    assert sum(counts) == 190
    assert all(asker.returncode == 0 for asker in askers)


def test_waits_grow_no_log(tmp_path: Path, time: Time) -> None:
    pacer = Pacer(file=tmp_path / "pace.sqlite", portal_id="1", clock=time, sleep=time.sleep)
    taken(pacer, time, 1_000)
    (count,) = pacer._connection.execute("select count(*) from burst_1").fetchone()
    assert count <= BURST + 200


def test_a_clock_that_was_put_back_is_not_waited_for(pacer: Pacer, time: Time) -> None:
    taken(pacer, time, BURST)
    time.now -= dt.timedelta(hours=1)
    before = time.slept
    taken(pacer, time, BURST)
    assert 0 < time.slept - before <= 11


def test_moments_only_go_forward(pacer: Pacer, time: Time) -> None:
    clock: Callable[[], dt.datetime] = time
    moments = [(pacer.take(), clock())[1] for _ in range(250)]
    assert all(one <= other for one, other in pairwise(moments))
