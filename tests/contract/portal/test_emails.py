"""Marketing e-mails over HTTP, at every version of the paths."""

from __future__ import annotations

import datetime as dt

import pytest

from hubsync.portal.emails import Emails, Statistics
from hubsync.portal.gateway import Gateway
from hubsync.sandbox.server import Sandbox

AT = "2026-11-0{}T10:00:00.000Z"
SEED = {
    "contacts": [{"properties": {"email": f"p{n}@example.com"}} for n in range(3)],
    "emails": [
        {"id": "501", "name": "Autumn", "subject": "Leaves", "publishDate": AT.format(1)},
        {"id": "502", "name": "Winter", "subject": "Snow", "isPublished": False, "state": "DRAFT"},
    ],
    "email_events": [
        {"email_id": "501", "contact": f"p{n}@example.com", "type": kind, "at": AT.format(2 + n)}
        for n, kinds in enumerate((("SENT", "DELIVERED", "OPEN", "CLICK"), ("SENT", "DELIVERED"), ("SENT", "BOUNCE")))
        for kind in kinds
    ],
}


@pytest.fixture(params=["v3", "2026-03", "2026-09"])
def emails(request, pacer):  # type: ignore[no-untyped-def]
    with Sandbox(seed=SEED) as sandbox:
        yield Emails(Gateway(base_url=sandbox.base_url, token=sandbox.token, pacer=pacer, api_version=request.param))


def test_every_e_mail_comes_with_its_counts(emails: Emails) -> None:
    found = {email.id: email for email in emails.all()}
    assert found.keys() == {"501", "502"}
    autumn = found["501"]
    assert (autumn.name, autumn.subject) == ("Autumn", "Leaves")
    assert autumn.published_at == dt.datetime(2026, 11, 1, 10, tzinfo=dt.UTC)
    assert (autumn.statistics.sent, autumn.statistics.delivered, autumn.statistics.open) == (3, 2, 1)
    assert found["502"].published_at is None


def test_only_published_ones_if_asked(emails: Emails) -> None:
    assert [email.id for email in emails.all(published=True)] == ["501"]


def test_counts_of_a_time_span(emails: Emails) -> None:
    day = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    assert emails.statistics(day, day + dt.timedelta(days=9), ["501"]).delivered == 2


def test_counters_that_hubspot_leaves_out_are_unknown(hubspot, gateway) -> None:
    row = {"id": 7, "name": "x", "stats": {"counters": {"sent": "5", "delivered": None}}, "to": {"contactIlsLists": {}}}
    hubspot.replies = [hubspot.answer(200, {"results": [row]})]
    (email,) = Emails(gateway).all()
    assert (email.id, email.list_ids) == ("7", ())
    assert email.statistics == Statistics(sent=5)
