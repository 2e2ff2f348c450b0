"""Who is who: each customer's contact, and where the customer stands on the way to being reached.

A contact is found by our customer id on it, then by its primary, then by a secondary e-mail address. Where two
customers lead to one contact, or share an address, it belongs to the one tied to it by id, else to the smallest
customer id; this looks at all customers, not only at a segment's, or the contact would change hands between segments.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_FOUND = """
create temp table found as
with addressed as (select customer_id, lower(trim(coalesce(email, ''))) as address from features),
hits as (
    select a.customer_id, c.contact_id, 1 as how from addressed a
        join mirror_contacts c on c.customer_id = a.customer_id
    union all
    select a.customer_id, c.contact_id, 2 from addressed a
        join mirror_contacts c on c.email = a.address where a.address <> ''
    union all
    select a.customer_id, c.contact_id, 3 from addressed a
        join (select contact_id, unnest(additional_emails) as address from mirror_contacts) c using (address)
        where a.address <> ''
),
best as (
    select * from hits qualify row_number() over (partition by customer_id order by how, contact_id) = 1
),
owned as (
    select *, row_number() over (partition by contact_id order by how, customer_id) = 1 as owns from best
)
select a.customer_id, a.address, o.contact_id, coalesce(o.owns, false) as owns
from addressed a left join owned o using (customer_id)
"""

_PEOPLE = """
create temp table people as
select f.customer_id,
    case when f.owns then f.contact_id else '' end as contact_id,
    case when f.owns then coalesce(nullif(c.email, ''), f.address) else f.address end as email,
    case
        when f.owns and coalesce(c.email, '') = '' then 'no_email'
        when f.owns and coalesce(c.opted_out, false) then 'opted_out'
        when f.owns and coalesce(c.hard_bounced, false) then 'hard_bounced'
        when f.owns and coalesce(c.quarantined, false) then 'quarantined'
        when f.owns then 'reachable'
        when f.contact_id is not null then 'shared_email'
        when f.address = '' then 'no_email'
        when i.address is not null then 'invalid_email'
        when row_number() over (partition by f.address, f.contact_id is null order by f.customer_id) > 1
            then 'shared_email'
        else 'not_in_hubspot'
    end as step
from found f
left join mirror_contacts c on f.owns and c.contact_id = f.contact_id
left join invalid i on f.contact_id is null and i.address = f.address
"""


def identify(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table `people` (customer_id, contact_id or "", email, step) out of `features` and `mirror_contacts`."""
    con.execute(_FOUND)
    con.execute("create temp table invalid (address text)")
    # An address that HubSpot holds was good enough for HubSpot; the others are judged before it would refuse them.
    unknown = con.execute("select distinct address from found where contact_id is null and address <> ''")
    bad = [row for page in iter(partial(unknown.fetchmany, 10_000), []) for row in page if not valid(row[0])]
    if bad:
        con.executemany("insert into invalid values (?)", bad)
    con.execute(_PEOPLE)


def valid(address: str) -> bool:
    """Return whether an address is well formed; no name server is asked."""
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - 0.1 s

    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True
