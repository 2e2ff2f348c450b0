"""HubSpot's rate limits: a burst per token, a day per account, searches per second; and the headers that tell them.

Source: https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict, deque
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from hubsync.sandbox import errors

_WINDOW = dt.timedelta(seconds=10)
_SECOND = dt.timedelta(seconds=1)
_SEARCHES_PER_SECOND = 5


class Tier(StrEnum):
    """HubSpot's subscriptions, as far as they set limits."""

    FREE = "free"
    STARTER = "starter"
    PROFESSIONAL = "professional"
    ENTERPRISE = "enterprise"

    def at_least(self, other: Tier) -> bool:
        """Return whether this subscription has all that another has."""
        order = list(Tier)
        return order.index(self) >= order.index(other)

    @property
    def burst(self) -> int:
        """Requests in any 10 seconds, per token."""
        return 100 if self in {Tier.FREE, Tier.STARTER} else 190

    @property
    def daily(self) -> int:
        """Requests a day, per account."""
        return {Tier.PROFESSIONAL: 625_000, Tier.ENTERPRISE: 1_000_000}.get(self, 250_000)


class Limit(StrEnum):
    """Which limits a request counts against; HubSpot exempts some from the burst, and custom events from the day."""

    #: Ten seconds and the day.
    BURST = "burst"
    #: A second of searches and the day; the answer carries no rate headers.
    SEARCH = "search"
    DAY = "day"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Usage:
    """The day's use of an account; `resets_at` is the portal's next midnight, in UTC."""

    used: int
    limit: int
    resets_at: dt.datetime


class Pace:
    """Counts requests and refuses those beyond the tier's limits."""

    def __init__(self, tier: Tier, zone: ZoneInfo, *, enforced: bool = True) -> None:
        self.tier = tier
        self.enforced = enforced
        self._zone = zone
        self._bursts: defaultdict[str, deque[dt.datetime]] = defaultdict(deque)
        self._searches: deque[dt.datetime] = deque()
        self._day = dt.date.min
        self._used = 0

    def take(self, token: str, now: dt.datetime, limit: Limit) -> dict[str, str]:
        """Count one request and return the headers its answer carries; raises Refused (429) beyond a limit."""
        if limit is Limit.NONE:
            return self._headers(token, now)
        search = limit is Limit.SEARCH
        usage = self.usage(now)
        if self.enforced and usage.used >= usage.limit:
            raise _too_many("daily", "DAILY", {} if search else self._headers(token, now))
        if limit is Limit.DAY:
            self._used += 1
            return self._headers(token, now)
        window, span, most = (
            (self._searches, _SECOND, _SEARCHES_PER_SECOND)
            if search
            else (self._bursts[token], _WINDOW, self.tier.burst)
        )
        _slide(window, now - span)
        if self.enforced and len(window) >= most:
            if search:
                raise errors.refused(429, "You have reached your secondly limit.", "RATE_LIMITS")
            raise _too_many("ten_secondly_rolling", "TEN_SECONDLY_ROLLING", self._headers(token, now))
        window.append(now)
        self._used += 1
        return {} if search else self._headers(token, now)

    def usage(self, now: dt.datetime) -> Usage:
        """Return today's use; a day begins at midnight in the portal's time zone."""
        local = now.astimezone(self._zone)
        if local.date() != self._day:
            self._day, self._used = local.date(), 0
        midnight = dt.datetime.combine(self._day + dt.timedelta(days=1), dt.time(), tzinfo=self._zone)
        return Usage(used=self._used, limit=self.tier.daily, resets_at=midnight.astimezone(dt.UTC))

    def _headers(self, token: str, now: dt.datetime) -> dict[str, str]:
        window = self._bursts[token]
        _slide(window, now - _WINDOW)
        return {
            "X-HubSpot-RateLimit-Daily": str(self.tier.daily),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(self.tier.daily - self._used, 0)),
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Max": str(self.tier.burst),
            "X-HubSpot-RateLimit-Remaining": str(max(self.tier.burst - len(window), 0)),
        }


def _slide(window: deque[dt.datetime], since: dt.datetime) -> None:
    while window and window[0] <= since:
        window.popleft()


def _too_many(name: str, policy: str, headers: dict[str, str]) -> errors.Refused:
    refusal = errors.refused(429, f"You have reached your {name} limit.", errorType="RATE_LIMIT", policyName=policy)
    refusal.headers.update(headers)
    return refusal
