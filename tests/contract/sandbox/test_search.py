"""Searching: its filters, its bounds, and what it does not see yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hubsync.sandbox.portal import Settings
from tests.contract.sandbox.caller import Caller

SEARCH = "/crm/v3/objects/contacts/search"


def query(*filters: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"filterGroups": [{"filters": list(filters)}], "properties": ["email"], **more}


def found(ask: Caller, body: dict[str, Any]) -> set[str]:
    reply = ask("POST", SEARCH, body)
    assert reply.status == 200, reply.text
    return {row["properties"]["email"].partition("@")[0] for row in reply.json["results"]}


@pytest.mark.parametrize(
    ("name", "operator", "value", "who"),
    [
        ("email", "EQ", "ANA@example.com", {"ana"}),
        ("email", "NEQ", "ana@example.com", {"bo", "cy"}),
        ("score", "EQ", "80.0", {"ana"}),
        ("score", "GT", "20", {"ana"}),
        ("score", "GTE", "20", {"ana", "bo"}),
        ("score", "LT", "80", {"bo"}),
        ("score", "LTE", "80", {"ana", "bo"}),
        ("score", "NEQ", "80", {"bo", "cy"}),
        ("score", "HAS_PROPERTY", None, {"ana", "bo"}),
        ("score", "NOT_HAS_PROPERTY", None, {"cy"}),
        ("firstname", "CONTAINS_TOKEN", "an*", {"ana"}),
        ("email", "CONTAINS_TOKEN", "example", {"ana", "bo", "cy"}),
        ("createdate", "GTE", "2026-10-01", {"ana", "bo", "cy"}),
        ("createdate", "LT", "1795000000000", {"ana", "bo", "cy"}),
        ("createdate", "GT", "2026-11-01T00:00:00Z", set()),
    ],
)
def test_a_filter_finds(ask: Caller, name: str, operator: str, value: str | None, who: set[str]) -> None:
    leaf = {"propertyName": name, "operator": operator} | ({} if value is None else {"value": value})
    assert found(ask, query(leaf)) == who


def test_a_set_and_a_span_find(ask: Caller) -> None:
    chosen = {"propertyName": "email", "operator": "IN", "values": ["ana@example.com", "cy@example.com"]}
    assert found(ask, query(chosen)) == {"ana", "cy"}
    assert found(ask, query(chosen | {"operator": "NOT_IN"})) == {"bo"}
    span = {"propertyName": "score", "operator": "BETWEEN", "value": "10", "highValue": "30"}
    assert found(ask, query(span)) == {"bo"}


def test_groups_are_alternatives_and_filters_are_not(ask: Caller) -> None:
    high = {"propertyName": "score", "operator": "GT", "value": "50"}
    named = {"propertyName": "firstname", "operator": "EQ", "value": "cy"}
    assert found(ask, {"filterGroups": [{"filters": [high]}, {"filters": [named]}]}) == {"ana", "cy"}
    assert found(ask, query(high, named)) == set()


def test_words_are_looked_for_in_names_and_addresses(ask: Caller) -> None:
    assert found(ask, {"query": "berg"}) == {"bo"}


def test_pages_have_a_cursor_but_no_link(ask: Caller) -> None:
    body = {"limit": 2, "sorts": [{"propertyName": "email", "direction": "DESCENDING"}]}
    first = ask("POST", SEARCH, body).json
    assert first["total"] == 3
    assert first["paging"] == {"next": {"after": "2"}}
    last = ask("POST", SEARCH, body | {"after": "2"}).json
    assert "paging" not in last
    order = [row["properties"]["email"] for row in first["results"] + last["results"]]
    assert order == ["cy@example.com", "bo@example.com", "ana@example.com"]


def test_no_hit_has_no_paging(ask: Caller) -> None:
    reply = ask("POST", SEARCH, query({"propertyName": "email", "operator": "EQ", "value": "no@example.com"}))
    assert reply.json == {"total": 0, "results": []}


LEAF = {"propertyName": "score", "operator": "GT", "value": "1"}


@pytest.mark.parametrize(
    "body",
    [
        query(LEAF, limit=201),
        query(LEAF, after="9900", limit=200),
        query(LEAF, after="later"),
        query(*[LEAF] * 7),
        {"filterGroups": [{"filters": [LEAF]}] * 6},
        {"filterGroups": [{"filters": [LEAF] * 5}] * 4},
        query(LEAF, sorts=["email", "score"]),
        query({"propertyName": "nonsense", "operator": "EQ", "value": "1"}),
        query({"propertyName": "score", "operator": "LIKE", "value": "1"}),
        query({"propertyName": "score", "operator": "EQ", "value": "many"}),
        query({"propertyName": "score", "operator": "EQ"}),
        query({"propertyName": "email", "operator": "IN", "values": ["x" * 3000]}),
    ],
    ids=[
        "page too long",
        "beyond 10,000",
        "no cursor",
        "7 filters",
        "6 groups",
        "20 filters",
        "two sorts",
        "unknown property",
        "unknown operator",
        "no number",
        "no value",
        "body too long",
    ],
)
def test_beyond_its_bounds_a_search_is_refused(ask: Caller, body: dict[str, Any]) -> None:
    reply = ask("POST", SEARCH, body)
    assert reply.status == 400
    assert reply.json["category"] == "VALIDATION_ERROR"


def test_a_new_contact_is_not_found_at_first_but_a_change_is(serve: Callable[..., Caller], clock: Any) -> None:
    ask = serve(settings=Settings(search_lag=6, settle_seconds=0))
    ask("POST", "/crm/v3/objects/contacts", {"properties": {"email": "new@example.com"}})
    new = query({"propertyName": "email", "operator": "EQ", "value": "new@example.com"})
    assert found(ask, new) == set()
    again = ask("POST", "/crm/v3/objects/contacts", {"properties": {"email": "new@example.com"}})
    assert again.status == 409, "to create after a search that found nobody meets the contact that is there"
    ask("PATCH", f"/crm/v3/objects/contacts/{ask.ids()['ana@example.com']}", {"properties": {"score": "99"}})
    assert found(ask, query({"propertyName": "score", "operator": "EQ", "value": "99"})) == {"ana"}
    clock.move(seconds=7)
    assert found(ask, new) == {"new"}
