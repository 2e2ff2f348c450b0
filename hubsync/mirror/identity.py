"""Who is who: which contact is which customer's, for every room that asks.

A contact is found by our customer id on it, then by its primary, then by a secondary e-mail address. Where two
customers lead to one contact, or share an address, it belongs to the one tied to it by id, else to the smallest
customer id; this looks at all customers, not only at a segment's, or the contact would change hands between segments.
"""

from __future__ import annotations

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
        join mirror_contacts c on lower(trim(c.email)) = a.address where a.address <> ''
    union all
    select a.customer_id, c.contact_id, 3 from addressed a
        join (select contact_id, lower(trim(unnest(additional_emails))) as address from mirror_contacts) c
        using (address) where a.address <> ''
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


def identify(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table `found` (customer_id, address, contact_id or null, owns) of `features` and `mirror_contacts`.

    `owns` is false where the contact found is another customer's.
    """
    con.execute(_FOUND)
