"""Drift: what HubSpot holds otherwise than we last wrote it. Reads only."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from hubsync.core.connection import Connection
from hubsync.core.diff import as_kept
from hubsync.core.difference import Difference, Kind
from hubsync.core.field import Field, FieldType
from hubsync.core.plan import MEMBER, Target
from hubsync.core.winner import Verdict, Winner, verdict
from hubsync.portal.contacts import Contacts
from hubsync.portal.gateway import Gateway
from hubsync.portal.history import Version, versions
from hubsync.store import receipt, rule
from hubsync.store import segment as segments
from hubsync.store.state import State
from hubsync.store.workspace import Workspace
from hubsync.sync.compare import Comparison, comparison
from hubsync.sync.proposal import Facts, moment, stream

#: Contacts whose history is asked for, fifty a request; of the others nobody says who changed them.
ASKED = 2_000


@dataclass(frozen=True, kw_only=True)
class Drift:
    """What differs for one segment."""

    segment_key: str
    portal_id: str
    #: When HubSpot was read.
    mirror_at: dt.datetime
    #: By kind, all of them.
    counts: Mapping[Kind, int]
    differences: tuple[Difference, ...]
    warnings: tuple[str, ...] = ()


def drift(
    workspace: Workspace, state: State, connection: Connection, *, segment_key: str, gateway: Gateway | None = None
) -> Drift:
    """Compare what a segment's runs last wrote with the newest mirror.

    With a `gateway` HubSpot is asked who changed a value and when, and which missing contacts lie in its bin; without
    one the missing count as gone. What was written after the mirror was read is not judged. Raises NotFound where
    there is no such segment, no features or no mirror, and what `hubsync.portal.errors` says.
    """
    segments.current(state, segment_key)
    with comparison(workspace, state, connection.portal_id) as side:
        found, warnings = differences(side, state, connection.portal_id, segment_key)
        at = side.mirror.pulled_at
    if gateway is not None:
        found = _told(found, gateway)
    elif any(each.what is Kind.GONE for each in found):
        warnings += ("HubSpot was not asked which of the missing contacts lie in its bin.",)
    counted = Counter(each.what for each in found)
    return Drift(
        segment_key=segment_key,
        portal_id=connection.portal_id,
        mirror_at=at,
        counts={kind: counted[kind] for kind in Kind},
        differences=tuple(found),
        warnings=warnings,
    )


def differences(
    side: Comparison, state: State, portal_id: str, segment_key: str
) -> tuple[list[Difference], tuple[str, ...]]:
    """Return what differs between `side`'s mirror and what a segment's runs wrote, and warnings.

    Properties and lists first, then people; a value is not told for a property that is gone as a whole.
    """
    facts = receipt.of_portal(state, portal_id)
    rules = rule.of_portal(state, portal_id)
    fields = receipt.written(state, portal_id, segment_key)
    con = side.con
    con.execute("create or replace temp table lists_of_ours (list_id text, name text)")
    found = list(_properties(side, facts, [name for name in fields if ":" not in name], segment_key))
    found += _lists(side, facts, segment_key, {name: target for name, (target, _) in fields.items()})
    spoilt = {each.field for each in found if each.what in _WHOLE}
    named = {"segment": segment_key, "member": MEMBER}
    several = marks(side)
    for kind, sql in ((Kind.MERGED, _MERGED), (Kind.GONE, _GONE)):
        for contact_id, customer_id, ours, theirs in stream(con, sql, named):
            found.append(
                Difference(
                    what=kind, contact_id=contact_id, customer_id=customer_id, field="contact", ours=ours, theirs=theirs
                )
            )
    types = dict(con.execute("select name, type from mirror_properties where not archived").fetchall())
    valued = {"segment": segment_key, "several": sorted(several)}
    for contact_id, customer_id, name, ours, theirs, updated_at in stream(con, _CHANGED, valued):
        kept_as = Field(name=name, label="", type=_type(types.get(name, "")))
        if name in spoilt or (name not in several and as_kept(theirs, kept_as) == as_kept(ours, kept_as)):
            continue
        found.append(
            Difference(
                what=Kind.CHANGED,
                contact_id=contact_id,
                customer_id=customer_id,
                field=name,
                ours=ours,
                theirs=theirs,
                at=moment(updated_at),
                verdict=_verdict(rules, name),
            )
        )
    for kind, sql in ((Kind.MEMBER_REMOVED, _REMOVED), (Kind.MEMBER_ADDED, _ADDED)):
        for contact_id, customer_id, name, listable in stream(con, sql, named):
            removed = kind is Kind.MEMBER_REMOVED
            found.append(
                Difference(
                    what=kind,
                    contact_id=contact_id,
                    customer_id=customer_id,
                    field=name,
                    ours=MEMBER if removed else "",
                    theirs="" if removed else MEMBER,
                    verdict=(_verdict(rules, name) if listable else Verdict.STAYS) if removed else None,
                )
            )
    return found, ()


def marks(side: Comparison) -> frozenset[str]:
    """Return the properties that hold several options."""
    rows = side.con.execute(
        "select name from mirror_properties where field_type = 'checkbox' and not archived"
    ).fetchall()
    return frozenset(name for (name,) in rows)


def _verdict(rules: Mapping[str, Winner], name: str) -> Verdict:
    """A repair writes what we wrote before, so that HubSpot's value is always the newer one."""
    epoch = dt.datetime.min.replace(tzinfo=dt.UTC)
    return verdict(rules.get(name, Winner.OURS), ours_changed=False, ours_at=epoch, theirs_at=None)


def _type(kind: str) -> FieldType:
    return FieldType(kind) if kind in tuple(FieldType) else FieldType.STRING


#: Kinds that concern a property with every value in it.
_WHOLE = frozenset({Kind.PROPERTY_GONE, Kind.PROPERTY_ARCHIVED, Kind.PROPERTY_TYPE_CHANGED})


def _properties(side: Comparison, facts: Facts, names: Sequence[str], segment_key: str) -> Iterator[Difference]:
    rows = side.con.execute("select name, type, archived, map_keys(options) from mirror_properties").fetchall()
    known = {name: (kind, options) for name, kind, archived, options in rows if not archived}
    binned = {name for name, _, archived, _ in rows if archived}
    for name in names:
        ours, at, _ = facts.get(f"property:{name}", ("", None, ""))
        if at is not None and at >= side.mirror.pulled_at:
            continue
        kind, options = known.get(name, ("", []))
        if not kind:
            what = Kind.PROPERTY_ARCHIVED if name in binned else Kind.PROPERTY_GONE
            again = Verdict.WRITE if what is Kind.PROPERTY_GONE and ours else None
            yield Difference(what=what, field=name, ours=ours, theirs="", verdict=again)
        elif ours and kind != ours:
            yield Difference(what=Kind.PROPERTY_TYPE_CHANGED, field=name, ours=ours, theirs=kind)
        elif kind == FieldType.ENUMERATION:
            used = side.con.execute(_USED, {"segment": segment_key, "field": name}).fetchall()
            for (option,) in used:
                if option not in options:
                    gone = Difference(what=Kind.OPTION_REMOVED, field=name, ours=option, theirs="")
                    yield replace(gone, verdict=Verdict.WRITE)


def _lists(side: Comparison, facts: Facts, segment_key: str, targets: Mapping[str, Target]) -> Iterator[Difference]:
    """Yield what became of the lists, and note those whose members can be compared in `lists_of_ours`."""
    rows = side.con.execute("select list_id, name, processing_type from mirror_lists").fetchall()
    known = {list_id: (name, kind) for list_id, name, kind in rows}
    namesakes = {name: (list_id, kind) for list_id, name, kind in rows}
    for fact, (list_id, at, key) in facts.items():
        name = fact.removeprefix("list_name:")
        if name == fact or key != segment_key or not list_id or at >= side.mirror.pulled_at:
            continue
        if list_id not in known:
            other, kind = namesakes.get(name, ("", ""))
            if kind == "DYNAMIC" and f"list:{list_id}" in targets:
                yield Difference(what=Kind.LIST_TURNED_DYNAMIC, field=name, ours="MANUAL", theirs=kind)
            else:
                again = None if other else Verdict.WRITE
                yield Difference(what=Kind.LIST_DELETED, field=name, ours=list_id, theirs=other, verdict=again)
            continue
        called, kind = known[list_id]
        if called != name:
            yield Difference(what=Kind.LIST_RENAMED, field=name, ours=name, theirs=called)
        if f"list:{list_id}" not in targets:
            continue  # an active list: its members are its own affair
        if kind == "DYNAMIC":
            yield Difference(what=Kind.LIST_TURNED_DYNAMIC, field=name, ours="MANUAL", theirs=kind)
        else:
            side.con.execute("insert into lists_of_ours values (?, ?)", [list_id, name])


_USED = """
select distinct unnest(string_split(value, ';')) as option from acknowledged
where segment_key = $segment and field = $field and value <> '' order by 1
"""

_MERGED = """
with living as (select unnest(merged_ids) as old_id, contact_id from mirror_contacts)
select l.contact_id, coalesce(any_value(p.customer_id), ''), l.old_id, l.contact_id
from living l join acknowledged_rows a on a.contact_id = l.old_id and a.segment_key = $segment and a.value <> ''
left join people p on p.contact_id = l.contact_id
where $member <> '' group by l.contact_id, l.old_id order by 1, 3
"""

# `acknowledged` holds what was written to a merged contact under the id it lives on as: these are really missing.
_GONE = """
select a.contact_id, '', a.contact_id, '' from acknowledged a anti join mirror_contacts c using (contact_id)
where a.segment_key = $segment and a.value <> '' and $member <> '' group by a.contact_id order by 1
"""

# Of a property that holds several options only the segment's own is ours: its key, whoever wrote the others.
_CHANGED = """
with written as (
    select a.contact_id, a.field, c.updated_at, coalesce(c.properties[a.field], '') as theirs,
        list_contains($several, a.field) as several,
        case when several then $segment else a.value end as ours,
        case when several then not list_contains(string_split(replace(theirs, ' ', ''), ';'), $segment)
            and list_contains(string_split(a.value, ';'), $segment)
            else a.segment_key = $segment and theirs <> a.value end as differs
    from acknowledged a join mirror_contacts c using (contact_id)
    where a.value <> '' and a.field <> 'email' and not starts_with(a.field, 'list:')
)
select w.contact_id, coalesce(p.customer_id, ''), w.field, w.ours, w.theirs, epoch_us(w.updated_at)
from written w left join people p using (contact_id) where w.differs
order by w.field, w.contact_id
"""

_REMOVED = """
select a.contact_id, coalesce(p.customer_id, ''), l.name,
    not coalesce(c.opted_out or c.hard_bounced or c.quarantined, false)
from acknowledged a join lists_of_ours l on a.field = 'list:' || l.list_id
join mirror_contacts c using (contact_id) left join people p using (contact_id)
anti join mirror_members m on m.list_id = l.list_id and m.contact_id = a.contact_id
where a.segment_key = $segment and a.value = $member
order by l.name, a.contact_id
"""

_ADDED = """
select m.contact_id, coalesce(p.customer_id, ''), l.name, true
from mirror_members m join lists_of_ours l using (list_id) left join people p using (contact_id)
anti join acknowledged a on a.field = 'list:' || m.list_id and a.contact_id = m.contact_id and a.value = $member
where $segment <> ''
order by l.name, m.contact_id
"""


def _told(found: Iterable[Difference], gateway: Gateway) -> list[Difference]:
    """Return the differences with what HubSpot says of them: who and when, and who lies in its bin."""
    found = list(found)
    changed = [each for each in found if each.what is Kind.CHANGED]
    told: dict[tuple[str, str], list[Version]] = {}
    if changed:
        asked = list(dict.fromkeys(each.contact_id for each in changed))[:ASKED]
        told = versions(gateway, asked, sorted({each.field for each in changed}))
    binned: dict[str, dt.datetime | None] = {}
    if any(each.what is Kind.GONE for each in found):
        binned = {contact.id: contact.archived_at for contact in Contacts(gateway).archived()}
    return [_explained(each, told, binned) for each in found]


def _explained(
    each: Difference, told: Mapping[tuple[str, str], list[Version]], binned: Mapping[str, dt.datetime | None]
) -> Difference:
    if each.what is Kind.GONE and each.contact_id in binned:
        return replace(each, what=Kind.ARCHIVED, at=binned[each.contact_id])
    history = told.get((each.contact_id, each.field), []) if each.what is Kind.CHANGED else []
    if not history or history[0].value != each.theirs:
        return each  # it changed again since it was read
    before = next((place for place, version in enumerate(history) if version.value == each.ours), None)
    old = None
    if before is not None:
        old = history[before + 1].value if before + 1 < len(history) else ""
    return replace(each, old=old, at=history[0].at, by=history[0].source)
