"""What HubSpot answers when something is wrong on its side, or with the account's quota or token.

The pages of its front were seen in HubSpot/hubspot-php#341 (524) and airbytehq/airbyte#15729 (502); the bodies of
423 and 477 are documented by their statuses and headers only, their words are ours.
Source of the statuses: https://developers.hubspot.com/docs/api-reference/error-handling
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hubsync.sandbox import errors
from hubsync.sandbox.errors import Refused
from hubsync.sandbox.faults import FRONT, Fault, Kind
from hubsync.sandbox.pace import Tier, Usage

_LIMITS = {
    Kind.BURST: ("ten_secondly_rolling", "TEN_SECONDLY_ROLLING"),
    Kind.DAILY: ("daily", "DAILY"),
}


def answer(fault: Fault, *, tier: Tier, usage: Usage, scopes: Sequence[str]) -> Refused:
    """Return what a fault answers in place of the endpoint, which asks for any of `scopes`.

    Retry-After is set where the fault says seconds, and on 477: HubSpot sends it with no other.
    """
    refusal = _answer(fault.kind, tier, usage, scopes)
    if fault.wait is not None:
        refusal.headers["Retry-After"] = f"{fault.wait:g}"
    return refusal


def _answer(kind: Kind, tier: Tier, usage: Usage, scopes: Sequence[str]) -> Refused:
    if kind in _LIMITS:
        name, policy = _LIMITS[kind]
        refusal = errors.refused(429, f"You have reached your {name} limit.", errorType="RATE_LIMIT", policyName=policy)
        refusal.headers.update(_quota(tier, usage, kind))
        return refusal
    plain: dict[Kind, Callable[[], Refused]] = {
        Kind.SECONDLY: lambda: errors.refused(429, "You have reached your secondly limit.", "RATE_LIMITS"),
        Kind.REVOKED: errors.unauthenticated,
        Kind.SCOPES: lambda: errors.missing_scopes(scopes or ["oauth"]),
        Kind.LOCKED: lambda: errors.refused(423, "This resource is locked. Wait at least 2 seconds and try again."),
        Kind.MIGRATING: lambda: errors.refused(477, "This account is being moved to another data center."),
        Kind.INTERNAL: lambda: errors.refused(500, "internal error"),
        Kind.HTML: lambda: _page(200, "We'll be back soon"),
    }
    if kind in plain:
        return plain[kind]()
    status = int(kind.value)
    return _page(status, f"{status} {FRONT[status]}")


def _quota(tier: Tier, usage: Usage, kind: Kind) -> dict[str, str]:
    left = 0 if kind is Kind.DAILY else max(usage.limit - usage.used, 0)
    return {
        "X-HubSpot-RateLimit-Daily": str(usage.limit),
        "X-HubSpot-RateLimit-Daily-Remaining": str(left),
        "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
        "X-HubSpot-RateLimit-Max": str(tier.burst),
        "X-HubSpot-RateLimit-Remaining": str(0 if kind is Kind.BURST else tier.burst - 1),
    }


def _page(status: int, title: str) -> Refused:
    return Refused(
        status,
        f'<html>\r\n<head><title>{title}</title></head>\r\n<body bgcolor="white">\r\n'
        f"<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n",
    )
