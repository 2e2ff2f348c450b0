"""Lists over HTTP, at every version of the paths."""

from __future__ import annotations

import pytest

from hubsync.portal.contacts import Contacts
from hubsync.portal.errors import Conflict, Refused
from hubsync.portal.lists import Lists


@pytest.fixture
def lists(portal) -> Lists:  # type: ignore[no-untyped-def]
    return Lists(portal)


@pytest.fixture
def ids(portal) -> dict[str, str]:  # type: ignore[no-untyped-def]
    return {contact.email.partition("@")[0]: contact.id for contact in Contacts(portal).all()}


def test_a_list_is_found_by_name_and_by_id(lists: Lists) -> None:
    found = lists.by_name("Everybody")
    assert found is not None
    assert (found.processing_type, found.object_type, found.size, found.is_manual) == ("MANUAL", "0-1", 2, True)
    assert lists.get(found.id) == found
    assert lists.by_name("No such list, and a / in it") is None
    assert lists.get("987654321") is None


def test_ensuring_a_list_twice_makes_one(lists: Lists) -> None:
    made, created = lists.ensure("BHV - Loyal")
    again, created_again = lists.ensure("BHV - Loyal")
    assert (created, created_again) == (True, False)
    assert again.id == made.id
    with pytest.raises(Conflict):
        lists.create("BHV - Loyal")


def test_members_are_added_and_removed_by_difference(lists: Lists, ids: dict[str, str]) -> None:
    found = lists.by_name("Everybody")
    assert found is not None
    outcome = lists.add_and_remove(found.id, [ids["cy"], "987654321"], [ids["bo"]])
    assert outcome.added == {ids["cy"]}
    assert outcome.removed == {ids["bo"]}
    assert outcome.missing == {"987654321"}
    assert set(lists.members(found.id)) == {ids["ana"], ids["cy"]}
    again = lists.add_and_remove(found.id, [ids["cy"]], [ids["bo"]])
    assert (again.added, again.removed) == (frozenset(), frozenset())


def test_more_members_than_a_page_or_a_chunk_are_all_there(lists: Lists, portal) -> None:  # type: ignore[no-untyped-def]
    contacts = Contacts(portal)
    for start in range(0, 300, 100):
        contacts.create([(str(n), {"email": f"p{n}@example.com"}) for n in range(start, start + 100)])
    everybody = [contact.id for contact in contacts.all()]
    found, _ = lists.ensure("All of them")
    before = portal.requests
    lists.add_and_remove(found.id, everybody, chunk=200)
    assert portal.requests - before == 2
    assert list(lists.members(found.id)) == everybody


def test_search_tells_sizes_and_goes_through_all_pages(lists: Lists) -> None:
    for n in range(3):
        lists.create(f"Some list {n}")
    assert {found.name: found.size for found in lists.search()} == {
        "Everybody": 2,
        "Some list 0": 0,
        "Some list 1": 0,
        "Some list 2": 0,
    }


def test_the_members_of_an_active_list_cannot_be_written(lists: Lists, ids: dict[str, str]) -> None:
    leaf = {
        "filterType": "PROPERTY",
        "property": "firstname",
        "operation": {"operationType": "MULTISTRING", "operator": "IS_EQUAL_TO", "values": ["Ana"]},
    }
    branch = {"filterBranchType": "AND", "filterBranchOperator": "AND", "filterBranches": [], "filters": [leaf]}
    root = {"filterBranchType": "OR", "filterBranchOperator": "OR", "filterBranches": [branch], "filters": []}
    made = lists.create("Called Ana", processing_type="DYNAMIC", filters=root)
    assert not made.is_manual
    assert list(lists.members(made.id)) == [ids["ana"]]
    with pytest.raises(Refused):
        lists.add_and_remove(made.id, [ids["bo"]])
    leaf["operation"]["values"] = ["Bo"]  # type: ignore[index]
    lists.set_filters(made.id, root)
    assert list(lists.members(made.id)) == [ids["bo"]]


def test_a_deleted_list_can_be_restored(lists: Lists) -> None:
    found = lists.by_name("Everybody")
    assert found is not None
    lists.delete(found.id)
    assert lists.by_name("Everybody") is None
    lists.restore(found.id)
    restored = lists.by_name("Everybody")
    assert restored is not None
    assert restored.size == 2


def test_a_list_is_renamed(lists: Lists) -> None:
    found = lists.by_name("Everybody")
    assert found is not None
    lists.rename(found.id, "All & sundry?")
    renamed = lists.by_name("All & sundry?")
    assert renamed is not None
    assert renamed.id == found.id
