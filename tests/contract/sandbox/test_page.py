"""The page for people, and the side door for tests."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest

from tests.contract.sandbox.caller import Caller, Reply

NASTY = '<script>alert("x")</script>&'


class Text(HTMLParser):
    """The words of a page and the elements it is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "action"}]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def page(ask: Caller, query: str = "") -> Text:
    reply = ask("GET", f"/{query}", Authorization="")
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("text/html")
    return Text(reply.text)


def press(ask: Caller, action: str, origin: str | None = "own", **fields: str) -> Reply:
    """Press a button of the page, as a browser on a page of `origin` would; None for one that does not say."""
    headers = {"Content_Type": "application/x-www-form-urlencoded", "Authorization": ""}
    if origin is not None:
        headers["Origin"] = ask.sandbox.base_url if origin == "own" else origin
    return ask("POST", "/?", urlencode({"do": action, **fields}).encode(), **headers)


def test_the_page_shows_what_the_portal_holds(ask: Caller) -> None:
    ask("GET", "/crm/v3/lists/404")
    words = page(ask).words
    for wanted in (
        str(ask.sandbox.portal_id),
        "professional",
        "Newsletter",
        "ana@example.com",
        "score",
        "Spring sale",
        "/crm/v3/lists/404",
        "404",
    ):
        assert wanted in words


def test_the_page_shows_the_members_of_a_list(ask: Caller) -> None:
    shown = page(ask, "?list=1").words
    assert {"ana@example.com", "bo@example.com"} <= set(shown)
    assert "cy@example.com" not in shown
    ask("PUT", "/crm/v3/lists/1/memberships/add", [ask.ids()["cy@example.com"]])
    assert "cy@example.com" in page(ask, "?list=1").words


def test_the_page_shows_one_contact_with_its_lists_and_emails(ask: Caller) -> None:
    words = page(ask, f"?contact={ask.ids()['ana@example.com']}").words
    for wanted in ("ana@work.example", "80", "Newsletter", "CLICK", "customer_id"):
        assert wanted in words


def test_contacts_are_found_and_paged(serve: Callable[..., Caller]) -> None:
    contacts = [{"properties": {"email": f"p{at:02}@example.com"}} for at in range(60)]
    ask = serve(seed={"contacts": contacts})
    assert "p24@example.com" in page(ask).words
    assert "p25@example.com" not in page(ask).words
    assert "p25@example.com" in page(ask, "?page=1").words
    assert "p41@example.com" in page(ask, "?q=P41").words
    assert "p42@example.com" not in page(ask, "?q=P41").words


def test_nothing_on_the_page_can_run(ask: Caller) -> None:
    ana = ask.ids()["ana@example.com"]
    ask("PATCH", f"/crm/v3/objects/contacts/{ana}", {"properties": {"firstname": NASTY}})
    ask("POST", "/crm/v3/lists", {"name": NASTY, "objectTypeId": "0-1", "processingType": "MANUAL"})
    ask("GET", "/crm/v3/lists/%3Cscript%3E")
    ask("POST", "/marketing/v3/emails", {"name": NASTY, "subject": NASTY})
    ask("POST", "/__sandbox__/faults", {"spec": "500 path='<script>'"})
    bad = "%3Cscript%3E"
    for query in (
        "",
        f"?contact={ana}",
        "?list=1",
        f"?q=%22%3E{bad}",
        f"?list={bad}",
        f"?contact={bad}",
        f"?email={bad}",
    ):
        shown = page(ask, query)
        assert "script" not in shown.tags
        assert all(link.startswith("/?") for link in shown.links), "no assets from elsewhere"
    assert NASTY in page(ask).words
    assert "default-src 'none'" in ask("GET", "/").headers["content-security-policy"]


def test_the_side_door_tells_the_state_and_the_requests(ask: Caller) -> None:
    ask("GET", "/crm/v3/lists/1")
    ask("GET", "/crm/v3/lists/9")
    state = ask("GET", "/__sandbox__/state").json
    assert state["contacts"] == 3
    assert state["lists"] == [{"id": "1", "name": "Newsletter", "processing_type": "MANUAL", "size": 2}]
    assert "score" in state["custom_properties"]
    last = ask("GET", "/__sandbox__/requests").json["requests"][-2:]
    assert [(row["path"], row["status"]) for row in last] == [("/crm/v3/lists/1", 200), ("/crm/v3/lists/9", 404)]
    assert last[0]["token"] == ask.token[-4:]


def test_the_request_log_has_an_end(ask: Caller) -> None:
    for _ in range(501):
        ask("GET", "/crm/v3/lists/1")
    assert len(ask("GET", "/__sandbox__/requests").json["requests"]) == 500


def test_a_reset_returns_to_the_seed_and_keeps_the_token(ask: Caller) -> None:
    ask("POST", "/crm/v3/objects/contacts", {"properties": {"email": "new@example.com"}})
    ask("DELETE", "/crm/v3/lists/1")
    assert ask("POST", "/__sandbox__/reset", {}).json["contacts"] == 3
    assert set(ask.ids()) == {"ana@example.com", "bo@example.com", "cy@example.com"}
    assert ask("POST", "/__sandbox__/reset", {"seed": "empty"}).json["contacts"] == 0


def test_more_may_be_planted_while_it_runs(ask: Caller) -> None:
    more = {"contacts": [{"properties": {"email": "dee@example.com"}}]}
    assert ask("POST", "/__sandbox__/seed", more).json["contacts"] == 4
    assert ask("POST", "/__sandbox__/seed", more).status == 400


def test_the_clock_can_be_put_forward(ask: Caller) -> None:
    before = ask("GET", "/__sandbox__/state").json["now"]
    after = ask("POST", "/__sandbox__/clock", {"advance_seconds": 3600}).json["now"]
    assert (before[11:13], after[11:13]) == ("12", "13")


def test_no_other_sites_page_can_use_the_side_door(ask: Caller) -> None:
    assert ask("POST", "/__sandbox__/reset", b"{}", Content_Type="text/plain").status == 415
    assert ask("POST", "/__sandbox__/nothing", {}).status == 404


def test_time_passes_at_the_press_of_a_button(ask: Caller) -> None:
    for days, then in (("1", "2026-11-24 12:00:00"), ("7", "2026-12-01 12:00:00")):
        pressed = press(ask, "days", days=days)
        assert (pressed.status, pressed.headers["location"]) == (303, "/?#life")
        assert then in page(ask).words
    assert any("goes to" in word for word in page(ask).words), "the diary tells of a campaign"


def test_the_clock_obeys_the_page(ask: Caller) -> None:
    press(ask, "advance", seconds="3600")
    press(ask, "tick", tick="0")
    told = ask("GET", "/__sandbox__/clock").json
    assert (told["now"], told["tick"]) == ("2026-11-23T13:00:00.000Z", 0.0)
    assert "Let it tick" in page(ask).words


def test_life_is_set_going_and_stopped(ask: Caller) -> None:
    press(ask, "speed", speed="1440")
    assert ask("GET", "/__sandbox__/live").json["speed"] == 1440
    assert "Stop" in page(ask).words
    press(ask, "speed", speed="0")
    assert ask("GET", "/__sandbox__/live").json["speed"] == 0


def test_faults_are_switched_on_and_off(ask: Caller) -> None:
    fields = {"kind": "502", "method": "", "path": "/crm/lists/*", "times": "2", "after": "0", "probability": "1"}
    assert press(ask, "fault", **fields, seconds="").headers["location"] == "/?#faults"
    assert [ask("GET", "/crm/v3/lists/1").status for _ in range(3)] == [502, 502, 200]
    words = page(ask).words
    assert "502 path='/crm/lists/*' times=2" in words
    assert "over" in words
    (fault,) = ask("GET", "/__sandbox__/faults").json["faults"]
    press(ask, "end", id=fault["id"])
    press(ask, "fault", kind="500")
    press(ask, "calm")
    assert ask("GET", "/__sandbox__/faults").json["faults"] == []


def test_a_workflow_is_turned_on_by_a_person(ask: Caller) -> None:
    flow = {"type": "CONTACT_FLOW", "objectTypeId": "0-1", "flowType": "WORKFLOW", "name": "Greet"}
    made = ask("POST", "/automation/v4/flows", flow).json["id"]
    assert "Greet" in page(ask).words
    assert press(ask, "flow", id=made, on="true").status == 303
    assert ask("GET", f"/automation/v4/flows/{made}").json["isEnabled"] is True


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null", "", None])
def test_no_other_sites_page_can_press_a_button(ask: Caller, origin: str | None) -> None:
    refused = press(ask, "fault", origin, kind="500")
    assert refused.status == 403
    assert "asked for by another page" in refused.text
    assert ask("GET", "/__sandbox__/faults").json["faults"] == []


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("dance", {}),
        ("days", {}),
        ("days", {"days": "-1"}),
        ("days", {"days": NASTY}),
        ("advance", {"seconds": "-1"}),
        ("speed", {"speed": "1e99"}),
        ("fault", {"kind": NASTY}),
        ("fault", {"kind": "500", "times": "0"}),
        ("flow", {"id": "1", "on": "true"}),
        ("days", {"days": "1", "more": "x" * 10_000}),
    ],
)
def test_what_makes_no_sense_is_told_on_the_page(ask: Caller, action: str, fields: dict[str, str]) -> None:
    refused = press(ask, action, **fields)
    assert refused.status in {400, 413}
    shown = Text(refused.text)
    assert any("othing was done" in word for word in shown.words)
    assert "script" not in shown.tags
    assert ask("GET", "/__sandbox__/clock").json["ahead_seconds"] == 0
    assert ask("GET", "/__sandbox__/faults").json["faults"] == []


def test_the_page_takes_no_other_method(ask: Caller) -> None:
    assert ask("DELETE", "/").status == 405


def test_a_contact_tells_who_changed_what(ask: Caller) -> None:
    ana = ask.ids()["ana@example.com"]
    ask("PATCH", f"/crm/v3/objects/contacts/{ana}", {"properties": {"score": "91"}})
    words = page(ask, f"?contact={ana}").words
    history = words[words.index("What changed") :]
    assert {"score", "80", "91"} <= set(history)
    assert any(word.startswith("INTEGRATION") for word in history)


def test_a_contact_that_was_merged_or_deleted_is_still_told_of(ask: Caller) -> None:
    ids = ask.ids()
    body = {"primaryObjectId": ids["ana@example.com"], "objectIdToMerge": ids["bo@example.com"]}
    assert ask("POST", "/crm/v3/objects/contacts/merge", body).status == 200
    words = page(ask, f"?contact={ids['bo@example.com']}").words
    assert "Contact ana@example.com" in words
    assert any("was merged into" in word for word in words)
    ask("DELETE", f"/crm/v3/objects/contacts/{ids['cy@example.com']}")
    assert any(word.startswith("Deleted 2026-11-23") for word in page(ask, f"?contact={ids['cy@example.com']}").words)


def test_an_email_tells_what_became_of_it(ask: Caller) -> None:
    words = page(ask, "?email=701").words
    for wanted in ("E-mail Spring sale", "Subject: Spring", "Sent", "3", "Opened of delivered", "50.0 %"):
        assert wanted in words
    assert "There is no e-mail 9." in page(ask, "?email=9").words
