"""What an account's subscription opens: a token is worth no more than the account it belongs to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hubsync.sandbox.auth import ALL_SCOPES
from tests.contract.sandbox.caller import Caller

TOKEN_INFO = "/oauth/v2/private-apps/get/access-token-info"
FLOWS, CAMPAIGNS = ("GET", "/automation/v4/flows"), ("GET", "/marketing/campaigns/2026-03")
EVENTS = ("GET", "/events/2026-03/event-definitions")
MANY = ("POST", "/communication-preferences/2026-03/statuses/batch/read?channel=EMAIL")


@pytest.mark.parametrize(
    ("tier", "open_", "shut"),
    [
        ("free", [], [FLOWS, CAMPAIGNS, EVENTS, MANY]),
        ("starter", [], [FLOWS, CAMPAIGNS, EVENTS, MANY]),
        ("professional", [FLOWS, CAMPAIGNS], [EVENTS, MANY]),
        ("enterprise", [FLOWS, CAMPAIGNS, EVENTS], []),
    ],
)
def test_a_subscription_opens_what_it_pays_for(
    tier: str, open_: list[tuple[str, str]], shut: list[tuple[str, str]], serve: Callable[..., Caller]
) -> None:
    ask = serve(tier=tier)
    scopes = ask("POST", TOKEN_INFO, {"tokenKey": ask.token}).json["scopes"]
    assert set(scopes) <= set(ALL_SCOPES)
    assert "crm.lists.write" in scopes
    for method, path in open_:
        assert ask(method, path).status == 200
    for method, path in shut:
        reply = ask(method, path, {"inputs": ["ana@example.com"]} if method == "POST" else None)
        assert (reply.status, reply.json["category"]) == (403, "MISSING_SCOPES")
        named = reply.json["errors"][0]["context"]["requiredGranularScopes"]
        assert not set(named) & set(scopes)


def test_an_enterprise_account_gives_everything(serve: Callable[..., Caller]) -> None:
    ask = serve(tier="enterprise")
    assert ask("POST", TOKEN_INFO, {"tokenKey": ask.token}).json["scopes"] == list(ALL_SCOPES)


def test_custom_events_count_against_no_limit(serve: Callable[..., Caller]) -> None:
    ask = serve(tier="enterprise", limits=True)
    ask("POST", "/events/v3/event-definitions", {"label": "Looked", "name": "looked"})
    used = ask("GET", "/account-info/v3/api-usage/daily/private-apps").json["results"][0]["currentUsage"]
    event = {"eventName": "looked", "email": "ana@example.com"}
    assert {ask("POST", "/events/v3/send", event).status for _ in range(250)} == {204}
    now = ask("GET", "/account-info/v3/api-usage/daily/private-apps").json["results"][0]["currentUsage"]
    assert now == used + 1
