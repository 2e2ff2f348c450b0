"""Subscriptions: which kinds of e-mail somebody wants, and which not."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from hubsync.core.email import normalise
from hubsync.portal.answer import Json, moment, required, text
from hubsync.portal.gateway import Gateway


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """What somebody said about one kind of e-mail."""

    #: HubSpot's id of this kind of e-mail.
    id: str
    name: str
    #: True wants it, False opted out of it, None never said either.
    wanted: bool | None
    #: Where the answer came from, in HubSpot's words.
    source: str
    changed_at: dt.datetime | None


class Subscriptions:
    """The subscriptions of one portal's contacts. Raises what `hubsync.portal.errors` says."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def of(self, email: str) -> tuple[Subscription, ...]:
        """Return what the person with this address said about each kind of e-mail; one request."""
        answer = self._gateway.call("subscriptions.get", path={"email": normalise(email)}, query={"channel": "EMAIL"})
        return tuple(map(_subscription_of, answer.rows()))


def _subscription_of(row: Json) -> Subscription:
    return Subscription(
        id=required(row, "subscriptionId"),
        name=text(row, "subscriptionName"),
        wanted={"SUBSCRIBED": True, "UNSUBSCRIBED": False}.get(text(row, "status")),
        source=text(row, "source"),
        changed_at=moment(row, "timestamp"),
    )
