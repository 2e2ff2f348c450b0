"""The truth about a portal, for whoever wants to work its figures out anew: e-mail events, edits, and the diary."""

from __future__ import annotations

from collections.abc import Iterator

from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Contact, Json


def log(portal: Portal, since: str = "", until: str = "9999") -> Json:
    """Return all that happened from `since` to `until` (ISO texts in UTC, both included), first things first.

    `email_events`: what became of each e-mail, by the id of the contact that got it and the id that contact has now.
    `edits`: every change of a property of a contact that still is, with who made it; HubSpot keeps 45 a property.
    `diary`: what people and colleagues did in the life of the portal, in words.
    """
    parts = {"email_events": _events(portal), "edits": _edits(portal), "diary": portal.state.diary.values()}
    return {
        name: sorted((row for row in rows if since <= row["at"] <= until), key=lambda row: str(row["at"]))
        for name, rows in parts.items()
    }


def _events(portal: Portal) -> Iterator[Json]:
    for event in portal.state.events.values():
        yield {
            "at": event.at,
            "type": event.type,
            "email_id": event.email_id,
            "contact_id": event.contact_id,
            "current_contact_id": portal.contacts.current_id(event.contact_id),
        }


def _edits(portal: Portal) -> Iterator[Json]:
    for contact_id, _ in list(portal.state.history.items()):
        contact = portal.state.contacts.get(contact_id)
        if contact is not None:
            yield from edits_of(portal, contact)


def edits_of(portal: Portal, contact: Contact) -> Iterator[Json]:
    """Yield the changes of one contact's properties, each property's in order of time; what it began with is none."""
    for name in portal.contacts.history.names(contact.id):
        old = ""
        for version in reversed(portal.contacts.history.versions(contact, name)):
            if old or version["timestamp"] != contact.properties["createdate"]:
                yield {
                    "at": version["timestamp"],
                    "contact_id": contact.id,
                    "property": name,
                    "old": old,
                    "new": version["value"],
                    "source_type": version["sourceType"],
                    "source_id": version.get("sourceId"),
                }
            old = version["value"]
