"""Refusals have the status, fields, category and words that live portals were seen to answer with."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from tests.contract.sandbox.caller import Caller
from tests.contract.sandbox.refusals import CASES, Case
from tests.contract.sandbox.refusals_wider import CASES as WIDER

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id.replace(" ", "-"))
def test_a_refusal_is_worded_as_hubspot_words_it(case: Case, ask: Caller) -> None:
    _check(case, ask)


@pytest.mark.parametrize("case", WIDER, ids=lambda case: case.id.replace(" ", "-"))
def test_so_is_one_of_an_account_that_has_everything(case: Case, serve: Callable[..., Caller]) -> None:
    _check(case, serve(tier="enterprise"))


def _check(case: Case, ask: Caller) -> None:
    ids = ask.ids()
    stands_for = {"{ana}": ids["ana@example.com"], "{portal}": str(ask.sandbox.portal_id)}

    def filled(text: str) -> str:
        for name, value in stands_for.items():
            text = text.replace(name, value)
        return text

    body = case.body
    if body is not None and not isinstance(body, bytes):
        body = json.loads(filled(json.dumps(body)))
    reply = ask(case.method, filled(case.path), body)
    assert reply.status == case.status
    assert re.fullmatch(filled(case.message), reply.json["message"]), reply.json["message"]
    assert reply.json.get("category") == case.category
    assert reply.json.get("subCategory") == case.sub_category
    assert case.keys <= set(reply.json)
    assert UUID7.fullmatch(reply.json["correlationId"])
    assert reply.headers["x-hubspot-correlation-id"] == reply.json["correlationId"]
    assert reply.headers["content-type"] == "application/json;charset=utf-8"
    assert set(ask.ids()) == set(ids), "a refused request must leave no contact behind"


def test_without_a_known_token_everything_is_401(ask: Caller) -> None:
    for header in ("Bearer pat-na1-unknown", "Basic abc", ""):
        reply = ask("GET", "/crm/v3/imports", Authorization=header)
        assert reply.status == 401
        assert reply.json["category"] == "INVALID_AUTHENTICATION"
        assert reply.json["message"].startswith("Authentication credentials not found. This API supports OAuth 2.0")
        assert reply.headers["x-hubspot-auth-failure"] == "401 Unauthorized"
        assert not any(name.startswith("x-hubspot-ratelimit") for name in reply.headers)


def test_a_missing_scope_is_named_and_any_of_those_named_will_do(ask: Caller) -> None:
    path = "/crm/v3/properties/contacts"
    refused = ask.with_scopes("crm.lists.read")("GET", path)
    assert refused.status == 403
    named = refused.json["errors"][0]["context"]["requiredGranularScopes"]
    assert not any(name.startswith("x-hubspot-ratelimit") for name in refused.headers)
    for scope in named:
        assert ask.with_scopes(scope)("GET", path).status == 200


def test_reading_does_not_allow_writing(ask: Caller) -> None:
    reader = ask.with_scopes("crm.lists.read", "crm.objects.contacts.read")
    assert reader("GET", "/crm/v3/lists/1").status == 200
    assert reader("DELETE", "/crm/v3/lists/1").status == 403
    assert reader("PUT", "/crm/v3/lists/1/memberships/remove", []).status == 403
    assert reader("POST", "/crm/v3/objects/contacts", {"properties": {}}).status == 403


def test_what_a_token_may_do_is_told_without_any_scope(ask: Caller) -> None:
    token = ask.with_scopes("crm.lists.read")
    told = token("POST", "/oauth/v2/private-apps/get/access-token-info", {"tokenKey": token.token})
    assert told.status == 200
    assert told.json["hubId"] == ask.sandbox.portal_id
    assert told.json["scopes"] == ["crm.lists.read"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/crm/v3/lists/1/memberships/join/order", 404),
        ("GET", "/nothing/v3/here", 404),
        ("GET", "/crm/v9/objects/contacts", 404),
        ("POST", "/crm/v3/lists/all", 405),
        ("PATCH", "/crm/v3/lists/1", 405),
        ("GET", "/crm/v3/objects/contacts?properties=" + ",".join(f"property_{at:04}" for at in range(1200)), 414),
    ],
    ids=["unknown-path", "unknown-domain", "unknown-version", "not-in-this-version", "other-method", "too-long"],
)
def test_the_front_speaks_html(ask: Caller, method: str, path: str, status: int) -> None:
    reply = ask(method, path)
    assert reply.status == status
    assert reply.headers["content-type"].startswith("text/html")
    assert reply.text.startswith("<html>")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/crm/v3/objects/deals"),
        ("POST", "/crm/objects/2026-03/tickets/search"),
        ("GET", "/crm/limits/2026-09/pipelines"),
        ("GET", "/crm/pipelines/2026-09/deals"),
        ("GET", "/automation/v4/sequences"),
        ("GET", "/automation/v3/workflows"),
        ("GET", "/marketing/v3/marketing-events/attendance"),
        ("GET", "/crm-object-schemas/2026-03/schemas/contacts"),
        ("POST", "/crm/v3/associations/contacts/companies/batch/read"),
        ("GET", "/settings/v3/users"),
        ("GET", "/files/v3/files/1"),
        ("GET", "/companies/v2/properties"),
        ("GET", "/deals/v1/deal/paged"),
        ("GET", "/forms/v2/forms"),
    ],
)
def test_what_the_sandbox_does_not_serve_is_a_missing_scope_as_on_a_portal(ask: Caller, method: str, path: str) -> None:
    reply = ask(method, path)
    assert (reply.status, reply.json["category"]) == (403, "MISSING_SCOPES")


def test_a_body_of_another_type_is_refused(ask: Caller) -> None:
    assert ask("POST", "/crm/v3/lists", b"name=x", Content_Type="application/x-www-form-urlencoded").status == 415


def test_a_request_for_another_host_is_refused(ask: Caller) -> None:
    assert ask("GET", "/crm/v3/lists/1", Host="evil.example").status == 421
    assert ask("GET", "/", Host="evil.example").status == 421


def test_a_property_that_a_list_filters_on_cannot_be_archived(ask: Caller) -> None:
    known = {"operationType": "ALL_PROPERTY", "operator": "IS_KNOWN"}
    branch = {
        "filterBranchType": "OR",
        "filterBranches": [
            {
                "filterBranchType": "AND",
                "filters": [{"filterType": "PROPERTY", "property": "score", "operation": known}],
            }
        ],
    }
    body = {"name": "Scored", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": branch}
    assert ask("POST", "/crm/v3/lists", body).status == 200
    reply = ask("DELETE", "/crm/properties/2026-09/contacts/score")
    assert reply.status == 400
    assert reply.json["subCategory"] == "PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE"
    wanted = "Property: score of object type 0-1 is currently used in 1 places and cannot be deleted"
    assert reply.json["message"] == wanted
