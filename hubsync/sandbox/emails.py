"""The endpoints that read marketing e-mails and their statistics."""

from __future__ import annotations

import datetime as dt

from hubsync.sandbox import errors
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.clock import instant, iso
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Json

_PAGE = 300
_DEFAULT_PAGE = 10
#: Seconds of each span a histogram can be cut into; months, quarters and years as round ones.
_INTERVALS = {
    "SECOND": 1,
    "MINUTE": 60,
    "QUARTER_HOUR": 900,
    "HOUR": 3_600,
    "DAY": 86_400,
    "WEEK": 604_800,
    "MONTH": 2_592_000,
    "QUARTER": 7_776_000,
    "YEAR": 31_536_000,
}


def email_page(portal: Portal, call: Call) -> Answer:
    """GET emails: newest first; `isPublished`, `createdAfter` … narrow it, `includeStats` adds counters."""
    archived = call.flag("archived")
    rows = [row for row in portal.state.emails.values() if row["archived"] == archived and _matches(row, call)]
    rows.sort(key=lambda row: (str(row["updatedAt"]), int(row["id"])), reverse=True)
    limit, start = call.number("limit", _DEFAULT_PAGE, _PAGE), call.position()
    body: Json = {
        "total": len(rows),
        "results": [wire(portal, call, row) for row in rows[start : start + limit]],
    }
    if start + limit < len(rows):
        body["paging"] = call.onward_to(start + limit)
    return Answer(body=body)


def get_email(portal: Portal, call: Call, email_id: str) -> Answer:
    """GET emails/{id}."""
    return Answer(body=wire(portal, call, existing(portal, email_id, archived=call.flag("archived"))))


def statistics(portal: Portal, call: Call) -> Answer:
    """GET emails/statistics/list: what was sent in a span, together and per e-mail."""
    start, end = _span(call)
    known = _known(portal, call, start, end)
    return Answer(
        body={
            "aggregate": portal.mail.statistics(known, start, end),
            "campaignAggregations": {email_id: portal.mail.statistics([email_id], start, end) for email_id in known},
            "emails": [int(email_id) for email_id in known],
        }
    )


def histogram(portal: Portal, call: Call) -> Answer:
    """GET emails/statistics/histogram: the same, cut into equal spans of time that have anything in them."""
    start, end = _span(call)
    interval = call.query.get("interval", "DAY")
    if interval not in _INTERVALS:
        raise errors.invalid(f"Unable to convert {interval} to one of [{', '.join(_INTERVALS)}]")
    known = _known(portal, call, start, end)
    spans = portal.mail.histogram(known, start, end, _INTERVALS[interval])
    results = [
        {"interval": {"start": iso(begins), "end": iso(ends)}, "aggregations": counted}
        for begins, ends, counted in spans
    ]
    return Answer(body={"total": len(results), "results": results})


def existing(portal: Portal, email_id: str, *, archived: bool = False) -> Json:
    """Return an e-mail; raises Refused (404)."""
    row = portal.state.emails.get(email_id)
    if row is None or row["archived"] != archived:
        raise errors.not_found(f"Email with id {email_id} does not exist", id=[email_id])
    return row


def wire(portal: Portal, call: Call, row: Json) -> Json:
    """Return an e-mail as it goes out: an A/B test hides its recipients."""
    hidden = {"draft", "to"} if row["isAb"] else {"draft"}
    shown = {name: value for name, value in row.items() if name not in hidden}
    return shown | {"stats": portal.mail.statistics([row["id"]])} if call.flag("includeStats") else shown


def _span(call: Call) -> tuple[dt.datetime, dt.datetime]:
    start, end = call.time("startTimestamp"), call.time("endTimestamp")
    if start is None or end is None:
        raise errors.invalid("startTimestamp and endTimestamp are required")
    return start, end


def _known(portal: Portal, call: Call, start: dt.datetime, end: dt.datetime) -> list[str]:
    ids = call.names("emailIds") or portal.mail.sent_between(start, end)
    return [email_id for email_id in ids if email_id in portal.state.emails]


def _matches(row: Json, call: Call) -> bool:
    published = call.query.get("isPublished")
    if published is not None and row["isPublished"] != (published.lower() == "true"):
        return False
    if call.query.get("type") not in {None, row["type"]}:
        return False
    for field, name in (("createdAt", "created"), ("updatedAt", "updated"), ("publishDate", "published")):
        after, before = call.time(f"{name}After"), call.time(f"{name}Before")
        moment = instant(str(row[field]))
        if (after and moment <= after) or (before and moment >= before):
            return False
    return True
