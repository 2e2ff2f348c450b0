"""Merging two contacts: the merged one answers under a new id, and to the ids of both.

What becomes of the values follows HubSpot's account of merging (https://knowledge.hubspot.com/records/merge-records):
the primary's win, gaps are filled from the other, the addresses add up, the life-cycle stage is the further one, the
create date the earlier, and what HubSpot counts is counted anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from hubsync.sandbox import errors, shape, standard
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.clock import iso
from hubsync.sandbox.contact_calls import wire
from hubsync.sandbox.history import MERGED
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Contact

#: Counted over both contacts.
_ADDED_UP = (
    "hs_analytics_num_page_views",
    "hs_analytics_num_visits",
    "num_conversion_events",
    "num_associated_deals",
    "total_revenue",
)
#: The contact's own, whatever it was merged with.
_IDENTITY = frozenset({"hs_object_id", "lastmodifieddate"})


def merge(portal: Portal, call: Call) -> Answer:
    """POST objects/contacts/merge: `objectIdToMerge` goes into `primaryObjectId`; the answer has an id of its own."""
    body = call.document(shape.MERGE, "primaryObjectId", "objectIdToMerge")
    primary = _existing(portal, str(body["primaryObjectId"]))
    other = _existing(portal, str(body["objectIdToMerge"]))
    if primary.id == other.id:
        raise errors.invalid(f"Cannot merge an object with itself. objectId: {primary.id}")
    return Answer(body=wire(portal, merge_contacts(portal, primary, other)))


def merge_contacts(portal: Portal, primary: Contact, other: Contact) -> Contact:
    """Merge two contacts and return what they are now."""
    now = portal.now()
    keeps = portal.settings.merge_keeps_id
    new_id = primary.id if keeps else portal.contacts.new_id()
    properties = _merged(primary.properties, other.properties)
    properties |= {
        "hs_object_id": new_id,
        "lastmodifieddate": iso(now),
        "hs_merged_object_ids": _ids(primary, other, new_id),
    }
    changes = {
        name: value
        for name, value in properties.items()
        if name not in _IDENTITY and primary.properties.get(name) != value
    }
    portal.contacts.history.note(primary, changes, iso(now), MERGED)
    for old in (primary, other):
        portal.contacts.remove(old)
        if old.id != new_id:
            portal.state.forwards.put(old.id, new_id)
    if not keeps:
        portal.contacts.history.hand_over(primary.id, new_id)
    portal.contacts.history.drop(other.id)
    portal.contacts.put(Contact(id=new_id, properties=properties))
    portal.lists.merge((primary.id, other.id), new_id)
    portal.mail.merge((primary.id, other.id), new_id)
    merged = portal.contacts.get(new_id) or Contact(id=new_id, properties=properties)
    return portal.contacts.update(merged, portal.mail.counters(new_id), now, MERGED)


def _existing(portal: Portal, contact_id: str) -> Contact:
    contact = portal.contacts.get(contact_id)
    if contact is None:
        raise errors.not_found(f"Object not found. objectId: {contact_id}", id=[contact_id])
    return contact


def _merged(primary: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    merged = {**other, **primary}
    stages = [value for value, _ in standard.STAGES]
    reached = [stage for own in (primary, other) if (stage := own.get("lifecyclestage")) in stages]
    if reached:
        merged["lifecyclestage"] = max(reached, key=stages.index)
    merged["createdate"] = min(primary["createdate"], other["createdate"])
    for name in _ADDED_UP:
        numbers = [Decimal(own[name]) for own in (primary, other) if name in own]
        if numbers:
            merged[name] = str(sum(numbers, Decimal()))
    own = merged.get("email", "")
    addresses = [
        part
        for contact in (primary, other)
        for part in (contact.get("email", ""), *contact.get("hs_additional_emails", "").split(";"))
        if part and part != own
    ]
    if addresses:
        merged["hs_additional_emails"] = ";".join(dict.fromkeys(addresses))
    return merged


def _ids(primary: Contact, other: Contact, new_id: str) -> str:
    """Return all ids that went into a contact, but its own."""
    earlier = [part for old in (primary, other) for part in old.properties.get("hs_merged_object_ids", "").split(";")]
    ids = dict.fromkeys(part for part in (*earlier, primary.id, other.id) if part and part != new_id)
    return ";".join(ids)
