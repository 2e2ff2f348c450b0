"""What running a plan would cost the portal: requests, time at its pace, share of its day."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from hubsync.core.plan import Forecast, Op, Target
from hubsync.portal.contacts import BATCH
from hubsync.portal.lists import CHUNK
from hubsync.portal.pace import Quota

#: Requests that make sure of one thing: looked for, looked for in the bin, made.
_ENSURE = {Op.ENSURE_GROUP: 2, Op.ENSURE_PROPERTY: 3, Op.ENSURE_LIST: 2}

#: A draft is looked for, copied, and told whom it goes to.
_DRAFT = 3


def forecast(
    *, target: Target, rows: Mapping[str, int], people: Mapping[str, int], everybody: int, quota: Quota
) -> Forecast:
    """Return the cost of a plan with so many rows and people by op, of `everybody` that it compared.

    Requests are the most it takes if nothing is refused: what is found to exist already costs fewer.
    """
    members = rows.get(Op.ADD_MEMBER, 0) + rows.get(Op.REMOVE_MEMBER, 0)
    requests = {
        "check portal": 1 if rows else 0,
        "ensure": sum(each * rows.get(op, 0) for op, each in _ENSURE.items()),
        "batch create": ceil(people.get(Op.CREATE_CONTACT, 0) / BATCH),
        "batch update": ceil(people.get(Op.UPDATE_CONTACT, 0) / BATCH),
        "memberships": ceil(members / CHUNK),
        "enrol": rows[Op.ENROL] + 1 if rows.get(Op.ENROL) else 0,
        "e-mail draft": _DRAFT * rows.get(Op.DRAFT_EMAIL, 0),
        "delete list": 3 * rows.get(Op.DELETE_LIST, 0),
    }
    requests = {kind: count for kind, count in requests.items() if count}
    total = sum(requests.values())
    return Forecast(
        requests=requests,
        seconds=total / (quota.per_10s / 10),
        share_of_daily=total / quota.remaining if quota.remaining else None,
        requests_without_diff=_without_diff(target, everybody, requests.get("ensure", 0)),
    )


def _without_diff(target: Target, everybody: int, ensuring: int) -> int:
    """Return the requests if nothing was known: everybody's record id is asked for, then everybody is sent."""
    return 1 + ensuring + ceil(everybody / BATCH) + ceil(everybody / (CHUNK if target is Target.STATIC_LIST else BATCH))
