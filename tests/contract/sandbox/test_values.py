"""What a property of each type takes, and the text that is kept of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.sandbox.caller import Caller


def write(ask: Caller, name: str, value: Any) -> Any:
    return ask("PATCH", f"/crm/v3/objects/contacts/{ask.ids()['cy@example.com']}", {"properties": {name: value}})


@pytest.mark.parametrize(
    ("name", "sent", "kept"),
    [
        ("score", 12, "12"),
        ("score", 12.0, "12"),
        ("score", "1.50", "1.50"),
        ("score", "-3e2", "-3e2"),
        ("seen_on", "2026-03-01", "2026-03-01"),
        ("seen_on", 1772323200000, "2026-03-01"),
        ("seen_on", "1772323200000", "2026-03-01"),
        ("seen_at", "2026-03-01T10:00:00+02:00", "2026-03-01T08:00:00.000Z"),
        ("seen_at", "1772352000123", "2026-03-01T08:00:00.123Z"),
        ("loyal", True, "true"),
        ("loyal", "false", "false"),
        ("behaviour", "lapsed;weekend", "lapsed;weekend"),
        ("band", "high", "high"),
        ("firstname", "Zoë ", "Zoë "),
        ("email", "Cy.Two@Example.COM", "cy.two@example.com"),
    ],
)
def test_a_value_is_kept_as_text(ask: Caller, name: str, sent: Any, kept: str) -> None:
    reply = write(ask, name, sent)
    assert reply.status == 200, reply.text
    assert reply.json["properties"][name] == kept


@pytest.mark.parametrize(
    ("name", "sent", "code"),
    [
        ("score", "many", "INVALID_INTEGER"),
        ("score", "NaN", "INVALID_INTEGER"),
        ("seen_on", 1772323200001, "INVALID_DATE"),
        ("seen_on", "2026-03-01T10:00:00Z", "INVALID_DATE"),
        ("seen_on", "yesterday", "INVALID_LONG"),
        ("seen_at", "soon", "INVALID_LONG"),
        ("loyal", "yes", "INVALID_OPTION"),
        ("band", "middle", "INVALID_OPTION"),
        ("band", "high;low", "INVALID_OPTION"),
        ("behaviour", "lapsed;asleep", "INVALID_OPTION"),
        ("email", "no address", "INVALID_EMAIL"),
        ("email", "a@b", "INVALID_EMAIL"),
        ("lastmodifieddate", "2026-03-01", "READ_ONLY_VALUE"),
        ("firstname", "x" * 65_537, "PROPERTY_VALUE_TOO_LONG"),
        ("nonsense", "1", "PROPERTY_DOESNT_EXIST"),
    ],
)
def test_a_value_of_another_kind_is_refused(ask: Caller, name: str, sent: Any, code: str) -> None:
    reply = write(ask, name, sent)
    assert reply.status == 400
    (error,) = reply.json["errors"]
    assert (error["code"], error["context"]) == (code, {"propertyName": [name]})


def test_what_midnight_is_not_is_said(ask: Caller) -> None:
    reply = write(ask, "seen_on", 1772323200001)
    assert reply.json["errors"][0]["message"] == "1772323200001 is at 0:0:0.1 UTC, not midnight!"


@pytest.mark.parametrize("nothing", ["", None])
def test_nothing_clears(ask: Caller, nothing: str | None) -> None:
    write(ask, "score", "5")
    assert write(ask, "score", nothing).status == 200
    path = f"/crm/v3/objects/contacts/{ask.ids()['cy@example.com']}?properties=score"
    assert ask("GET", path).json["properties"]["score"] is None


def test_an_archived_property_takes_no_values_and_comes_back_with_them(ask: Caller) -> None:
    path = "/crm/v3/properties/contacts"
    first = ask("GET", f"{path}/score").json
    assert ask("DELETE", f"{path}/score").status == 204
    assert write(ask, "score", "5").json["errors"][0]["code"] == "PROPERTY_DOESNT_EXIST"
    assert ask("GET", f"{path}/score").status == 404
    assert ask("GET", f"{path}/score?archived=true").json["archived"] is True
    made = {"name": "score", "label": "Again", "type": "number", "fieldType": "number", "groupName": "hubsync"}
    again = ask("POST", path, made)
    assert again.status == 201
    assert again.json["createdAt"] == first["createdAt"]
    ana = ask("GET", f"/crm/v3/objects/contacts/{ask.ids()['ana@example.com']}?properties=score").json
    assert ana["properties"]["score"] == "80"


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Upper"},
        {"name": "1st"},
        {"type": "number", "fieldType": "text"},
        {"type": "money"},
        {"groupName": "absent"},
        {"type": "enumeration", "fieldType": "select", "options": [{"label": "A", "value": ""}]},
        {"type": "enumeration", "fieldType": "select", "options": [{"label": "A", "value": "a"}] * 2},
    ],
    ids=["upper case", "digit first", "control", "type", "group", "blank option", "option twice"],
)
def test_a_property_that_hubspot_would_not_make_is_refused(ask: Caller, change: dict[str, Any]) -> None:
    made = {"name": "fine", "label": "F", "type": "string", "fieldType": "text", "groupName": "hubsync"} | change
    reply = ask("POST", "/crm/v3/properties/contacts", made)
    assert reply.status == 400
    assert reply.json["category"] == "VALIDATION_ERROR"


def test_a_property_of_hubspots_own_keeps_its_definition(ask: Caller) -> None:
    path = "/crm/v3/properties/contacts/hs_email_open"
    assert ask("PATCH", path, {"label": "Mine"}).status == 400
    assert ask("DELETE", path).status == 400
    assert ask("GET", path).json["modificationMetadata"]["readOnlyValue"] is True


def test_properties_of_a_batch_that_exist_fail_alone(ask: Caller) -> None:
    rows = [
        {"name": name, "label": name, "type": "number", "fieldType": "number", "groupName": "hubsync"}
        for name in ("score", "orders")
    ]
    reply = ask("POST", "/crm/v3/properties/Contact/batch/create", {"inputs": rows})
    assert reply.status == 207
    assert [row["name"] for row in reply.json["results"]] == ["orders"]
    (error,) = reply.json["errors"]
    assert error["subCategory"] == "Properties.PROPERTY_WITH_NAME_EXISTS"
    assert error["context"] == {"name": ["score"]}
    read = ask("POST", "/crm/v3/properties/0-1/batch/read", {"inputs": [{"name": "orders"}, {"name": "absent"}]})
    assert read.status == 207
    assert [row["name"] for row in read.json["results"]] == ["orders"]
