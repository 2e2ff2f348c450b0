"""The page for people at `/`: what the portal holds and what was last asked of it; drawn on the server, no assets."""

from __future__ import annotations

from importlib.resources import files
from itertools import islice

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from hubsync.sandbox.clock import iso
from hubsync.sandbox.live import Life
from hubsync.sandbox.markup import Markup, element, joined, link, table, void
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.shape import whole
from hubsync.sandbox.state import Contact

_PAGE = 25
_SHOWN_REQUESTS = 50
_SHOWN_PROPERTIES = 4
_BAD = 400
_SEARCHED = ("email", "hs_additional_emails", "firstname", "lastname", "hs_object_id")
_STYLE = Markup(files("hubsync.sandbox").joinpath("page.css").read_text(encoding="utf-8"))
#: Nothing may run on this page, whatever a contact's name holds.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"


class Page:
    """Draws the page."""

    def __init__(self, portal: Portal, life: Life) -> None:
        self._portal = portal
        self._life = life

    async def answer(self, request: Request) -> Response:
        """Answer with the page; `list`, `contact`, `q` and `page` of the query choose what it shows."""
        query = request.query_params
        if "contact" in query:
            sections = [self._contact(query["contact"])]
        elif "list" in query:
            sections = [self._list(query["list"], _number(query.get("page")))]
        else:
            sections = [
                self._lists(),
                self._contacts(query.get("q", ""), _number(query.get("page"))),
                self._emails(),
                self._properties(),
                self._requests(),
            ]
        title = f"HubSpot sandbox {self._portal.portal_id}"
        head = element(
            "head",
            Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
            element("title", title),
            element("style", _STYLE),
        )
        body = element("body", element("main", self._top(title), *sections))
        document = f"<!doctype html>\n{element('html', head, body, lang='en')}"
        return HTMLResponse(document, headers={"Content-Security-Policy": _POLICY})

    def _top(self, title: str) -> Markup:
        portal = self._portal
        usage = portal.pace.usage(portal.now())
        facts = (
            ("Portal", portal.portal_id),
            ("Tier", portal.settings.tier.value),
            ("Limits", "on" if portal.settings.limits else "off"),
            ("Requests today", f"{usage.used:,} of {usage.limit:,}"),
            ("Contacts", f"{sum(1 for _ in portal.contacts.living()):,}"),
            ("Its time (UTC)", _when(iso(portal.now()))),
        )
        return joined(
            (
                element("h1", title),
                element("p", "A HubSpot on this machine. Nothing here reaches a real account.", class_="soft"),
                element(
                    "nav",
                    *(
                        link(text, f"#{text.lower()}")
                        for text in ("Lists", "Contacts", "E-mails", "Properties", "Requests")
                    ),
                ),
                element(
                    "section",
                    element(
                        "dl", *(element("div", element("dt", name), element("dd", value)) for name, value in facts)
                    ),
                ),
            )
        )

    def _lists(self) -> Markup:
        portal = self._portal
        rows = [
            (
                link(row.name, list=row.id),
                len(portal.lists.roster(row)),
                row.processing,
                "PROCESSING" if portal.lists.processing(row) else "COMPLETE",
                _when(row.created_at),
            )
            for row in portal.lists.all()
        ]
        return _section("Lists", table(("Name", "Members", "Type", "Status", "Created"), rows))

    def _list(self, list_id: str, page: int) -> Markup:
        row = self._portal.lists.get(list_id)
        if row is None:
            return _section("List", element("p", f"There is no list {list_id}."))
        roster = self._portal.lists.roster(row)
        ids, rest = roster.page_by_joining(page * _PAGE, _PAGE)
        rows = [
            (*self._row(contact), _when(roster.joined(contact.id)))
            for key in ids
            if (contact := self._portal.contacts.get(key)) is not None
        ]
        return _section(
            f"List {row.name}",
            element("p", f"{row.processing}, {len(roster):,} members", class_="soft"),
            table((*self._heads(), "Joined"), rows),
            _pages(page, more=rest is not None, list=list_id),
        )

    def _contacts(self, wanted: str, page: int) -> Markup:
        folded = wanted.strip().lower()
        found = (
            contact
            for contact in self._portal.contacts.living()
            if not folded or any(folded in contact.properties.get(name, "").lower() for name in _SEARCHED)
        )
        shown = list(islice(found, page * _PAGE, (page + 1) * _PAGE + 1))
        search = element(
            "form",
            void("input", name="q", value=wanted, aria_label="Find contacts"),
            element("button", "Find"),
        )
        return _section(
            "Contacts",
            search,
            table(self._heads(), [self._row(contact) for contact in shown[:_PAGE]]),
            _pages(page, more=len(shown) > _PAGE, q=wanted),
        )

    def _contact(self, contact_id: str) -> Markup:
        portal = self._portal
        contact = portal.contacts.get(contact_id)
        if contact is None:
            return _section("Contact", element("p", f"There is no contact {contact_id}."))
        own = set(self._own())
        names = sorted(contact.properties, key=lambda name: (name not in own, name))
        inside = [link(row.name, list=row.id) for row in portal.lists.all() if contact_id in portal.lists.roster(row)]
        happened = [(_when(event.at), event.type, event.email_id) for event in portal.mail.of_contact(contact_id)]
        return joined(
            (
                _section(
                    f"Contact {contact.properties.get('email', contact_id)}",
                    element("p", "In lists: ", *(joined((one, " ")) for one in inside)) if inside else "",
                    table(
                        ("Property", "Value"),
                        [(name, contact.properties[name]) for name in names],
                        own=range(len(own & set(names))),
                    ),
                ),
                _section("E-mails it got", table(("When", "What", "E-mail"), sorted(happened))),
            )
        )

    def _emails(self) -> Markup:
        rows = []
        for email in self._portal.state.emails.values():
            counters = self._portal.mail.statistics([email["id"]])["counters"]
            rows.append((email["name"], _when(email["publishDate"]), *(counters[name] for name in _EMAIL_COUNTERS)))
        return _section("E-mails", table(("Name", "Published", *(n.capitalize() for n in _EMAIL_COUNTERS)), rows))

    def _properties(self) -> Markup:
        own = set(self._own())
        rows = sorted(
            (row for row in self._portal.state.properties.values() if not row["archived"]),
            key=lambda row: (row["name"] not in own, row["name"]),
        )
        shown = [(row["name"], row["label"], row["type"], row["groupName"]) for row in rows]
        return _section("Properties", table(("Name", "Label", "Type", "Group"), shown, own=range(len(own))))

    def _requests(self) -> Markup:
        rows = [
            (
                _when(entry.at),
                entry.method,
                entry.path,
                element("span", entry.status, class_="bad") if entry.status >= _BAD else entry.status,
                entry.ms,
            )
            for entry in islice(reversed(self._portal.log), _SHOWN_REQUESTS)
        ]
        return _section("Requests", table(("When", "Method", "Path", "Status", "ms"), rows))

    def _own(self) -> list[str]:
        """Return the properties that an integration made: they are what one comes to see."""
        return [
            row["name"]
            for row in self._portal.state.properties.values()
            if not row.get("hubspotDefined") and not row["archived"]
        ]

    def _heads(self) -> tuple[str, ...]:
        return ("Record", "E-mail", "Name", *self._own()[:_SHOWN_PROPERTIES])

    def _row(self, contact: Contact) -> tuple[object, ...]:
        held = contact.properties
        name = f"{held.get('firstname', '')} {held.get('lastname', '')}".strip()
        own = (held.get(key, "") for key in self._own()[:_SHOWN_PROPERTIES])
        return (link(contact.id, contact=contact.id), held.get("email", ""), name, *own)


_EMAIL_COUNTERS = ("sent", "delivered", "open", "click", "bounce", "unsubscribed")


def _section(title: str, *content: object) -> Markup:
    return element("section", element("h2", title), *content, id=title.partition(" ")[0].lower())


def _pages(page: int, *, more: bool, **query: str) -> Markup:
    before = link("Earlier", page=str(page - 1), **query) if page else element("span")
    after = link("Further", page=str(page + 1), **query) if more else element("span")
    return element("div", before, after, class_="pages")


def _number(text: str | None) -> int:
    return whole(text or "") or 0


def _when(text: str) -> str:
    return text[:19].replace("T", " ")
