"""What an account's administrator demands is enforced from 2026-09 on, and was not before."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.sandbox.caller import Caller

RULES = [
    {"property": "country"},
    {"property": "band", "when": {"property": "lifecyclestage", "values": ["customer"]}},
]


@pytest.fixture
def strict(ask: Caller) -> Caller:
    """Asks an account that demands a country of every new contact, and a band of every customer."""
    assert ask("POST", "/__sandbox__/rules", {"rules": RULES}).json == {"rules": RULES}
    return ask


def codes(reply: Any) -> list[tuple[str, str]]:
    return [(row["code"], row["context"]["propertyName"][0]) for row in reply.json["errors"]]


def test_a_new_contact_needs_what_is_demanded(strict: Caller) -> None:
    body = {"properties": {"email": "dee@example.com", "lifecyclestage": "customer"}}
    refused = strict("POST", "/crm/objects/2026-09/contacts", body)
    assert (refused.status, refused.json["category"]) == (400, "VALIDATION_ERROR")
    assert codes(refused) == [
        ("MISSING_REQUIRED_PROPERTY", "country"),
        ("MISSING_CONDITIONAL_REQUIRED_PROPERTY", "band"),
    ]
    body["properties"] |= {"country": "Peru", "band": "high"}
    assert strict("POST", "/crm/objects/2026-09/contacts", body).status == 201


def test_a_change_needs_what_its_outcome_demands(strict: Caller) -> None:
    path = f"/crm/objects/2026-09/contacts/{strict.ids()['ana@example.com']}"
    assert strict("PATCH", path, {"properties": {"firstname": "A"}}).status == 200
    refused = strict("PATCH", path, {"properties": {"lifecyclestage": "customer"}})
    assert codes(refused) == [("MISSING_CONDITIONAL_REQUIRED_PROPERTY", "band")]
    assert strict("PATCH", path, {"properties": {"lifecyclestage": "customer", "band": "low"}}).status == 200
    assert codes(strict("PATCH", path, {"properties": {"band": ""}})) == [
        ("MISSING_CONDITIONAL_REQUIRED_PROPERTY", "band")
    ]


@pytest.mark.parametrize("call", ["create", "update", "upsert"])
def test_one_row_refuses_a_whole_batch(strict: Caller, call: str) -> None:
    ids = strict.ids()
    rows: dict[str, list[dict[str, Any]]] = {
        "create": [{"properties": {"email": "dee@example.com"}}],
        "update": [
            {"id": ids["ana@example.com"], "properties": {"firstname": "A"}},
            {"id": ids["bo@example.com"], "properties": {"lifecyclestage": "customer"}},
        ],
        "upsert": [{"id": "dee@example.com", "idProperty": "email", "properties": {"firstname": "D"}}],
    }
    path = f"/crm/objects/2026-09/contacts/batch/{call}"
    refused = strict("POST", path, {"inputs": rows[call]})
    assert refused.status == 400
    assert codes(refused)[0][0].startswith("MISSING_")
    assert strict.ids() == ids
    ana = strict("GET", f"/crm/v3/objects/contacts/{ids['ana@example.com']}").json
    assert ana["properties"]["firstname"] == "Ana"


@pytest.mark.parametrize("path", ["/crm/v3/objects/contacts", "/crm/objects/2026-03/contacts"])
def test_older_versions_do_not_ask(strict: Caller, path: str) -> None:
    body = {"properties": {"email": "dee@example.com", "lifecyclestage": "customer"}}
    assert strict("POST", path, body).status == 201


def test_a_demand_for_what_does_not_exist_is_refused(ask: Caller) -> None:
    assert ask("POST", "/__sandbox__/rules", {"rules": [{"property": "nothing"}]}).status == 400
