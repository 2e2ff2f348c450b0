"""The log of marketing e-mails: what was sent to whom and what they did; counters and statistics all come from it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator

from hubsync.sandbox.clock import instant, iso
from hubsync.sandbox.contacts import Contacts
from hubsync.sandbox.history import SENT_MAIL
from hubsync.sandbox.state import EmailEvent, Json, State

#: Event type -> the contact counter it feeds: the number of e-mails, not of events.
_COUNTERS = {
    "DELIVERED": "hs_email_delivered",
    "OPEN": "hs_email_open",
    "CLICK": "hs_email_click",
    "BOUNCE": "hs_email_bounce",
}
#: Event type -> the dates of its first and last time.
_DATES = {"SENT": "send", "OPEN": "open", "CLICK": "click"}
TYPES = ("SENT", "DELIVERED", "OPEN", "CLICK", "BOUNCE", "UNSUBSCRIBED", "RESUBSCRIBED")

#: What people say about getting e-mail at all.
_CHOICES = frozenset({"UNSUBSCRIBED", "RESUBSCRIBED"})


class Mail:
    """Appends events and answers what they add up to."""

    def __init__(self, state: State, contacts: Contacts) -> None:
        self._state = state
        self._contacts = contacts
        #: Contact id -> event key -> event; the events of contacts merged away are those of what they became.
        self._by_contact: dict[str, dict[str, EmailEvent]] = {}
        self._by_email: dict[str, dict[str, EmailEvent]] = {}
        for key, event in state.events.items():
            self._index(key, event)

    def append(self, events: Iterable[EmailEvent], now: dt.datetime) -> None:
        """Log events and bring the counters of the contacts concerned in line with the log."""
        touched: dict[str, None] = {}
        for event in events:
            key = self._state.next_id("event_id", 1)
            self._state.events.put(key, event)
            self._index(key, event)
            touched[event.contact_id] = None
        for contact_id in touched:
            contact = self._contacts.get(contact_id)
            if contact is not None:
                self._contacts.update(contact, self.counters(contact.id), now, SENT_MAIL)

    def of_contact(self, contact_id: str) -> list[EmailEvent]:
        """Return a contact's events, as logged."""
        return list(self._by_contact.get(contact_id, {}).values())

    def opted_out_at(self, contact_id: str) -> str | None:
        """Return since when a contact gets no e-mail by its own wish, or None."""
        choices = sorted((event for event in self.of_contact(contact_id) if event.type in _CHOICES), key=_time)
        if not choices or choices[-1].type != "UNSUBSCRIBED":
            return None
        back = max((event.at for event in choices if event.type == "RESUBSCRIBED"), default="")
        return min(event.at for event in choices if event.at >= back and event.type == "UNSUBSCRIBED")

    def merge(self, old_ids: Iterable[str], new_id: str) -> None:
        """Let the events of contacts be those of what they were merged into."""
        together = [self._by_contact.pop(old_id, {}) for old_id in old_ids]
        self._by_contact[new_id] = {key: event for events in together for key, event in events.items()}

    def forget(self, contact_id: str) -> None:
        """Strike a contact's events out of the log."""
        for key, event in self._by_contact.pop(contact_id, {}).items():
            self._state.events.drop(key)
            del self._by_email[event.email_id][key]

    def counters(self, contact_id: str) -> dict[str, str]:
        """Return the contact properties that follow from a contact's events."""
        events = sorted(self.of_contact(contact_id), key=lambda event: event.at)
        if not events:
            return {}
        values = {
            name: str(len({event.email_id for event in events if event.type == kind}))
            for kind, name in _COUNTERS.items()
        }
        for kind, name in _DATES.items():
            times = [event.at for event in events if event.type == kind]
            if times:
                values |= {f"hs_email_first_{name}_date": times[0], f"hs_email_last_{name}_date": times[-1]}
        sent = [event for event in events if event.type == "SENT"]
        if sent:
            email = self._state.emails.get(sent[-1].email_id)
            values["hs_email_last_email_name"] = str(email["name"]) if email else ""
            engaged = max((event.at for event in events if event.type in {"OPEN", "CLICK"}), default="")
            since = sum(event.at > engaged for event in sent)
            values["hs_email_sends_since_last_engagement"] = str(since)
        if any(event.type in _CHOICES for event in events):
            values["hs_email_optout"] = "true" if self.opted_out_at(contact_id) else ""
        if any(event.type == "BOUNCE" for event in events):
            values["hs_email_hard_bounce_reason_enum"] = "UNKNOWN_USER"
        return values

    def statistics(
        self, email_ids: Iterable[str], start: dt.datetime | None = None, end: dt.datetime | None = None
    ) -> Json:
        """Return HubSpot's statistics of e-mails together: people, not events; ratios in percent."""
        return _summary(self._between(email_ids, start, end))

    def histogram(
        self, email_ids: Iterable[str], start: dt.datetime, end: dt.datetime, seconds: int
    ) -> list[tuple[dt.datetime, dt.datetime, Json]]:
        """Return the statistics of every span of `seconds` from `start` on in which something happened."""
        spans: dict[int, list[EmailEvent]] = {}
        for event in self._between(email_ids, start, end):
            spans.setdefault(int((instant(event.at) - start).total_seconds()) // seconds, []).append(event)
        step = dt.timedelta(seconds=seconds)
        return [(start + at * step, start + (at + 1) * step, _summary(spans[at])) for at in sorted(spans)]

    def _between(
        self, email_ids: Iterable[str], start: dt.datetime | None, end: dt.datetime | None
    ) -> Iterator[EmailEvent]:
        first, last = iso(start) if start else "", iso(end) if end else "9999"
        for email_id in dict.fromkeys(email_ids):
            for event in self._by_email.get(email_id, {}).values():
                if first <= event.at <= last:
                    yield event

    def sent_between(self, start: dt.datetime, end: dt.datetime) -> list[str]:
        """Return the ids of e-mails of which any was sent in a span of time, ascending."""
        return sorted(
            (
                email_id
                for email_id, events in self._by_email.items()
                if any(event.type == "SENT" and iso(start) <= event.at <= iso(end) for event in events.values())
            ),
            key=int,
        )

    def _index(self, key: str, event: EmailEvent) -> None:
        self._by_contact.setdefault(self._contacts.current_id(event.contact_id), {})[key] = event
        self._by_email.setdefault(event.email_id, {})[key] = event


def _time(event: EmailEvent) -> str:
    return event.at


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 4) if whole else 0.0


def _summary(events: Iterable[EmailEvent]) -> Json:
    """Return counters and ratios: of each e-mail people, not events."""
    seen = {(event.email_id, event.type, event.contact_id) for event in events}
    people = Counter(kind for _, kind, _ in seen)
    sent, delivered, opened = people["SENT"], people["DELIVERED"], people["OPEN"]
    counters = {
        "sent": sent,
        "delivered": delivered,
        "open": opened,
        "click": people["CLICK"],
        "bounce": people["BOUNCE"],
        "hardbounced": people["BOUNCE"],
        "softbounced": 0,
        "unsubscribed": people["UNSUBSCRIBED"],
        "reply": 0,
        "spamreport": 0,
        "selected": sent,
        "dropped": 0,
        "pending": 0,
        "suppressed": 0,
        "contactslost": people["UNSUBSCRIBED"] + people["BOUNCE"],
        "notsent": 0,
    }
    return {
        "counters": counters,
        "deviceBreakdown": {},
        "qualifierStats": {},
        "ratios": {
            "deliveredratio": _percent(delivered, sent),
            "openratio": _percent(opened, delivered),
            "clickratio": _percent(people["CLICK"], delivered),
            "clickthroughratio": _percent(people["CLICK"], opened),
            "bounceratio": _percent(people["BOUNCE"], sent),
            "unsubscribedratio": _percent(people["UNSUBSCRIBED"], delivered),
            "spamreportratio": 0.0,
            "replyratio": 0.0,
        },
    }
