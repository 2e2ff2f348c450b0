"""The parts of the page about contacts: all of them, those of one list, and one with its history."""

from __future__ import annotations

from itertools import islice

from hubsync.sandbox import live_log
from hubsync.sandbox.markup import Markup, element, joined, link, pages, section, table, void, when
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Contact

_PAGE = 25
_SHOWN_PROPERTIES = 4
_SHOWN_EDITS = 100
_SEARCHED = ("email", "hs_additional_emails", "firstname", "lastname", "hs_object_id")


class ContactsPart:
    """Draws them."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def all(self, wanted: str, page: int) -> Markup:
        """Draw a page of the contacts in whose name, address or id `wanted` occurs."""
        folded = wanted.strip().lower()
        found = (
            contact
            for contact in self._portal.contacts.living()
            if not folded or any(folded in contact.properties.get(name, "").lower() for name in _SEARCHED)
        )
        shown = list(islice(found, page * _PAGE, (page + 1) * _PAGE + 1))
        search = element(
            "form",
            void("input", name="q", value=wanted, type="search", aria_label="Find contacts by name, address or id"),
            element("button", "Find"),
            class_="find",
            action="/?#contacts",
        )
        return section(
            "Contacts",
            search,
            table(self._heads(), [self._row(contact) for contact in shown[:_PAGE]]),
            pages(page, more=len(shown) > _PAGE, fragment="#contacts", q=wanted),
        )

    def members(self, list_id: str, page: int) -> Markup:
        """Draw a page of the members of a list, first joined first."""
        row = self._portal.lists.get(list_id)
        if row is None:
            return section("List", element("p", f"There is no list {list_id}."))
        roster = self._portal.lists.roster(row)
        ids, rest = roster.page_by_joining(page * _PAGE, _PAGE)
        rows = [
            (*self._row(contact), when(roster.joined(contact.id)))
            for key in ids
            if (contact := self._portal.contacts.get(key)) is not None
        ]
        return section(
            f"List {row.name}",
            element("p", f"{row.processing}, {len(roster):,} members", class_="soft"),
            table((*self._heads(), "Joined"), rows),
            pages(page, more=rest is not None, list=list_id),
        )

    def one(self, contact_id: str) -> Markup:
        """Draw a contact: its properties, its lists, what changed and who changed it, its e-mails."""
        portal = self._portal
        contact = portal.state.contacts.get(portal.contacts.current_id(contact_id))
        if contact is None:
            return section("Contact", element("p", f"There is no contact {contact_id}."))
        own = set(self._own())
        names = sorted(contact.properties, key=lambda name: (name not in own, name))
        inside = [link(row.name, list=row.id) for row in portal.lists.all() if contact.id in portal.lists.roster(row)]
        lists = element("p", "In lists: ", joined(joined((", " if at else "", one)) for at, one in enumerate(inside)))
        archived = f"Deleted {when(contact.archived_at)}." if contact.archived_at else ""
        merged = f"{contact_id} was merged into this contact." if contact.id != contact_id else ""
        return joined(
            (
                section(
                    f"Contact {contact.properties.get('email', contact.id)}",
                    *(element("p", text, class_="bad") for text in (archived, merged) if text),
                    lists if inside else element("p", "In no list.", class_="soft"),
                    table(
                        ("Property", "Value"),
                        [(name, contact.properties[name]) for name in names],
                        own=range(len(own & set(names))),
                    ),
                ),
                self._history(contact),
                self._mail(contact),
            )
        )

    def _history(self, contact: Contact) -> Markup:
        edits = sorted(live_log.edits_of(self._portal, contact), key=lambda row: str(row["at"]), reverse=True)
        # The counters of e-mails follow from the e-mails, which stand below.
        told = [row for row in edits if row["source_type"] != "EMAIL"]
        rows = [
            (
                when(row["at"]),
                row["property"],
                row["old"],
                row["new"],
                " ".join(filter(None, (row["source_type"], row["source_id"]))),
            )
            for row in told[:_SHOWN_EDITS]
        ]
        return section("What changed", table(("When", "Property", "From", "To", "By"), rows), name="history")

    def _mail(self, contact: Contact) -> Markup:
        rows = []
        for event in sorted(self._portal.mail.of_contact(contact.id), key=lambda event: event.at, reverse=True):
            email = self._portal.state.emails.get(event.email_id)
            name = link(email["name"], email=event.email_id) if email else "Page of preferences"
            rows.append((when(event.at), event.type, name))
        return section("E-mails it got", table(("When", "What", "E-mail"), rows))

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
