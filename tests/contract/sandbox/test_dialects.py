"""The same operations in three dialects of HubSpot's API: its generated client, its newer strict client, bare HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.sandbox.caller import Caller
from tests.contract.sandbox.dialect_raw import Raw
from tests.contract.sandbox.dialect_strict import Strict
from tests.contract.sandbox.dialect_typed import Typed

Hub = Raw | Strict | Typed
NUMBER = {"type": "number", "fieldType": "number", "groupName": "hubsync"}


@pytest.fixture(
    params=[pytest.param(Typed, id="v3"), pytest.param(Strict, id="2026-03"), pytest.param(Raw, id="2026-09")]
)
def hub(request: pytest.FixtureRequest, ask: Caller) -> Iterator[Hub]:
    dialect = request.param(ask.sandbox.base_url, ask.sandbox.token)
    yield dialect
    dialect.close()


def branch(value: str) -> dict[str, Any]:
    return {
        "filterBranchType": "OR",
        "filterBranchOperator": "OR",
        "filters": [],
        "filterBranches": [
            {
                "filterBranchType": "AND",
                "filterBranchOperator": "AND",
                "filterBranches": [],
                "filters": [
                    {
                        "filterType": "PROPERTY",
                        "property": "behaviour",
                        "operation": {
                            "operationType": "ENUMERATION",
                            "operator": "IS_ANY_OF",
                            "values": [value],
                            "includeObjectsWithNoValueSet": False,
                        },
                    }
                ],
            }
        ],
    }


def test_an_account_tells_its_id_and_its_use(hub: Hub, ask: Caller) -> None:
    assert hub.portal_id() == ask.sandbox.portal_id
    assert hub.used_today() == 2
    assert len(hub.owner_addresses()) == 1


def test_properties_are_made_changed_and_dropped(hub: Hub) -> None:
    assert hub.make_group("more") == "more"
    assert {"hubsync", "more"} <= hub.group_names()
    options = [{"label": "One", "value": "one", "displayOrder": 0, "hidden": False}]
    made = {
        "name": "tier",
        "label": "Tier",
        "type": "enumeration",
        "fieldType": "select",
        "groupName": "more",
        "options": options,
    }
    assert hub.make_property(made) == "tier"
    hub.set_options("tier", [*options, {"label": "Two", "value": "two", "displayOrder": 1}])
    assert hub.property_options("tier") == ["one", "two"]
    hub.drop_property("tier")
    assert "tier" not in hub.property_names()


def test_properties_are_made_in_a_batch(hub: Hub) -> None:
    rows = [{"name": name, "label": name, **NUMBER} for name in ("orders", "spend")]
    assert hub.make_properties(rows) == {"orders", "spend"}
    assert {"orders", "spend", "email"} <= hub.property_names()


def test_a_contact_is_made_found_changed_and_archived(hub: Hub) -> None:
    made = hub.create_one({"email": "Dee@Example.com", "score": "7"})
    assert hub.get_one("dee@example.com", "email", ["score"])["hs_object_id"] == made
    hub.change_one(made, {"score": "8"})
    assert hub.get_one(made, "hs_object_id", ["score"])["score"] == "8"
    hub.archive_one(made)
    assert made not in hub.page_ids(100)


def test_all_contacts_come_page_by_page_in_order(hub: Hub, ask: Caller) -> None:
    assert hub.page_ids(2) == sorted(ask.ids().values())


def test_batches_make_read_change_and_archive(hub: Hub, ask: Caller) -> None:
    rows = [{"properties": {"email": f"n{at}@example.com"}, "objectWriteTraceId": str(at)} for at in range(3)]
    made = hub.create(rows)
    ids = ask.ids()
    assert made == {ids[f"n{at}@example.com"] for at in range(3)}
    changed = hub.update([{"id": key, "properties": {"score": "5"}, "objectWriteTraceId": key} for key in made])
    assert changed == made
    read = hub.read([f"n{at}@example.com" for at in range(3)], ["score"])
    assert {key: row["score"] for key, row in read.items()} == dict.fromkeys(made, "5")
    hub.archive(sorted(made))
    assert made & set(ask.ids().values()) == set()


def test_a_batch_read_finds_a_contact_by_its_second_address(hub: Hub, ask: Caller) -> None:
    assert set(hub.read(["ana@work.example"], ["email"])) == {ask.ids()["ana@example.com"]}


def test_an_upsert_tells_who_is_new(hub: Hub) -> None:
    rows = [
        {"id": address, "idProperty": "email", "properties": {"score": "1"}, "objectWriteTraceId": address}
        for address in ("ana@example.com", "new@example.com")
    ]
    for row in rows:
        row["properties"]["email"] = row["id"]
    assert hub.upsert(rows) == {"ana@example.com": False, "new@example.com": True}


def test_a_search_filters_and_sorts(hub: Hub, ask: Caller) -> None:
    ids = ask.ids()
    query = {
        "filterGroups": [{"filters": [{"propertyName": "score", "operator": "GTE", "value": "10"}]}],
        "sorts": [{"propertyName": "score", "direction": "ASCENDING"}],
        "properties": ["email"],
        "limit": 200,
    }
    assert hub.search(query) == [ids["bo@example.com"], ids["ana@example.com"]]


def test_a_list_is_made_found_renamed_deleted_and_restored(hub: Hub) -> None:
    made = hub.make_list("Bargain & hunters / A", "MANUAL")
    assert hub.list_named("Bargain & hunters / A") == made
    assert hub.rename_list(made, "Bargain") == "Bargain"
    assert hub.find_lists("barg") == {"Bargain": "0"}
    hub.delete_list(made)
    assert hub.find_lists("barg") == {}
    hub.restore_list(made)
    assert hub.find_lists("barg") == {"Bargain": "0"}


def test_members_are_added_removed_and_paged(hub: Hub, ask: Caller) -> None:
    ids = ask.ids()
    ana, bo, cy = (ids[f"{name}@example.com"] for name in ("ana", "bo", "cy"))
    made = hub.make_list("By hand", "MANUAL")
    assert hub.change_members(made, [cy, bo, "999"], []) == ({bo, cy}, set(), {"999"})
    assert hub.change_members(made, [ana, bo], [cy]) == ({ana}, {cy}, set())
    assert hub.change_members(made, [ana], [cy]) == (set(), set(), set())
    assert hub.members(made, 1) == sorted([ana, bo])
    assert set(hub.members_by_joining(made, 1)) == {ana, bo}
    assert hub.list_size(made) == 2
    hub.empty_list(made)
    assert hub.members(made, 250) == []


def test_an_active_list_follows_its_filters(hub: Hub, ask: Caller) -> None:
    ids = ask.ids()
    made = hub.make_list("Active", "DYNAMIC", branch("lapsed"))
    assert hub.members(made, 250) == [ids["bo@example.com"]]
    hub.change_one(ids["cy@example.com"], {"behaviour": "lapsed"})
    assert hub.list_size(made) == 2
    hub.refilter(made, branch("weekend"))
    assert hub.members(made, 250) == [ids["ana@example.com"]]


def test_emails_come_with_what_they_did(hub: Hub) -> None:
    assert hub.published() == {"Spring sale": 3, "Summer sale": 0}
    counters = hub.statistics("2026-03-01T00:00:00Z", "2026-03-31T00:00:00Z")
    wanted = {"sent": 3, "delivered": 2, "open": 1, "click": 1, "bounce": 1, "unsubscribed": 1}
    assert {name: counters[name] for name in wanted} == wanted


def test_who_opted_out_is_told(hub: Hub) -> None:
    assert hub.opted_out("bo@example.com")
    assert not hub.opted_out("ana@example.com")
