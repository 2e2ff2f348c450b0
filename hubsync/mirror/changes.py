"""What became of properties between two mirrors, and which of it is only our own writing come back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from hubsync.store.snapshot import Snapshot

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, kw_only=True, slots=True)
class Changed:
    """One value that differs between two mirrors."""

    contact_id: str
    field: str
    #: "" is no value, or no such contact.
    before: str
    after: str
    #: It is what we last wrote there. Told by value: HubSpot moves a contact's time by itself, too.
    echo: bool


_CHANGED = """
with asked as (select unnest($fields) as field),
was as (select contact_id, field, coalesce(properties[field], '') as value from {before} cross join asked),
now as (select contact_id, field, coalesce(properties[field], '') as value from {after} cross join asked),
living as (select unnest(merged_ids) as old_id, contact_id from {after}),
ours as (
    select coalesce(l.contact_id, a.contact_id) as contact_id, a.field, arg_max(a.value, a."at") as value
    from acknowledged a left join living l on l.old_id = a.contact_id group by all
)
select contact_id, field, coalesce(was.value, ''), coalesce(now.value, ''), coalesce(ours.value = now.value, false)
from was full join now using (contact_id, field) left join ours using (contact_id, field)
where coalesce(was.value, '') <> coalesce(now.value, '')
order by contact_id, field
"""


def changes(before: Snapshot, after: Snapshot, fields: Sequence[str], acknowledged: pa.Table) -> Iterator[Changed]:
    """Yield what differs in these properties from one mirror to another, by contact.

    `acknowledged` is what HubSpot confirmed: (contact_id, field, value, at).
    """
    import duckdb  # noqa: PLC0415 - the command line starts without it

    paths = {name: str(one.file("contacts.parquet")).replace("'", "''") for name, one in _named(before, after)}
    sql = _CHANGED.format(**{name: f"read_parquet('{path}')" for name, path in paths.items()})
    with closing(duckdb.connect(config={"autoinstall_known_extensions": False})) as con:
        con.register("acknowledged", acknowledged)
        result = con.execute(sql, {"fields": list(fields)})
        for page in iter(partial(result.fetchmany, 10_000), []):
            for contact_id, field, was, now, echo in page:
                yield Changed(contact_id=contact_id, field=field, before=was, after=now, echo=echo)


def _named(before: Snapshot, after: Snapshot) -> tuple[tuple[str, Snapshot], ...]:
    return ("before", before), ("after", after)
