"""Everything beyond contacts, properties and lists does the same through all three ways to ask HubSpot."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.contract.sandbox.caller import Caller
from tests.contract.sandbox.conftest import Hands
from tests.contract.sandbox.contents import PROMPT, SEED
from tests.contract.sandbox.reach_raw import RawReach
from tests.contract.sandbox.reach_strict import StrictReach
from tests.contract.sandbox.reach_typed import TypedReach

Hub = RawReach | StrictReach | TypedReach
CAMPAIGN = {"name": "Spring", "assets": {"MARKETING_EMAIL": ["701"], "OBJECT_LIST": ["1"]}}


@pytest.fixture
def world(serve: Callable[..., Caller]) -> Caller:
    """Asks an account that has everything, where work takes ten seconds."""
    return serve(
        tier="enterprise",
        seed=SEED | {"campaigns": [CAMPAIGN]},
        settings=replace(PROMPT, processing_seconds=10),
    )


@pytest.fixture(params=[TypedReach, StrictReach, RawReach], ids=["v3-typed", "2026-03-strict", "2026-09-raw"])
def hub(request: pytest.FixtureRequest, world: Caller) -> Iterator[Hub]:
    client = request.param(world.sandbox.base_url, world.token)
    yield client
    client.close()


def test_two_contacts_become_one_under_a_new_id(hub: Hub, world: Caller) -> None:
    ids = world.ids()
    ana, bo = ids["ana@example.com"], ids["bo@example.com"]
    merged = hub.merge(ana, bo)
    assert merged not in {ana, bo}
    assert world.ids() == {"ana@example.com": merged, "cy@example.com": ids["cy@example.com"]}
    for old in (ana, bo, merged):
        assert world("GET", f"/crm/v3/objects/contacts/{old}").json["id"] == merged


def test_the_erased_are_gone_and_unknown_addresses_never_come(hub: Hub, world: Caller) -> None:
    ids = world.ids()
    hub.erase(ids["ana@example.com"])
    hub.erase("bo@example.com", "email")
    hub.erase("stranger@example.com", "email")
    assert list(world.ids()) == ["cy@example.com"]
    assert hub.archived() == []
    body = {"properties": {"email": "stranger@example.com"}}
    refused = world("POST", "/crm/v3/objects/contacts", body)
    assert (refused.status, refused.json["errors"][0]["code"]) == (400, "GDPR_BLACKLISTED_EMAIL")
    body = {"properties": {"email": "bo@example.com"}}
    assert world("POST", "/crm/v3/objects/contacts", body).status == 201


def test_the_history_of_a_property_tells_who_changed_it(hub: Hub, world: Caller) -> None:
    ana = world.ids()["ana@example.com"]
    assert hub.history(ana, "score") == [("80", "IMPORT")]
    world("PATCH", f"/crm/v3/objects/contacts/{ana}", {"properties": {"score": "81"}})
    world("PATCH", f"/crm/v3/objects/contacts/{ana}", {"properties": {"score": "81"}})
    world("PATCH", f"/crm/v3/objects/contacts/{ana}", {"properties": {"score": ""}})
    assert hub.history(ana, "score") == [("", "INTEGRATION"), ("81", "INTEGRATION"), ("80", "IMPORT")]
    assert hub.history(ana, "hs_email_open") == [("1", "EMAIL")]


def test_the_archived_are_listed_apart(hub: Hub, world: Caller) -> None:
    bo = world.ids()["bo@example.com"]
    world("DELETE", f"/crm/v3/objects/contacts/{bo}")
    assert hub.archived() == [bo]


def test_lists_are_kept_in_folders(hub: Hub) -> None:
    outer, inner = hub.make_folder("Outer"), hub.make_folder("Inner")
    hub.move_folder(inner, outer)
    hub.rename_folder(inner, "Behaviour")
    hub.file_list("1", inner)
    assert hub.folder(inner) == ("Behaviour", [1], [])
    assert hub.folder(outer) == ("Outer", [], [inner])
    hub.file_list("1", "0")
    hub.drop_folder(inner)
    assert hub.folder(outer) == ("Outer", [], [])


def test_the_lists_of_a_contact_are_told(hub: Hub, world: Caller) -> None:
    ids = world.ids()
    assert hub.lists_of(ids["ana@example.com"]) == ["1"]
    assert hub.lists_of(ids["cy@example.com"]) == []


def test_properties_are_archived_and_read_together(hub: Hub) -> None:
    hub.archive_properties(["score", "band"])
    assert hub.read_properties(["score", "band"], archived=True) == {"score", "band"}
    assert hub.read_properties(["email"], archived=False) == {"email"}


def test_an_email_is_cloned_aimed_and_sent_to_whom_it_may_reach(hub: Hub, world: Caller) -> None:
    ids = world.ids()
    world("PUT", "/crm/v3/lists/1/memberships/add", list(ids.values()))
    out = {"name": "Out", "objectTypeId": "0-1", "processingType": "MANUAL"}
    left_out = world("POST", "/crm/v3/lists", out).json["list"]["listId"]
    made = hub.clone_email("701", "Spring again")
    hub.aim_email(made, {"include": ["1"], "exclude": [left_out]})
    assert hub.audience(made) == ["1"]
    hub.publish_email(made)
    email = world("GET", f"/marketing/v3/emails/{made}?includeStats=true").json
    assert (email["state"], email["name"], email["clonedFrom"]) == ("PUBLISHED", "Spring again", "701")
    # Bo opted out and Cy's address does not exist.
    assert email["stats"]["counters"]["sent"] == 1


def test_what_emails_did_is_told_by_the_day(hub: Hub) -> None:
    assert hub.opens_by_day("2026-03-01T00:00:00Z", "2026-03-31T00:00:00Z") == [1, 1, 0]


def test_campaigns_name_their_emails(hub: Hub) -> None:
    found = hub.campaigns()
    assert list(found) == ["Spring"]
    assert hub.campaign_emails(found["Spring"]) == ["701"]


def test_an_import_is_worked_off_with_errors_by_the_row(hub: Hub, world: Caller, clock: Hands) -> None:
    number = hub.start_import()
    assert hub.import_state(number) == ("STARTED", {})
    clock.move(seconds=6)
    assert hub.import_state(number) == ("PROCESSING", {})
    assert "new@example.com" not in world.ids()
    clock.move(seconds=5)
    state, counters = hub.import_state(number)
    assert state == "DONE"
    assert (counters["TOTAL_ROWS"], counters["CREATED_OBJECTS"], counters["UPDATED_OBJECTS"]) == (4, 1, 2)
    assert hub.import_failures(number) == ["COULD_NOT_PARSE_NUMBER", "INVALID_EMAIL"]
    ids = world.ids()
    assert hub.history(ids["new@example.com"], "score") == [("7", "IMPORT")]
    assert hub.history(ids["bo@example.com"], "score") == [("20", "IMPORT")]


def test_exports_are_made_one_after_the_other_and_fetched_without_a_token(
    hub: Hub, world: Caller, clock: Hands
) -> None:
    ids = world.ids()
    first, second = hub.start_export("1"), hub.start_export("1")
    assert (hub.export_state(first)[0], hub.export_state(second)[0]) == ("PROCESSING", "PENDING")
    clock.move(seconds=11)
    assert hub.export_state(second) == ("PROCESSING", None)
    state, url = hub.export_state(first)
    assert state == "COMPLETE"
    assert url is not None
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - this machine's own
        lines = answer.read().decode().splitlines()
    assert lines[0] == "Record ID,email,score"
    assert set(lines[1:]) == {
        f"{ids['ana@example.com']},ana@example.com,80",
        f"{ids['bo@example.com']},bo@example.com,20",
    }
    clock.move(minutes=6)
    assert world("GET", url.removeprefix(world.sandbox.base_url)).status == 403
    assert hub.export_state(first)[1] not in {None, url}


def test_custom_events_come_once_and_are_read_back(hub: Hub, world: Caller) -> None:
    ids = world.ids()
    kind = hub.define_event()
    event = {"eventName": kind, "properties": {"score": "3"}}
    hub.send_event({**event, "email": "ana@example.com", "uuid": "one"})
    hub.send_events([{**event, "objectId": ids["bo@example.com"], "uuid": f"more {at}"} for at in range(2)])
    assert hub.happened(ids["ana@example.com"]) == [{"score": "3"}]
    assert hub.happened(ids["bo@example.com"]) == [{"score": "3"}] * 2
    again = world("POST", "/events/v3/send", {**event, "email": "ana@example.com", "uuid": "one"})
    assert again.status == 400
    assert hub.happened(ids["ana@example.com"]) == [{"score": "3"}]


def test_one_kind_of_email_is_declined_by_itself(hub: Hub) -> None:
    kinds = hub.subscriptions()
    hub.set_subscription("ana@example.com", kinds["One to One"], "UNSUBSCRIBED")
    assert hub.subscribed("ana@example.com") == {"Marketing Information": True, "One to One": False}


def test_the_room_taken_is_told(hub: Hub) -> None:
    assert hub.own_properties() == len(SEED["properties"])
