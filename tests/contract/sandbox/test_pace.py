"""Rate limits: per token and ten seconds, per account and day, per second for searches; told in headers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hubsync.sandbox.errors import Refused
from hubsync.sandbox.pace import Limit, Pace, Tier
from tests.contract.sandbox.caller import Caller

NOON = dt.datetime(2026, 11, 23, 17, tzinfo=dt.UTC)
NEW_YORK = ZoneInfo("US/Eastern")


def fill(pace: Pace, times: int, now: dt.datetime, who: str = "t") -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(times):
        headers = pace.take(who, now, Limit.BURST)
    return headers


@pytest.mark.parametrize(
    ("tier", "burst", "daily"),
    [
        ("free", 100, 250_000),
        ("starter", 100, 250_000),
        ("professional", 190, 625_000),
        ("enterprise", 190, 1_000_000),
    ],
)
def test_each_tier_has_its_burst(tier: str, burst: int, daily: int) -> None:
    pace = Pace(Tier(tier), NEW_YORK)
    headers = fill(pace, burst, NOON)
    assert headers == {
        "X-HubSpot-RateLimit-Daily": str(daily),
        "X-HubSpot-RateLimit-Daily-Remaining": str(daily - burst),
        "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
        "X-HubSpot-RateLimit-Max": str(burst),
        "X-HubSpot-RateLimit-Remaining": "0",
    }
    with pytest.raises(Refused) as refused:
        pace.take("t", NOON, Limit.BURST)
    assert refused.value.status == 429
    assert refused.value.body == {
        "status": "error",
        "message": "You have reached your ten_secondly_rolling limit.",
        "errorType": "RATE_LIMIT",
        "policyName": "TEN_SECONDLY_ROLLING",
    }
    assert "Retry-After" not in refused.value.headers


def test_the_window_slides(clock: Any) -> None:
    pace = Pace(Tier.FREE, NEW_YORK)
    fill(pace, 60, NOON)
    fill(pace, 40, NOON + dt.timedelta(seconds=6))
    with pytest.raises(Refused):
        pace.take("t", NOON + dt.timedelta(seconds=9), Limit.BURST)
    headers = pace.take("t", NOON + dt.timedelta(seconds=10), Limit.BURST)
    assert headers["X-HubSpot-RateLimit-Remaining"] == "59"


def test_each_token_has_its_own_burst_but_all_share_the_day() -> None:
    pace = Pace(Tier.FREE, NEW_YORK)
    fill(pace, 100, NOON, "a")
    assert fill(pace, 1, NOON, "b")["X-HubSpot-RateLimit-Remaining"] == "99"
    assert pace.usage(NOON).used == 101


def test_a_day_ends_at_midnight_in_the_portals_time_zone() -> None:
    pace = Pace(Tier.FREE, NEW_YORK)
    now = NOON
    for _ in range(2_500):
        fill(pace, 100, now)
        now += dt.timedelta(seconds=10)
    with pytest.raises(Refused) as refused:
        pace.take("t", now, Limit.BURST)
    body = refused.value.body
    assert isinstance(body, dict)
    assert (body["errorType"], body["policyName"]) == ("RATE_LIMIT", "DAILY")
    assert body["message"] == "You have reached your daily limit."
    midnight = pace.usage(now).resets_at
    assert midnight == dt.datetime(2026, 11, 24, 5, tzinfo=dt.UTC)
    with pytest.raises(Refused):
        pace.take("t", midnight - dt.timedelta(milliseconds=1), Limit.BURST)
    fill(pace, 1, midnight)
    assert pace.usage(midnight).used == 1


def test_searches_have_five_a_second_and_no_headers() -> None:
    pace = Pace(Tier.FREE, NEW_YORK)
    assert [pace.take("t", NOON, Limit.SEARCH) for _ in range(5)] == [{}] * 5
    with pytest.raises(Refused) as refused:
        pace.take("other", NOON, Limit.SEARCH)
    assert refused.value.body == {
        "status": "error",
        "message": "You have reached your secondly limit.",
        "category": "RATE_LIMITS",
    }
    assert refused.value.headers == {}
    assert fill(pace, 1, NOON)["X-HubSpot-RateLimit-Remaining"] == "99", "a search is no part of the burst"
    assert pace.take("t", NOON + dt.timedelta(seconds=1), Limit.SEARCH) == {}
    assert pace.usage(NOON).used == 7


def test_without_limits_requests_are_counted_but_never_refused() -> None:
    pace = Pace(Tier.FREE, NEW_YORK, enforced=False)
    assert fill(pace, 150, NOON)["X-HubSpot-RateLimit-Remaining"] == "0"
    assert pace.usage(NOON).used == 150


def test_a_refusal_for_haste_reaches_the_client_and_passes(serve: Callable[..., Caller], clock: Any) -> None:
    ask = serve(limits=True, tier="starter")
    for _ in range(100):
        assert ask("GET", "/crm/v3/lists/1").status == 200
    refused = ask("GET", "/crm/v3/lists/1")
    assert refused.status == 429
    assert refused.json["policyName"] == "TEN_SECONDLY_ROLLING"
    assert refused.headers["x-hubspot-ratelimit-remaining"] == "0"
    assert refused.json["correlationId"]
    clock.move(seconds=10)
    assert ask("GET", "/crm/v3/lists/1").status == 200


def test_a_search_carries_no_rate_headers_and_other_answers_do(ask: Caller) -> None:
    search = ask("POST", "/crm/v3/objects/contacts/search", {})
    assert not [name for name in search.headers if "ratelimit" in name]
    for status, reply in (
        (200, ask("GET", "/crm/v3/lists/1")),
        (204, ask("DELETE", "/crm/v3/lists/1")),
        (404, ask("GET", "/crm/v3/lists/1")),
    ):
        assert reply.status == status
        assert reply.headers["x-hubspot-ratelimit-max"] == "190"
