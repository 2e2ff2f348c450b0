"""Merged contacts: found, read and written under the id they live on as, whatever id or address they are asked by."""

from __future__ import annotations

import httpx
import pytest

from hubsync.portal.contacts import Contacts
from hubsync.portal.gateway import Gateway
from hubsync.sandbox.server import Sandbox


@pytest.fixture
def ids(portal: Gateway) -> dict[str, str]:
    return {contact.email.partition("@")[0]: contact.id for contact in Contacts(portal).all()}


@pytest.fixture
def merged(sandbox: Sandbox, ids: dict[str, str]) -> str:
    """Merge Bo into Ana; return the id the two live on as."""
    answer = httpx.post(
        f"{sandbox.base_url}/crm/v3/objects/contacts/merge",
        headers={"Authorization": f"Bearer {sandbox.token}"},
        json={"primaryObjectId": ids["ana"], "objectIdToMerge": ids["bo"]},
    )
    return str(answer.raise_for_status().json()["id"])


def test_old_ids_tell_the_one_a_contact_lives_on_under(portal: Gateway, ids: dict[str, str], merged: str) -> None:
    assert merged not in ids.values(), "the sandbox answers with a new id, as portals do"
    living = Contacts(portal).living([*ids.values(), "987654321"])
    assert living == {ids["ana"]: merged, ids["bo"]: merged, ids["cy"]: ids["cy"]}


def test_all_addresses_of_the_two_lead_to_the_one(portal: Gateway, merged: str) -> None:
    addresses = ["ana@example.com", "ana@work.example", "bo@example.com"]
    assert {found.id for found in Contacts(portal).resolve(addresses).values()} == {merged}
    assert len(Contacts(portal).resolve(addresses)) == 3


def test_a_row_sent_to_an_old_id_is_accounted_for(portal: Gateway, ids: dict[str, str], merged: str) -> None:
    rows = [("a", ids["bo"], {"firstname": "Anabo"}), ("b", ids["cy"], {"firstname": "Cy"})]
    outcome = Contacts(portal).update(rows)
    assert {trace: contact.id for trace, contact in outcome.written.items()} == {"a": merged, "b": ids["cy"]}
    assert Contacts(portal).read([merged], ["firstname"])[merged].properties["firstname"] == "Anabo"
