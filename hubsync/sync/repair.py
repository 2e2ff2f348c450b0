"""Repair: the plans that put back what was changed in HubSpot, where the fields' rules say so. Sends nothing."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from hubsync.core.connection import Connection
from hubsync.core.difference import Difference, Kind
from hubsync.core.field import GROUP, FieldType, held, joined
from hubsync.core.guard import age
from hubsync.core.plan import MEMBER, Change, Op, Plan, Target
from hubsync.core.winner import Verdict
from hubsync.store import plan as plans
from hubsync.store import receipt
from hubsync.store import segment as segments
from hubsync.store.state import State
from hubsync.store.workspace import Workspace
from hubsync.sync import reach
from hubsync.sync.compare import Comparison, comparison
from hubsync.sync.draft import drafting
from hubsync.sync.drift import differences, marks
from hubsync.sync.forecast import forecast
from hubsync.sync.preview import quota
from hubsync.sync.proposal import stream

Clock = Callable[[], dt.datetime]
#: Where a run writes: its target, and the list's name where it has one.
Place = tuple[Target, str]
#: Differences that stay, named in the plan; the rest are counted.
NAMED = 1000

#: What only a person can put right, and how.
_BY_HAND = {
    Kind.PROPERTY_TYPE_CHANGED: "Its type was changed in HubSpot: change it back there, or map to another property.",
    Kind.PROPERTY_ARCHIVED: "It lies in HubSpot's bin: restore it there under Settings › Properties.",
    Kind.LIST_TURNED_DYNAMIC: "It is an active list now: sync to a list of another name.",
    Kind.LIST_DELETED: "There is another list of this name now: preview the export again, and take it over there.",
}


@dataclass(frozen=True, kw_only=True)
class _Work:
    """One plan in the making."""

    place: Place
    found: Sequence[Difference]


def repair(
    workspace: Workspace, state: State, connection: Connection, *, segment_key: str, by: str, clock: Clock
) -> tuple[Plan, ...]:
    """Return the plans that put a segment's drift right, one for each target and list concerned; they are kept.

    Only what its rule gives to us is written; the rest is named in `options["stays"]`. Nobody comes back onto a list
    who must not be mailed. Raises as `hubsync.sync.drift.drift` does.
    """
    written = receipt.written(state, connection.portal_id, segment_key)
    with comparison(workspace, state, connection.portal_id) as side:
        found, _ = differences(side, state, connection.portal_id, segment_key)
        by_place: dict[Place, list[Difference]] = {}
        for each in found:
            place = _place(each, written)
            if place is not None:
                by_place.setdefault(place, []).append(each)
        side.con.execute("create temp table members (customer_id text, contact_id text, email text, step text)")
        return tuple(
            _plan(
                workspace, state, side, _Work(place=place, found=rows), segment_key, connection.portal_id, by, clock()
            )
            for place, rows in by_place.items()
            if any(each.verdict is not None or _by_hand(each) for each in rows)
        )


def _by_hand(each: Difference) -> bool:
    return each.verdict is None and each.what in _BY_HAND


def _place(each: Difference, written: Mapping[str, Place]) -> Place | None:
    found = written.get(each.field) or written.get(f"list_name:{each.field}")
    if found is None and each.what is Kind.CHANGED:  # another segment was the last to write a property they share
        return next((place for place in written.values() if place[0] is Target.ACTIVE_LIST), None)
    return found


def _plan(
    workspace: Workspace,
    state: State,
    side: Comparison,
    work: _Work,
    segment_key: str,
    portal_id: str,
    by: str,
    at: dt.datetime,
) -> Plan:
    target, list_name = work.place
    last = plans.last_run(state, portal_id, target).get((segment_key, list_name))
    facts = receipt.of_portal(state, portal_id)
    list_id = facts.get(f"list_name:{list_name}", ("",))[0]
    stays = [each for each in work.found if each.verdict in {Verdict.STAYS, Verdict.ASKS}]
    with drafting(
        workspace, side.con, _changes(side, work, segment_key, list_id), lambda file: reach.write(side.con, file)
    ) as draft:
        plan = Plan(
            plan_id=draft.settle(workspace, {"repair": segment_key, "portal": portal_id, "place": work.place}),
            segment_key=segment_key,
            segment_version=segments.current(state, segment_key).version,
            target=target,
            portal_id=portal_id,
            list_name=list_name,
            made_at=at,
            made_by=by,
            features_as_of=last.features_as_of if last else side.features.made_at,
            mirror_at=side.mirror.pulled_at,
            counts={**draft.counts, "unchanged": 0},
            reach={},
            forecast=forecast(
                target=target,
                rows=draft.counts,
                people=draft.people,
                everybody=sum(draft.people.values()),
                quota=quota(workspace, portal_id),
            ),
            warnings=_warnings(work.found, stays),
            blocked=age(at - side.mirror.pulled_at),
            options={
                **(last.options if last else {}),
                "list_id": "" if target is Target.ACTIVE_LIST and draft.counts.get(Op.ENSURE_LIST) else list_id,
                "adopts": False,
                "repair": True,
                "features_id": side.features.id,
                "mirror_id": side.mirror.snapshot_id,
                "acknowledged": receipt.newest(state.connection),
                "stays": [_named(each) for each in islice(stays, NAMED)],
            },
        )
        plans.save(state, plan)
    return plan


def _changes(side: Comparison, work: _Work, segment_key: str, list_id: str) -> Iterator[Change]:
    ensured: set[str] = set()
    several = marks(side)
    for each in work.found:
        if each.verdict is not Verdict.WRITE or (each.what is Kind.OPTION_REMOVED and each.field in ensured):
            continue
        match each.what:
            case Kind.CHANGED:
                whole = joined(held(each.theirs) | {each.ours}) if each.field in several else each.ours
                yield _change(Op.UPDATE_CONTACT, each, old=each.theirs, new=whole)
            case Kind.MEMBER_REMOVED:
                yield _change(Op.ADD_MEMBER, each, old="", new=MEMBER)
            case Kind.LIST_DELETED:
                made_as = "DYNAMIC" if work.place[0] is Target.ACTIVE_LIST else "MANUAL"
                yield _change(Op.ENSURE_LIST, each, old="", new=made_as)
                yield from _everybody(side, each, f"list:{list_id}", segment_key)
            case Kind.OPTION_REMOVED:
                ensured.add(each.field)
                yield _change(Op.ENSURE_PROPERTY, each, old="", new=FieldType.ENUMERATION.value)
            case Kind.PROPERTY_GONE:
                if not ensured:
                    yield replace(_change(Op.ENSURE_GROUP, each, old="", new=GROUP), field=GROUP)
                ensured.add(each.field)
                yield _change(Op.ENSURE_PROPERTY, each, old="", new=each.ours)
                yield from _everybody(side, each, each.field, segment_key)


_REASONS = {
    Kind.CHANGED: "put back what we wrote; it was changed in HubSpot",
    Kind.MEMBER_REMOVED: "put back on the list; taken off in HubSpot",
    Kind.LIST_DELETED: "the list was deleted in HubSpot",
    Kind.PROPERTY_GONE: "the property was deleted in HubSpot",
    Kind.OPTION_REMOVED: "an option of ours was removed in HubSpot",
}


def _change(op: Op, each: Difference, *, old: str, new: str) -> Change:
    return Change(
        op=op,
        customer_id=each.customer_id,
        contact_id=each.contact_id,
        field=each.field,
        old=old,
        new=new,
        reason=_REASONS[each.what],
    )


_EVERYBODY = """
select a.contact_id, coalesce(p.customer_id, ''), a.value from acknowledged a join mirror_contacts c using (contact_id)
left join people p using (contact_id)
where a.segment_key = $segment and a.field = $field and a.value <> ''
    and ($field not like 'list:%' or not coalesce(c.opted_out or c.hard_bounced or c.quarantined, false))
order by a.contact_id
"""


def _everybody(side: Comparison, each: Difference, written: str, segment_key: str) -> Iterator[Change]:
    """Yield what everybody had of a list or a property that is made anew."""
    op = Op.ADD_MEMBER if each.what is Kind.LIST_DELETED else Op.UPDATE_CONTACT
    for contact_id, customer_id, value in stream(side.con, _EVERYBODY, {"segment": segment_key, "field": written}):
        yield Change(
            op=op,
            customer_id=customer_id,
            contact_id=contact_id,
            field=each.field,
            old="",
            new=value,
            reason=_REASONS[each.what],
        )


def _warnings(found: Sequence[Difference], stays: Sequence[Difference]) -> tuple[str, ...]:
    told = [f"“{each.field}”: {_BY_HAND[each.what]}" for each in found if _by_hand(each)]
    counted = Counter(each.verdict for each in stays if each.verdict)
    for verdict, count in sorted(counted.items()):
        told.append(f"{count:,} difference{'s' if count > 1 else ''} not put back: {verdict.value}.")
    return tuple(told)


def _named(each: Difference) -> dict[str, str]:
    assert each.verdict is not None
    names = ("what", "customer_id", "contact_id", "field", "ours", "theirs")
    return {name: str(getattr(each, name)) for name in names} | {"why": each.verdict.value}
