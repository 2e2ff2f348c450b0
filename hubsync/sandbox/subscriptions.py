"""The endpoints of communication preferences: who gets which e-mail, who opted out of one kind or of all."""

from __future__ import annotations

from collections.abc import Iterable

from hubsync.sandbox import errors, shape
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.clock import iso
from hubsync.sandbox.envelope import wrapped
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import EmailEvent, Json

_SINCE = "2024-01-15T09:00:00.000Z"
#: id, name, description: the kinds of e-mail a new account has.
_KINDS = (
    (413096751, "Marketing Information", "Marketing offers and updates."),
    (413096752, "One to One", "One to one e-mails."),
)
_STATES = ("SUBSCRIBED", "UNSUBSCRIBED", "NOT_SPECIFIED")
_MOST = 100
#: Under what an address's opt-out of everything is kept while it is no contact's.
_ALL = "all"
#: The e-mail that an opt-out without an e-mail is logged under.
_NO_EMAIL = "0"


def definitions(portal: Portal, call: Call) -> Answer:
    """GET communication-preferences/definitions."""
    rows = [
        {
            "id": str(number),
            "name": name,
            "description": description,
            "purpose": "Marketing",
            "communicationMethod": "Email",
            "isActive": True,
            "isDefault": True,
            "isInternal": number != _KINDS[0][0],
            "createdAt": _SINCE,
            "updatedAt": _SINCE,
        }
        for number, name, description in _KINDS
    ]
    return Answer(body={"subscriptionDefinitions": rows}) if call.version == "v3" else wrapped(portal, rows)


def statuses(portal: Portal, call: Call, address: str) -> Answer:
    """GET communication-preferences/statuses/{email}?channel=EMAIL."""
    _email_channel(call)
    return wrapped(portal, _statuses(portal, address))


def set_status(portal: Portal, call: Call, address: str) -> Answer:
    """POST communication-preferences/statuses/{email}: to one kind of e-mail, by itself."""
    body = call.document(shape.CONSENT, "subscriptionId", "statusState", "channel")
    return wrapped(portal, [_set(portal, address, body)])


def wide_status(portal: Portal, call: Call, address: str) -> Answer:
    """GET communication-preferences/statuses/{email}/unsubscribe-all?channel=EMAIL."""
    _email_channel(call)
    return wrapped(portal, [_wide(portal, address)])


def unsubscribe_all(portal: Portal, call: Call, address: str) -> Answer:
    """POST communication-preferences/statuses/{email}/unsubscribe-all: opts the address out of everything."""
    _email_channel(call)
    _opt_out(portal, [address])
    return wrapped(portal, _statuses(portal, address) if call.flag("verbose") else [])


def read_many(portal: Portal, call: Call) -> Answer:
    """POST communication-preferences/statuses/batch/read?channel=EMAIL."""
    _email_channel(call)
    rows = [{"subscriberIdString": key, "statuses": _statuses(portal, key)} for key in _addresses(call)]
    return wrapped(portal, rows)


def write_many(portal: Portal, call: Call) -> Answer:
    """POST communication-preferences/statuses/batch/write."""
    inputs = _inputs(call.document({"inputs": [shape.CONSENT]}, "inputs")["inputs"])
    for row in inputs:
        call.require(row, "subscriberIdString", "subscriptionId", "statusState", "channel")
    return wrapped(portal, [_set(portal, str(row["subscriberIdString"]), row) for row in inputs])


def wide_statuses(portal: Portal, call: Call) -> Answer:
    """POST communication-preferences/statuses/batch/unsubscribe-all/read?channel=EMAIL."""
    _email_channel(call)
    rows = [{"subscriberIdString": key, "wideStatuses": [_wide(portal, key)]} for key in _addresses(call)]
    return wrapped(portal, rows)


def unsubscribe_many(portal: Portal, call: Call) -> Answer:
    """POST communication-preferences/statuses/batch/unsubscribe-all?channel=EMAIL."""
    _email_channel(call)
    addresses = _addresses(call)
    _opt_out(portal, addresses)
    verbose = call.flag("verbose")
    return wrapped(
        portal,
        [{"subscriberIdString": key} | ({"statuses": _statuses(portal, key)} if verbose else {}) for key in addresses],
    )


def legacy_statuses(portal: Portal, call: Call, address: str) -> Answer:
    """GET communication-preferences/v3/status/email/{email}: the older shape."""
    del call
    return Answer(body={"recipient": address, "subscriptionStatuses": _legacy(portal, address)})


def legacy_change(portal: Portal, call: Call, state: str) -> Answer:
    """POST communication-preferences/v3/subscribe or unsubscribe; who opted out cannot be subscribed this way."""
    body = call.document(shape.LEGACY_CONSENT, "emailAddress", "subscriptionId")
    address, number = str(body["emailAddress"]), str(body["subscriptionId"])
    _kind(number)
    current = {str(row["subscriptionId"]): row["status"] for row in _statuses(portal, address)}[number]
    if state == "SUBSCRIBED" and current == "UNSUBSCRIBED":
        raise errors.invalid(f"{address} has unsubscribed from subscription {number} and cannot be subscribed again")
    _set(portal, address, {"subscriptionId": number, "statusState": state, "channel": "EMAIL"})
    return Answer(body=next(row for row in _legacy(portal, address) if row["id"] == number))


def subscribe(portal: Portal, call: Call) -> Answer:
    """POST communication-preferences/v3/subscribe."""
    return legacy_change(portal, call, "SUBSCRIBED")


def unsubscribe(portal: Portal, call: Call) -> Answer:
    """POST communication-preferences/v3/unsubscribe."""
    return legacy_change(portal, call, "UNSUBSCRIBED")


def _statuses(portal: Portal, address: str) -> list[Json]:
    opted_out, kept = _opted_out_at(portal, address), portal.state.consents.get(address.lower()) or {}
    rows = []
    for number, name, _ in _KINDS:
        own = kept.get(str(number), {"status": "NOT_SPECIFIED", "source": "", "timestamp": _SINCE})
        if opted_out:
            own = {"status": "UNSUBSCRIBED", "source": "Contact unsubscribed from all email", "timestamp": opted_out}
        rows.append(
            {
                "channel": "EMAIL",
                "source": own["source"],
                "status": own["status"],
                "subscriberIdString": address,
                "subscriptionId": number,
                "subscriptionName": name,
                "timestamp": own["timestamp"],
            }
        )
    return rows


def _legacy(portal: Portal, address: str) -> list[Json]:
    wide = _opted_out_at(portal, address) is not None
    rows = zip(_statuses(portal, address), _KINDS, strict=True)
    return [
        {
            "id": str(number),
            "name": name,
            "description": description,
            "status": "NOT_SUBSCRIBED" if row["status"] == "UNSUBSCRIBED" else "SUBSCRIBED",
            "sourceOfStatus": "PORTAL_WIDE_STATUS" if wide else "SUBSCRIPTION_STATUS",
        }
        for row, (number, name, description) in rows
    ]


def _wide(portal: Portal, address: str) -> Json:
    opted_out = _opted_out_at(portal, address)
    return {
        "channel": "EMAIL",
        "status": "UNSUBSCRIBED" if opted_out else "NOT_SPECIFIED",
        "subscriberIdString": address,
        "timestamp": opted_out or _SINCE,
        "wideStatusType": "PORTAL_WIDE",
    }


def _set(portal: Portal, address: str, body: Json) -> Json:
    number, state = str(body["subscriptionId"]), str(body["statusState"])
    _kind(number)
    if state not in _STATES:
        raise errors.invalid(f"Unable to convert {state} to one of [{', '.join(_STATES)}]")
    if body["channel"] != "EMAIL":
        raise errors.invalid("channel must be EMAIL")
    before = {str(row["subscriptionId"]): row["status"] for row in _statuses(portal, address)}[number]
    if state == "SUBSCRIBED" and _opted_out_at(portal, address) is not None:
        _log(portal, [address], "RESUBSCRIBED")
    kept = portal.state.consents.get(address.lower()) or {}
    own = {"status": state, "source": "API", "timestamp": iso(portal.now())}
    portal.state.consents.put(address.lower(), kept | {number: own})
    reason = "NO_STATUS_CHANGE" if before == state else "REQUESTED_CHANGE_OCCURRED"
    if before == "UNSUBSCRIBED" and state == "SUBSCRIBED":
        reason = "RESUBSCRIBE_OCCURRED"
    row = next(row for row in _statuses(portal, address) if str(row["subscriptionId"]) == number)
    return row | {"setStatusSuccessReason": reason}


def _kind(number: str) -> None:
    if number not in {str(known) for known, _, _ in _KINDS}:
        raise errors.invalid(f"Subscription {number} does not exist")


def _opt_out(portal: Portal, addresses: Iterable[str]) -> None:
    _log(portal, [address for address in addresses if _opted_out_at(portal, address) is None], "UNSUBSCRIBED")


def _log(portal: Portal, addresses: list[str], kind: str) -> None:
    now = portal.now()
    events: list[EmailEvent] = []
    for address in addresses:
        contact = portal.contacts.find("email", address)
        if contact is not None:
            events.append(EmailEvent(email_id=_NO_EMAIL, contact_id=contact.id, type=kind, at=iso(now)))
        kept = portal.state.consents.get(address.lower()) or {}
        portal.state.consents.put(address.lower(), kept | {_ALL: {"status": kind, "timestamp": iso(now)}})
    portal.mail.append(events, now)


def _opted_out_at(portal: Portal, address: str) -> str | None:
    contact = portal.contacts.find("email", address)
    if contact is not None:
        return portal.mail.opted_out_at(contact.id)
    kept = (portal.state.consents.get(address.lower()) or {}).get(_ALL)
    return str(kept["timestamp"]) if kept and kept["status"] == "UNSUBSCRIBED" else None


def _addresses(call: Call) -> list[str]:
    return [str(key) for key in _inputs(call.document({"inputs": [str]}, "inputs")["inputs"])]


def _inputs(inputs: list[Json]) -> list[Json]:
    if not 1 <= len(inputs) <= _MOST:
        raise errors.invalid(f"A batch takes from 1 to {_MOST} inputs, received {len(inputs)}.")
    return inputs


def _email_channel(call: Call) -> None:
    if call.query.get("channel") != "EMAIL":
        raise errors.invalid("The query parameter channel is required and must be EMAIL")
