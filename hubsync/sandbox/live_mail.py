"""E-mails in the life of a portal: what is sent to whom, and what each reader makes of it by who they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from hubsync.sandbox import drafts
from hubsync.sandbox.clock import instant, iso
from hubsync.sandbox.live_agenda import Agenda, Deed
from hubsync.sandbox.live_chance import Chance
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.shelf import Shelf
from hubsync.sandbox.state import Contact, EmailEvent, Json

#: One address in a hundred is dead; one reader in 250 has had enough; one opener in five comes back.
_DEAD, _LEAVES, _AGAIN = 0.01, 0.004, 0.2
#: An open is a matter of habit, as their record shows, and of taste, which never shows; likewise a click.
_BY_HABIT, _BY_TASTE = 0.75, 0.15
_CLICK_BY_HABIT, _CLICK_BY_TASTE = 0.8, 0.1
_FIRST_ID = 190_000_000_000
_MINUTE = dt.timedelta(minutes=1)
_SENDING = 20 * _MINUTE
#: Within how long nearly everybody has read it who ever will.
_READING = dt.timedelta(hours=60)
_SUBJECTS = (
    "Fresh this week",
    "Back in stock",
    "Ideas for the weekend",
    "Small prices",
    "Just in",
    "Picked for you",
    "Last days",
)


@dataclass(frozen=True, kw_only=True)
class Habit:
    """How likely a reader opens an e-mail, and clicks in one that is open."""

    opens: float
    clicks: float


def habit(contact: Contact, chance: Chance) -> Habit:
    """Return a reader's habit out of the e-mails they had so far and a taste of their own."""
    had, opened, clicked = (
        int(contact.properties.get(f"hs_email_{name}", "0")) for name in ("delivered", "open", "click")
    )
    # One open in four and one click in eight is what is thought of somebody who had no e-mail yet.
    openness, curiosity = (opened + 1) / (had + 4), (clicked + 0.5) / (opened + 4)
    return Habit(
        opens=_BY_HABIT * openness + _BY_TASTE * chance.of("taste for e-mail", contact.id),
        clicks=_CLICK_BY_HABIT * curiosity + _CLICK_BY_TASTE * chance.of("taste for clicking", contact.id),
    )


def story(email_id: str, contact: Contact, sent_at: dt.datetime, chance: Chance) -> Iterator[Deed]:
    """Yield what will come of one e-mail sent to one contact, from SENT on."""

    def event(kind: str, at: dt.datetime) -> Deed:
        return Deed(at=at, kind="mail", details={"email": email_id, "contact": contact.id, "type": kind})

    sent = sent_at + _SENDING * chance.of("sent", email_id, contact.id)
    yield event("SENT", sent)
    if chance.of("dead mailbox", contact.id) < _DEAD:
        yield event("BOUNCE", sent + dt.timedelta(seconds=9))
        return
    delivered = sent + dt.timedelta(seconds=4)
    yield event("DELIVERED", delivered)
    yield from reading(email_id, contact, delivered, chance)


def reading(email_id: str, contact: Contact, delivered: dt.datetime, chance: Chance) -> Iterator[Deed]:
    """Yield what a reader makes of an e-mail that lies in the mailbox."""
    reader = habit(contact, chance)

    def event(kind: str, at: dt.datetime) -> Deed:
        return Deed(at=at, kind="mail", details={"email": email_id, "contact": contact.id, "type": kind})

    def likely(what: str, odds: float) -> bool:
        return chance.of(what, email_id, contact.id) < odds

    if not likely("opens", reader.opens):
        return
    # Most look soon, few after days.
    opened = delivered + _MINUTE + _READING * chance.of("reads", email_id, contact.id) ** 3
    yield event("OPEN", opened)
    if likely("clicks", reader.clicks):
        yield event("CLICK", opened + _MINUTE * (1 + chance.of("click", email_id, contact.id)))
    elif likely("leaves", _LEAVES):
        yield event("UNSUBSCRIBED", opened + 2 * _MINUTE)
    if likely("comes back", _AGAIN):
        yield event("OPEN", opened + dt.timedelta(hours=1 + 11 * chance.of("back", email_id, contact.id)))


def campaign(portal: Portal, agenda: Agenda, chance: Chance, at: dt.datetime) -> None:
    """Send what waits to be sent: drafts that have lists, or else a new e-mail to the list whose turn it is."""
    waiting = [row for row in portal.state.emails.values() if _waits(portal, row)]
    if not waiting:
        new = _new(portal, at)
        waiting = [new] if new is not None else []
    for row in waiting:
        _send(portal, agenda, chance, row, at)


def happen(portal: Portal, details: Json, at: dt.datetime) -> None:
    """Let one event of an e-mail happen; nothing where the contact is gone."""
    contact = portal.contacts.get(details["contact"])
    if contact is not None:
        event = EmailEvent(email_id=details["email"], contact_id=contact.id, type=details["type"], at=iso(at))
        portal.mail.append([event], at)


def sent_by_others(portal: Portal, agenda: Agenda, chance: Chance, since: dt.datetime) -> Iterator[Deed]:
    """Yield what readers will make of e-mails that were published through the API after `since`."""
    known = {row["email_id"] for row in portal.state.diary.values() if row["kind"] in {"campaign", "read"}}
    new = {
        email["id"]
        for email in portal.state.emails.values()
        if email["isPublished"] and email["id"] not in known and email["publishDate"] >= iso(since)
    }
    if not new:
        return
    got = [event for event in portal.state.events.values() if event.type == "DELIVERED" and event.email_id in new]
    for email_id in sorted({event.email_id for event in got}):
        name = (portal.state.emails.get(email_id) or {})["name"]
        agenda.note(portal.now(), "read", f"“{name}” begins to be read", email_id=email_id)
    for event in got:
        contact = portal.contacts.get(event.contact_id)
        if contact is not None:
            yield from reading(event.email_id, contact, instant(event.at), chance)


def _send(portal: Portal, agenda: Agenda, chance: Chance, row: Json, at: dt.datetime) -> None:
    published = {"isPublished": True, "state": "PUBLISHED", "publishDate": iso(at), "updatedAt": iso(at)}
    row = row | row.get("draft", {}) | published
    row.pop("draft", None)
    portal.state.emails.put(row["id"], row)
    ids = drafts.recipients(portal, row)
    for contact_id in ids:
        contact = portal.contacts.get(contact_id)
        if contact is not None:
            agenda.add(story(row["id"], contact, at, chance))
    lists = row["to"]["contactIlsLists"]["include"]
    agenda.note(
        at, "campaign", f"“{row['name']}” goes to {len(ids):,} people", email_id=row["id"], lists=lists, sent=len(ids)
    )


def _waits(portal: Portal, row: Json) -> bool:
    lists = (row.get("to") or {}).get("contactIlsLists") or {}
    return (
        not row["isPublished"]
        and not row["archived"]
        and bool(row.get("subject"))
        and any(portal.lists.get(str(key)) is not None for key in lists.get("include") or ())
    )


def _new(portal: Portal, at: dt.datetime) -> Json | None:
    lists = [row for row in portal.lists.all() if len(portal.lists.roster(row))]
    if not lists:
        return None
    day = at.astimezone(portal.zone).date()
    chosen = lists[day.toordinal() % len(lists)]
    subject = _SUBJECTS[day.toordinal() % len(_SUBJECTS)]
    row = drafts.blank(portal, _free_id(portal.state.emails), iso(at))
    to = {"contactIlsLists": {"include": [chosen.id], "exclude": []}}
    return row | {"name": f"{subject} · {chosen.name} · {day:%d %b %Y}", "subject": subject, "to": to}


def _free_id(emails: Shelf[Json]) -> str:
    return str(max((int(key) for key, _ in emails.items()), default=_FIRST_ID) + 1)
