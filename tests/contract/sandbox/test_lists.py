"""Lists: three kinds, what each allows, and how an active one comes to its members."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hubsync.sandbox.portal import Settings
from tests.contract.sandbox.caller import Caller


def leaf(name: str, kind: str, operator: str, **more: Any) -> dict[str, Any]:
    operation = {"operationType": kind, "operator": operator, **more}
    return {"filterType": "PROPERTY", "property": name, "operation": operation}


def branch(*alternatives: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "filterBranchType": "OR",
        "filterBranches": [{"filterBranchType": "AND", "filters": leaves} for leaves in alternatives],
    }


def make(ask: Caller, name: str, processing: str, tree: dict[str, Any] | None = None) -> str:
    body = {"name": name, "objectTypeId": "0-1", "processingType": processing, "filterBranch": tree}
    reply = ask("POST", "/crm/v3/lists", {key: value for key, value in body.items() if value is not None})
    assert reply.status == 200, reply.text
    return reply.json["list"]["listId"]


def members(ask: Caller, list_id: str) -> set[str]:
    names = {contact_id: address.partition("@")[0] for address, contact_id in ask.ids().items()}
    page = ask("GET", f"/crm/v3/lists/{list_id}/memberships?limit=250").json
    assert page["total"] == len(page["results"])
    return {names[row["recordId"]] for row in page["results"]}


def day(text: str) -> dict[str, Any]:
    year, month, number = map(int, text.split("-"))
    return {"timeType": "DATE", "year": year, "month": month, "day": number, "zoneId": "UTC"}


@pytest.mark.parametrize(
    ("filters", "who"),
    [
        ([leaf("behaviour", "ENUMERATION", "IS_ANY_OF", values=["bargain", "lapsed"])], {"ana", "bo"}),
        ([leaf("behaviour", "ENUMERATION", "IS_NONE_OF", values=["bargain"])], {"bo"}),
        (
            [leaf("behaviour", "ENUMERATION", "IS_NONE_OF", values=["bargain"], includeObjectsWithNoValueSet=True)],
            {"bo", "cy"},
        ),
        ([leaf("behaviour", "ENUMERATION", "IS_EXACTLY", values=["weekend", "bargain"])], {"ana"}),
        ([leaf("behaviour", "ENUMERATION", "IS_NOT_EXACTLY", values=["lapsed"])], {"ana"}),
        ([leaf("behaviour", "ENUMERATION", "CONTAINS_ALL", values=["bargain", "lapsed"])], set()),
        ([leaf("behaviour", "ENUMERATION", "DOES_NOT_CONTAIN_ALL", values=["bargain"])], {"bo"}),
        ([leaf("score", "NUMBER", "IS_GREATER_THAN_OR_EQUAL_TO", value=80)], {"ana"}),
        ([leaf("score", "NUMBER", "IS_GREATER_THAN", value=80)], set()),
        ([leaf("score", "NUMBER", "IS_LESS_THAN", value=80)], {"bo"}),
        ([leaf("score", "NUMBER", "IS_LESS_THAN_OR_EQUAL_TO", value=20)], {"bo"}),
        ([leaf("score", "NUMBER", "IS_EQUAL_TO", value=80.0)], {"ana"}),
        ([leaf("score", "NUMBER", "IS_NOT_EQUAL_TO", value=80)], {"bo"}),
        ([leaf("score", "NUMBER_RANGED", "IS_BETWEEN", lowerBound=10, upperBound=20)], {"bo"}),
        ([leaf("score", "NUMBER_RANGED", "IS_NOT_BETWEEN", lowerBound=10, upperBound=20)], {"ana"}),
        ([leaf("firstname", "STRING", "IS_EQUAL_TO", value="ana")], {"ana"}),
        ([leaf("firstname", "STRING", "IS_NOT_EQUAL_TO", value="ana")], {"bo", "cy"}),
        ([leaf("lastname", "MULTISTRING", "STARTS_WITH", values=["al", "co"])], {"ana", "cy"}),
        ([leaf("lastname", "MULTISTRING", "ENDS_WITH", values=["rg"])], {"bo"}),
        ([leaf("lastname", "STRING", "CONTAINS", value="er")], {"bo"}),
        ([leaf("lastname", "STRING", "DOES_NOT_CONTAIN", value="er")], {"ana", "cy"}),
        ([leaf("hs_email_optout", "BOOL", "IS_EQUAL_TO", value=True)], {"bo"}),
        ([leaf("score", "ALL_PROPERTY", "IS_KNOWN")], {"ana", "bo"}),
        ([leaf("score", "ALL_PROPERTY", "IS_UNKNOWN")], {"cy"}),
        ([leaf("hs_email_last_open_date", "TIME_POINT", "IS_AFTER", timePoint=day("2026-03-02"))], {"ana"}),
        ([leaf("hs_email_last_open_date", "TIME_POINT", "IS_BEFORE", timePoint=day("2026-03-02"))], set()),
        (
            [
                leaf(
                    "hs_email_last_send_date",
                    "TIME_RANGED",
                    "IS_BETWEEN",
                    lowerBoundTimePoint=day("2026-03-01"),
                    upperBoundTimePoint=day("2026-03-02"),
                )
            ],
            {"ana", "bo", "cy"},
        ),
        ([{"filterType": "IN_LIST", "listId": "1", "operator": "NOT_IN_LIST"}], {"cy"}),
        (
            [
                leaf("score", "ALL_PROPERTY", "IS_KNOWN"),
                {"filterType": "IN_LIST", "listId": "1", "operator": "IN_LIST"},
            ],
            {"ana", "bo"},
        ),
    ],
    ids=lambda value: None if isinstance(value, set) else value[-1].get("operation", value[-1])["operator"],
)
def test_an_active_list_holds_who_passes_its_filters(ask: Caller, filters: list[dict[str, Any]], who: set[str]) -> None:
    assert members(ask, make(ask, "Active", "DYNAMIC", branch(filters))) == who


def test_branches_are_alternatives(ask: Caller) -> None:
    tree = branch(
        [leaf("score", "NUMBER", "IS_GREATER_THAN", value=50)], [leaf("firstname", "STRING", "IS_EQUAL_TO", value="Cy")]
    )
    assert members(ask, make(ask, "Active", "DYNAMIC", tree)) == {"ana", "cy"}


def test_a_relative_time_moves_with_the_clock(ask: Caller, clock: Any) -> None:
    since = {"timeType": "INDEXED", "zoneId": "UTC", "indexReference": {"referenceType": "TODAY"}}
    tree = branch([leaf("createdate", "TIME_POINT", "IS_AFTER", timePoint=since | {"offset": {"days": -40}})])
    made = make(ask, "Recent", "DYNAMIC", tree)
    assert members(ask, made) == {"ana", "bo", "cy"}
    clock.move(days=20)
    assert members(ask, made) == set()


def test_an_active_list_follows_every_change(ask: Caller) -> None:
    made = make(ask, "High", "DYNAMIC", branch([leaf("score", "NUMBER", "IS_GREATER_THAN", value=50)]))
    assert members(ask, made) == {"ana"}
    ids = ask.ids()
    changes = {"ana": "10", "bo": "60", "cy": "70"}
    rows = [{"id": ids[f"{name}@example.com"], "properties": {"score": score}} for name, score in changes.items()]
    ask("POST", "/crm/v3/objects/contacts/batch/update", {"inputs": rows})
    assert members(ask, made) == {"bo", "cy"}
    ask("DELETE", f"/crm/v3/objects/contacts/{ids['cy@example.com']}")
    assert members(ask, made) == {"bo"}


def test_an_active_list_is_processed_for_a_while(serve: Callable[..., Caller], clock: Any) -> None:
    ask = serve(settings=Settings(processing_seconds=3))
    made = make(ask, "High", "DYNAMIC", branch([leaf("score", "NUMBER", "IS_GREATER_THAN", value=50)]))
    status = ask("GET", f"/crm/v3/lists/{made}").json["list"]
    assert (status["processingStatus"], status["size"]) == ("PROCESSING", 0)
    clock.move(seconds=3)
    status = ask("GET", f"/crm/v3/lists/{made}").json["list"]
    assert (status["processingStatus"], status["size"]) == ("COMPLETE", 1)


def test_members_of_an_active_list_cannot_be_set(ask: Caller) -> None:
    made = make(ask, "High", "DYNAMIC", branch([leaf("score", "ALL_PROPERTY", "IS_KNOWN")]))
    for reply in (
        ask("PUT", f"/crm/v3/lists/{made}/memberships/add", ["1"]),
        ask("PUT", f"/crm/v3/lists/{made}/memberships/remove", ["1"]),
        ask("PUT", f"/crm/v3/lists/{made}/memberships/add-and-remove", {"recordIdsToAdd": ["1"]}),
        ask("DELETE", f"/crm/v3/lists/{made}/memberships"),
    ):
        assert reply.status == 400
        assert reply.json["category"] == "VALIDATION_ERROR"
    assert members(ask, made) == {"ana", "bo"}


def test_a_snapshot_is_filtered_once_and_then_kept_by_hand(ask: Caller) -> None:
    made = make(ask, "Once", "SNAPSHOT", branch([leaf("score", "NUMBER", "IS_GREATER_THAN", value=50)]))
    assert members(ask, made) == {"ana"}
    ids = ask.ids()
    ask("PATCH", f"/crm/v3/objects/contacts/{ids['bo@example.com']}", {"properties": {"score": "99"}})
    assert members(ask, made) == {"ana"}
    ask("PUT", f"/crm/v3/lists/{made}/memberships/add", [ids["cy@example.com"]])
    assert members(ask, made) == {"ana", "cy"}


def test_filters_may_be_changed_on_active_lists_only(ask: Caller) -> None:
    tree = branch([leaf("score", "ALL_PROPERTY", "IS_KNOWN")])
    assert ask("PUT", "/crm/v3/lists/1/update-list-filters", {"filterBranch": tree}).status == 400


def test_filters_come_back_when_asked_for_with_their_unsaid_parts(ask: Caller) -> None:
    made = make(ask, "Known", "DYNAMIC", branch([leaf("score", "ALL_PROPERTY", "IS_KNOWN")]))
    assert "filterBranch" not in ask("GET", f"/crm/v3/lists/{made}").json["list"]
    tree = ask("GET", f"/crm/v3/lists/{made}?includeFilters=true").json["list"]["filterBranch"]
    assert tree["filters"] == []
    assert tree["filterBranchOperator"] == "OR"
    assert tree["filterBranches"][0]["filters"][0]["operation"]["includeObjectsWithNoValueSet"] is False


@pytest.mark.parametrize(
    "tree",
    [
        {"filterBranchType": "AND", "filters": []},
        {"filterBranchType": "OR", "filterBranches": []},
        {"filterBranchType": "OR", "filterBranches": [{"filterBranchType": "OR"}]},
        branch([leaf("nonsense", "ALL_PROPERTY", "IS_KNOWN")]),
        branch([leaf("score", "STRING", "CONTAINS", value="1")]),
        branch([{"filterType": "FORM_SUBMISSION"}]),
    ],
    ids=["root AND", "no branches", "OR in OR", "unknown property", "wrong type", "unknown filter"],
)
def test_a_tree_that_hubspot_would_not_take_is_refused(ask: Caller, tree: dict[str, Any]) -> None:
    body = {"name": "x", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": tree}
    reply = ask("POST", "/crm/v3/lists", body)
    assert reply.status == 400
    assert reply.json["subCategory"].startswith("ListError.")


@pytest.mark.parametrize(
    "filters",
    [
        leaf("score", "NUMBER", "HAS_EVER_BEEN_EQUAL_TO", value=1),
        leaf("createdate", "ROLLING_DATE_RANGE", "IS_LESS_THAN_X_DAYS_AGO", numberOfDays=3),
        {"filterType": "FORM_SUBMISSION"},
    ],
    ids=["history", "rolling days", "forms"],
)
def test_a_filter_that_only_hubspot_can_evaluate_is_refused_and_never_guessed(
    ask: Caller, filters: dict[str, Any]
) -> None:
    body = {"name": "x", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": branch([filters])}
    assert ask("POST", "/crm/v3/lists", body).json["subCategory"] == "ListError.UNSUPPORTED_IN_SANDBOX"


def test_two_lists_that_ask_for_each_other_come_to_an_end(ask: Caller) -> None:
    first = make(ask, "First", "DYNAMIC", branch([leaf("score", "ALL_PROPERTY", "IS_KNOWN")]))
    second = make(ask, "Second", "DYNAMIC", branch([{"filterType": "IN_LIST", "listId": first, "operator": "IN_LIST"}]))
    loop = branch([{"filterType": "IN_LIST", "listId": second, "operator": "IN_LIST"}])
    assert members(ask, second) == {"ana", "bo"}
    assert ask("PUT", f"/crm/v3/lists/{first}/update-list-filters", {"filterBranch": loop}).status == 200
    assert members(ask, first) == {"ana", "bo"}


def test_empty_parts_of_a_membership_answer_are_left_out(ask: Caller) -> None:
    ids = ask.ids()
    ana, cy = ids["ana@example.com"], ids["cy@example.com"]
    assert ask("PUT", "/crm/v3/lists/1/memberships/add", [ana, cy, "9"]).json == {
        "recordsIdsAdded": [cy],
        "recordIdsMissing": ["9"],
    }
    assert ask("PUT", "/crm/v3/lists/1/memberships/remove", [int(cy)]).json == {"recordIdsRemoved": [cy]}
    assert ask("PUT", "/crm/v3/lists/1/memberships/remove", [cy]).json == {}


def test_a_search_tells_sizes_as_text(ask: Caller, clock: Any) -> None:
    make(ask, "Empty", "MANUAL")
    reply = ask("POST", "/crm/v3/lists/search", {"count": 1}).json
    assert (reply["offset"], reply["hasMore"], reply["total"]) == (1, True, 2)
    (row,) = reply["lists"]
    assert "size" not in row
    joined = str(round(clock.now.timestamp() * 1000))
    assert row["additionalProperties"] == {
        "hs_list_size": "2",
        "hs_list_reference_count": "0",
        "hs_last_record_added_at": joined,
    }
    last = ask("POST", "/crm/v3/lists/search", {"count": 1, "offset": 1}).json
    assert (last["hasMore"], [row["name"] for row in last["lists"]]) == (False, ["Empty"])


def test_all_lists_come_by_a_cursor_that_belongs_to_its_question(ask: Caller) -> None:
    for at in range(3):
        make(ask, f"L{at}", "MANUAL")
    path = "/crm/lists/2026-09/all"
    first = ask("POST", path, {"count": 3}).json
    after = first["paging"]["next"]["after"]
    rest = ask("POST", path, {"count": 3, "after": after}).json
    assert [row["listId"] for row in first["results"] + rest["results"]] == ["1", "2", "3", "4"]
    assert "paging" not in rest
    for body in ({"after": after, "processingTypes": ["MANUAL"]}, {"after": "%%%"}):
        assert ask("POST", path, body).json["subCategory"] == "INVALID_CURSOR"
    assert ask("POST", path, {"processingTypes": ["STATIC"]}).json["subCategory"] == "INVALID_PROCESSING_TYPE"


def test_a_deleted_list_frees_its_name_and_comes_back_with_its_members(ask: Caller) -> None:
    assert ask("DELETE", "/crm/v3/lists/1").status == 204
    assert ask("GET", "/crm/v3/lists/1").status == 404
    other = make(ask, "Newsletter", "MANUAL")
    assert ask("PUT", "/crm/v3/lists/1/restore").json["subCategory"] == "ILS.DUPLICATE_LIST_NAMES"
    ask("DELETE", f"/crm/v3/lists/{other}")
    assert ask("PUT", "/crm/v3/lists/1/restore").status == 204
    assert members(ask, "1") == {"ana", "bo"}


def test_the_lists_of_a_contact_are_told(ask: Caller) -> None:
    ids = ask.ids()
    one = ask("GET", f"/crm/v3/lists/records/0-1/{ids['ana@example.com']}/memberships").json
    assert [row["listId"] for row in one["results"]] == ["1"]
    inputs = [{"objectTypeId": "0-1", "recordId": key} for key in (ids["ana@example.com"], ids["cy@example.com"], "9")]
    many = ask("POST", "/crm/v3/lists/records/memberships/batch/read", {"inputs": inputs})
    assert many.status == 207
    assert [len(row["recordListMemberships"]) for row in many.json["results"]] == [1, 0]
    assert many.json["errors"][0]["context"] == {"recordId": ["9"]}


def test_one_list_is_poured_into_another(ask: Caller) -> None:
    made = make(ask, "Copy", "MANUAL")
    assert ask("PUT", f"/crm/v3/lists/{made}/memberships/add-from/1").status == 204
    assert members(ask, made) == {"ana", "bo"}
