"""Filling a new portal: contacts, e-mails, what happened to them, lists; from a file or a dictionary.

`{"properties": [...], "contacts": [{"properties": {...}}], "emails": [{"id", "name", "subject", "publishDate"}],
"email_events": [{"email_id", "contact": e-mail, "type", "at"}], "lists": [{"name", "processingType", "members"}]}`;
also `"groups"`, `"flows"` and `"campaigns"`, as their endpoints have them. Every part may be left out. Read-only
properties may be given here, and only here.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path

from hubsync.sandbox import campaigns, drafts, filters, flows, mail, property_groups, values
from hubsync.sandbox.clock import instant, iso
from hubsync.sandbox.errors import Refused
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.properties import make_property
from hubsync.sandbox.state import EmailEvent, Json

#: Where a seed comes from: `empty`, `demo`, a JSON file, or the content itself.
Source = str | Path | Mapping[str, object]
#: How long ago contacts were made that do not say.
_AGE = dt.timedelta(days=30)


class BadSeed(ValueError):  # noqa: N818 - a word of this package
    """A seed that cannot be planted; the message says which part and why."""


def load(source: Source) -> Json:
    """Return a seed's content; raises BadSeed."""
    if isinstance(source, Mapping):
        return dict(source)
    if source == "empty":
        return {}
    if source == "demo":
        from data.demo.portal import seed  # noqa: PLC0415 - the demo's data is not the sandbox's

        return dict(seed())
    try:
        content = json.loads(Path(source).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadSeed(f"{source} cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise BadSeed(f"{source} must hold an object")
    return content


def plant(portal: Portal, content: Json) -> None:
    """Put a seed's content into a portal and write it down; raises BadSeed."""
    try:
        for group in content.get("groups", ()):
            property_groups.make(portal, group)
        for definition in content.get("properties", ()):
            make_property(portal, definition)
        events = _contacts(portal, content)
        _emails(portal, content)
        portal.mail.append(events + [_event(portal, row) for row in content.get("email_events", ())], portal.now())
        _lists(portal, content)
        for flow in content.get("flows", ()):
            flows.make(portal, flow)
        for campaign in content.get("campaigns", ()):
            campaigns.make(portal, campaign)
    except Refused as refusal:
        raise BadSeed(str(refusal)) from refusal
    except KeyError as missing:
        raise BadSeed(f"a part lacks the field {missing}") from missing
    portal.state.flush()


def _contacts(portal: Portal, content: Json) -> list[EmailEvent]:
    """Make the contacts; returns the events that were given with them."""
    known = portal.state.properties
    now = portal.now()
    events: list[EmailEvent] = []
    for row in content.get("contacts", ()):
        given: dict[str, object] = {name: value for name, value in row["properties"].items() if value is not None}
        own = {
            name: str(given.pop(name))
            for name in list(given)
            if (definition := known.get(name)) is not None and definition["modificationMetadata"]["readOnlyValue"]
        }
        created = own.pop("createdate", None)
        (kept,) = values.check([given], known)
        conflict = portal.contacts.conflict(kept)
        if conflict:
            raise BadSeed(f"two contacts hold {conflict.name} '{conflict.value}'")
        portal.contacts.create(kept | own, now, created=created or iso(now - _AGE))
        events += [_event(portal, event | {"contact": kept["email"]}) for event in row.get("email_events", ())]
    return events


def _emails(portal: Portal, content: Json) -> None:
    for row in content.get("emails", ()):
        published = str(row.get("publishDate") or iso(portal.now() - _AGE))
        email = drafts.blank(portal, str(row["id"]), published)
        if row.get("isPublished", True):
            email |= drafts.published(published)
        portal.state.emails.put(email["id"], email | row | {"id": email["id"]})


def _event(portal: Portal, row: Json) -> EmailEvent:
    contact = portal.contacts.find("email", str(row["contact"]))
    if contact is None:
        raise BadSeed(f"an e-mail event names the unknown contact {row['contact']}")
    if row["type"] not in mail.TYPES:
        raise BadSeed(f"an e-mail event has the unknown type {row['type']}")
    return EmailEvent(
        email_id=str(row["email_id"]), contact_id=contact.id, type=row["type"], at=iso(instant(str(row["at"])))
    )


def _lists(portal: Portal, content: Json) -> None:
    for row in content.get("lists", ()):
        if portal.lists.named(row["name"]):
            raise BadSeed(f"two lists are named '{row['name']}'")
        branch = row.get("filterBranch")
        if branch is not None:
            branch = filters.check(branch, portal.state.properties)
        made = portal.lists.create(row["name"], row.get("processingType", "MANUAL"), branch)
        members = [portal.contacts.find("email", address) for address in row.get("members", ())]
        if None in members:
            raise BadSeed(f"the list '{row['name']}' names a contact that is not there")
        portal.lists.change(made, [contact.id for contact in members if contact], ())
