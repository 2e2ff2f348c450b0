"""The HubSpot portal the demo's shop would have: contacts, campaign e-mails and what people did with them.

A household's campaigns are its e-mails and its coupon redemptions are its clicks, so engagement differs between
behaviours because shopping does. Opens without a redemption are made up, likelier for households that redeem more.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from data.demo.campaigns import Campaign, campaigns, received, redemptions
from data.demo.people import fraction, person
from data.demo.source import households

_KNOWN = 0.90
_KNOWN_BY_WORK_EMAIL = 0.03
#: Of those that got e-mail (63 % of households), so that about 4 % and 2 % of all contacts come out.
_OPTED_OUT = 0.065
_BOUNCED = 0.038
#: People in the portal who never shopped; their numbers start where no household's do.
_STRANGERS = range(10_000, 10_150)
_LEADS = 0.45
_OLD_NEWSLETTER = 0.15
#: Opens: everybody's least, the part that comes with a habit of redeeming, and the part that is taste.
_OPENS_LEAST, _OPENS_BY_HABIT, _OPENS_BY_TASTE = 0.10, 0.45, 0.20

Event = dict[str, str]


def seed() -> dict[str, Any]:
    """Return the portal as the sandbox's seed: contacts, e-mails, e-mail events in order of time, lists."""
    contacts = {who: _contact(int(who)) for who in households() if fraction(int(who), "known") < _KNOWN}
    strangers = [_stranger(number) for number in _STRANGERS]
    addresses = {who: contact["email"] for who, contact in contacts.items()}
    return {
        "contacts": [{"properties": properties} for properties in (*contacts.values(), *strangers)],
        "emails": [_email(campaign) for campaign in campaigns().values()],
        "email_events": sorted(_events(addresses), key=lambda event: event["at"]),
        "lists": _lists(addresses, [stranger["email"] for stranger in strangers]),
    }


def _contact(number: int) -> dict[str, str]:
    someone = person(number)
    properties = {
        "email": someone.email,
        "firstname": someone.first_name,
        "lastname": someone.last_name,
        "lifecyclestage": "customer",
    }
    if fraction(number, "work e-mail") < _KNOWN_BY_WORK_EMAIL:
        properties |= {"email": someone.work_email, "hs_additional_emails": someone.email}
    return properties


def _stranger(number: int) -> dict[str, str]:
    return _contact(number) | {"lifecyclestage": "lead" if fraction(number, "stage") < _LEADS else "subscriber"}


def _email(campaign: Campaign) -> dict[str, str]:
    return {
        "id": campaign.email_id,
        "name": campaign.name,
        "subject": campaign.subject,
        "publishDate": _iso(campaign.sent_at),
        "state": "PUBLISHED",
    }


def _events(addresses: dict[str, str]) -> Iterator[Event]:
    """Yield what happened to every e-mail, household by household."""
    redeemed = redemptions()
    mailings = defaultdict(list)
    for who, number in received():
        if who in addresses:
            mailings[who].append(campaigns()[number])
    for who, mailed in mailings.items():
        clicks = {campaign.number: redeemed.get((who, campaign.number), []) for campaign in mailed}
        habit = sum(1 for days in clicks.values() if days) / len(mailed)
        # Both are ends of a story, so they happen at the last e-mail: nobody is mailed after either.
        bounces = not habit and fraction(int(who), "bounces") < _BOUNCED
        leaves = not bounces and fraction(int(who), "opts out") < _OPTED_OUT
        for campaign in mailed:
            last = campaign is mailed[-1]
            yield from _story(
                int(who),
                addresses[who],
                campaign,
                clicks=clicks[campaign.number],
                habit=habit,
                end="BOUNCE" if last and bounces else "UNSUBSCRIBED" if last and leaves else "",
            )


def _story(
    number: int, address: str, campaign: Campaign, *, clicks: list[dt.datetime], habit: float, end: str
) -> Iterator[Event]:
    """Yield one household's events for one e-mail, in order."""
    topic = f"campaign {campaign.number}"

    def event(kind: str, at: dt.datetime) -> Event:
        return {"email_id": campaign.email_id, "contact": address, "type": kind, "at": _iso(at)}

    sent_at = campaign.sent_at + dt.timedelta(minutes=20) * fraction(number, f"{topic} sent")
    yield event("SENT", sent_at)
    if end == "BOUNCE":
        yield event("BOUNCE", sent_at + dt.timedelta(seconds=9))
        return
    yield event("DELIVERED", sent_at + dt.timedelta(seconds=4))
    taste = fraction(number, "taste for e-mail")
    opens = _OPENS_LEAST + _OPENS_BY_HABIT * habit + _OPENS_BY_TASTE * taste
    read_at = sent_at + dt.timedelta(hours=60) * fraction(number, f"{topic} read") ** 3 + dt.timedelta(minutes=1)
    if end or fraction(number, f"{topic} opened") < opens:
        yield event("OPEN", read_at)
    for day in clicks:
        # A redemption has a day but no hour; the click lies between breakfast and closing time of that day.
        clicked_at = day + dt.timedelta(hours=7) + dt.timedelta(hours=13) * fraction(number, f"{topic} {day:%j}")
        yield event("OPEN", clicked_at - dt.timedelta(seconds=75))
        yield event("CLICK", clicked_at)
    if end == "UNSUBSCRIBED":
        yield event("UNSUBSCRIBED", max([read_at, *(day + dt.timedelta(hours=21) for day in clicks)]))


def _lists(addresses: dict[str, str], strangers: list[str]) -> list[dict[str, Any]]:
    """Return lists other teams keep: they share the portal with ours."""
    old = [address for who, address in addresses.items() if fraction(int(who), "old newsletter") < _OLD_NEWSLETTER]
    return [
        {
            "name": "newsletter OLD (do not use)",
            "processingType": "MANUAL",
            "members": strangers[:90] + old,
        },
        {"name": "Store opening guests", "processingType": "MANUAL", "members": strangers[90:130]},
    ]


def _iso(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
