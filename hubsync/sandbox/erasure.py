"""Erasing a person for good, as data protection law asks; an address that is not known may never come."""

from __future__ import annotations

from hubsync.sandbox import errors, shape
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.clock import iso
from hubsync.sandbox.portal import Portal


def erase(portal: Portal, call: Call) -> Answer:
    """POST objects/contacts/gdpr-delete: by record id, or by address with `idProperty` email."""
    body = call.document(shape.ERASURE, "objectId")
    key, by = str(body["objectId"]), body.get("idProperty")
    if by is not None and not portal.contacts.unique(str(by)):
        raise errors.invalid(f"Unable to find by non-unique 0-1 property {by} in portal ID {portal.portal_id}")
    if by is None:
        contact = portal.contacts.get(key) or portal.state.contacts.get(key)
        if contact is None:
            raise errors.not_found("resource not found", id=[key])
    else:
        contact = portal.contacts.find(str(by), key)
    if contact is not None:
        portal.contacts.remove(contact)
        portal.contacts.history.drop(contact.id)
        portal.lists.forget(contact.id)
        portal.mail.forget(contact.id)
        for address in contact.addresses:
            portal.state.consents.drop(address)
        for event_key, event in list(portal.state.occurrences.items()):
            if portal.contacts.current_id(event["objectId"]) == contact.id:
                portal.state.occurrences.drop(event_key)
    elif by == "email":
        portal.state.blocked.put(key.strip().lower(), iso(portal.now()))
    return Answer(status=204)
