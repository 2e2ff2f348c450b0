"""A mark: one value of a property of ours that says of a contact that it belongs to a segment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hubsync.core.diff import Person
from hubsync.core.field import Field
from hubsync.core.plan import Step
from hubsync.sync.proposal import Scene, quoted, stream
from hubsync.sync.reason import Teller

_OURS = """
    select contact_id from acknowledged
    where field = $field and list_contains(list_transform(string_split(value, ';'), lambda one: trim(one)), $mark)
"""
_PEOPLE = """
with ours as ({ours}),
gone as (select contact_id from ours anti join members using (contact_id)),
everybody as (
    select customer_id, contact_id, email, step from members
    union all
    select coalesce(p.customer_id, ''), g.contact_id, coalesce(p.email, ''), null
    from gone g left join people p on p.contact_id = g.contact_id
)
select e.*, o.contact_id is not null, coalesce(c.properties[$field], '') {values}
from everybody e
left join ours o on o.contact_id = e.contact_id
left join mirror_contacts c on c.contact_id = e.contact_id
left join features f on f.customer_id = e.customer_id
order by e.customer_id, e.contact_id
"""


def people(scene: Scene, each: Field, mark: str) -> Iterator[Person]:
    """Yield the members, and the former members that we marked, with what the property holds of each."""
    con = scene.side.con
    teller = Teller(scene.ask.version.segment, [str(row[0]) for row in con.execute("describe features").fetchall()])
    sql = _PEOPLE.format(ours=_OURS, values="".join(f", f.{quoted(name)}" for name in teller.columns))
    for row in stream(con, sql, _parameters(each, mark)):
        yield Person(
            customer_id=row[0],
            contact_id=row[1],
            email=row[2],
            step=Step(row[3]) if row[3] else None,
            ours=row[4],
            actual={each.name: row[5]},
            why=teller.why(row[0], row[6:]),
        )


def ours(scene: Scene, each: Field, mark: str) -> int:
    """Return how many contacts carry a mark that we set."""
    row = scene.side.con.execute(
        f"select count(*) from ({_OURS}) semi join mirror_contacts using (contact_id)",  # noqa: S608 - a constant
        _parameters(each, mark),
    ).fetchone()
    return int(row[0]) if row else 0


def _parameters(each: Field, mark: str) -> dict[str, Any]:
    return {"field": each.name, "mark": mark}
