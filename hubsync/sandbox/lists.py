"""The lists of a portal and who is in them: kept by hand, or worked out from filters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from hubsync.sandbox import filters
from hubsync.sandbox.clock import Clock, iso
from hubsync.sandbox.contacts import Contacts
from hubsync.sandbox.roster import Roster
from hubsync.sandbox.state import Contact, ContactList, Json, State

#: How many sizes and edits of one list are remembered.
_NOTES = 1_000


@dataclass(frozen=True, kw_only=True)
class Changed:
    """What a membership write did, as contact ids."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    #: Ids that no contact has.
    missing: tuple[str, ...] = ()


class Lists:
    """Reads and writes lists; active lists are brought up to date before they are read."""

    def __init__(self, state: State, contacts: Contacts, clock: Clock, processing_seconds: float) -> None:
        self._state = state
        self._contacts = contacts
        self._clock = clock
        self._processing = dt.timedelta(seconds=processing_seconds)
        self._rosters = {row.id: Roster() for row in state.lists.values()}
        #: How far in the contacts' journal each list has read; absent: all contacts are to be looked at.
        self._read_to: dict[str, int] = {}
        #: Lists being worked out right now: one that asks for itself gets what it was.
        self._working: set[str] = set()
        for key, joined in state.members.items():
            list_id, _, contact_id = key.partition(":")
            self._rosters[list_id].join(contact_id, joined)

    def get(self, list_id: str) -> ContactList | None:
        """Return a list that is not deleted, or None."""
        row = self._state.lists.get(list_id)
        return row if row is not None and row.deleted_at is None else None

    def named(self, name: str) -> ContactList | None:
        """Return the list of this name (case does not matter), or None."""
        return next((row for row in self.all() if row.name.lower() == name.lower()), None)

    def all(self) -> Iterator[ContactList]:
        """Yield the lists that are not deleted."""
        return (row for row in self._state.lists.values() if row.deleted_at is None)

    def uses(self, property_name: str) -> int:
        """Return how many lists filter on a property."""
        return sum(
            any(leaf.get("property") == property_name for leaf in filters.leaves(row.filter_branch))
            for row in self.all()
            if row.filter_branch
        )

    def create(self, name: str, processing: str, branch: Json | None, folder_id: str = "0") -> ContactList:
        """Make a list of a name nobody has; its filters are worked through a little later."""
        now = self._clock.now()
        row = ContactList(
            id=self._state.next_id("list_id", 1),
            name=name,
            processing=processing,
            created_at=iso(now),
            updated_at=iso(now),
            filters_updated_at=iso(now),
            ready_at=iso(now + self._processing if branch else now),
            filter_branch=branch,
            folder_id=folder_id,
        )
        self._state.lists.put(row.id, row)
        self._rosters[row.id] = Roster()
        self._note(row.id, "edits", iso(now))
        return row

    def rename(self, row: ContactList, name: str) -> ContactList:
        """Give a list another name."""
        return self._keep(replace(row, name=name))

    def refilter(self, row: ContactList, branch: Json) -> ContactList:
        """Replace the filters; the list is processed again."""
        now = self._clock.now()
        self._read_to.pop(row.id, None)
        self._note(row.id, "edits", iso(now))
        return self._keep(
            replace(
                row,
                filter_branch=branch,
                version=row.version + 1,
                filters_updated_at=iso(now),
                ready_at=iso(now + self._processing),
            )
        )

    def delete(self, row: ContactList) -> None:
        """Delete a list; it can be restored with its members."""
        self._state.lists.put(row.id, replace(row, deleted_at=iso(self._clock.now())))

    def deleted(self, list_id: str) -> ContactList | None:
        """Return a deleted list, or None."""
        row = self._state.lists.get(list_id)
        return row if row is not None and row.deleted_at is not None else None

    def restore(self, row: ContactList) -> None:
        """Bring a deleted list back."""
        self._keep(replace(row, deleted_at=None))

    def processing(self, row: ContactList) -> bool:
        """Return whether a list's filters are still being worked through."""
        return iso(self._clock.now()) < row.ready_at

    def roster(self, row: ContactList) -> Roster:
        """Return who is in a list, up to date as far as it is processed."""
        roster = self._rosters[row.id]
        if row.id in self._working or (row.filter_branch and self.processing(row)):
            return roster
        self._working.add(row.id)
        try:
            self._work(row, roster)
        finally:
            self._working.discard(row.id)
        return roster

    def change(self, row: ContactList, add: Iterable[str], remove: Iterable[str]) -> Changed:
        """Add and remove contacts by hand; who is in already, or out already, is passed over."""
        held = self.roster(row)
        known_add, missing_add = self._sorted_out(add)
        known_remove, missing_remove = self._sorted_out(remove)
        added = [contact_id for contact_id in known_add if contact_id not in held]
        removed = [contact_id for contact_id in known_remove if contact_id in held]
        now = iso(self._clock.now())
        for contact_id in added:
            self._join(row.id, contact_id, now)
        for contact_id in removed:
            self._leave(row.id, contact_id)
        self._stamp(row, now if added else None, now if removed else None)
        missing = dict.fromkeys((*missing_add, *missing_remove))
        return Changed(added=tuple(added), removed=tuple(removed), missing=tuple(missing))

    def merge(self, old_ids: Iterable[str], new_id: str) -> None:
        """Let a merged contact be in every list kept by hand that one of the old was in; the rest work it out."""
        now = iso(self._clock.now())
        for row in self._state.lists.values():
            roster = self._rosters[row.id]
            since = min((roster.joined(old_id) for old_id in old_ids if old_id in roster), default=None)
            self._forget(row.id, old_ids)
            if since is not None and row.processing != "DYNAMIC":
                self._join(row.id, new_id, since)
                self._stamp(row, now, None)

    def forget(self, contact_id: str) -> None:
        """Take a contact out of every list."""
        for list_id in self._rosters:
            self._forget(list_id, (contact_id,))

    def _forget(self, list_id: str, ids: Iterable[str]) -> None:
        for contact_id in ids:
            if contact_id in self._rosters[list_id]:
                self._leave(list_id, contact_id)

    def _keep(self, row: ContactList) -> ContactList:
        kept = replace(row, updated_at=iso(self._clock.now()))
        self._state.lists.put(row.id, kept)
        return kept

    def _sorted_out(self, ids: Iterable[str]) -> tuple[list[str], list[str]]:
        known: dict[str, None] = {}
        missing: list[str] = []
        for contact_id in dict.fromkeys(ids):
            contact = self._contacts.get(contact_id)
            if contact is None:
                missing.append(contact_id)
            else:
                known[contact.id] = None
        return list(known), missing

    def _join(self, list_id: str, contact_id: str, at: str) -> None:
        self._rosters[list_id].join(contact_id, at)
        self._state.members.put(f"{list_id}:{contact_id}", at)

    def _leave(self, list_id: str, contact_id: str) -> None:
        self._rosters[list_id].leave(contact_id)
        self._state.members.drop(f"{list_id}:{contact_id}")

    def _work(self, row: ContactList, roster: Roster) -> None:
        """Bring a list up to date: the archived leave; an active list looks again at contacts that changed."""
        seen = self._read_to.get(row.id)
        journal = self._contacts.journal
        self._read_to[row.id] = len(journal)
        changed = dict.fromkeys(journal[seen:]) if seen is not None else dict.fromkeys(roster.ids())
        for contact_id in changed:
            contact = self._contacts.get(contact_id)
            if contact_id in roster and (contact is None or contact.id != contact_id):
                self._leave(row.id, contact_id)
        branch = row.filter_branch
        snapshot_taken = row.processing == "SNAPSHOT" and (seen is not None or row.last_added_at is not None)
        if branch is None or snapshot_taken:
            return
        if seen is None or filters.restless(branch):
            candidates = self._contacts.living()
        else:
            candidates = (contact for key in changed if (contact := self._contacts.get(key)) is not None)
        self._sort_in(row, roster, branch, candidates)

    def _sort_in(self, row: ContactList, roster: Roster, branch: Json, candidates: Iterable[Contact]) -> None:
        at = iso(self._clock.now())
        others: dict[str, Roster] = {}

        def in_list(list_id: str, contact_id: str) -> bool:
            if list_id not in others:
                other = self.get(list_id)
                others[list_id] = self.roster(other) if other is not None else Roster()
            return contact_id in others[list_id]

        world = filters.World(now=self._clock.now(), in_list=in_list)
        added = removed = False
        for contact in candidates:
            inside = filters.passes(branch, contact, world)
            if inside and contact.id not in roster:
                self._join(row.id, contact.id, at)
                added = True
            elif not inside and contact.id in roster:
                self._leave(row.id, contact.id)
                removed = True
        self._stamp(row, at if added else None, at if removed else None)

    def _stamp(self, row: ContactList, added_at: str | None, removed_at: str | None) -> None:
        """Note when members last came and went."""
        current = self._state.lists.get(row.id)
        if current is not None and (added_at or removed_at):
            self._state.lists.put(
                row.id,
                replace(
                    current,
                    last_added_at=added_at or current.last_added_at,
                    last_removed_at=removed_at or current.last_removed_at,
                ),
            )
            self._note(row.id, "sizes", [iso(self._clock.now()), len(self._rosters[row.id])])

    def _note(self, list_id: str, part: str, entry: object) -> None:
        """Keep a size or an edit of a list."""
        kept = self._state.sizes.get(list_id) or {"sizes": [], "edits": []}
        self._state.sizes.put(list_id, kept | {part: [*kept[part], entry][-_NOTES:]})
