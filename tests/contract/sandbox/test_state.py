"""What a sandbox keeps: over a restart, over a kill, and from a seed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from hubsync.sandbox.seed import BadSeed
from hubsync.sandbox.server import Sandbox
from tests.contract.sandbox.caller import Caller
from tests.contract.sandbox.contents import PROMPT, SEED

ROOT = Path(__file__).parents[3]


def everything(ask: Caller) -> list[Any]:
    """Return all that can be read, without what a restart may change."""
    names = ",".join(row["name"] for row in ask("GET", "/crm/v3/properties/contacts").json["results"])
    return [
        ask("GET", path).json
        for path in (
            "/account-info/v3/details",
            "/crm/v3/properties/contacts",
            "/crm/v3/properties/contacts?archived=true",
            "/crm/v3/properties/contacts/groups",
            f"/crm/v3/objects/contacts?limit=100&properties={names}",
            "/crm/v3/objects/contacts?archived=true",
            "/crm/v3/lists?listIds=1,2&includeFilters=true",
            "/crm/v3/lists/1/memberships",
            "/crm/v3/lists/2/memberships",
            "/marketing/v3/emails?includeStats=true",
        )
    ]


def test_a_restart_keeps_everything(serve: Callable[..., Caller], tmp_path: Path) -> None:
    ask = serve(state=tmp_path / "state.db")
    ids = ask.ids()
    known = {"operationType": "ALL_PROPERTY", "operator": "IS_KNOWN"}
    leaves = [{"filterType": "PROPERTY", "property": "score", "operation": known}]
    branch = {"filterBranchType": "OR", "filterBranches": [{"filterBranchType": "AND", "filters": leaves}]}
    body = {"name": "Scored", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": branch}
    ask("POST", "/crm/v3/lists", body)
    ask("DELETE", "/crm/v3/properties/contacts/band")
    ask("DELETE", f"/crm/v3/objects/contacts/{ids['cy@example.com']}")
    ask("PATCH", f"/crm/v3/objects/contacts/{ids['ana@example.com']}", {"properties": {"email": "ana@new.example"}})
    narrow = ask.with_scopes("crm.lists.read")
    before = everything(ask)
    ask.sandbox.stop()

    again = serve(state=tmp_path / "state.db", seed="empty")
    assert again.sandbox.token == ask.sandbox.token
    assert everything(again) == before
    again.token = narrow.token
    assert again("GET", "/crm/v3/lists/1").status == 200
    assert again("GET", "/crm/v3/objects/contacts").status == 403
    again.token = again.sandbox.token
    made = again("POST", "/crm/v3/objects/contacts", {"properties": {"email": "new@example.com"}}).json["id"]
    assert int(made) == max(map(int, ids.values())) + 1, "ids go on where they were"
    taken = again("POST", "/crm/v3/objects/contacts", {"properties": {"email": "ana@new.example"}})
    assert taken.status == 409


def run(*options: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "hubsync.sandbox", *options],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def post(told: dict[str, Any], address: str) -> int:
    headers = {"Authorization": f"Bearer {told['token']}"}
    url = f"{told['base_url']}/crm/v3/objects/contacts"
    return httpx.post(url, json={"properties": {"email": address}}, headers=headers, trust_env=False).status_code


def test_a_restart_keeps_what_is_seldom_asked_for_too(serve: Callable[..., Caller], tmp_path: Path) -> None:
    options = {"state": tmp_path / "state.db", "tier": "enterprise"}
    ask = serve(**options, seed=SEED | {"campaigns": [{"name": "Spring"}]})
    ana = ask.ids()["ana@example.com"]
    ask("PATCH", f"/crm/v3/objects/contacts/{ana}", {"properties": {"score": "1"}})
    ask("POST", "/crm/v3/lists/folders", {"name": "Ours"})
    ask("PUT", "/crm/v3/lists/folders/move-list", {"listId": "1", "newFolderId": "1"})
    ask("POST", "/automation/v4/flows", {"type": "CONTACT_FLOW", "name": "Welcome"})
    ask("PATCH", "/marketing/v3/emails/701/draft", {"subject": "Later"})
    ask("POST", "/events/v3/event-definitions", {"label": "Looked", "name": "looked"})
    ask("POST", "/events/v3/send", {"eventName": "looked", "objectId": ana, "uuid": "one"})
    ask(
        "POST",
        "/communication-preferences/v3/unsubscribe",
        {"emailAddress": "x@x.example", "subscriptionId": "413096751"},
    )
    ask("POST", "/crm/v3/objects/contacts/gdpr-delete", {"objectId": "never@example.com", "idProperty": "email"})
    ask("POST", "/__sandbox__/rules", {"rules": [{"property": "country"}]})
    paths = (
        f"/crm/v3/objects/contacts/{ana}?propertiesWithHistory=score",
        "/crm/v3/lists/folders",
        "/automation/v4/flows",
        "/marketing/v3/emails/701/draft",
        "/marketing/v3/campaigns?properties=hs_name",
        "/events/v3/event-definitions",
        f"/events/v3/events?objectType=contact&objectId={ana}",
        "/communication-preferences/v3/status/email/x@x.example",
    )
    before = [ask("GET", path).json for path in paths]
    ask.sandbox.stop()
    again = serve(**options)
    assert [again("GET", path).json for path in paths] == before
    assert again("POST", "/events/v3/send", {"eventName": "looked", "objectId": ana, "uuid": "one"}).status == 400
    for address in ("never@example.com", "nocountry@example.com"):
        reply = again("POST", "/crm/objects/2026-09/contacts", {"properties": {"email": address}})
        assert reply.status == 400


def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    options = ("--state", str(tmp_path / "state.db"), "--portal-id", "12345678", "--limits", "off")
    process, told = run(*options)
    assert told["portal_id"] == 12345678
    assert [post(told, f"a{at}@example.com") for at in range(20)] == [201] * 20
    process.kill()
    process.communicate()

    with Sandbox(tmp_path / "state.db", settings=PROMPT) as sandbox:
        ask = Caller(sandbox)
        assert set(ask.ids()) == {f"a{at}@example.com" for at in range(20)}
        assert (sandbox.token, sandbox.portal_id) == (told["token"], 12345678)
        ask.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_says_where_it_listens_and_ends_well(number: signal.Signals) -> None:
    process, told = run("--tier", "free")
    assert set(told) == {"base_url", "token", "portal_id"}
    assert told["base_url"].startswith("http://127.0.0.1:")
    assert post(told, "a@example.com") == 201
    process.send_signal(number)
    out, _ = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, "")


def test_two_sandboxes_do_not_share_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hubsync.sandbox.shelf._PATIENCE", 0.0)
    with Sandbox(tmp_path / "state.db"), pytest.raises(OSError, match="another sandbox"):
        Sandbox(tmp_path / "state.db").start()


def test_a_file_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_text("not a database, but long enough to be looked at as one" * 20)
    with pytest.raises(OSError, match=r"state\.db cannot be used"):
        Sandbox(tmp_path / "state.db").start()


def test_a_port_that_is_taken_is_refused() -> None:
    with Sandbox() as sandbox, pytest.raises(OSError, match="in use"):
        Sandbox(port=int(sandbox.base_url.rpartition(":")[2])).start()


def test_a_seed_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "seed.json").write_text(json.dumps(SEED))
    with Sandbox(seed=tmp_path / "seed.json") as sandbox:
        ask = Caller(sandbox)
        assert set(ask.ids()) == {"ana@example.com", "bo@example.com", "cy@example.com"}
        ask.close()


@pytest.mark.parametrize(
    "seed",
    [
        "/nowhere/seed.json",
        {"contacts": [{"properties": {"email": "a@example.com"}}] * 2},
        {"contacts": [{"properties": {"nonsense": "1"}}]},
        {"lists": [{"name": "L", "members": ["nobody@example.com"]}]},
        {"email_events": [{"email_id": "1", "contact": "no@example.com", "type": "SENT", "at": "2026-01-01"}]},
        {"lists": [{}]},
    ],
    ids=["no file", "address twice", "unknown property", "unknown member", "unknown contact", "no name"],
)
def test_a_seed_that_does_not_fit_is_refused(seed: Any) -> None:
    with pytest.raises(BadSeed):
        Sandbox(seed=seed).start()


def test_counters_follow_from_the_log_of_emails(ask: Caller) -> None:
    names = "hs_email_delivered,hs_email_open,hs_email_click,hs_email_bounce,hs_email_optout"
    names += ",hs_email_first_open_date,hs_email_last_open_date,hs_email_last_email_name"
    names += ",hs_email_hard_bounce_reason_enum,hs_email_sends_since_last_engagement"
    page = ask("GET", f"/crm/v3/objects/contacts?limit=100&properties=email,{names}").json
    held = {row["properties"]["email"].partition("@")[0]: row["properties"] for row in page["results"]}
    ana = held["ana"]
    assert (ana["hs_email_delivered"], ana["hs_email_open"], ana["hs_email_click"]) == ("1", "1", "1")
    assert ana["hs_email_first_open_date"] == "2026-03-01T10:00:00.000Z"
    assert ana["hs_email_last_open_date"] == "2026-03-02T10:00:00.000Z"
    assert ana["hs_email_last_email_name"] == "Spring sale"
    assert ana["hs_email_sends_since_last_engagement"] == "0"
    assert held["bo"]["hs_email_optout"] == "true"
    assert held["cy"]["hs_email_hard_bounce_reason_enum"] == "UNKNOWN_USER"
    assert held["cy"]["hs_email_delivered"] == "0"


def test_an_opt_out_by_the_api_reaches_the_contact(ask: Caller) -> None:
    path = "/communication-preferences/2026-03/statuses/ana@example.com/unsubscribe-all?channel=EMAIL"
    assert ask("POST", f"{path}&verbose=true").json["results"][0]["status"] == "UNSUBSCRIBED"
    ana = ask("GET", f"/crm/v3/objects/contacts/{ask.ids()['ana@example.com']}?properties=hs_email_optout").json
    assert ana["properties"]["hs_email_optout"] == "true"


def test_emails_are_narrowed_and_paged(ask: Caller) -> None:
    path = "/marketing/emails/2026-03"
    assert [row["id"] for row in ask("GET", f"{path}?isPublished=false").json["results"]] == ["703"]
    later = ask("GET", f"{path}?publishedAfter=2026-05-01T00:00:00Z&isPublished=true").json
    assert [row["id"] for row in later["results"]] == ["702"]
    seen: list[str] = []
    link = f"{path}?limit=2"
    while link:
        page = ask("GET", link.removeprefix(ask.sandbox.base_url)).json
        assert page["total"] == 3
        seen += [row["id"] for row in page["results"]]
        link = page.get("paging", {}).get("next", {}).get("link", "")
    assert sorted(seen) == ["701", "702", "703"]
    assert ask("GET", f"{path}/999").status == 404
    assert ask("GET", f"{path}/701?includeStats=true").json["stats"]["ratios"]["openratio"] == 50.0
    assert ask("GET", f"{path}/statistics/list").status == 400
