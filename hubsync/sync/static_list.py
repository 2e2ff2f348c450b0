"""Target static list: the members of a segment as the members of a list, name by name."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from hubsync.core import naming
from hubsync.core.diff import Person, membership
from hubsync.core.plan import Change, Guard, Op, Step
from hubsync.sync.proposal import Proposal, Scene, quoted, stream
from hubsync.sync.reason import Teller

#: Lists whose members can be written.
WRITABLE = ("MANUAL", "SNAPSHOT")

_PEOPLE = """
with listed as (select contact_id from mirror_members where list_id = $list),
ours as (select contact_id from acknowledged where field = 'list:' || $list and value = 'member'),
gone as (
    select contact_id from ours semi join listed using (contact_id) anti join members using (contact_id)
),
everybody as (
    select m.customer_id, m.contact_id, m.email, m.step, l.contact_id is not null as listed,
        o.contact_id is not null as ours
    from members m
    left join listed l on l.contact_id = m.contact_id
    left join ours o on o.contact_id = m.contact_id
    union all
    select coalesce(p.customer_id, ''), g.contact_id, coalesce(p.email, ''), null, true, true
    from gone g left join people p on p.contact_id = g.contact_id
)
select e.* {values} from everybody e left join features f using (customer_id)
order by e.customer_id, e.contact_id
"""


def propose(scene: Scene) -> Proposal:
    """Return the changes that bring the list in step: made if it is missing, joiners on, leavers we added off."""
    segment = scene.ask.version.segment
    name = naming.check(scene.ask.list_name or naming.PATTERNS[0].name(segment.title(), scene.ask.at.date()))
    found = find(scene, name)
    if found is not None and found[1] not in WRITABLE:
        return Proposal(changes=(), list_name=name, guards=(_dynamic(name),))
    list_id = found[0] if found else ""
    ensure, guards, warnings = _whose(scene, name, found)
    parameters = {"list": list_id}
    return Proposal(
        changes=chain(ensure, membership(_people(scene, list_id), name)),
        list_name=name,
        ours=_count(scene, parameters),
        guards=guards,
        warnings=warnings,
        options={"list_id": list_id, "adopts": any(guard.override for guard in guards)},
    )


def find(scene: Scene, name: str) -> tuple[str, str, str] | None:
    """Return (id, processing type, its name there) of the list to keep in step, or None.

    The list we made earlier is followed by its id, whatever it is called now.
    """
    rows: list[tuple[str, str, str]] = scene.side.con.execute(
        "select list_id, processing_type, name from mirror_lists"
    ).fetchall()
    remembered = scene.facts.get(f"list_name:{name}", ("",))[0]
    for row in rows:
        if row[0] == remembered:
            return row
    if scene.fact(f"list_name:{name}"):
        return remembered, "DYNAMIC" if scene.fact(f"list_filters:{name}") else "MANUAL", name
    return next((row for row in rows if row[2] == name), None)


def _whose(
    scene: Scene, name: str, found: tuple[str, str, str] | None
) -> tuple[list[Change], tuple[Guard, ...], tuple[str, ...]]:
    """Return the row that makes or takes over the list, if one is needed, with guards and warnings."""
    list_id, _, segment_key = scene.facts.get(f"list_name:{name}", ("", None, ""))
    if found is None:
        reason = "the list was deleted in HubSpot" if list_id else "there is no list of this name yet"
        return [_ensure(name, reason)], (), ()
    if found[0] != list_id:
        return [_ensure(name, "takes over the list that is there")], (_taken(name),), ()
    if segment_key != scene.ask.version.segment.key:
        return [_ensure(name, f"takes over the list of {segment_key}")], (shared(name, segment_key, override=name),), ()
    warnings = () if found[2] == name else (f"The list “{name}” is now called “{found[2]}” in HubSpot.",)
    return [], (), warnings


def _ensure(name: str, reason: str) -> Change:
    return Change(op=Op.ENSURE_LIST, customer_id="", contact_id="", field=name, old="", new=WRITABLE[0], reason=reason)


def _people(scene: Scene, list_id: str) -> Iterator[Person]:
    con = scene.side.con
    available = [str(row[0]) for row in con.execute("describe features").fetchall()]
    teller = Teller(scene.ask.version.segment, available)
    values = "".join(f", f.{quoted(name)}" for name in teller.columns)
    for row in stream(con, _PEOPLE.format(values=values), {"list": list_id}):
        yield Person(
            customer_id=row[0],
            contact_id=row[1],
            email=row[2],
            step=Step(row[3]) if row[3] else None,
            listed=row[4],
            ours=row[5],
            why=teller.why(row[0], row[6:]),
        )


def _count(scene: Scene, parameters: dict[str, Any]) -> int:
    row = scene.side.con.execute(
        "select count(*) from acknowledged a semi join mirror_members m"
        " on m.contact_id = a.contact_id and m.list_id = $list where a.field = 'list:' || $list and a.value = 'member'",
        parameters,
    ).fetchone()
    return int(row[0]) if row else 0


def _dynamic(name: str) -> Guard:
    return Guard(
        code="list_is_dynamic",
        message=f"“{name}” is an active list in HubSpot: its own filters decide who is on it.",
        hint="Choose another name.",
    )


def _taken(name: str) -> Guard:
    return Guard(
        code="list_taken",
        message=f"“{name}” is there already, and not made from here.",
        hint="Choose another name, or type the list's name to add to it; whoever is on it stays.",
        override=name,
    )


def shared(name: str, segment_key: str, *, override: str) -> Guard:
    """Return the guard for a list that is kept in step with another segment; `override` "" where none is allowed."""
    way_on = ", or type the list's name to take it over; then stop syncing the other one" if override else ""
    return Guard(
        code="list_of_another_segment",
        message=f"“{name}” is kept in step with {segment_key}.",
        hint=f"Choose another name{way_on}.",
        override=override,
    )
