"""Where each customer stands on the way to being reached."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from hubsync.mirror import identity

if TYPE_CHECKING:
    import duckdb

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


def place(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table `people` (customer_id, contact_id or "", email, step) out of `features` and `mirror_contacts`."""
    identity.identify(con)
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
