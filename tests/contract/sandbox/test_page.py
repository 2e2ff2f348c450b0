"""The page for people, and the side door for tests."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

from tests.contract.sandbox.caller import Caller

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
    for query in ("", f"?contact={ana}", "?list=1", "?q=%22%3E%3Cscript%3E", "?list=%3Cscript%3E"):
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
