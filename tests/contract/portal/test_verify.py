"""Verifying a connection: each thing that can be wrong is told in its own words, with what to do."""

from __future__ import annotations

import datetime as dt

import httpx
import pytest

from hubsync.core.connection import Method
from hubsync.core.errors import BadInput
from hubsync.portal.account import details, token_info, usage
from hubsync.portal.scopes import FEATURES
from hubsync.portal.verify import Verification, verify
from hubsync.sandbox.auth import ALL_SCOPES

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
PORTAL = "44237313"
TOKEN = "pat-na1-0a1b2c3d-1111-2222-3333-444455556666"


def failed(verification: Verification) -> list[str]:
    return [one.name for one in verification.checks if not one.ok]


def check(verification: Verification, name: str):  # type: ignore[no-untyped-def]
    return next(one for one in verification.checks if one.name == name)


@pytest.fixture
def limited(sandbox):  # type: ignore[no-untyped-def]
    """Make a token of the sandbox that lacks some scopes."""

    def make(*without: str) -> str:
        scopes = [scope for scope in ALL_SCOPES if scope not in without]
        answer = httpx.post(f"{sandbox.base_url}/__sandbox__/tokens", json={"scopes": scopes})
        return str(answer.json()["token"])

    return make


@pytest.mark.parametrize("version", ["v3", "2026-03", "2026-09"])
def test_a_good_connection_is_verified_and_can_be_saved(sandbox, workspace, version: str) -> None:
    found = verify(
        sandbox.base_url + "/", f" {sandbox.token}\n", PORTAL, version, workspace=workspace, today=NOW.date()
    )
    assert found.ok, found.checks
    assert [one.name for one in found.checks] == [
        "reachable",
        "token",
        "portal",
        *(f"scopes: {feature.name}" for feature in FEATURES),
        "quota",
    ]
    assert not found.missing_scopes
    connection = found.connection(method=Method.SERVICE_KEY, at=NOW)
    assert (connection.portal_id, connection.base_url, connection.api_version) == (PORTAL, sandbox.base_url, version)
    assert connection.time_zone == "US/Eastern"
    assert connection.scopes
    assert sandbox.token not in repr(found) + repr(connection)


def test_the_quota_is_told(sandbox) -> None:
    found = verify(sandbox.base_url, sandbox.token, PORTAL)
    assert found.quota is not None
    assert found.quota.per_10s == 190
    assert "190 in ten seconds" in check(found, "quota").detail


def test_a_wrong_token_is_told_from_a_server_that_is_not_there(sandbox) -> None:
    found = verify(sandbox.base_url, TOKEN, PORTAL)
    assert not found.ok
    assert failed(found) == ["token"]
    assert "does not accept" in check(found, "token").detail
    assert TOKEN not in repr(found)


def test_a_server_that_is_not_there_is_unreachable(hubspot) -> None:
    address = hubspot.base_url
    hubspot.close()
    found = verify(address, TOKEN, PORTAL)
    assert failed(found) == ["reachable"]
    assert "No connection could be made" in check(found, "reachable").detail
    assert check(found, "reachable").fix


def test_a_server_that_is_not_hubspot_is_told(hubspot) -> None:
    hubspot.replies = [hubspot.answer(404, "<html><title>nginx</title></html>")]
    found = verify(hubspot.base_url, TOKEN, PORTAL)
    assert failed(found) == ["reachable"]
    assert "not as HubSpot does" in check(found, "reachable").detail


def test_a_token_of_another_portal_is_never_saved(sandbox) -> None:
    found = verify(sandbox.base_url, sandbox.token, "12345678")
    assert not found.ok
    assert failed(found) == ["portal"]
    assert PORTAL in check(found, "portal").detail
    with pytest.raises(BadInput):
        found.connection(method=Method.SERVICE_KEY, at=NOW)


def test_missing_scopes_are_named_exactly(sandbox, limited) -> None:
    found = verify(sandbox.base_url, limited("crm.lists.write", "crm.objects.contacts.write"), PORTAL)
    assert not found.ok
    assert found.readable
    assert found.missing_scopes == ("crm.objects.contacts.write", "crm.lists.write")
    assert failed(found) == ["scopes: Contacts and their properties", "scopes: Lists"]
    assert "crm.lists.write" in check(found, "scopes: Lists").detail
    assert found.connection(method=Method.SERVICE_KEY, at=NOW).missing_scopes == found.missing_scopes


def test_scopes_of_what_is_not_required_only_advise(sandbox, limited) -> None:
    found = verify(sandbox.base_url, limited("content", "marketing.email.read"), PORTAL)
    assert found.ok
    assert failed(found) == ["scopes: E-mails and engagement"]
    assert found.missing_scopes == ("marketing.email.read",)


def test_any_of_two_scopes_will_do(sandbox, limited) -> None:
    assert not failed(verify(sandbox.base_url, limited("marketing.email.read"), PORTAL))


def test_where_hubspot_does_not_describe_the_token_reads_are_tried(hubspot) -> None:
    refused = hubspot.answer(400, {"message": "The access token must have the correct format"})
    lacking = {"category": "MISSING_SCOPES", "errors": [{"context": {"requiredGranularScopes": ["crm.lists.read"]}}]}
    account = {
        "portalId": int(PORTAL),
        "accountType": "STANDARD",
        "timeZone": "No/Where",
        "uiDomain": "app.hubspot.com",
    }
    hubspot.replies = [
        refused,
        hubspot.answer(200, account),
        hubspot.answer(200, {"results": []}),
        hubspot.answer(403, lacking),
        hubspot.answer(200, {"results": []}),
    ]
    found = verify(hubspot.base_url, TOKEN, PORTAL)
    assert failed(found) == ["scopes: Lists"]
    assert found.missing_scopes == ("crm.lists.read",)
    assert "whether writing does" in check(found, "scopes: Contacts and their properties").detail
    assert found.account is not None
    assert found.account.time_zone == "UTC", "one that no zone database knows"


def test_a_token_of_an_unusual_form_only_gets_a_remark(hubspot) -> None:
    account = {"portalId": int(PORTAL)}
    hubspot.replies = [
        hubspot.answer(200, {"hubId": int(PORTAL), "scopes": list(ALL_SCOPES)}),
        hubspot.answer(200, account),
    ]
    found = verify(hubspot.base_url, "another-kind-of-token-0123456789", PORTAL)
    assert found.ok
    assert "does not look like" in check(found, "form of the token").detail


@pytest.mark.parametrize(
    ("status", "body", "name"),
    [
        (429, {"policyName": "DAILY", "message": "daily limit"}, "quota"),
        (503, None, "reachable"),
        (200, "<html>a login page</html>", "reachable"),
        (403, {"category": "MISSING_SCOPES"}, "token"),
    ],
)
def test_what_stands_in_the_way_is_one_failed_check(hubspot, status: int, body: object, name: str) -> None:
    hubspot.replies = [hubspot.answer(status, body)]
    found = verify(hubspot.base_url, TOKEN, PORTAL)
    assert not found.ok
    assert failed(found) == [name]
    assert check(found, name).fix


@pytest.mark.parametrize(
    ("address", "token", "version"),
    [
        ("https://evil.example", TOKEN, "2026-03"),
        ("http://127.0.0.1:1", "", "2026-03"),
        ("http://127.0.0.1:1", TOKEN, "v9"),
    ],
)
def test_what_cannot_be_right_is_not_even_sent(address: str, token: str, version: str) -> None:
    found = verify(address, token, PORTAL, version)
    assert not found.ok
    assert failed(found) == ["address and token"]
    assert found.checks[0].fix


def test_a_version_about_to_lapse_is_advised_against(sandbox) -> None:
    found = verify(sandbox.base_url, sandbox.token, PORTAL, "v3", today=dt.date(2027, 8, 1))
    assert found.ok
    assert failed(found) == ["API version"]
    assert "2027-09-01" in check(found, "API version").detail


def test_the_account_tells_of_itself(portal, sandbox) -> None:
    found = details(portal)
    assert (found.portal_id, found.time_zone) == (PORTAL, "US/Eastern")
    info = token_info(portal, sandbox.token)
    assert info.portal_id == PORTAL
    assert {scope for feature in FEATURES for scope in feature.missing(info.scopes)} == set()
    used = usage(portal)
    assert used is not None
    assert used.limit is not None
    assert used.used is not None
    assert used.used <= used.limit
