"""E-mails are written as drafts; whom one reaches, and what its draft changes, is as HubSpot has it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.contract.sandbox.caller import Caller
from tests.contract.sandbox.contents import SEED

EMAILS = "/marketing/emails/2026-03"


@pytest.fixture
def world(serve: Callable[..., Caller]) -> Caller:
    """Asks an account that may publish."""
    return serve(tier="enterprise")


def test_recipients_in_the_dead_id_space_are_dropped_in_silence(ask: Caller) -> None:
    """As people found out: the answer is 200 and `to` stays as it was, also its good part."""
    made = ask("POST", f"{EMAILS}/clone", {"id": "703", "cloneName": "New"}).json["id"]
    ask("PATCH", f"{EMAILS}/{made}/draft", {"to": {"contactIlsLists": {"include": ["1"]}}})
    sent = {"subject": "Changed", "to": {"contactLists": {"include": ["5"]}, "contactIlsLists": {"include": []}}}
    reply = ask("PATCH", f"{EMAILS}/{made}/draft", sent)
    assert reply.status == 200
    assert reply.json["subject"] == "Changed"
    assert reply.json["to"] == {"contactIlsLists": {"include": ["1"]}}


def test_the_draft_of_a_sent_email_changes_nothing_until_it_is_published(world: Caller) -> None:
    path = f"{EMAILS}/701"
    world("PATCH", f"{path}/draft", {"subject": "Later", "to": {"contactIlsLists": {"include": ["1"]}}})
    assert world("GET", path).json["subject"] == "Spring"
    assert world("GET", f"{path}/draft").json["subject"] == "Later"
    assert world("POST", f"{path}/draft/reset").status == 204
    assert world("GET", f"{path}/draft").json["subject"] == "Spring"
    world("PATCH", f"{path}/draft", {"subject": "Now", "to": {"contactIlsLists": {"include": ["1"]}}})
    assert world("POST", f"{path}/publish").status == 204
    assert world("GET", path).json["subject"] == "Now"


def test_an_email_reaches_each_person_once_and_nobody_who_left(world: Caller) -> None:
    rows = [{"properties": {"email": f"{name}@example.com"}} for name in ("dee", "eve")]
    made = world("POST", "/crm/v3/objects/contacts/batch/create", {"inputs": rows}).json["results"]
    dee, eve = (next(row["id"] for row in made if row["properties"]["email"].startswith(name)) for name in ("d", "e"))
    lists = []
    for name, members in (("A", [dee, eve]), ("B", [dee]), ("Out", [eve])):
        body = {"name": name, "objectTypeId": "0-1", "processingType": "MANUAL"}
        lists.append(world("POST", "/crm/v3/lists", body).json["list"]["listId"])
        world("PUT", f"/crm/v3/lists/{lists[-1]}/memberships/add", members)
    email = world("POST", EMAILS, {"name": "Offer", "subject": "For you"}).json["id"]
    aim = {"include": ["1", *lists[:2]], "exclude": lists[2:]}
    world("PATCH", f"{EMAILS}/{email}/draft", {"to": {"contactIlsLists": aim}})
    assert world("POST", f"{EMAILS}/{email}/publish").status == 204
    # Ana (of the newsletter) and Dee; Bo opted out, Eve is left out.
    assert world("GET", f"{EMAILS}/{email}?includeStats=true").json["stats"]["counters"]["sent"] == 2
    read = world("GET", f"/crm/v3/objects/contacts/{dee}?properties=hs_email_last_email_name,hs_email_delivered").json
    assert read["properties"]["hs_email_last_email_name"] == "Offer"
    assert read["properties"]["hs_email_delivered"] == "1"


def test_a_test_of_two_versions_hides_whom_it_goes_to(serve: Callable[..., Caller]) -> None:
    emails = [*SEED["emails"], {"id": "704", "name": "A or B", "subject": "?", "isAb": True}]
    ask = serve(seed=SEED | {"emails": emails})
    assert "to" not in ask("GET", f"{EMAILS}/704").json


def test_a_deleted_email_is_listed_apart(ask: Caller) -> None:
    assert ask("DELETE", f"{EMAILS}/703").status == 204
    assert ask("GET", f"{EMAILS}/703").status == 404
    assert {row["id"] for row in ask("GET", EMAILS).json["results"]} == {"701", "702"}
    assert [row["id"] for row in ask("GET", f"{EMAILS}?archived=true").json["results"]] == ["703"]


def test_an_account_below_enterprise_cannot_publish(ask: Caller) -> None:
    ask("PATCH", f"{EMAILS}/703/draft", {"to": {"contactIlsLists": {"include": ["1"]}}})
    reply = ask("POST", f"{EMAILS}/703/publish")
    assert (reply.status, reply.json["category"]) == (403, "MISSING_SCOPES")
    assert ask("GET", f"{EMAILS}/703").json["state"] == "DRAFT"


def test_opting_out_of_everything_and_coming_back_moves_the_contact(ask: Caller) -> None:
    path = "/communication-preferences/2026-03/statuses/ana@example.com"
    ana = f"/crm/v3/objects/contacts/{ask.ids()['ana@example.com']}?properties=hs_email_optout"
    assert ask("POST", f"{path}/unsubscribe-all?channel=EMAIL").json["results"] == []
    assert ask("GET", f"{path}/unsubscribe-all?channel=EMAIL").json["results"][0]["status"] == "UNSUBSCRIBED"
    assert {row["status"] for row in ask("GET", f"{path}?channel=EMAIL").json["results"]} == {"UNSUBSCRIBED"}
    assert ask("GET", ana).json["properties"]["hs_email_optout"] == "true"
    body = {"subscriptionId": 413096751, "statusState": "SUBSCRIBED", "channel": "EMAIL"}
    assert ask("POST", path, body).json["results"][0]["setStatusSuccessReason"] == "RESUBSCRIBE_OCCURRED"
    assert ask("GET", ana).json["properties"]["hs_email_optout"] is None


def test_an_address_that_is_no_contact_opts_out_too(ask: Caller) -> None:
    path = "/communication-preferences/2026-03/statuses/stranger@example.com"
    assert ask("POST", f"{path}/unsubscribe-all?channel=EMAIL").status == 200
    assert ask("GET", f"{path}/unsubscribe-all?channel=EMAIL").json["results"][0]["status"] == "UNSUBSCRIBED"


def test_many_preferences_at_once_take_an_enterprise_account(ask: Caller, world: Caller) -> None:
    path = "/communication-preferences/2026-03/statuses/batch"
    inputs = {"inputs": ["ana@example.com", "bo@example.com"]}
    assert ask("POST", f"{path}/read?channel=EMAIL", inputs).status == 403
    found = world("POST", f"{path}/read?channel=EMAIL", inputs).json["results"]
    told = {row["subscriberIdString"]: {own["status"] for own in row["statuses"]} for row in found}
    assert told == {"ana@example.com": {"NOT_SPECIFIED"}, "bo@example.com": {"UNSUBSCRIBED"}}
    assert world("POST", f"{path}/unsubscribe-all?channel=EMAIL", inputs).status == 200
    wide = world("POST", f"{path}/unsubscribe-all/read?channel=EMAIL", inputs).json["results"]
    assert {row["wideStatuses"][0]["status"] for row in wide} == {"UNSUBSCRIBED"}
    one = {"subscriptionId": 413096752, "statusState": "SUBSCRIBED", "channel": "EMAIL"}
    written = world("POST", f"{path}/write", {"inputs": [one | {"subscriberIdString": "ana@example.com"}]}).json
    assert written["results"][0]["setStatusSuccessReason"] == "RESUBSCRIBE_OCCURRED"
