"""Rules at work: of the changes a target proposes, those that may be written over what HubSpot's people did."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from hubsync.core.diff import as_kept
from hubsync.core.field import Field, FieldType
from hubsync.core.plan import MEMBER, Change, Op
from hubsync.core.winner import Verdict, Winner, verdict
from hubsync.sync.compare import Comparison
from hubsync.sync.proposal import moment, stream

#: Changes held back, named in the plan; the rest are counted.
NAMED = 1000
#: By record id and field: what we last wrote, what HubSpot holds, and the latest that it can have changed.
_Conflicts = Mapping[tuple[str, str], tuple[str, str, dt.datetime | None]]

# What HubSpot holds although nothing of ours was written there counts as its own, too.
_CHANGED = """
with ruled as (select unnest($fields) as field)
select c.contact_id, r.field, coalesce(a.value, ''), coalesce(c.properties[r.field], ''),
    epoch_us(c.updated_at)
from mirror_contacts c cross join ruled r
left join acknowledged a on a.contact_id = c.contact_id and a.field = r.field
where coalesce(c.properties[r.field], '') <> coalesce(a.value, '')
"""
_TAKEN_OFF = """
select a.contact_id, l.name, $member, '', null from acknowledged a
join ruled_lists l on a.field = 'list:' || l.list_id and a.value = $member
anti join mirror_members m on m.list_id = l.list_id and m.contact_id = a.contact_id
"""


@dataclass(kw_only=True)
class Held:
    """What rules kept from being written."""

    rows: list[tuple[Change, Winner, Verdict]] = field(default_factory=list)

    @property
    def named(self) -> list[dict[str, str]]:
        """The first of them as plain data: `old` is HubSpot's, `new` is what our data says."""
        return [
            {
                "op": change.op.value,
                "customer_id": change.customer_id,
                "contact_id": change.contact_id,
                "field": change.field,
                "old": change.old,
                "new": change.new,
                "rule": winner.value,
                "why": said.value,
            }
            for change, winner, said in islice(self.rows, NAMED)
        ]

    @property
    def customers(self) -> set[str]:
        """Whose values or membership are left as HubSpot has them."""
        return {change.customer_id for change, _, _ in self.rows}

    @property
    def warnings(self) -> tuple[str, ...]:
        """How many, by field and reason."""
        counted = Counter((change.field, winner, said) for change, winner, said in self.rows)
        return tuple(
            f"{count:,} × “{name}” is not written: somebody changed it in HubSpot; it {said.value} (rule: {winner})."
            for (name, winner, said), count in sorted(counted.items())
        )


def respected(
    changes: Iterable[Change],
    rules: Mapping[str, Winner],
    side: Comparison,
    held: Held,
    *,
    lists: Mapping[str, str],
    as_of: dt.datetime,
) -> Iterable[Change]:
    """Return the changes that rules let pass; the others go to `held` as the result is read.

    `lists` is list name → id of the lists we keep; `as_of` is the time our data is of.
    """
    ruled = {name: winner for name, winner in rules.items() if winner is not Winner.OURS}
    if not ruled:
        return changes
    return _passing(changes, ruled, _conflicts(side, ruled, lists), held, as_of)


def _conflicts(side: Comparison, ruled: Mapping[str, Winner], lists: Mapping[str, str]) -> _Conflicts:
    con = side.con
    types = dict(con.execute("select name, type from mirror_properties where not archived").fetchall())
    con.execute("create or replace temp table ruled_lists (list_id text, name text)")
    for name, list_id in lists.items():
        if name in ruled:
            con.execute("insert into ruled_lists values (?, ?)", [list_id, name])
    found: dict[tuple[str, str], tuple[str, str, dt.datetime | None]] = {}
    asked: tuple[tuple[str, dict[str, Any]], ...] = (
        (_CHANGED, {"fields": sorted(ruled)}),
        (_TAKEN_OFF, {"member": MEMBER}),
    )
    for sql, parameters in asked:
        for contact_id, name, ours, theirs, at in stream(con, sql, parameters):
            kind = types.get(name, "")
            kept_as = Field(name=name, label="", type=FieldType(kind) if kind in tuple(FieldType) else FieldType.STRING)
            if as_kept(ours, kept_as) != as_kept(theirs, kept_as):
                found[contact_id, name] = ours, theirs, moment(at)
    return found


def _passing(
    changes: Iterable[Change], ruled: Mapping[str, Winner], conflicts: _Conflicts, held: Held, as_of: dt.datetime
) -> Iterator[Change]:
    for change in changes:
        conflict = conflicts.get((change.contact_id, change.field))
        if conflict is None or change.op not in {Op.UPDATE_CONTACT, Op.ADD_MEMBER}:
            yield change
            continue
        ours, _, theirs_at = conflict
        winner = ruled[change.field]
        said = verdict(winner, ours_changed=change.new != ours, ours_at=as_of, theirs_at=theirs_at)
        if said is Verdict.WRITE:
            yield change
        else:
            held.rows.append((change, winner, said))
