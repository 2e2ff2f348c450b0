"""The account behind a token: its details, what the token may do, and how much of the day is used."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hubsync.portal.answer import moment, required, text, whole
from hubsync.portal.gateway import Gateway


@dataclass(frozen=True, kw_only=True)
class Details:
    """What a portal says of itself."""

    portal_id: str
    #: "STANDARD", "DEVELOPER_TEST", "SANDBOX", ...
    account_type: str
    #: A name this machine's zone database knows; "UTC" for one it does not.
    time_zone: str
    ui_domain: str
    #: Data centre, e.g. "na1".
    hosting: str


@dataclass(frozen=True, kw_only=True)
class TokenInfo:
    """What HubSpot says of a token."""

    portal_id: str
    app_id: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Requests of one day, of all private apps together."""

    limit: int | None
    used: int | None
    resets_at: dt.datetime | None


def details(gateway: Gateway) -> Details:
    """Return what the portal says of itself."""
    body = gateway.call("account.details").body
    return Details(
        portal_id=required(body, "portalId"),
        account_type=text(body, "accountType"),
        time_zone=_zone(text(body, "timeZone")),
        ui_domain=text(body, "uiDomain"),
        hosting=text(body, "dataHostingLocation"),
    )


def token_info(gateway: Gateway, token: str) -> TokenInfo:
    """Return whose the token is and what it may do. Needs no scope; the call wants the token in its body as well."""
    body = gateway.call("token.info", body={"tokenKey": token}).body
    scopes = body.get("scopes")
    return TokenInfo(
        portal_id=required(body, "hubId"),
        app_id=text(body, "appId"),
        scopes=tuple(str(scope) for scope in scopes) if isinstance(scopes, list) else (),
    )


def usage(gateway: Gateway) -> Usage | None:
    """Return today's use, or None where HubSpot tells nothing of it."""
    rows = gateway.call("account.usage").optional_rows("results")
    if not rows:
        return None
    return Usage(
        limit=whole(rows[0], "usageLimit"),
        used=whole(rows[0], "currentUsage"),
        resets_at=moment(rows[0], "resetsAt"),
    )


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"
