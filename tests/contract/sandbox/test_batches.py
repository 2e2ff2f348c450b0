"""Batches: answered in another order, refused row by row where rows can be told apart, else whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hubsync.sandbox.portal import Settings
from tests.contract.sandbox.caller import Caller

BATCH = "/crm/objects/2026-03/contacts/batch"


def rows(*addresses: str, traced: bool = True) -> dict[str, Any]:
    inputs: list[dict[str, Any]] = [{"properties": {"email": address}} for address in addresses]
    if traced:
        for at, row in enumerate(inputs):
            row["objectWriteTraceId"] = f"row-{at}"
    return {"inputs": inputs}


def test_results_come_in_another_order_than_the_inputs(ask: Caller) -> None:
    addresses = [f"n{at}@example.com" for at in range(20)]
    answered = [row["properties"]["email"] for row in ask("POST", f"{BATCH}/create", rows(*addresses)).json["results"]]
    assert sorted(answered) == sorted(addresses)
    assert answered != addresses


def test_the_order_is_the_same_for_the_same_sandbox(serve: Callable[..., Caller]) -> None:
    body = rows(*(f"n{at}@example.com" for at in range(20)))
    first, second = (serve()("POST", f"{BATCH}/create", body).json["results"] for _ in range(2))
    assert [row["id"] for row in first] == [row["id"] for row in second]


def test_a_row_with_a_trace_fails_alone(ask: Caller) -> None:
    reply = ask("POST", f"{BATCH}/create", rows("new@example.com", "ana@example.com", "new@example.com"))
    assert reply.status == 207
    assert reply.json["status"] == "COMPLETE"
    assert reply.json["numErrors"] == 2
    ids = ask.ids()
    assert [row["id"] for row in reply.json["results"]] == [ids["new@example.com"]]
    by_trace = {error["context"]["objectWriteTraceId"][0]: error for error in reply.json["errors"]}
    assert by_trace["row-1"]["category"] == "CONFLICT"
    assert by_trace["row-1"]["context"]["existingId"] == [ids["ana@example.com"]]
    assert by_trace["row-1"]["message"] == f"Contact already exists. Existing ID: {ids['ana@example.com']}"
    assert by_trace["row-2"]["context"]["existingId"] == [ids["new@example.com"]]


def test_ids_that_no_contact_has_fail_alone(ask: Caller) -> None:
    ana = ask.ids()["ana@example.com"]
    inputs = [{"id": key, "properties": {"firstname": "X"}} for key in (ana, "unknown888")]
    untraced = ask("POST", f"{BATCH}/update", {"inputs": inputs})
    assert untraced.status == 207
    assert [row["id"] for row in untraced.json["results"]] == [ana]
    (error,) = untraced.json["errors"]
    assert error["category"] == "OBJECT_NOT_FOUND"
    assert error["context"] == {"ids": ["unknown888"]}
    assert error["message"].startswith("Could not get some CONTACT objects")
    traced = ask("POST", f"{BATCH}/update", {"inputs": [row | {"objectWriteTraceId": row["id"]} for row in inputs]})
    assert traced.json["errors"][0]["context"]["objectWriteTraceId"] == ["unknown888"]


def test_a_batch_read_tells_what_is_not_there(ask: Caller) -> None:
    body = {"idProperty": "email", "inputs": [{"id": "ana@example.com"}, {"id": "no@example.com"}], "properties": []}
    reply = ask("POST", f"{BATCH}/read", body)
    assert reply.status == 207
    assert reply.json["errors"][0]["context"]["ids"] == ["no@example.com"]


def test_a_read_gives_null_for_what_was_asked_and_is_not_set(ask: Caller) -> None:
    cy = ask.ids()["cy@example.com"]
    reply = ask("POST", f"{BATCH}/read", {"inputs": [{"id": cy}], "properties": ["score", "nonsense"]})
    assert reply.json["results"][0]["properties"].keys() == {"createdate", "hs_object_id", "lastmodifieddate", "score"}
    assert reply.json["results"][0]["properties"]["score"] is None


def test_a_write_answers_with_what_it_wrote_and_little_more(ask: Caller) -> None:
    ana = ask.ids()["ana@example.com"]
    reply = ask("POST", f"{BATCH}/update", {"inputs": [{"id": ana, "properties": {"score": 12.5}}]})
    (record,) = reply.json["results"]
    assert record["properties"]["score"] == "12.5"
    assert "firstname" not in record["properties"]
    assert record["url"] == f"https://app.hubspot.com/contacts/{ask.sandbox.portal_id}/record/0-1/{ana}"


@pytest.mark.parametrize(("kind", "key"), [("create", "properties"), ("update", "id"), ("read", "id")])
def test_a_batch_holds_a_hundred(ask: Caller, kind: str, key: str) -> None:
    body = {"inputs": [{key: {} if key == "properties" else str(at)} for at in range(101)]}
    assert ask("POST", f"{BATCH}/{kind}", body).status == 400


def test_a_unique_property_keeps_its_values_apart(ask: Caller) -> None:
    ids = ask.ids()
    bo = {"id": ids["bo@example.com"], "properties": {"customer_id": "c-1"}}
    whole = ask("POST", f"{BATCH}/update", {"inputs": [bo]})
    assert whole.status == 400
    assert whole.json["errors"][0]["code"] == "CONFLICTING_UNIQUE_VALUE"
    row = ask("POST", f"{BATCH}/update", {"inputs": [bo | {"objectWriteTraceId": "b"}]})
    assert row.status == 207
    assert row.json["errors"][0]["context"]["objectWriteTraceId"] == ["b"]
    freed = ask("PATCH", f"/crm/v3/objects/contacts/{ids['ana@example.com']}", {"properties": {"customer_id": ""}})
    assert freed.status == 200
    assert ask("POST", f"{BATCH}/update", {"inputs": [bo]}).status == 200


def test_an_update_may_go_by_a_unique_property_but_not_by_email(ask: Caller) -> None:
    by_customer = {"id": "c-2", "idProperty": "customer_id", "properties": {"score": "3"}}
    assert ask("POST", f"{BATCH}/update", {"inputs": [by_customer]}).status == 200
    by_email = {"id": "bo@example.com", "idProperty": "email", "properties": {"score": "3"}}
    assert ask("POST", f"{BATCH}/update", {"inputs": [by_email]}).status == 400


def test_an_upsert_needs_a_unique_property(ask: Caller) -> None:
    row = {"id": ask.ids()["bo@example.com"], "properties": {"score": "3"}}
    assert ask("POST", f"{BATCH}/upsert", {"inputs": [row]}).status == 400
    by_customer = {"id": "c-9", "idProperty": "customer_id", "properties": {"email": "nine@example.com"}}
    reply = ask("POST", f"{BATCH}/upsert", {"inputs": [by_customer]})
    assert reply.json["results"][0]["new"] is True
    assert reply.json["results"][0]["properties"]["customer_id"] == "c-9"


def test_an_archived_contact_frees_its_addresses(ask: Caller) -> None:
    ana = ask.ids()["ana@example.com"]
    assert ask("POST", f"{BATCH}/archive", {"inputs": [{"id": ana}, {"id": "404"}]}).status == 204
    assert ask("GET", f"/crm/v3/objects/contacts/{ana}").status == 404
    archived = ask("GET", "/crm/v3/objects/contacts?archived=true").json["results"]
    assert [(row["id"], row["archived"]) for row in archived] == [(ana, True)]
    assert ask("POST", "/crm/v3/objects/contacts", {"properties": {"email": "ana@work.example"}}).status == 201


def test_an_address_may_move_and_is_kept_in_lower_case(ask: Caller) -> None:
    ids = ask.ids()
    moved = {"id": ids["bo@example.com"], "properties": {"email": "Bo.New@Example.com"}}
    reply = ask("POST", f"{BATCH}/update", {"inputs": [moved]})
    assert reply.json["results"][0]["properties"]["email"] == "bo.new@example.com"
    assert ask("GET", "/crm/v3/objects/contacts/bo@example.com?idProperty=email").status == 404
    assert ask("GET", "/crm/v3/objects/contacts/BO.new@example.com?idProperty=email").json["id"] == moved["id"]


def test_a_leading_semicolon_adds_to_what_there_is(ask: Caller) -> None:
    ana = f"/crm/v3/objects/contacts/{ask.ids()['ana@example.com']}"
    ask("PATCH", ana, {"properties": {"behaviour": ";lapsed;weekend"}})
    assert ask("GET", f"{ana}?properties=behaviour").json["properties"]["behaviour"] == "bargain;weekend;lapsed"
    ask("PATCH", ana, {"properties": {"behaviour": "lapsed"}})
    assert ask("GET", f"{ana}?properties=behaviour").json["properties"]["behaviour"] == "lapsed"


def test_every_write_moves_the_modified_date(ask: Caller, clock: Any) -> None:
    ana = f"/crm/v3/objects/contacts/{ask.ids()['ana@example.com']}"
    before = ask("GET", ana).json
    clock.move(seconds=2)
    after = ask("PATCH", ana, {"properties": {"score": "81"}}).json
    assert after["updatedAt"] > before["updatedAt"]
    assert after["properties"]["lastmodifieddate"] == after["updatedAt"]
    assert after["createdAt"] == before["createdAt"]


def test_a_new_contact_is_touched_once_more_by_itself(serve: Callable[..., Caller], clock: Any) -> None:
    ask = serve(settings=Settings(search_lag=0, settle_seconds=5))
    made = ask("POST", "/crm/v3/objects/contacts", {"properties": {"email": "new@example.com"}}).json
    path = f"/crm/v3/objects/contacts/{made['id']}"
    assert ask("GET", path).json["updatedAt"] == made["updatedAt"]
    clock.move(seconds=6)
    assert ask("GET", path).json["updatedAt"] > made["updatedAt"]
