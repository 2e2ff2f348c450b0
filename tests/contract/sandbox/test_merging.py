"""Two contacts become one: values, addresses, lists, e-mails, history, and the ids of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract.sandbox.caller import Caller
from tests.contract.sandbox.contents import PROMPT

CONTACTS = "/crm/v3/objects/contacts"


def merge(ask: Caller, primary: str, other: str) -> str:
    body = {"primaryObjectId": primary, "objectIdToMerge": other}
    merged: str = ask("POST", f"{CONTACTS}/merge", body).json["id"]
    return merged


def properties(ask: Caller, contact_id: str, *names: str) -> dict[str, str | None]:
    read = ask("GET", f"{CONTACTS}/{contact_id}?properties={','.join(names)}").json["properties"]
    return {name: read[name] for name in names}


def test_the_primary_wins_gaps_are_filled_and_what_counts_is_counted_anew(ask: Caller) -> None:
    ids = ask.ids()
    ana, cy = ids["ana@example.com"], ids["cy@example.com"]
    ask("PATCH", f"{CONTACTS}/{ana}", {"properties": {"lifecyclestage": "lead"}})
    ask("PATCH", f"{CONTACTS}/{cy}", {"properties": {"lifecyclestage": "customer", "city": "Lima", "score": "5"}})
    merged = merge(ask, ana, cy)
    assert properties(ask, merged, "email", "hs_additional_emails", "firstname", "city", "score") == {
        "email": "ana@example.com",
        "hs_additional_emails": "ana@work.example;cy@example.com",
        "firstname": "Ana",
        "city": "Lima",
        "score": "80",
    }
    assert properties(ask, merged, "lifecyclestage", "hs_merged_object_ids", "hs_object_id") == {
        "lifecyclestage": "customer",
        "hs_merged_object_ids": f"{ana};{cy}",
        "hs_object_id": merged,
    }
    # Ana got, opened and clicked; Cy's address did not exist.
    assert properties(ask, merged, "hs_email_delivered", "hs_email_open", "hs_email_bounce") == {
        "hs_email_delivered": "1",
        "hs_email_open": "1",
        "hs_email_bounce": "1",
    }


def test_the_old_ids_and_addresses_lead_to_what_became_of_them(ask: Caller) -> None:
    ids = ask.ids()
    ana, bo, cy = (ids[f"{name}@example.com"] for name in ("ana", "bo", "cy"))
    first = merge(ask, ana, bo)
    merged = merge(ask, cy, bo)
    assert len({ana, bo, cy, first, merged}) == 5
    rows = [{"id": key} for key in (ana, bo, cy, first)]
    read = ask("POST", f"{CONTACTS}/batch/read", {"inputs": rows}).json
    assert {row["id"] for row in read["results"]} == {merged}
    update = {"id": bo, "properties": {"city": "Oslo"}, "objectWriteTraceId": "t"}
    written = ask("POST", f"{CONTACTS}/batch/update", {"inputs": [update]}).json
    assert [row["id"] for row in written["results"]] == [merged]
    for address in ("ana@example.com", "ana@work.example", "bo@example.com"):
        assert ask("GET", f"{CONTACTS}/{address}?idProperty=email").json["id"] == merged
    assert len(ask("GET", CONTACTS).json["results"]) == 1
    assert ask("GET", f"{CONTACTS}?archived=true").json["results"] == []


def test_lists_kept_by_hand_hold_the_one_and_active_lists_look_again(ask: Caller) -> None:
    ids = ask.ids()
    leaf = {"filterType": "PROPERTY", "property": "behaviour"}
    leaf["operation"] = {"operationType": "ENUMERATION", "operator": "IS_ANY_OF", "values": ["lapsed"]}
    branch = {"filterBranchType": "OR", "filterBranches": [{"filterBranchType": "AND", "filters": [leaf]}]}
    body = {"name": "Lapsed", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": branch}
    active = ask("POST", "/crm/v3/lists", body).json["list"]["listId"]
    assert ask("GET", f"/crm/v3/lists/{active}").json["list"]["size"] == 1
    # Bo lapsed; Cy, who never shopped, becomes who he is.
    merged = merge(ask, ids["cy@example.com"], ids["bo@example.com"])
    for list_id in ("1", active):
        found = ask("GET", f"/crm/v3/lists/{list_id}/memberships").json["results"]
        assert merged in {row["recordId"] for row in found}
        assert ids["bo@example.com"] not in {row["recordId"] for row in found}
    added = ask("PUT", "/crm/v3/lists/1/memberships/remove", [ids["bo@example.com"]])
    assert added.json == {"recordIdsRemoved": [merged]}


def test_the_history_goes_on(ask: Caller) -> None:
    ids = ask.ids()
    merged = merge(ask, ids["cy@example.com"], ids["ana@example.com"])
    read = ask("GET", f"{CONTACTS}/{merged}?propertiesWithHistory=score,email").json["propertiesWithHistory"]
    assert [(row["value"], row["sourceType"]) for row in read["score"]] == [("80", "MERGE_OBJECTS")]
    assert [(row["value"], row["sourceType"]) for row in read["email"]] == [("cy@example.com", "IMPORT")]


@pytest.mark.parametrize("keeps", [False, True], ids=["new-id", "kept-id"])
def test_a_merge_survives_a_restart(keeps: bool, serve: Callable[..., Caller], tmp_path: Path) -> None:  # noqa: FBT001
    settings = replace(PROMPT, merge_keeps_id=keeps)
    ask = serve(state=tmp_path / "state.db", settings=settings)
    ids = ask.ids()
    ana, bo = ids["ana@example.com"], ids["bo@example.com"]
    merged = merge(ask, ana, bo)
    assert (merged == ana) == keeps
    before = properties(ask, bo, "hs_email_delivered", "hs_email_optout", "hs_additional_emails")
    ask.sandbox.stop()
    again = serve(state=tmp_path / "state.db", settings=settings)
    assert again("GET", f"{CONTACTS}/{bo}").json["id"] == merged
    assert properties(again, bo, "hs_email_delivered", "hs_email_optout", "hs_additional_emails") == before
    # The log is told for the one, so that what is counted next is counted right.
    path = "/communication-preferences/2026-03/statuses/ana@example.com"
    body = {"subscriptionId": 413096751, "statusState": "SUBSCRIBED", "channel": "EMAIL"}
    assert again("POST", path, body).json["results"][0]["setStatusSuccessReason"] == "RESUBSCRIBE_OCCURRED"
    assert properties(again, merged, "hs_email_delivered", "hs_email_optout") == {
        "hs_email_delivered": before["hs_email_delivered"],
        "hs_email_optout": None,
    }
