"""Marketing e-mails and what they did; counters that HubSpot leaves out stay unknown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hubsync.portal.answer import Json, moment, required, text, whole
from hubsync.portal.errors import NotThere
from hubsync.portal.gateway import Gateway

PAGE = 100
#: Our names for HubSpot's counters; only sent, delivered and open are in its documents, the rest is tolerated.
COUNTERS = ("sent", "delivered", "open", "click", "bounce", "unsubscribed")


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """Counts of people; None is unknown, not 0."""

    sent: int | None = None
    delivered: int | None = None
    open: int | None = None
    click: int | None = None
    bounce: int | None = None
    unsubscribed: int | None = None


@dataclass(frozen=True, kw_only=True)
class Email:
    """One marketing e-mail."""

    id: str
    name: str
    subject: str
    #: "DRAFT", "PUBLISHED", ...
    state: str
    published_at: dt.datetime | None
    #: Lists it goes to, by id.
    list_ids: tuple[str, ...]
    statistics: Statistics


class Emails:
    """The marketing e-mails of one portal. Raises what `hubsync.portal.errors` says."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def all(self, *, published: bool | None = None) -> Iterator[Email]:
        """Yield every e-mail with its statistics; only published ones, or only drafts, if asked."""
        query: dict[str, str | int] = {"limit": PAGE, "includeStats": "true"}
        if published is not None:
            query["isPublished"] = "true" if published else "false"
        for answer in self._gateway.pages("emails.page", query=query):
            yield from map(_email_of, answer.rows())

    def get(self, email_id: str) -> Email | None:
        """Return an e-mail with its statistics, or None."""
        try:
            answer = self._gateway.call("emails.get", path={"email_id": email_id}, query={"includeStats": "true"})
        except NotThere:
            return None
        return answer.read(_email_of)

    def statistics(self, start: dt.datetime, end: dt.datetime, email_ids: Sequence[str] = ()) -> Statistics:
        """Return the counts of a time span, of some e-mails or of all, added up."""
        query: dict[str, str | int] = {"startTimestamp": _iso(start), "endTimestamp": _iso(end)}
        if email_ids:
            query["emailIds"] = ",".join(email_ids)
        aggregate = self._gateway.call("emails.statistics", query=query).body.get("aggregate")
        return _statistics(aggregate if isinstance(aggregate, dict) else {})

    def clone(self, email_id: str, name: str) -> Email:
        """Copy an e-mail as a draft of that name."""
        return self._gateway.call("emails.clone", body={"id": email_id, "cloneName": name}).read(_email_of)

    def set_audience(
        self, email_id: str, include: Sequence[str], exclude: Sequence[str] = (), *, subject: str | None = None
    ) -> Email:
        """Set the lists, by id, that a draft goes to, and its subject if given; somebody still has to send it."""
        lists = {"include": list(include), "exclude": list(exclude)}
        body: Json = {"to": {"contactIlsLists": lists}}
        if subject is not None:
            body["subject"] = subject
        return self._gateway.call("emails.draft", path={"email_id": email_id}, body=body).read(_email_of)


def _email_of(row: Json) -> Email:
    stats = row.get("stats")
    return Email(
        id=required(row, "id"),
        name=text(row, "name"),
        subject=text(row, "subject"),
        state=text(row, "state"),
        published_at=moment(row, "publishDate") if row.get("isPublished") is not False else None,
        list_ids=_list_ids(row),
        statistics=_statistics(stats if isinstance(stats, dict) else {}),
    )


def _list_ids(row: Json) -> tuple[str, ...]:
    to = row.get("to")
    lists = to.get("contactIlsLists") if isinstance(to, dict) else None
    include = lists.get("include") if isinstance(lists, dict) else None
    return tuple(str(one) for one in include) if isinstance(include, list) else ()


def _statistics(stats: Json) -> Statistics:
    counters = stats.get("counters")
    return Statistics(**{name: whole(counters, name) for name in COUNTERS}) if isinstance(counters, dict) else _UNKNOWN


_UNKNOWN = Statistics()


def _iso(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
