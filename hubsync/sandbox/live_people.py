"""What people do in a portal by themselves: sign up, come by, correct their data, leave; colleagues edit by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from hubsync.sandbox import merging, values
from hubsync.sandbox.clock import iso
from hubsync.sandbox.errors import Refused
from hubsync.sandbox.history import BY_HAND, COMPUTED, Source
from hubsync.sandbox.live_agenda import Agenda
from hubsync.sandbox.live_chance import Chance
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Contact, EmailEvent, Json

FORM = Source(type="FORM", id="5d7d3d1c-6f3e-4a8b-9a53-0a1f2b6f7c11")
VISIT = Source(type="ANALYTICS")
_FIRST_NAMES = ("Ada", "Bruno", "Clara", "Davi", "Elena", "Felix", "Gita", "Hugo", "Iris", "João", "Kemi", "Luca")
_LAST_NAMES = ("Abreu", "Baker", "Costa", "Dias", "Evans", "Fischer", "Gomes", "Hale", "Ito", "Jansen", "Khan", "Lima")
_CITIES = ("Porto Alegre", "Recife", "Lyon", "Leeds", "Graz", "Turin", "Austin", "Osaka", "Lagos", "Malmö")
_JOBS = ("Teacher", "Nurse", "Engineer", "Cook", "Designer", "Driver", "Accountant", "Student")
_MOST_PAGES = 9
#: What somebody corrects: mostly where to reach them, now and then who they are.
_CORRECTED = ("phone", "phone", "city", "city", "jobtitle", "lastname", "email")


class People:
    """Does what people do, each deed at a time and by a chance of its own; a deed on a contact that is gone is none."""

    def __init__(self, portal: Portal, agenda: Agenda, chance: Chance) -> None:
        self._portal = portal
        self._agenda = agenda
        self._chance = chance
        self._deeds: dict[str, Callable[[Contact, Json, dt.datetime], None]] = {
            "visit": self._visit,
            "correct": self._correct,
            "opt-out": self._opt_out,
            "delete": self._delete,
            "merge": self._merge,
            "hand-edit": self._hand_edit,
        }

    def happen(self, kind: str, details: Json, at: dt.datetime) -> None:
        """Do a deed; raises KeyError where there is no such kind."""
        if kind == "sign-up":
            self._sign_up(details, at)
            return
        if kind == "hand-list":
            self._hand_list(details, at)
            return
        contact = self._portal.contacts.get(details["contact"])
        if contact is not None:
            self._deeds[kind](contact, details, at)

    def _sign_up(self, details: Json, at: dt.datetime) -> None:
        number = details["number"]
        first = self._chance.pick(_FIRST_NAMES, "first name", at.date(), number)
        last = self._chance.pick(_LAST_NAMES, "last name", at.date(), number)
        plain = f"{first}.{last}".lower().replace("ã", "a")
        address = f"{plain}.{at:%y%m%d}{number}@example.org"
        (kept,) = values.check(
            [{"email": address, "firstname": first, "lastname": last, "lifecyclestage": "subscriber"}],
            self._portal.state.properties,
        )
        if self._portal.contacts.conflict(kept):
            return
        contact = self._portal.contacts.create(kept, at, source=FORM)
        counted = {"num_conversion_events": "1", "recent_conversion_date": iso(at)}
        self._portal.contacts.update(contact, counted, at, COMPUTED)
        self._portal.settle_later(contact)
        self._agenda.note(at, "sign-up", f"{first} {last} signs up", contact_id=contact.id)

    def _visit(self, contact: Contact, details: Json, at: dt.datetime) -> None:
        del details
        held = contact.properties
        pages = self._chance.whole(1, _MOST_PAGES, "pages", contact.id, iso(at))
        seen = {
            "hs_analytics_num_page_views": str(int(held.get("hs_analytics_num_page_views", "0")) + pages),
            "hs_analytics_num_visits": str(int(held.get("hs_analytics_num_visits", "0")) + 1),
            "hs_analytics_first_timestamp": held.get("hs_analytics_first_timestamp", iso(at)),
            "hs_analytics_last_timestamp": iso(at),
            "hs_analytics_last_visit_timestamp": iso(at),
            "hs_analytics_source": held.get("hs_analytics_source", "DIRECT_TRAFFIC"),
        }
        self._portal.contacts.update(contact, seen, at, VISIT)

    def _correct(self, contact: Contact, details: Json, at: dt.datetime) -> None:
        """Somebody corrects their own data over a form; a colleague does for one in three, who called."""
        del details
        question = (contact.id, iso(at))
        name = self._chance.pick(_CORRECTED, "corrects", *question)
        value = self._corrected(contact, name, question)
        by = BY_HAND if self._chance.of("by a colleague", *question) < 1 / 3 else FORM
        if self._write(contact, {name: value}, at, by):
            self._agenda.note(
                at, "correction", f"{_called(contact)}: {name} is now {value}", contact_id=contact.id, property=name
            )

    def _corrected(self, contact: Contact, name: str, question: tuple[str, str]) -> str:
        if name == "phone":
            return f"+1 555 01{self._chance.whole(10, 99, 'phone', *question)}"
        if name == "email":
            local, _, domain = contact.properties.get("email", "nobody@example.org").partition("@")
            return f"{local}.{self._chance.whole(2, 99, 'address', *question)}@{domain}"
        choices = {"city": _CITIES, "jobtitle": _JOBS, "lastname": _LAST_NAMES}[name]
        return self._chance.pick(choices, name, *question)

    def _opt_out(self, contact: Contact, details: Json, at: dt.datetime) -> None:
        del details
        if contact.properties.get("hs_email_optout") == "true":
            return
        # Not from an e-mail but from the page of preferences.
        event = EmailEvent(email_id="0", contact_id=contact.id, type="UNSUBSCRIBED", at=iso(at))
        self._portal.mail.append([event], at)
        self._agenda.note(at, "opt-out", f"{_called(contact)} opts out of all e-mail", contact_id=contact.id)

    def _delete(self, contact: Contact, details: Json, at: dt.datetime) -> None:
        del details
        self._portal.contacts.archive(contact, at)
        self._agenda.note(at, "delete", f"A colleague deletes {_called(contact)}", contact_id=contact.id)

    def _merge(self, contact: Contact, details: Json, at: dt.datetime) -> None:
        other = self._portal.contacts.get(details["other"])
        if other is None or other.id == contact.id:
            return
        merged = merging.merge_contacts(self._portal, contact, other)
        self._agenda.note(
            at,
            "merge",
            f"A colleague merges {_called(other)} into {_called(contact)}",
            contact_id=merged.id,
            merged=[contact.id, other.id],
        )

    def _hand_edit(self, contact: Contact, details: Json, at: dt.datetime) -> None:
        """A colleague changes a property that an integration made and keeps."""
        name = details["property"]
        definition = self._portal.state.properties.get(name)
        if definition is None or definition["archived"]:
            return
        old = contact.properties.get(name, "")
        value = self._another(definition, old, (contact.id, iso(at)))
        if value != old and self._write(contact, {name: value}, at, BY_HAND):
            self._agenda.note(
                at,
                "hand-edit",
                f"A colleague changes {name} of {_called(contact)} from {old or 'nothing'} to {value or 'nothing'}",
                contact_id=contact.id,
                property=name,
                old=old,
                new=value,
            )

    def _another(self, definition: Json, old: str, question: tuple[str, str]) -> str:
        others = [row["value"] for row in definition["options"] if row["value"] != old]
        match definition["type"]:
            case "number":
                return str(int(float(old or "0")) + self._chance.whole(1, 20, "another", *question))
            case "bool":
                return "false" if old == "true" else "true"
            case "enumeration":
                return self._chance.pick(others, "another", *question) if others else ""
            case "date" | "datetime":
                return ""
            case _:
                return f"{old} (checked)"

    def _hand_list(self, details: Json, at: dt.datetime) -> None:
        """A colleague takes people off a list that is kept by hand, or puts some on."""
        row = self._portal.lists.get(details["list"])
        if row is None or row.processing == "DYNAMIC":
            return
        done = self._portal.lists.change(row, details["add"], details["remove"])
        if done.added or done.removed:
            self._agenda.note(
                at,
                "hand-list",
                f"A colleague adds {len(done.added)} to “{row.name}” and takes {len(done.removed)} off",
                list_id=row.id,
                added=list(done.added),
                removed=list(done.removed),
            )

    def _write(self, contact: Contact, changes: dict[str, str], at: dt.datetime, by: Source) -> bool:
        """Write what HubSpot would take; returns whether it did."""
        try:
            (kept,) = values.check([changes], self._portal.state.properties)
        except Refused:
            return False
        if self._portal.contacts.conflict(kept, contact.id):
            return False
        self._portal.contacts.update(contact, kept, at, by)
        return True


def _called(contact: Contact) -> str:
    held = contact.properties
    name = f"{held.get('firstname', '')} {held.get('lastname', '')}".strip()
    return name or held.get("email") or contact.id
