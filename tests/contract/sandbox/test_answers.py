"""Answers have the status and exactly the fields that live portals were seen to answer with."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.contract.sandbox.answers import ANSWERS, Seen
from tests.contract.sandbox.caller import Caller
from tests.contract.sandbox.contents import SEED

CAMPAIGNS = [
    {"name": "Spring", "properties": {"hs_notes": "Shirts"}, "assets": {"OBJECT_LIST": ["1"]}},
    {"name": "Summer"},
]


@pytest.fixture
def world(serve: Callable[..., Caller]) -> Caller:
    """Asks an account that has campaigns and something that happened."""
    ask = serve(tier="enterprise", seed=SEED | {"campaigns": CAMPAIGNS})
    ask("POST", "/events/v3/event-definitions", {"label": "Looked", "name": "looked"})
    happened = {"eventName": f"pe{ask.sandbox.portal_id}_looked", "email": "ana@example.com"}
    assert ask("POST", "/events/v3/send", happened).status == 204
    return ask


@pytest.mark.parametrize("seen", ANSWERS, ids=lambda seen: seen.id.replace(" ", "-"))
def test_an_answer_has_the_fields_that_were_seen(seen: Seen, world: Caller) -> None:
    campaigns = world("GET", "/marketing/v3/campaigns?properties=hs_name").json["results"]
    stands_for = {
        "{ana}": world.ids()["ana@example.com"],
        "{portal}": str(world.sandbox.portal_id),
        "{campaign}": next(row["id"] for row in campaigns if row["properties"]["hs_name"] == "Spring"),
    }

    def filled(text: str) -> str:
        for name, value in stands_for.items():
            text = text.replace(name, value)
        return text

    body = None if seen.body is None else json.loads(filled(json.dumps(seen.body)))
    reply = world(seen.method, filled(seen.path), body)
    assert reply.status == seen.status
    assert set(reply.json) == seen.keys
    rows = reply.json.get(seen.part, [])
    assert [set(row) for row in rows] == [set(seen.rows)] * len(rows)
    assert bool(rows) == bool(seen.rows)
    failed = reply.json.get("errors", [])
    assert [set(row) for row in failed] == [set(seen.failures)] * len(failed)
    assert len(failed) == reply.json.get("numErrors", 0)
    for name, value in seen.told:
        assert failed[0][name] == filled(value)


def test_a_batch_is_archived_without_a_word(ask: Caller) -> None:
    """Seen in grouparoo/grouparoo@a453a40, export-objects/export-records-contact.js, with these headers."""
    reply = ask("POST", "/crm/v3/objects/CONTACT/batch/archive", {"inputs": [{"id": ask.ids()["ana@example.com"]}]})
    assert (reply.status, reply.text) == (204, "")
    assert reply.headers["x-hubspot-ratelimit-interval-milliseconds"] == "10000"


def test_a_cursor_of_emails_and_campaigns_is_escaped_in_the_body(world: Caller) -> None:
    """Seen in amp-labs/connectors@30bbef6, read/campaigns/1-first-page.json: `Mg%3D%3D`."""
    for path in ("/marketing/campaigns/2026-03", "/marketing/emails/2026-03"):
        first = world("GET", f"{path}?limit=1").json
        onward = first["paging"]["next"]
        assert onward["after"] == "MQ%3D%3D"
        by_link = world("GET", onward["link"].removeprefix(world.sandbox.base_url)).json
        # A client that escapes what it was given escapes twice.
        by_cursor = world("GET", f"{path}?limit=1&after=MQ%253D%253D").json
        assert by_link["results"] == by_cursor["results"] != first["results"]
