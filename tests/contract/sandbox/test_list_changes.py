"""A list's sizes and edits are told over time, and an active list turns static when it was told to."""

from __future__ import annotations

from typing import Any

from tests.contract.sandbox.caller import Caller
from tests.contract.sandbox.conftest import Hands

KNOWN = {
    "filterBranchType": "OR",
    "filterBranches": [
        {
            "filterBranchType": "AND",
            "filters": [
                {
                    "filterType": "PROPERTY",
                    "property": "score",
                    "operation": {"operationType": "ALL_PROPERTY", "operator": "IS_KNOWN"},
                }
            ],
        }
    ],
}


def active(ask: Caller) -> str:
    body = {"name": "Scored", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": KNOWN}
    made: str = ask("POST", "/crm/v3/lists", body).json["list"]["listId"]
    return made


def read(ask: Caller, list_id: str) -> Any:
    return ask("GET", f"/crm/v3/lists/{list_id}").json["list"]


def test_sizes_and_edits_are_told_of_a_span_of_time(ask: Caller, clock: Hands) -> None:
    cy, made = ask.ids()["cy@example.com"], active(ask)
    path = f"/crm/lists/2026-03/{made}/size-and-edits-history/between"
    read(ask, made)
    clock.move(days=1)
    ask("PATCH", f"/crm/v3/objects/contacts/{cy}", {"properties": {"score": "1"}})
    told = ask("GET", path).json
    assert [row["size"] for row in told["sizeHistory"]] == [2, 3]
    assert len(told["editHistory"]) == 1
    later = ask("GET", f"{path}?startDate=2026-11-24T00:00:00Z").json
    assert ([row["size"] for row in later["sizeHistory"]], later["editHistory"]) == ([3], [])
    assert ask("GET", f"/crm/v3/lists/{made}/size-and-edits-history/between").status == 404


def test_an_active_list_turns_static_on_a_day_and_keeps_its_members(ask: Caller, clock: Hands) -> None:
    made = active(ask)
    path = f"/crm/lists/2026-03/{made}/schedule-conversion"
    assert ask("GET", path).status == 404
    when = {"conversionType": "CONVERSION_DATE", "year": 2026, "month": 11, "day": 25}
    assert ask("PUT", path, when).json == {"listId": made, "requestedConversionTime": when}
    clock.move(days=1)
    assert read(ask, made)["processingType"] == "DYNAMIC"
    clock.move(days=1)
    assert (read(ask, made)["processingType"], read(ask, made)["size"]) == ("SNAPSHOT", 2)
    assert "convertedAt" in ask("GET", path).json
    cy = ask.ids()["cy@example.com"]
    ask("PATCH", f"/crm/v3/objects/contacts/{cy}", {"properties": {"score": "1"}})
    assert read(ask, made)["size"] == 2
    assert ask("PUT", f"/crm/v3/lists/{made}/memberships/add", [cy]).json == {"recordsIdsAdded": [cy]}


def test_a_list_turns_static_once_nobody_joined_for_a_time_unless_that_is_taken_back(ask: Caller, clock: Hands) -> None:
    made = active(ask)
    read(ask, made)
    path = f"/crm/lists/2026-03/{made}/schedule-conversion"
    quiet = {"conversionType": "INACTIVITY", "offset": 2, "timeUnit": "DAY"}
    ask("PUT", path, quiet)
    clock.move(days=1)
    ask("PATCH", f"/crm/v3/objects/contacts/{ask.ids()['cy@example.com']}", {"properties": {"score": "1"}})
    assert read(ask, made)["size"] == 3
    clock.move(days=1, hours=12)
    assert read(ask, made)["processingType"] == "DYNAMIC"
    assert ask("DELETE", path).status == 204
    clock.move(days=9)
    assert read(ask, made)["processingType"] == "DYNAMIC"
    ask("PUT", path, quiet)
    assert read(ask, made)["processingType"] == "SNAPSHOT"


def test_folders_go_five_deep_not_below_themselves_and_only_empty_ones_go(ask: Caller) -> None:
    path = "/crm/v3/lists/folders"
    chain = ["0"]
    for at in range(5):
        body = {"name": f"Level {at}", "parentFolderId": chain[-1]}
        chain.append(ask("POST", path, body).json["folder"]["id"])
    assert ask("POST", path, {"name": "Too deep", "parentFolderId": chain[-1]}).status == 400
    assert ask("PUT", f"{path}/{chain[1]}/move/{chain[3]}").status == 400
    assert ask("DELETE", f"{path}/{chain[1]}").status == 400
    assert ask("DELETE", f"{path}/{chain[-1]}").status == 204
    made = {"name": "Filed", "objectTypeId": "0-1", "processingType": "MANUAL", "listFolderId": chain[1]}
    list_id = ask("POST", "/crm/v3/lists", made).json["list"]["listId"]
    assert ask("GET", f"{path}?folderId={chain[1]}").json["folder"]["childLists"] == [int(list_id)]
    assert ask("POST", "/crm/v3/lists", made | {"name": "Lost", "listFolderId": "99"}).status == 404
