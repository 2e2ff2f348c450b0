"""The view: the newest mirror, with what runs have written since laid over it, as tables of a DuckDB connection."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubsync.core.errors import NotFound
from hubsync.core.field import CUSTOMER_ID
from hubsync.mirror import contents
from hubsync.store.snapshot import Snapshot
from hubsync.store.workspace import Workspace

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

#: A contact that we created this long before a pull may be missing from it, as search shows new ones late.
LAG = dt.timedelta(minutes=2)


@dataclass(frozen=True, kw_only=True)
class MirrorView:
    """Which mirror the tables show."""

    snapshot_id: str
    #: When its reading began.
    pulled_at: dt.datetime


def register(
    con: duckdb.DuckDBPyConnection, workspace: Workspace, portal_id: str, acknowledged: pa.Table | None = None
) -> MirrorView:
    """Make the views `mirror_contacts`, `_members`, `_lists`, `_properties` and `_emails` on `con`.

    `acknowledged` is what HubSpot confirmed: (contact_id, field, value, at); its field is a property's name, or
    "list:<id>" with value "member" or "". A value confirmed after the reading began, or after the contact last
    changed, wins over the mirror's; a membership wins if confirmed after the reading began. Raises NotFound where
    nothing was pulled yet.
    """
    mirror = contents.newest(workspace, portal_id)
    if mirror is None:
        raise NotFound(
            "Nothing was fetched from HubSpot yet.",
            f"There is no copy of portal {portal_id} to compare with.",
            "Pull it under Settings › Integrations, or run: python -m hubsync pull",
        )
    pulled_at = dt.datetime.fromisoformat(mirror.meta["pulled_at"])
    for name in ("properties", "emails"):
        con.execute(f"create or replace temp view mirror_{name} as from {_file(mirror, name)}")
    # Older mirrors lack the columns that came later.
    con.execute(
        "create or replace temp view mirror_lists as from (select ''::varchar as processing_status,"  # noqa: S608 - our own path
        f" ''::varchar as filters where false) union all by name from {_file(mirror, 'lists')}"
    )
    if acknowledged is None or not acknowledged.num_rows:
        for name in ("contacts", "members"):
            con.execute(f"create or replace temp view mirror_{name} as from {_file(mirror, name)}")
    else:
        con.register("mirror_acknowledged", acknowledged)
        con.execute(_LATEST.format(contacts=_file(mirror, "contacts")))
        con.unregister("mirror_acknowledged")
        times = {"pulled_at": _time(pulled_at), "created_after": _time(pulled_at - LAG)}
        # What HubSpot says of its contacts is by HubSpot's clock, and what we wrote by ours.
        ahead = int(mirror.meta.get("clock_ahead", 0) * 1_000_000)
        con.execute(
            _CONTACTS.format(contacts=_file(mirror, "contacts"), customer_id=CUSTOMER_ID.name, ahead=ahead, **times)
        )
        con.execute(_MEMBERS.format(members=_file(mirror, "members"), **times))
    return MirrorView(snapshot_id=mirror.id, pulled_at=pulled_at)


#: The last word on each contact and field; a merged contact's goes to the one it lives on as.
_LATEST = """
create or replace temp table mirror_latest as
with living as (
    select unnest(merged_ids) as old_id, contact_id from {contacts}
)
select coalesce(l.contact_id, a.contact_id) as contact_id, field,
    arg_max(value, a."at") as value, max(a."at") as written_at
from mirror_acknowledged a left join living l on l.old_id = a.contact_id
group by all
"""

_CONTACTS = """
create or replace temp view mirror_contacts as
with held as (
    from {contacts}
), word as (
    select w.* from mirror_latest w left join held h using (contact_id)
    where not starts_with(field, 'list:') and (
        (h.contact_id is not null and (
            w.written_at >= {pulled_at} or w.written_at - to_microseconds({ahead}) >= h.updated_at))
        or (h.contact_id is null and w.written_at >= {created_after})
    )
), written as (
    select contact_id, map_from_entries(list((field, value))) as properties,
        max(value) filter (field = 'email') as email, max(value) filter (field = '{customer_id}') as customer_id,
        min(written_at) as written_at
    from word group by contact_id
), created as (
    select * from written
    where contact_id not in (select contact_id from held) and (email <> '' or customer_id <> '')
)
select h.* replace (
    coalesce(lower(nullif(w.email, '')), h.email) as email,
    case when w.customer_id is null then h.customer_id else nullif(w.customer_id, '') end as customer_id,
    case when w.contact_id is null then h.properties else map_from_entries(list_filter(
        map_entries(map_concat(h.properties, w.properties)), lambda one: one.value <> '' and one.key <> 'email'
    )) end as properties
)
from held h left join written w using (contact_id)
union all by name
select contact_id, nullif(lower(email), '') as email, nullif(customer_id, '') as customer_id,
    []::varchar[] as additional_emails, []::varchar[] as merged_ids,
    written_at as created_at, written_at as updated_at,
    map_from_entries(list_filter(
        map_entries(properties), lambda one: one.value <> '' and one.key <> 'email'
    )) as properties
from created
"""

_MEMBERS = """
create or replace temp view mirror_members as
with word as (
    select substr(field, 6) as list_id, contact_id, value from mirror_latest
    where starts_with(field, 'list:') and written_at >= {pulled_at}
)
select list_id, contact_id from {members} m anti join word using (list_id, contact_id)
union all
select list_id, contact_id from word where value = 'member'
"""


def _file(mirror: Snapshot, name: str) -> str:
    path = str(mirror.file(f"{name}.parquet")).replace("'", "''")
    return f"read_parquet('{path}')"


def _time(at: dt.datetime) -> str:
    return f"timestamptz '{at.astimezone(dt.UTC).isoformat()}'"
