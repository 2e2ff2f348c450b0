"""One day in the life of a portal: who will do what, and when, drawn by chance out of who is there in the morning."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from hubsync.sandbox.live_agenda import Deed
from hubsync.sandbox.live_chance import Chance
from hubsync.sandbox.portal import Portal

#: Of all contacts, on any day.
_VISITS, _CORRECTS, _OPTS_OUT = 0.03, 0.004, 0.0004
_MOST_SIGN_UPS = 3
#: On how many days of all contacts are merged, or one is deleted; and a list is changed by hand on a working day.
_MERGES, _DELETES, _LISTS_CHANGED = 0.4, 0.15, 0.6
_MOST_HAND_EDITS = 3
_SATURDAY = 5
#: Hours of the day, in the portal's time zone.
_AWAKE, _AT_WORK, _CAMPAIGN = (7.0, 22.0), (9.0, 17.0), 10.0


class Day:
    """Plans one day."""

    def __init__(self, portal: Portal, chance: Chance, day: dt.date) -> None:
        self._portal = portal
        self._chance = chance
        self._day = day
        self._ids = sorted((contact.id for contact in portal.contacts.living()), key=int)
        self._works = day.weekday() < _SATURDAY

    def deeds(self) -> Iterator[Deed]:
        """Yield what will happen, in no order."""
        yield from self._by_people()
        if self._ids:
            yield from self._by_admin()
        if self._works:
            yield Deed(at=self._hour(_CAMPAIGN), kind="campaign", details={})
            yield from self._by_hand()

    def _by_people(self) -> Iterator[Deed]:
        for kind, odds in (("visit", _VISITS), ("correct", _CORRECTS), ("opt-out", _OPTS_OUT)):
            for contact_id in self._ids:
                if self._chance.of(kind, self._day, contact_id) < odds:
                    yield self._deed(kind, _AWAKE, contact_id, contact=contact_id)
        for number in range(self._chance.whole(0, _MOST_SIGN_UPS, "sign-ups", self._day)):
            yield self._deed("sign-up", _AWAKE, number, number=number)

    def _by_admin(self) -> Iterator[Deed]:
        first, second = (self._someone(which) for which in ("kept", "merged away"))
        if self._chance.of("merges", self._day) < _MERGES and first != second:
            yield self._deed("merge", _AT_WORK, first, contact=first, other=second)
        if self._chance.of("deletes", self._day) < _DELETES:
            gone = self._someone("deleted")
            yield self._deed("delete", _AT_WORK, gone, contact=gone)

    def _by_hand(self) -> Iterator[Deed]:
        """Yield what colleagues do to what an integration keeps: what it will meet as drift."""
        own = [
            row["name"]
            for row in self._portal.state.properties.values()
            if not row.get("hubspotDefined")
            and not row["archived"]
            and not row["hasUniqueValue"]
            and not row["modificationMetadata"]["readOnlyValue"]
        ]
        held = [
            (contact_id, name)
            for contact_id in (self._ids if own else ())
            if (contact := self._portal.contacts.get(contact_id)) is not None
            for name in own
            if name in contact.properties
        ]
        if held:
            for number in range(self._chance.whole(1, _MOST_HAND_EDITS, "hand edits", self._day)):
                contact_id, name = self._chance.pick(held, "edited by hand", self._day, number)
                yield self._deed("hand-edit", _AT_WORK, contact_id, name, contact=contact_id, property=name)
        lists = [
            row
            for row in self._portal.lists.all()
            if row.processing == "MANUAL" and len(self._portal.lists.roster(row))
        ]
        if lists and self._chance.of("list by hand", self._day) < _LISTS_CHANGED:
            row = self._chance.pick(lists, "which list", self._day)
            members = sorted(self._portal.lists.roster(row).ids(), key=int)
            gone = self._chance.pick(members, "off the list", self._day)
            new = self._someone("on the list")
            yield self._deed(
                "hand-list", _AT_WORK, row.id, list=row.id, add=[new] if new != gone else [], remove=[gone]
            )

    def _someone(self, question: str) -> str:
        return self._chance.pick(self._ids, question, self._day)

    def _deed(self, kind: str, hours: tuple[float, float], *question: object, **details: object) -> Deed:
        first, last = hours
        hour = first + (last - first) * self._chance.of("hour", kind, self._day, *question)
        return Deed(at=self._hour(hour), kind=kind, details=details)

    def _hour(self, hour: float) -> dt.datetime:
        midnight = dt.datetime.combine(self._day, dt.time(), tzinfo=self._portal.zone)
        return (midnight + dt.timedelta(seconds=round(hour * 3600))).astimezone(dt.UTC)
