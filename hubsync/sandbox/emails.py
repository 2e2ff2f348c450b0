"""The endpoints of marketing e-mails and their statistics; read only."""

from __future__ import annotations

import base64
import datetime as dt
from urllib.parse import urlencode

from hubsync.sandbox import errors
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.clock import instant
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Json

_PAGE = 300
_DEFAULT_PAGE = 10


def email_page(portal: Portal, call: Call) -> Answer:
    """GET emails: newest first; `isPublished`, `createdAfter` … narrow it, `includeStats` adds counters."""
    rows = [row for row in portal.state.emails.values() if _matches(row, call)]
    rows.sort(key=lambda row: (str(row["updatedAt"]), int(row["id"])), reverse=True)
    limit, start = call.number("limit", _DEFAULT_PAGE, _PAGE), _start(call)
    body: Json = {
        "total": len(rows),
        "results": [_wire(portal, call, row) for row in rows[start : start + limit]],
    }
    if start + limit < len(rows):
        after = base64.b64encode(str(start + limit).encode()).decode()
        kept = [(name, value) for name, value in call.query.multi_items() if name != "after"]
        body["paging"] = {"next": {"after": after, "link": f"{call.url}?{urlencode([*kept, ('after', after)])}"}}
    return Answer(body=body)


def get_email(portal: Portal, call: Call, email_id: str) -> Answer:
    """GET emails/{id}."""
    row = portal.state.emails.get(email_id)
    if row is None:
        raise errors.not_found(f"Email with id {email_id} does not exist", id=[email_id])
    return Answer(body=_wire(portal, call, row))


def statistics(portal: Portal, call: Call) -> Answer:
    """GET emails/statistics/list: what was sent in a span, together and per e-mail."""
    start, end = _time(call, "startTimestamp"), _time(call, "endTimestamp")
    if start is None or end is None:
        raise errors.invalid("startTimestamp and endTimestamp are required")
    ids = call.names("emailIds") or portal.mail.sent_between(start, end)
    known = [email_id for email_id in ids if email_id in portal.state.emails]
    return Answer(
        body={
            "aggregate": portal.mail.statistics(known, start, end),
            "campaignAggregations": {email_id: portal.mail.statistics([email_id], start, end) for email_id in known},
            "emails": [int(email_id) for email_id in known],
        }
    )


def _wire(portal: Portal, call: Call, row: Json) -> Json:
    return row | {"stats": portal.mail.statistics([row["id"]])} if call.flag("includeStats") else row


def _matches(row: Json, call: Call) -> bool:
    published = call.query.get("isPublished")
    if published is not None and row["isPublished"] != (published.lower() == "true"):
        return False
    if call.query.get("type") not in {None, row["type"]}:
        return False
    for field, name in (("createdAt", "created"), ("updatedAt", "updated"), ("publishDate", "published")):
        after, before = _time(call, f"{name}After"), _time(call, f"{name}Before")
        moment = instant(str(row[field]))
        if (after and moment <= after) or (before and moment >= before):
            return False
    return True


def _time(call: Call, name: str) -> dt.datetime | None:
    text = call.query.get(name)
    if text is None:
        return None
    try:
        return instant(text)
    except ValueError as error:
        raise errors.invalid(f"{name} is not a time: '{text}'") from error


def _start(call: Call) -> int:
    after = call.query.get("after")
    if after is None:
        return 0
    try:
        return int(base64.b64decode(after.replace("%3D", "="), validate=True))
    except ValueError as error:
        raise errors.invalid(f"Cursor '{after}' is not valid") from error
