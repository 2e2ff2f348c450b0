"""Target active list: a list that HubSpot keeps by itself, by a property in which we keep everybody's behaviours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import chain

from hubsync.core import naming
from hubsync.core.diff import marked
from hubsync.core.field import Field, FieldType
from hubsync.core.plan import Change, Guard, Op
from hubsync.portal import filters
from hubsync.portal.answer import Json
from hubsync.sync import mark, properties
from hubsync.sync.mapping import Mapped
from hubsync.sync.proposal import Proposal, Scene
from hubsync.sync.static_list import find, shared

#: HubSpot's processing type of a list that its own filters keep.
DYNAMIC = "DYNAMIC"
#: Holds the key of each segment that a contact is in.
PROPERTY = "hubsync_behaviours"


@dataclass(frozen=True, kw_only=True)
class _There:
    """The list as the mirror knows it."""

    list_id: str
    processing_type: str
    name: str
    #: Its filter branch as JSON; "" where it was not read.
    filters: str = ""
    status: str = ""
    size: int | None = None


def behaviours(key: str, title: str) -> Field:
    """Return the property, with the option of one segment: the others' are there already, or come with their syncs."""
    return Field(
        name=PROPERTY,
        label="Behaviours (hubsync)",
        type=FieldType.ENUMERATION,
        options=((key, title),),
        multiple=True,
    )


def propose(scene: Scene) -> Proposal:
    """Return the changes that bring the list in step: property, option and list made, members' values set.

    Only who may be mailed gets the value, as it puts them on the list. Filters of a list of ours that were changed in
    HubSpot are put right; a list of others is never touched.
    """
    segment = scene.ask.version.segment
    name = naming.check(scene.ask.list_name or naming.PATTERNS[0].name(segment.title(), scene.ask.at.date()))
    each = behaviours(segment.key, segment.title())
    wanted = filters.holds_any(PROPERTY, segment.key)
    there = _there(scene, name)
    ensure, guards = properties.ensure(scene, [each])
    listing, blocked, warnings = _list(scene, name, there, wanted)
    rows = () if blocked else chain(ensure, listing, marked(mark.people(scene, each, segment.key), each, segment.key))
    return Proposal(
        changes=rows,
        list_name=name,
        ours=mark.ours(scene, each, segment.key),
        guards=(*blocked, *guards),
        warnings=warnings,
        options={
            "list_id": there.list_id if there else "",
            "filters": wanted,
            "fields": [Mapped(column="", field=each).document()],
        },
    )


def _there(scene: Scene, name: str) -> _There | None:
    found = find(scene, name)
    if found is None:
        return None
    rows = scene.side.con.execute(
        "select coalesce(filters, ''), coalesce(processing_status, ''), size from mirror_lists where list_id = $id",
        {"id": found[0]},
    ).fetchall()
    told, status, size = rows[0] if rows else ("", "", None)
    return _There(list_id=found[0], processing_type=found[1], name=found[2], filters=told, status=status, size=size)


def _list(
    scene: Scene, name: str, there: _There | None, wanted: Json
) -> tuple[list[Change], tuple[Guard, ...], tuple[str, ...]]:
    """Return the row that makes the list or puts its filters right, with guards and warnings."""
    list_id, _, segment_key = scene.facts.get(f"list_name:{name}", ("", None, ""))
    if there is None:
        reason = "the list was deleted in HubSpot" if list_id else "there is no list of this name yet"
        return [_ensure(name, "", reason)], (), ()
    if there.processing_type != DYNAMIC:
        return [], (_by_hand(name),), ()
    if there.list_id != list_id:
        return [], (_taken(name),), ()
    if segment_key != scene.ask.version.segment.key:
        return [], (shared(name, segment_key, override=""),), ()
    warnings = [] if there.name == name else [f"The list “{name}” is now called “{there.name}” in HubSpot."]
    if there.size is not None and there.status == "PROCESSING":
        warnings.append(f"HubSpot is still working the list through; its {there.size:,} people are an estimate.")
    if there.filters and not filters.same(json.loads(there.filters), wanted):
        return [_ensure(name, "other filters", "its filters were changed in HubSpot")], (), tuple(warnings)
    return [], (), tuple(warnings)


def _ensure(name: str, old: str, reason: str) -> Change:
    return Change(op=Op.ENSURE_LIST, customer_id="", contact_id="", field=name, old=old, new=DYNAMIC, reason=reason)


def _by_hand(name: str) -> Guard:
    return Guard(
        code="list_is_static",
        message=f"“{name}” is a list whose members are put on one by one, not an active list.",
        hint="Choose another name, or keep it in step as a static list.",
    )


def _taken(name: str) -> Guard:
    return Guard(
        code="list_taken",
        message=f"“{name}” is there already, and not made from here; its filters are not ours to change.",
        hint="Choose another name.",
    )
