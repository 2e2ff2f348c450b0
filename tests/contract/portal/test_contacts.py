"""Contacts over HTTP, at every version of the paths: each row of a batch is accounted for by its own trace id."""

from __future__ import annotations

import datetime as dt

import pytest

from hubsync.core.errors import BadInput
from hubsync.portal.changes import changed_since
from hubsync.portal.contacts import Contacts
from hubsync.portal.errors import Refused, Unclear


@pytest.fixture
def contacts(portal) -> Contacts:  # type: ignore[no-untyped-def]
    return Contacts(portal)


@pytest.fixture
def ids(contacts: Contacts) -> dict[str, str]:
    return {contact.email.partition("@")[0]: contact.id for contact in contacts.all()}


def test_people_are_found_by_any_of_their_addresses(contacts: Contacts, ids: dict[str, str]) -> None:
    found = contacts.resolve(["ANA@work.example ", "bo@example.com", "nobody@example.com"])
    assert {address: contact.id for address, contact in found.items()} == {
        "ana@work.example": ids["ana"],
        "bo@example.com": ids["bo"],
    }
    assert found["ana@work.example"].email == "ana@example.com"


def test_contacts_are_read_by_id_and_unknown_ones_left_out(contacts: Contacts, ids: dict[str, str]) -> None:
    found = contacts.read([ids["ana"], "999999", ids["bo"]], ["firstname"])
    assert {key: contact.properties["firstname"] for key, contact in found.items()} == {
        ids["ana"]: "Ana",
        ids["bo"]: "Bo",
    }


def test_more_than_a_batch_is_read_in_several(contacts: Contacts, portal) -> None:  # type: ignore[no-untyped-def]
    people = [(str(n), {"email": f"p{n}@example.com"}) for n in range(250)]
    for start in range(0, 250, 100):
        assert not contacts.create(people[start : start + 100]).failed
    before = portal.requests
    found = contacts.resolve(values["email"] for _, values in people)
    assert len(found) == 250
    assert portal.requests - before == 3
    assert sum(1 for _ in contacts.all()) == 253


def test_an_update_says_of_each_row_what_became_of_it(contacts: Contacts, ids: dict[str, str]) -> None:
    rows = [("r1", ids["ana"], {"firstname": "Anna"}), ("r2", "999999", {"firstname": "X"})]
    outcome = contacts.update([*rows, ("r3", ids["bo"], {"firstname": ""})])
    assert {trace: contact.id for trace, contact in outcome.written.items()} == {"r1": ids["ana"], "r3": ids["bo"]}
    error = outcome.failed["r2"]
    assert error.category == "OBJECT_NOT_FOUND"
    assert error.message
    assert error.correlation_id
    after = contacts.read([ids["ana"], ids["bo"]], ["firstname"])
    assert after[ids["ana"]].properties["firstname"] == "Anna"
    assert "firstname" not in after[ids["bo"]].properties


def test_a_bad_value_refuses_the_batch_and_changes_nothing(contacts: Contacts, ids: dict[str, str]) -> None:
    with pytest.raises(Refused) as caught:
        contacts.update([("a", ids["ana"], {"firstname": "Z"}), ("b", ids["bo"], {"no_such_property": "1"})])
    assert caught.value.category == "VALIDATION_ERROR"
    assert "no_such_property" in caught.value.message
    assert contacts.read([ids["ana"]], ["firstname"])[ids["ana"]].properties["firstname"] == "Ana"


def test_creating_somebody_who_exists_tells_their_id(contacts: Contacts, ids: dict[str, str]) -> None:
    outcome = contacts.create(
        [("new", {"email": "Di@example.com"}), ("old", {"email": "ana@work.example"}), ("third", {"email": "e@e.com"})]
    )
    assert outcome.written["new"].email == "di@example.com"
    assert outcome.failed["old"].category == "CONFLICT"
    assert outcome.failed["old"].existing_id == ids["ana"]
    assert outcome.written.keys() == {"new", "third"}


@pytest.mark.parametrize("size", [0, 101])
def test_a_batch_of_another_size_is_not_sent(contacts: Contacts, portal, size: int) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadInput):
        contacts.create([(str(n), {"email": f"{n}@example.com"}) for n in range(size)])
    assert portal.requests == 0


def test_what_changed_since_a_time_is_found(contacts: Contacts, portal, ids: dict[str, str]) -> None:  # type: ignore[no-untyped-def]
    before = max(contact.updated_at for contact in contacts.all() if contact.updated_at)
    contacts.update([("1", ids["bo"], {"firstname": "Bob"})])
    found = list(changed_since(portal, before + dt.timedelta(milliseconds=1), ["firstname"]))
    assert [(contact.id, contact.properties["firstname"]) for contact in found] == [(ids["bo"], "Bob")]


def test_more_properties_than_a_search_takes_are_read_all_the_same(contacts: Contacts, portal) -> None:  # type: ignore[no-untyped-def]
    many = [f"a_rather_long_name_of_a_property_{n}" for n in range(120)]
    found = list(changed_since(portal, dt.datetime(2000, 1, 1, tzinfo=dt.UTC), ["firstname", *many]))
    assert {contact.properties.get("firstname") for contact in found} == {"Ana", "Bo", None}


class TestAnswersThatDoNotAddUp:
    """What no sandbox should answer, but HubSpot might."""

    def contact(self, contact_id: str, **properties: str) -> dict[str, object]:
        return {"id": contact_id, "properties": properties}

    def test_a_row_that_is_not_spoken_of_makes_the_batch_unclear(self, hubspot, gateway) -> None:
        hubspot.replies = [
            hubspot.answer(200, {"results": [self.contact("1")]}),
            hubspot.answer(200, {"results": []}),
        ]
        with pytest.raises(Unclear, match="1 of the 2"):
            Contacts(gateway).update([("a", "1", {"x": "1"}), ("b", "2", {"x": "1"})])

    def test_a_contact_merged_meanwhile_is_known_by_the_id_it_lives_on_as(self, hubspot, gateway) -> None:
        merged = self.contact("9", hs_merged_object_ids="2;3")
        hubspot.replies = [
            hubspot.answer(200, {"results": [self.contact("9"), self.contact("1")]}),
            hubspot.answer(200, {"results": [merged]}),
        ]
        outcome = Contacts(gateway).update([("a", "1", {"x": "1"}), ("b", "2", {"x": "1"})])
        assert {trace: contact.id for trace, contact in outcome.written.items()} == {"a": "1", "b": "9"}

    def test_a_failed_row_named_by_its_record_id_is_found(self, hubspot, gateway) -> None:
        fault = {"category": "OBJECT_NOT_FOUND", "message": "gone", "context": {"ids": ["2"]}}
        hubspot.replies = [hubspot.answer(207, {"results": [self.contact("1")], "errors": [fault]})]
        outcome = Contacts(gateway).update([("a", "1", {"x": "1"}), ("b", "2", {"x": "1"})])
        assert outcome.failed["b"].message == "gone"

    def test_somebody_found_under_a_name_the_answer_does_not_show_is_asked_for_alone(self, hubspot, gateway) -> None:
        both = [self.contact("1", email="a@example.com"), self.contact("2", email="other@example.com")]
        hubspot.replies = [
            hubspot.answer(200, {"results": both}),
            hubspot.answer(200, {"results": [self.contact("2", email="other@example.com")]}),
        ]
        found = Contacts(gateway).resolve(["a@example.com", "b@example.com"])
        assert {address: contact.id for address, contact in found.items()} == {
            "a@example.com": "1",
            "b@example.com": "2",
        }
