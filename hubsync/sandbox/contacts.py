"""The contacts of a portal: their ids, their unique addresses, what is archived, and what changed."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from hubsync.sandbox.clock import iso
from hubsync.sandbox.history import COMPUTED, IMPORTED, History, Source
from hubsync.sandbox.state import Contact, State

#: Ids look like a live portal's: twelve digits.
_FIRST_ID = 171_590_000_101


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A value that another contact already holds."""

    name: str
    value: str
    #: Whose it is; "" for an address that was erased and may never come back.
    holder: str


class Contacts:
    """Reads and writes contacts, keeping every index in step."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.history = History(state.history)
        #: Ids in the order in which they changed; the lists read on from where they were.
        self.journal: list[str] = []
        self._order: list[int] = []
        self._holders: dict[str, dict[str, str]] = {}
        self.index()

    def index(self) -> None:
        """Build the indexes anew from the state."""
        unique = [p["name"] for p in self._state.properties.values() if p["hasUniqueValue"]]
        self._holders = {name: {} for name in unique}
        self._order = sorted(int(contact.id) for contact in self._state.contacts.values())
        self.journal.clear()
        for contact in self._state.contacts.values():
            if contact.archived_at is None:
                self._hold(contact)

    def track(self, name: str) -> None:
        """Begin to keep the values of a new unique property."""
        self._holders.setdefault(name, {})

    def unique(self, name: str) -> bool:
        """Return whether no two contacts may share a value of this property."""
        return name in self._holders

    def get(self, contact_id: str) -> Contact | None:
        """Return a contact that is not archived, or None; the id of one merged away gives the one it is now."""
        contact = self._state.contacts.get(self.current_id(contact_id))
        return contact if contact is not None and contact.archived_at is None else None

    def current_id(self, contact_id: str) -> str:
        """Return the id a contact lives on under: its own unless it was merged away."""
        while (forward := self._state.forwards.get(contact_id)) is not None:
            contact_id = forward
        return contact_id

    def find(self, name: str, value: str) -> Contact | None:
        """Return the contact that holds `value` of a unique property; for `email`, additional addresses count."""
        folded = value.strip().lower() if name == "email" else value
        holder = self._holders.get(name, {}).get(folded)
        return self.get(holder) if holder else None

    def living(self) -> Iterator[Contact]:
        """Yield all contacts that are not archived."""
        return (contact for contact in self._state.contacts.values() if contact.archived_at is None)

    def page(self, after: int, limit: int, *, archived: bool) -> tuple[list[Contact], str | None]:
        """Return up to `limit` contacts with ids from `after` on, ascending, and the cursor of the rest."""
        found: list[Contact] = []
        for number in islice(self._order, bisect_left(self._order, after), None):
            contact = self._state.contacts.get(str(number))
            if contact is None or (contact.archived_at is not None) != archived:
                continue
            if len(found) == limit:
                return found, contact.id
            found.append(contact)
        return found, None

    def conflict(self, values: Mapping[str, str], own_id: str | None = None) -> Conflict | None:
        """Return the first value among `values` that a contact other than `own_id` holds."""
        for name, value in values.items():
            for part in value.split(";") if name == "hs_additional_emails" else (value,):
                address = name in {"email", "hs_additional_emails"}
                index = self._holders.get("email" if address else name, {})
                holder = index.get(part) if part else None
                if address and part in self._state.blocked:
                    holder = ""
                if holder is not None and holder != own_id:
                    return Conflict(name=name, value=part, holder=holder)
        return None

    def create(
        self,
        values: Mapping[str, str],
        now: dt.datetime,
        created: str | None = None,
        source: Source = IMPORTED,
    ) -> Contact:
        """Make a contact of checked values without conflict; `created` is its create date where not `now`."""
        contact_id = self.new_id()
        moment = created or iso(now)
        properties = {name: value for name, value in values.items() if value}
        properties |= {"createdate": moment, "hs_object_id": contact_id, "lastmodifieddate": moment}
        contact = Contact(id=contact_id, properties=_derive(properties))
        insort(self._order, int(contact_id))
        if source is not IMPORTED:
            self.history.begin(contact_id, source)
        self._keep(contact)
        return contact

    def update(
        self, contact: Contact, values: Mapping[str, str], now: dt.datetime, source: Source = COMPUTED
    ) -> Contact:
        """Write checked values without conflict; "" clears. What changes is noted in the history as `source`'s."""
        properties = dict(contact.properties)
        changes: dict[str, str] = {}
        for name, value in values.items():
            old = properties.get(name, "")
            kept = _appended(old, value) if value.startswith(";") else value
            if kept == old:
                continue
            changes[name] = kept
            if kept:
                properties[name] = kept
            else:
                del properties[name]
        moment = iso(now)
        self.history.note(contact, changes, moment, source)
        properties["lastmodifieddate"] = moment
        changed = replace(contact, properties=_derive(properties))
        self._release(contact)
        self._keep(changed)
        return changed

    def archive(self, contact: Contact, now: dt.datetime) -> None:
        """Put a contact among the archived; its addresses are free again."""
        self._release(contact)
        self._state.contacts.put(contact.id, replace(contact, archived_at=iso(now)))
        self.journal.append(contact.id)

    def remove(self, contact: Contact) -> None:
        """Take a contact out altogether, also from the archive."""
        if contact.archived_at is None:
            self._release(contact)
        self._state.contacts.drop(contact.id)
        del self._order[bisect_left(self._order, int(contact.id))]
        self.journal.append(contact.id)

    def put(self, contact: Contact) -> None:
        """Put in a contact that is known by a new id; its addresses must be free."""
        insort(self._order, int(contact.id))
        self._keep(contact)

    def new_id(self) -> str:
        """Return an id that no contact had."""
        return self._state.next_id("contact_id", _FIRST_ID)

    def _keep(self, contact: Contact) -> None:
        self._state.contacts.put(contact.id, contact)
        self._hold(contact)
        self.journal.append(contact.id)

    def _hold(self, contact: Contact) -> None:
        for name, value in self._held(contact):
            self._holders[name][value] = contact.id

    def _release(self, contact: Contact) -> None:
        for name, value in self._held(contact):
            self._holders[name].pop(value, None)

    def _held(self, contact: Contact) -> Iterator[tuple[str, str]]:
        for address in contact.addresses:
            yield "email", address
        for name in self._holders:
            if name != "email" and (value := contact.properties.get(name)):
                yield name, value


def _appended(old: str, value: str) -> str:
    """Return a multiple value with the parts of `value` (";a;b") added to those it has."""
    parts = dict.fromkeys(part for part in (*old.split(";"), *value.split(";")) if part)
    return ";".join(parts)


def _derive(properties: dict[str, str]) -> dict[str, str]:
    """Set what HubSpot computes from what was written."""
    email = properties.get("email")
    if email:
        properties["hs_email_domain"] = email.rpartition("@")[2]
    else:
        properties.pop("hs_email_domain", None)
    return properties
