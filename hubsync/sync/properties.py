"""Target properties: what we know of a segment's members, as properties of their contacts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from math import isfinite
from typing import Any

from hubsync.core.diff import Person, properties
from hubsync.core.field import CUSTOMER_ID, GROUP, Field
from hubsync.core.plan import Change, Guard, Op, Step
from hubsync.sync.mapping import Mapped, mapped
from hubsync.sync.proposal import Proposal, Scene, quoted, stream
from hubsync.sync.reason import Teller

# A former member's value stays where another segment that writes the same property still has them (`kept`).
_PEOPLE = """
with written as (
    select contact_id, field, value from acknowledged
    where segment_key = $segment and value <> '' and list_contains($fields, field)
),
gone as (select distinct contact_id from written anti join members using (contact_id)),
kept as (
    select distinct p.contact_id, s.field from (select unnest($sharers, recursive := true)) s
    join memberships m on m.segment_key = s.segment_key
    join people p using (customer_id)
),
former as (
    select g.contact_id, coalesce(p.customer_id, '') as customer_id, coalesce(p.email, '') as email,
        (select map_from_entries(list((w.field, w.value))) from written w
            anti join kept k on k.contact_id = w.contact_id and k.field = w.field
            where w.contact_id = g.contact_id) as written
    from gone g left join people p on p.contact_id = g.contact_id
),
everybody as (
    select customer_id, contact_id, email, step, map([]::varchar[], []::varchar[]) as written from members
    union all
    select customer_id, contact_id, email, null, coalesce(written, map([]::varchar[], []::varchar[])) from former
)
select e.customer_id, e.contact_id, e.email, e.step, e.written {desired} {actual} {values}
from everybody e
left join features f using (customer_id)
left join mirror_contacts c on c.contact_id = e.contact_id
order by e.customer_id, e.contact_id
"""


def propose(scene: Scene) -> Proposal:
    """Return the changes that bring the properties in step: made if missing, values set, leavers' values cleared."""
    fields = mapped(scene.side.con, scene.ask.version.segment, scene.ask.mapping)
    rows, guards = ensure(scene, [each.field for each in fields])
    parameters = {
        "segment": scene.ask.version.segment.key,
        "fields": [each.field.name for each in fields if each.field.name != CUSTOMER_ID.name],
    }
    return Proposal(
        changes=chain(rows, properties(_people(scene, fields, parameters), [each.field for each in fields])),
        ours=_count(scene, parameters),
        guards=tuple(guards),
        options={"fields": [each.document() for each in fields]},
    )


def ensure(scene: Scene, fields: Sequence[Field]) -> tuple[list[Change], list[Guard]]:
    """Return the rows that make what is missing of these properties, their options and our group; and guards."""
    rows = scene.side.con.execute(
        "select name, type, group_name, archived, field_type, map_keys(options) from mirror_properties"
    ).fetchall()
    known = {row[0]: (row[1], row[2]) for row in rows if not row[3]}
    controls = {row[0]: row[4] for row in rows if not row[3]}
    options = {row[0]: set(row[5] or ()) for row in rows if not row[3]}
    binned = {row[0] for row in rows if row[3]} - known.keys()
    changes, guards = [], []
    for each in fields:
        kind, group = known.get(each.name, (scene.fact(f"property:{each.name}"), GROUP))
        if not kind and each.name in binned:
            guards.append(_binned(each))
        elif not kind:
            changes.append(_row(Op.ENSURE_PROPERTY, each.name, each.type.value, "HubSpot has no such property yet"))
        elif kind != each.type.value or (each.multiple and controls.get(each.name, each.control) != each.control):
            guards.append(_other_type(each, kind))
        elif group != GROUP and not scene.facts.get(f"property:{each.name}"):
            changes.append(_row(Op.ENSURE_PROPERTY, each.name, each.type.value, "takes over the property there is"))
            guards.append(_foreign(each, group))
        elif lacking := [label for value, label in each.options if not _has(scene, options, each.name, value)]:
            reason = f"HubSpot lacks the option{'s' if len(lacking) > 1 else ''} {', '.join(lacking)}"
            changes.append(_row(Op.ENSURE_PROPERTY, each.name, each.type.value, reason))
    made = any(group == GROUP for _, group in known.values()) or scene.fact(f"group:{GROUP}")
    if changes and not made:
        changes.insert(0, _row(Op.ENSURE_GROUP, GROUP, GROUP, "holds every property made from here"))
    return changes, guards


def _has(scene: Scene, options: Mapping[str, set[str]], name: str, value: str) -> bool:
    return value in options.get(name, ()) or bool(scene.fact(f"option:{name}:{value}"))


def _row(op: Op, name: str, new: str, reason: str) -> Change:
    return Change(op=op, customer_id="", contact_id="", field=name, old="", new=new, reason=reason)


def _people(scene: Scene, fields: list[Mapped], parameters: Mapping[str, Any]) -> Iterator[Person]:
    con = scene.side.con
    teller = Teller(scene.ask.version.segment, [str(row[0]) for row in con.execute("describe features").fetchall()])
    names = [each.field.name for each in fields]
    sql = _PEOPLE.format(
        desired="".join(f", f.{quoted(each.column)}" for each in fields),
        actual="".join(f", c.properties['{name}']" for name in names),
        values="".join(f", f.{quoted(name)}" for name in teller.columns),
    )
    first, last = 5 + len(names), 5 + 2 * len(names)
    for row in stream(con, sql, {**parameters, "sharers": scene.sharers(names)}):
        yield Person(
            customer_id=row[0],
            contact_id=row[1],
            email=row[2],
            step=Step(row[3]) if row[3] else None,
            written=row[4],
            desired={name: _known(value) for name, value in zip(names, row[5:first], strict=True)},
            actual={name: value for name, value in zip(names, row[first:last], strict=True) if value is not None},
            why=teller.why(row[0], row[last:]),
        )


def _known(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    """Return a feature's value, or None for a number that is none (a share of nothing, an overflow)."""
    return None if isinstance(value, float) and not isfinite(value) else value


def _count(scene: Scene, parameters: Mapping[str, Any]) -> int:
    row = scene.side.con.execute(
        "select count(distinct contact_id) from acknowledged where segment_key = $segment and value <> ''"
        " and list_contains($fields, field)",
        dict(parameters),
    ).fetchone()
    return int(row[0]) if row else 0


def _other_type(each: Field, kind: str) -> Guard:
    several = " of several" if each.multiple else ""
    return Guard(
        code="property_type",
        message=f"The property '{each.name}' is there already, as {kind}; {each.type.value}{several} is needed.",
        hint="Map the measure to another property.",
    )


def _binned(each: Field) -> Guard:
    return Guard(
        code="property_archived",
        message=f"The property '{each.name}' lies in HubSpot's bin; making it anew would bring its old values back.",
        hint="Restore it in HubSpot under Settings › Properties and pull, or map the measure to another property.",
    )


def _foreign(each: Field, group: str) -> Guard:
    return Guard(
        code="foreign_property",
        message=f"The property '{each.name}' is not made from here (its group is '{group}').",
        hint="Map the measure to another property, or type the property's name to write to it.",
        override=each.name,
    )
