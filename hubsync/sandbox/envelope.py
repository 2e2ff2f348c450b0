"""How HubSpot wraps what many rows came to."""

from __future__ import annotations

from hubsync.sandbox.call import Answer
from hubsync.sandbox.clock import iso
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Json


def wrapped(portal: Portal, results: list[Json], failed: list[Json] | None = None, status: int = 200) -> Answer:
    """Return a batch's answer: 207 where a row failed, else `status`."""
    now = iso(portal.now())
    body: Json = {"completedAt": now, "status": "COMPLETE", "startedAt": now, "results": results}
    if failed:
        body |= {"errors": failed, "numErrors": len(failed)}
    return Answer(status=207 if failed else status, body=body)


def failure(category: str, message: str, sub_category: str | None = None, /, **context: list[str]) -> Json:
    """Return a row's error as a batch's answer lists it."""
    row: Json = {"status": "error", "category": category, "message": message, "context": context}
    return row | ({"subCategory": sub_category} if sub_category else {})
