from __future__ import annotations

import datetime as dt
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from hubsync.core.schedule import After, Cron, Daily, Hourly, Schedule, Weekly, came_round, next_time, words

SCHEDULE: TypeAdapter[Hourly | Daily | Weekly | Cron | After] = TypeAdapter(Schedule)
BERLIN = "Europe/Berlin"


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def local(schedule: Hourly | Daily | Weekly | Cron, after: str, count: int = 3) -> list[str]:
    zone = ZoneInfo(schedule.zone)
    return [f"{one.astimezone(zone):%d %a %H:%M %Z}" for one in islice(schedule.times(utc(after)), count)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"hourly": 15}, ["23 Mon 12:15 UTC", "23 Mon 13:15 UTC", "23 Mon 14:15 UTC"]),
        ({"daily": "06:30", "zone": "America/Sao_Paulo"}, ["24 Tue 06:30 -03", "25 Wed 06:30 -03", "26 Thu 06:30 -03"]),
        ({"weekly": ["mon", "thu"], "at": "09:00"}, ["26 Thu 09:00 UTC", "30 Mon 09:00 UTC", "03 Thu 09:00 UTC"]),
        ({"cron": "0 6 * * 1-5"}, ["24 Tue 06:00 UTC", "25 Wed 06:00 UTC", "26 Thu 06:00 UTC"]),
        ({"cron": "*/20 12 * * *"}, ["23 Mon 12:20 UTC", "23 Mon 12:40 UTC", "24 Tue 12:00 UTC"]),
    ],
)
def test_times_come_by_the_clock_of_the_zone(data: dict[str, Any], expected: list[str]) -> None:
    schedule = SCHEDULE.validate_python(data)
    assert not isinstance(schedule, After)
    assert local(schedule, "2026-11-23T12:00") == expected


def test_what_falls_into_the_hour_that_spring_leaves_out_comes_right_after_it_once() -> None:
    found = local(Daily(daily="02:30", zone=BERLIN), "2026-03-28T00:00")
    assert found == ["28 Sat 02:30 CET", "29 Sun 03:00 CEST", "30 Mon 02:30 CEST"]


def test_what_falls_into_the_hour_that_autumn_repeats_comes_once() -> None:
    found = local(Daily(daily="02:30", zone=BERLIN), "2026-10-24T12:00")
    assert found == ["25 Sun 02:30 CEST", "26 Mon 02:30 CET", "27 Tue 02:30 CET"]


@pytest.mark.parametrize("moment", ["2026-10-25T00:45", "2026-10-25T01:15", "2026-10-25T01:30", "2026-10-25T01:45"])
def test_within_the_repeated_hour_no_time_comes_a_second_time(moment: str) -> None:
    assert local(Daily(daily="02:30", zone=BERLIN), moment, 1) == ["26 Mon 02:30 CET"]


def test_every_hour_is_every_real_hour_on_days_of_23_and_25() -> None:
    hourly = Hourly(hourly=30, zone=BERLIN)
    assert local(hourly, "2026-03-29T00:00", 2) == ["29 Sun 01:30 CET", "29 Sun 03:30 CEST"]
    assert local(hourly, "2026-10-25T00:00", 3) == ["25 Sun 02:30 CEST", "25 Sun 02:30 CET", "25 Sun 03:30 CET"]


def test_midnight_that_a_zone_leaves_out_comes_at_one() -> None:
    found = local(Daily(daily="00:00", zone="America/Asuncion"), "2023-09-30T12:00", 2)
    assert [one[:12] for one in found] == ["01 Sun 01:00", "02 Mon 00:00"]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, 3 * 365 * 24 * 60).map(lambda minutes: utc("2025-01-01") + dt.timedelta(minutes=minutes)),
    st.sampled_from(["Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]),
    st.integers(0, 23),
    st.integers(0, 59),
)
def test_a_daily_time_comes_once_on_every_local_day(after: dt.datetime, zone: str, hour: int, minute: int) -> None:
    times = list(islice(Daily(daily=f"{hour:02}:{minute:02}", zone=zone).times(after), 5))
    assert times == sorted(set(times))
    assert all(one > after for one in times)
    days = [one.astimezone(ZoneInfo(zone)).date() for one in times]
    assert days == [days[0] + dt.timedelta(days=number) for number in range(5)]


def test_what_came_round_is_every_time_since_and_none_to_come() -> None:
    daily = Daily(daily="06:00")
    found = came_round(daily, utc("2026-11-20T06:00"), utc("2026-11-23T06:00"))
    assert found == [utc(f"2026-11-{day}T06:00") for day in (21, 22, 23)]
    assert came_round(daily, utc("2026-11-23T06:00"), utc("2026-11-24T05:59")) == []


def test_the_next_time_is_strictly_later_and_none_where_no_clock_decides() -> None:
    assert next_time(Daily(daily="06:00"), utc("2026-11-23T06:00")) == utc("2026-11-24T06:00")
    assert next_time(After(after="load"), utc("2026-11-23T06:00")) is None
    assert next_time(None, utc("2026-11-23T06:00")) is None


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ({}, "one of hourly"),
        ({"monthly": 1}, "one of hourly"),
        ({"hourly": 60}, "59"),
        ({"daily": "6:30"}, "06:30"),
        ({"daily": "24:00"}, "no time of day"),
        ({"daily": 1440}, "string"),
        ({"daily": "06:30", "zone": "Sao Paulo"}, "no time zone 'Sao Paulo'"),
        ({"daily": "06:30", "zone": "../etc/passwd"}, "no time zone"),
        ({"daily": "06:30", "zone": "America"}, "no time zone"),
        ({"weekly": [], "at": "06:30"}, "at least 1"),
        ({"weekly": ["monday"], "at": "06:30"}, "'mon'"),
        ({"cron": "* * * *"}, "five fields"),
        ({"cron": "0 * * * * *"}, "five fields"),
        ({"cron": "@daily"}, "five fields"),
        ({"cron": "61 * * * *"}, "bad minute"),
        ({"cron": "0 0 31 2 *"}, "bad day-of-month"),
        ({"after": "lunch"}, "'load'"),
        ({"daily": "06:30", "when": "later"}, "when"),
    ],
)
def test_a_schedule_that_makes_no_sense_is_refused_with_the_reason(data: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError) as refused:
        SCHEDULE.validate_python(data)
    assert word in str(refused.value)


def test_a_time_that_yaml_read_as_a_number_is_the_time_that_was_written() -> None:
    assert SCHEDULE.validate_python({"daily": 16 * 60 + 30}) == Daily(daily="16:30")


@pytest.mark.parametrize(
    ("schedule", "english", "portuguese"),
    [
        (Hourly(hourly=5), "every hour at minute 05 (UTC)", "a cada hora, no minuto 05 (UTC)"),
        (Daily(daily="06:30", zone=BERLIN), "every day at 06:30 (Europe/Berlin)", "todo dia às 06:30 (Europe/Berlin)"),
        (Weekly(weekly=("mon", "sat"), at="08:00"), "on Mon, Sat at 08:00 (UTC)", "seg, sáb às 08:00 (UTC)"),
        (Cron(cron="0 6 * * *"), "by cron “0 6 * * *” (UTC)", "pelo cron “0 6 * * *” (UTC)"),
        (After(after="load"), "after data is loaded", "depois que dados são carregados"),
        (After(after="refresh"), "after members are computed", "depois que os membros são calculados"),
        (None, "only when asked for", "só quando pedido"),
    ],
)
def test_a_schedule_is_said_in_both_languages(schedule: Any, english: str, portuguese: str) -> None:
    assert (words(schedule), words(schedule, "pt")) == (english, portuguese)
