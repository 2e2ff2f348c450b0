"""The page for people at `/`: what the portal holds, what goes wrong in it, what time it is; no scripts, no assets."""

from __future__ import annotations

from importlib.resources import files
from itertools import islice

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hubsync.sandbox.clock import iso
from hubsync.sandbox.live import Life
from hubsync.sandbox.markup import Markup, element, facts, joined, link, section, table, when
from hubsync.sandbox.page_actions import Actions, Unwanted
from hubsync.sandbox.page_contacts import ContactsPart
from hubsync.sandbox.page_controls import Controls
from hubsync.sandbox.page_holdings import Holdings
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.shape import whole

_SHOWN_REQUESTS = 50
_BAD = 400
_STYLE = Markup(files("hubsync.sandbox").joinpath("page.css").read_text(encoding="utf-8"))
#: Nothing may run on this page, whatever a contact's name holds, and its forms go nowhere else.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
_PARTS = ("Life", "Faults", "Lists", "Contacts", "E-mails", "Workflows", "Properties", "Requests")


class Page:
    """Draws the page and does what its buttons ask for."""

    def __init__(self, portal: Portal, life: Life) -> None:
        self._portal = portal
        self._actions = Actions(portal, life)
        self._controls = Controls(portal, life)
        self._contacts = ContactsPart(portal)
        self._holdings = Holdings(portal)

    async def answer(self, request: Request) -> Response:
        """Answer with the page; `list`, `contact`, `email`, `q` and `page` of the query choose what it shows."""
        if request.method == "GET":
            return self._page(request.query_params)
        if request.method != "POST":
            return Response(status_code=405, headers={"Allow": "GET, POST"})
        try:
            done = self._actions.do(request, await request.body())
        except Unwanted as unwanted:
            return self._page(request.query_params, str(unwanted), unwanted.status)
        # To the page anew, so that reloading it does nothing twice.
        return RedirectResponse(f"/?#{done}", status_code=303)

    def _page(self, query: QueryParams, complaint: str = "", status: int = 200) -> Response:
        page = whole(query.get("page", "")) or 0
        if "contact" in query:
            parts = [self._contacts.one(query["contact"])]
        elif "list" in query:
            parts = [self._contacts.members(query["list"], page)]
        elif "email" in query:
            parts = [self._holdings.email(query["email"])]
        else:
            parts = [
                self._controls.life(),
                self._controls.faults(),
                self._holdings.lists(),
                self._contacts.all(query.get("q", ""), page),
                self._holdings.emails(),
                self._holdings.flows(),
                self._holdings.properties(),
                self._requests(),
            ]
        title = f"HubSpot sandbox {self._portal.portal_id}"
        head = element(
            "head",
            Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
            element("title", title),
            element("style", _STYLE),
        )
        alarm = element("div", complaint, class_="alarm", role="alert") if complaint else ""
        body = element("body", element("main", self._top(title), alarm, *parts))
        document = f"<!doctype html>\n{element('html', head, body, lang='en')}"
        return HTMLResponse(document, status, headers={"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"})

    def _top(self, title: str) -> Markup:
        portal = self._portal
        usage = portal.pace.usage(portal.now())
        return joined(
            (
                element("h1", link(title)),
                element("p", "A HubSpot on this machine. Nothing here reaches a real account.", class_="soft"),
                element("nav", *(link(text, f"#{text.lower()}") for text in _PARTS), aria_label="Parts of this page"),
                element(
                    "section",
                    facts(
                        (
                            ("Portal", portal.portal_id),
                            ("Tier", portal.settings.tier.value),
                            ("Limits", "on" if portal.settings.limits else "off"),
                            ("Requests today", f"{usage.used:,} of {usage.limit:,}"),
                            ("Contacts", f"{sum(1 for _ in portal.contacts.living()):,}"),
                            ("Its time (UTC)", when(iso(portal.now()))),
                        )
                    ),
                ),
            )
        )

    def _requests(self) -> Markup:
        rows = [
            (
                when(entry.at),
                entry.method,
                entry.path,
                element("span", entry.status, class_="bad") if entry.status >= _BAD else entry.status or "none",
                entry.ms,
                entry.fault,
            )
            for entry in islice(reversed(self._portal.log), _SHOWN_REQUESTS)
        ]
        return section("Requests", table(("When", "Method", "Path", "Status", "ms", "Fault"), rows))
