"""The endpoints about the account itself: details, the day's use, what a token is, owners."""

from __future__ import annotations

import datetime as dt

from hubsync.sandbox import auth, errors
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.clock import iso
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Json

_USER = 76070032


def details(portal: Portal, call: Call) -> Answer:
    """GET account-info/details."""
    del call
    return Answer(
        body={
            "portalId": portal.portal_id,
            "accountType": "DEVELOPER_TEST",
            "timeZone": portal.settings.time_zone,
            "companyCurrency": "USD",
            "additionalCurrencies": [],
            "uiDomain": "app.hubspot.com",
            "dataHostingLocation": "na1",
        }
        | _offset(portal)
    )


def daily_usage(portal: Portal, call: Call) -> Answer:
    """GET account-info/api-usage/daily/private-apps."""
    del call
    now = portal.now()
    usage = portal.pace.usage(now)
    return Answer(
        body={
            "results": [
                {
                    "name": "private-apps-api-calls-daily",
                    "usageLimit": usage.limit,
                    "currentUsage": usage.used,
                    "collectedAt": iso(now),
                    "fetchStatus": "SUCCESS",
                    "resetsAt": iso(usage.resets_at),
                }
            ]
        }
    )


def token_info(portal: Portal, call: Call) -> Answer:
    """POST oauth/v2/private-apps/get/access-token-info: who a token is and what it may do."""
    text = str(call.document({"tokenKey": str}, "tokenKey")["tokenKey"])
    token = portal.state.tokens.get(text)
    if token is None:
        raise errors.not_found("The access token does not exist")
    return Answer(
        body={
            "userId": _USER,
            "hubId": portal.portal_id,
            "appId": token.app_id,
            "scopes": auth.granted(token, portal.settings.tier),
        }
    )


def oauth_token_info(portal: Portal, call: Call, text: str) -> Answer:
    """GET oauth/v1/access-tokens/{token}: made for OAuth tokens, refuses those of private apps."""
    del portal, call, text
    raise errors.refused(400, "The access token must have the correct format")


def who_am_i(portal: Portal, call: Call) -> Answer:
    """GET integrations/v1/me."""
    del call
    return Answer(
        body={
            "portalId": portal.portal_id,
            "timeZone": portal.settings.time_zone,
            "accountType": "DEVELOPER_TEST",
            "currency": "USD",
        }
        | _offset(portal)
    )


def owners(portal: Portal, call: Call) -> Answer:
    """GET owners: the one user of this account."""
    del call
    return Answer(body={"results": [_owner(portal)]})


def owner(portal: Portal, call: Call, owner_id: str) -> Answer:
    """GET owners/{id}."""
    del call
    only = _owner(portal)
    if owner_id != only["id"]:
        raise errors.not_found("resource not found", id=[owner_id])
    return Answer(body=only)


def _offset(portal: Portal) -> Json:
    offset = portal.now().astimezone(portal.zone).utcoffset() or dt.timedelta()
    minutes = round(offset.total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    return {
        "utcOffset": f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}",
        "utcOffsetMilliseconds": minutes * 60_000,
    }


def _owner(portal: Portal) -> Json:
    return {
        "id": "81234567",
        "email": f"owner@portal{portal.portal_id}.example",
        "type": "PERSON",
        "firstName": "Olive",
        "lastName": "Owner",
        "userId": _USER,
        "userIdIncludingInactive": _USER,
        "createdAt": "2024-01-15T09:00:00.000Z",
        "updatedAt": "2024-01-15T09:00:00.000Z",
        "archived": False,
    }
