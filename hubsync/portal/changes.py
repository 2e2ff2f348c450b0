"""Changes: which contacts changed since a time, by search, however many share a millisecond."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from hubsync.portal.answer import Json, as_moment, whole
from hubsync.portal.contact import Contact, contact_of
from hubsync.portal.contacts import BATCH, IDENTITY, Contacts
from hubsync.portal.gateway import Gateway

PAGE = 200
#: HubSpot refuses a longer search (its API reference); a little is left to the filters.
LONGEST_BODY = 3_000 - 400
_ROUTE = "contacts.search"
_TIME = "lastmodifieddate"
_ID = "hs_object_id"


def changed_since(gateway: Gateway, since: dt.datetime, properties: Sequence[str] = ()) -> Iterator[Contact]:
    """Yield each contact modified at or after `since`, oldest change first; one that changes meanwhile may come again.

    HubSpot's search lags behind for new contacts (6 to 36 s seen), so `since` should reach back before the last call.
    """
    wanted = list(dict.fromkeys((*IDENTITY, _TIME, _ID, *properties)))
    if len(json.dumps(wanted)) <= LONGEST_BODY:
        yield from _changed_since(gateway, since, wanted)
        return
    # Too many names for one search: it tells who changed, and the rest is read of those.
    found = _changed_since(gateway, since, [_TIME, _ID])
    while page := [contact.id for contact in islice(found, BATCH)]:
        yield from Contacts(gateway).read(page, wanted).values()


def count_since(gateway: Gateway, since: dt.datetime) -> int | None:
    """Return how many contacts were modified at or after `since`, or None where HubSpot does not say."""
    body = _query([_filter(_TIME, "GTE", _ms(since))], _TIME, [_ID]) | {"limit": 1}
    return whole(gateway.call(_ROUTE, body=body).body, "total")


def _changed_since(gateway: Gateway, since: dt.datetime, wanted: list[str]) -> Iterator[Contact]:
    """Go on from the last change seen, never by offset.

    A contact that changes meanwhile moves to the end; by offset, the one that takes its place on a page already read
    would be missed for good.
    """
    start, seen = _ms(since), set[tuple[str, int]]()
    while True:
        answer = gateway.call(_ROUTE, body=_query([_filter(_TIME, "GTE", start)], _TIME, wanted))
        page: Iterable[tuple[Contact, int]] = [
            (contact, _changed(contact)) for contact in map(contact_of, answer.rows())
        ]
        last = max((at for _, at in page), default=start)
        more = bool(answer.after) and bool(page)
        if more and last <= start:  # a whole page of one millisecond, as after an import
            page, last = _by_id(gateway, start, wanted), start + 1
        for contact, at in page:
            if (contact.id, at) not in seen:
                seen.add((contact.id, at))
                yield contact
        if not more:
            return
        start, seen = last, {key for key in seen if key[1] >= last}


def _by_id(gateway: Gateway, at: int, wanted: list[str]) -> Iterable[tuple[Contact, int]]:
    """Yield the contacts changed in exactly this millisecond, in the order of their ids."""
    last = "0"
    while True:
        filters = [_filter(_TIME, "EQ", at), _filter(_ID, "GT", last)]
        rows = gateway.call(_ROUTE, body=_query(filters, _ID, wanted)).rows()
        if not rows:
            return
        for row in rows:
            contact = contact_of(row)
            yield contact, at
            last = max(last, contact.id, key=int)


def _query(filters: list[Json], sort: str, wanted: list[str]) -> Json:
    return {
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": sort, "direction": "ASCENDING"}],
        "properties": wanted,
        "limit": PAGE,
    }


def _filter(name: str, operator: str, value: int | str) -> Json:
    return {"propertyName": name, "operator": operator, "value": str(value)}


def _changed(contact: Contact) -> int:
    at = as_moment(contact.properties.get(_TIME, "")) or contact.updated_at
    return _ms(at) if at else 0


def _ms(at: dt.datetime) -> int:
    return round(at.timestamp() * 1000)
