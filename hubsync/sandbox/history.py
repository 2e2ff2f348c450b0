"""What each property of a contact was, since when, and who said so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hubsync.sandbox.shelf import Shelf
from hubsync.sandbox.state import Contact, Json

#: The most versions HubSpot keeps of one property of a contact.
_KEPT = 45
#: Where a contact's own origin stands among its properties' versions.
_ORIGIN = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Who changed a value: HubSpot's `sourceType`, e.g. INTEGRATION, CRM_UI, IMPORT, and its id, e.g. of the app."""

    type: str
    id: str | None = None


#: Contacts that were there before anybody looked.
IMPORTED = Source(type="IMPORT")
BY_HAND = Source(type="CRM_UI", id="userId:76070032")
COMPUTED = Source(type="CALCULATED")
MERGED = Source(type="MERGE_OBJECTS")
SENT_MAIL = Source(type="EMAIL")


class History:
    """The versions of properties; one that never changed has the contact's first source and create date."""

    def __init__(self, shelf: Shelf[Json]) -> None:
        self._shelf = shelf

    def begin(self, contact_id: str, source: Source) -> None:
        """Note who made a contact."""
        self._shelf.put(contact_id, {_ORIGIN: [source.type, source.id]})

    def note(self, contact: Contact, changes: Mapping[str, str], at: str, source: Source) -> None:
        """Note what becomes of a contact as it stands: `changes` are the new values, "" for cleared."""
        if not changes:
            return
        kept: Json = dict(self._shelf.get(contact.id) or {})
        for name, value in changes.items():
            versions = kept.get(name) or self._first(kept, contact, name)
            kept[name] = [*versions, [value, at, source.type, source.id]][-_KEPT:]
        self._shelf.put(contact.id, kept)

    def names(self, contact_id: str) -> list[str]:
        """Return the properties of a contact that ever changed."""
        return [name for name in self._shelf.get(contact_id) or {} if name != _ORIGIN]

    def versions(self, contact: Contact, name: str) -> list[Json]:
        """Return a property's versions as HubSpot gives them, newest first."""
        kept = self._shelf.get(contact.id) or {}
        rows: list[list[Any]] = kept.get(name) or self._first(kept, contact, name)
        return [
            {
                "value": value,
                "timestamp": at,
                "sourceType": kind,
                **({"sourceId": source} if source is not None else {}),
            }
            for value, at, kind, source in reversed(rows)
        ]

    def drop(self, contact_id: str) -> None:
        """Forget a contact's versions."""
        self._shelf.drop(contact_id)

    def hand_over(self, old_id: str, new_id: str) -> None:
        """Let a contact's versions be those of another id."""
        kept = self._shelf.get(old_id)
        if kept is not None:
            self._shelf.put(new_id, kept)
            self._shelf.drop(old_id)

    def _first(self, kept: Json, contact: Contact, name: str) -> list[list[Any]]:
        value = contact.properties.get(name)
        if value is None:
            return []
        if name == "lastmodifieddate":
            return [[value, value, COMPUTED.type, None]]
        kind, source = kept.get(_ORIGIN) or (IMPORTED.type, None)
        return [[value, contact.properties["createdate"], kind, source]]
