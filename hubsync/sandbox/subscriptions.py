"""The endpoints of subscription statuses: who gets e-mail, who opted out."""

from __future__ import annotations

from hubsync.sandbox import errors
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.clock import iso
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Contact, EmailEvent, Json

_ID = 413096751
_NAME = "Marketing Information"
_DESCRIPTION = "Marketing offers and updates."


def statuses(portal: Portal, call: Call, address: str) -> Answer:
    """GET communication-preferences/statuses/{email}?channel=EMAIL."""
    _email_channel(call)
    contact = portal.contacts.find("email", address)
    opted_out = _opted_out_at(portal, contact)
    now = iso(portal.now())
    status: Json = {
        "channel": "EMAIL",
        "source": "Contact unsubscribed from all email" if opted_out else "",
        "status": "UNSUBSCRIBED" if opted_out else "NOT_SPECIFIED",
        "subscriberIdString": address,
        "subscriptionId": _ID,
        "subscriptionName": _NAME,
        "timestamp": opted_out or now,
    }
    return Answer(body={"status": "COMPLETE", "results": [status], "startedAt": now, "completedAt": now})


def legacy_statuses(portal: Portal, call: Call, address: str) -> Answer:
    """GET communication-preferences/v3/status/email/{email}: the older shape."""
    del call
    opted_out = _opted_out_at(portal, portal.contacts.find("email", address))
    return Answer(
        body={
            "recipient": address,
            "subscriptionStatuses": [
                {
                    "id": str(_ID),
                    "name": _NAME,
                    "description": _DESCRIPTION,
                    "status": "NOT_SUBSCRIBED" if opted_out else "SUBSCRIBED",
                    "sourceOfStatus": "PORTAL_WIDE_STATUS" if opted_out else "SUBSCRIPTION_STATUS",
                }
            ],
        }
    )


def unsubscribe_all(portal: Portal, call: Call, address: str) -> Answer:
    """POST communication-preferences/statuses/{email}/unsubscribe-all: opts the address out of everything."""
    _email_channel(call)
    contact = portal.contacts.find("email", address)
    if contact is None:
        raise errors.not_found("resource not found", id=[address])
    now = portal.now()
    if _opted_out_at(portal, contact) is None:
        event = EmailEvent(email_id="0", contact_id=contact.id, type="UNSUBSCRIBED", at=iso(now))
        portal.mail.append([event], now)
    return statuses(portal, call, address)


def _email_channel(call: Call) -> None:
    if call.query.get("channel") != "EMAIL":
        raise errors.invalid("The query parameter channel is required and must be EMAIL")


def _opted_out_at(portal: Portal, contact: Contact | None) -> str | None:
    if contact is None:
        return None
    times = [event.at for event in portal.mail.of_contact(contact.id) if event.type == "UNSUBSCRIBED"]
    return min(times, default=None)
