"""The life of a portal: it repeats itself by its seed, and all that happens shows in what the API tells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hubsync.sandbox.server import Sandbox
from tests.contract.sandbox.caller import Caller
from tests.contract.sandbox.conftest import START, Hands
from tests.contract.sandbox.contents import PROMPT, SEED

ROOT = Path(__file__).parents[3]
PEOPLE = 200
#: A Monday at noon: the first campaign goes out three hours later.
WORLD: dict[str, Any] = {
    "groups": SEED["groups"],
    "properties": SEED["properties"],
    "contacts": [
        {
            "properties": {
                "email": f"p{at:03}@example.com",
                "firstname": f"P{at}",
                "score": at % 100,
                "band": "high" if at % 2 else "low",
                "customer_id": f"c-{at}",
            }
        }
        for at in range(PEOPLE)
    ],
    "lists": [
        {"name": "Newsletter", "processingType": "MANUAL", "members": [f"p{at:03}@example.com" for at in range(150)]}
    ],
}


@pytest.fixture(scope="module")
def old() -> Iterator[Caller]:
    """A portal of 200 people that has lived for 40 days; to be read only."""
    with Sandbox(seed=WORLD, settings=PROMPT, limits=False, clock=Hands(START)) as sandbox:
        ask = Caller(sandbox)
        live(ask, 40)
        yield ask
        ask.close()


@pytest.fixture
def world(serve: Callable[..., Caller]) -> Caller:
    """A portal of 200 people, one list and properties of an integration's own."""
    return serve(seed=WORLD)


def live(ask: Caller, days: float, **more: object) -> dict[str, Any]:
    reply = ask("POST", "/__sandbox__/live", {"days": days, **more})
    assert reply.status == 200, reply.text
    told: dict[str, Any] = reply.json
    return told


def truth(ask: Caller, query: str = "") -> dict[str, list[dict[str, Any]]]:
    told: dict[str, list[dict[str, Any]]] = ask("GET", f"/__sandbox__/log{query}").json
    return told


def everybody(ask: Caller, properties: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    link = f"/crm/v3/objects/contacts?limit=100&properties={properties}"
    while link:
        page = ask("GET", link.removeprefix(ask.sandbox.base_url)).json
        found |= {row["id"]: row for row in page["results"]}
        link = page.get("paging", {}).get("next", {}).get("link", "")
    return found


def test_a_life_repeats_itself(serve: Callable[..., Caller]) -> None:
    first, second = serve(seed=WORLD), serve(seed=WORLD)
    live(first, 7)
    for _ in range(7):
        live(second, 1)
    assert truth(first) == truth(second), "all at once is as day by day"
    assert everybody(first, "email,city,score") == everybody(second, "email,city,score")


def test_another_seed_is_another_life(serve: Callable[..., Caller]) -> None:
    first, second = serve(seed=WORLD), serve(seed=WORLD)
    live(first, 3, seed=1)
    live(second, 3, seed=2)
    assert truth(first)["email_events"] != truth(second)["email_events"]


def test_a_life_begins_anew_with_the_portal(world: Caller) -> None:
    live(world, 3)
    before = truth(world)
    world("POST", "/__sandbox__/reset", {})
    assert truth(world)["diary"] == []
    live(world, 3)
    assert truth(world) == before


def test_a_life_goes_on_after_a_restart(serve: Callable[..., Caller], tmp_path: Path) -> None:
    whole = serve(seed=WORLD)
    live(whole, 4)
    broken = serve(seed=WORLD, state=tmp_path / "state.db")
    live(broken, 1.3)
    broken.sandbox.stop()
    again = serve(seed="empty", state=tmp_path / "state.db")
    live(again, 2.7)
    assert truth(again) == truth(whole)


def test_time_passes_as_asked(world: Caller) -> None:
    assert live(world, 7)["now"] == "2026-11-30T12:00:00.000Z"
    assert live(world, 0.5)["now"] == "2026-12-01T00:00:00.000Z"


def diary(ask: Caller, kind: str) -> list[dict[str, Any]]:
    return [row for row in truth(ask)["diary"] if row["kind"] == kind]


def test_everything_that_may_happen_does(old: Caller) -> None:
    told = truth(old)
    kinds = Counter(row["kind"] for row in told["diary"])
    wanted = {"campaign", "sign-up", "correction", "opt-out", "merge", "delete", "hand-edit", "hand-list"}
    assert set(kinds) == wanted
    assert kinds["campaign"] == 30, "one on each working day of 40 from a Monday's noon"
    types = Counter(row["type"] for row in told["email_events"])
    assert set(types) == {"SENT", "DELIVERED", "OPEN", "CLICK", "BOUNCE", "UNSUBSCRIBED"}


def test_counters_are_what_the_log_adds_up_to(old: Caller) -> None:
    events = truth(old)["email_events"]
    names = {"DELIVERED": "delivered", "OPEN": "open", "CLICK": "click", "BOUNCE": "bounce"}
    got = {(row["current_contact_id"], row["email_id"], names[row["type"]]) for row in events if row["type"] in names}
    expected = Counter((contact_id, name) for contact_id, _, name in got)
    for contact_id, row in everybody(old, ",".join(f"hs_email_{name}" for name in names.values())).items():
        for name in names.values():
            assert int(row["properties"][f"hs_email_{name}"] or 0) == expected[contact_id, name]


def test_statistics_are_what_the_log_adds_up_to(old: Caller) -> None:
    events = truth(old)["email_events"]
    emails = old("GET", "/marketing/v3/emails?includeStats=true&limit=100").json["results"]
    assert len(emails) == 30
    for email in emails:
        for kind, name in (("SENT", "sent"), ("DELIVERED", "delivered"), ("OPEN", "open"), ("CLICK", "click")):
            who = {row["contact_id"] for row in events if row["type"] == kind and row["email_id"] == email["id"]}
            assert email["stats"]["counters"][name] == len(who)


def test_nothing_is_sent_to_who_opted_out_or_bounced(old: Caller) -> None:
    events = truth(old)["email_events"]
    gone: dict[str, str] = {}
    for row in events:
        if row["type"] in {"BOUNCE", "UNSUBSCRIBED"}:
            gone.setdefault(row["contact_id"], row["at"])
    assert gone
    # What was on its way already may still arrive: sending takes 20 minutes.
    begun = {row["email_id"]: row["at"] for row in diary(old, "campaign")}
    sent = [row for row in events if row["type"] == "SENT" and row["contact_id"] in gone]
    assert [row for row in sent if begun[row["email_id"]] > gone[row["contact_id"]]] == []


def test_an_email_is_sent_before_it_is_read(old: Caller) -> None:
    stories: dict[tuple[str, str], list[str]] = {}
    for row in truth(old)["email_events"]:
        if row["email_id"] != "0":
            stories.setdefault((row["email_id"], row["current_contact_id"]), []).append(row["type"])
    assert any("CLICK" in story for story in stories.values())
    for story in stories.values():
        assert story[0] == "SENT"
        for before, after in (("SENT", "DELIVERED"), ("DELIVERED", "OPEN"), ("OPEN", "CLICK"), ("SENT", "BOUNCE")):
            assert after not in story or before in story[: story.index(after)]


def test_who_opened_before_opens_more(serve: Callable[..., Caller]) -> None:
    emails = [{"id": str(at), "name": f"Old {at}", "publishDate": f"2026-10-{at:02}T09:00:00Z"} for at in range(1, 9)]
    events = [
        {"email_id": email["id"], "contact": f"p{at:03}@example.com", "type": kind, "at": email["publishDate"]}
        for email in emails
        for at in range(150)
        for kind in (("SENT", "DELIVERED", "OPEN") if at < 75 else ("SENT", "DELIVERED"))
    ]
    ask = serve(seed=WORLD | {"emails": emails, "email_events": events})
    ids = sorted(map(int, everybody(ask, "email")))
    keen, others = set(map(str, ids[:75])), set(map(str, ids[75:150]))
    live(ask, 1)
    opened = {row["contact_id"] for row in truth(ask, "?since=2026-11-23")["email_events"] if row["type"] == "OPEN"}
    assert len(opened & keen) > 3 * len(opened & others)


def test_a_draft_for_a_list_is_what_is_sent(world: Caller) -> None:
    draft = world("POST", "/marketing/v3/emails", {"name": "Ours", "subject": "Hello"}).json
    to = {"contactIlsLists": {"include": ["1"], "exclude": []}}
    assert world("PATCH", f"/marketing/v3/emails/{draft['id']}/draft", {"to": to}).status == 200
    told = live(world, 1)["diary"]
    assert [row["email_id"] for row in told if row["kind"] == "campaign"] == [draft["id"]]
    sent = world("GET", f"/marketing/v3/emails/{draft['id']}?includeStats=true").json
    assert (sent["isPublished"], sent["state"], sent["publishDate"]) == (True, "PUBLISHED", "2026-11-23T15:00:00.000Z")
    assert sent["stats"]["counters"]["sent"] == 150


def test_what_an_integration_sends_is_read_too(serve: Callable[..., Caller]) -> None:
    ask = serve(seed=WORLD, tier="enterprise")
    made = ask("POST", "/marketing/v3/emails", {"name": "Ours", "subject": "Hello"}).json["id"]
    to = {"contactIlsLists": {"include": ["1"], "exclude": []}}
    ask("PATCH", f"/marketing/v3/emails/{made}", {"to": to})
    assert ask("POST", f"/marketing/v3/emails/{made}/publish").status == 204
    live(ask, 4)
    counters = ask("GET", f"/marketing/v3/emails/{made}?includeStats=true").json["stats"]["counters"]
    assert counters["sent"] == 150
    assert 0 < counters["open"] < 150


def test_a_change_moves_updated_at_and_tells_who_made_it(old: Caller) -> None:
    there = everybody(old, "email")
    by_people = [row for row in truth(old)["edits"] if row["source_type"] in {"CRM_UI", "FORM"}]
    edits = [row for row in by_people if row["contact_id"] in there]
    assert {row["source_type"] for row in edits} == {"CRM_UI", "FORM"}
    for edit in edits:
        path = f"/crm/v3/objects/contacts/{edit['contact_id']}?propertiesWithHistory={edit['property']}"
        row = old("GET", path).json
        versions = row["propertiesWithHistory"][edit["property"]]
        told = [(v["value"], v["timestamp"], v["sourceType"]) for v in versions]
        assert (edit["new"], edit["at"], edit["source_type"]) in told
        assert row["updatedAt"] >= edit["at"]


def test_a_pull_of_what_changed_finds_every_edit(world: Caller) -> None:
    live(world, 5)
    since = "2026-11-25T00:00:00.000Z"
    wanted = {row["contact_id"] for row in truth(world, f"?since={since}")["edits"]}
    filters = [{"propertyName": "lastmodifieddate", "operator": "GTE", "value": since}]
    found: set[str] = set()
    after: str | None = "0"
    while after is not None:
        page = world(
            "POST",
            "/crm/v3/objects/contacts/search",
            {"filterGroups": [{"filters": filters}], "limit": 100, "after": after},
        ).json
        found |= {row["id"] for row in page["results"]}
        after = page.get("paging", {}).get("next", {}).get("after")
    assert wanted <= found


def test_a_merge_answers_to_both_ids_and_a_deletion_to_none(old: Caller) -> None:
    gone = {row["contact_id"] for row in diary(old, "delete")}
    merges = [row for row in diary(old, "merge") if row["contact_id"] not in gone]
    assert gone
    assert merges
    for merge in merges:
        now = {old("GET", f"/crm/v3/objects/contacts/{before}").json.get("id") for before in merge["merged"]}
        assert len(now) == 1
    for contact_id in gone:
        assert old("GET", f"/crm/v3/objects/contacts/{contact_id}").status == 404


def test_hand_edits_hit_what_integrations_keep_but_no_unique_value(old: Caller) -> None:
    edits = diary(old, "hand-edit")
    assert {row["property"] for row in edits} == {"score", "band"}
    for row in edits:
        assert row["old"] != row["new"]


def test_members_are_changed_by_hand(old: Caller) -> None:
    changes = diary(old, "hand-list")
    assert changes
    joined = sum(len(row["added"]) - len(row["removed"]) for row in changes)
    gone = len(diary(old, "delete")) + len(diary(old, "merge"))
    total = old("GET", "/crm/v3/lists/1/memberships?limit=250").json["total"]
    assert 150 + joined - gone <= total <= 150 + joined


def test_a_portal_without_people_lives_too(serve: Callable[..., Caller]) -> None:
    told = live(serve(seed="empty"), 7)
    kinds = {row["kind"] for row in told["diary"]}
    assert "sign-up" in kinds
    assert "campaign" not in kinds, "there is no list to send to"


def test_the_log_is_narrowed_by_time(old: Caller) -> None:
    whole = truth(old)
    part = truth(old, "?since=2026-11-24T00:00:00Z&until=2026-11-25T00:00:00Z")
    for name, rows in whole.items():
        assert part[name] == [row for row in rows if "2026-11-24" <= row["at"] <= "2026-11-25T00:00:00.000Z"]
        assert 0 < len(part[name]) < len(rows)


def test_the_clock_alone_lets_nothing_happen(world: Caller) -> None:
    world("POST", "/__sandbox__/clock", {"advance_seconds": 5 * 86_400})
    told = truth(world)
    assert (told["email_events"], told["edits"], told["diary"]) == ([], [], [])


@pytest.mark.parametrize("body", [{}, {"days": 0}, {"days": -1}, {"days": 401}, {"days": "x"}, {"speed": -1}])
def test_a_life_that_makes_no_sense_is_refused(ask: Caller, body: dict[str, object]) -> None:
    assert ask("POST", "/__sandbox__/live", body).status == 400
    assert ask("GET", "/__sandbox__/live").json["diary"] == []


def test_the_command_lets_life_go_on_by_itself() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "hubsync.sandbox", "--live", "604800"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        # At a week a second somebody signs up at the first step; so many answers take far longer than one step.
        url = f"{told['base_url']}/__sandbox__/live"
        with httpx.Client(trust_env=False, timeout=30) as client:
            lives = (client.get(url).json() for _ in range(20_000))
            lived = next(life for life in lives if life["diary"])
        assert lived["speed"] == 604_800
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert process.returncode == 0
