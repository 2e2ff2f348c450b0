"""The shop's 27 coupon campaigns of a year, as the marketing e-mails that would have announced them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

from data.demo import source

#: (name, subject) by the campaign's number; the numbers and dates are the data's, the words are ours.
_WORDS = {
    24: ("Winter pantry", "Stock up for the cold weeks"),
    25: ("Holiday baking", "Everything for the oven, with coupons"),
    26: ("New year, fresh start", "Fresh picks for the first weeks of January"),
    27: ("February savings book", "Your savings book is here"),
    1: ("Spring cleaning", "A clean house for less"),
    2: ("Breakfast club", "Good mornings start here"),
    3: ("Spring regulars", "A thank-you for coming back"),
    4: ("Easter table", "Set the table for Easter"),
    5: ("Lunch box", "Ideas for the lunch box"),
    6: ("Garden season", "Salads, herbs and the first barbecue"),
    7: ("Memorial weekend", "Long weekend, short bill"),
    8: ("Early summer savings book", "Your summer savings book is here"),
    9: ("Ice cream days", "Hot days, cold spoons"),
    10: ("Fourth of July", "Fire up the grill"),
    11: ("Summer drinks", "Something cold for everyone"),
    12: ("Picnic basket", "Pack the basket"),
    13: ("Back to school savings book", "Your back to school savings book is here"),
    14: ("Autumn regulars", "A thank-you for coming back"),
    15: ("Pet and baby club", "For the smallest in the house"),
    16: ("Soup season", "The pot is on"),
    17: ("Halloween sweets", "Sweets before it gets spooky"),
    18: ("Holiday savings book", "Your holiday savings book is here"),
    19: ("Thanksgiving table", "All you need for Thanksgiving"),
    20: ("Winter regulars", "A thank-you for coming back"),
    21: ("Cookie exchange", "Butter, sugar and a little time"),
    22: ("Christmas table", "Set the table for Christmas"),
    23: ("Clean slate", "Lighter plates for January"),
}


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """One campaign, sent out in the morning of its first day."""

    number: int
    name: str
    subject: str
    sent_at: dt.datetime

    @property
    def email_id(self) -> str:
        """The id of its e-mail in the portal."""
        return str(104_200_000_000 + self.number)


@cache
def campaigns() -> dict[int, Campaign]:
    """Return all campaigns by number, in order of sending."""
    with source.connect() as db:
        found = db.execute(
            "select campaign_id, start_date from read_parquet($file) order by start_date, campaign_id",
            {"file": source.file("campaign_descriptions")},
        ).fetchall()
    morning = dt.timedelta(hours=6)
    return {
        number: Campaign(
            number=number,
            name=_WORDS[number][0],
            subject=_WORDS[number][1],
            sent_at=start.replace(tzinfo=dt.UTC) + morning,
        )
        for number, start in found
    }


def received() -> list[tuple[str, int]]:
    """Return (household, campaign) for every campaign a household got, in order of sending."""
    with source.connect() as db:
        found = db.execute(
            "select household_id, campaign_id from read_parquet($got) as got "
            "join read_parquet($campaigns) as campaign using (campaign_id) "
            "order by start_date, campaign_id, household_id",
            {"got": source.file("campaigns"), "campaigns": source.file("campaign_descriptions")},
        ).fetchall()
    return [(str(household), campaign) for household, campaign in found]


def redemptions() -> dict[tuple[str, int], list[dt.datetime]]:
    """Return the days on which a household redeemed coupons of a campaign, at midnight UTC, each day once."""
    with source.connect() as db:
        found = db.execute(
            "select household_id, campaign_id, list(distinct redemption_date order by redemption_date) "
            "from read_parquet($file) group by all",
            {"file": source.file("coupon_redemptions")},
        ).fetchall()
    return {(str(who), what): [day.replace(tzinfo=dt.UTC) for day in days] for who, what, days in found}
