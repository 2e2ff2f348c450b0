"""Following changes by search: however many share a millisecond, each comes, and it ends."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from hubsync.portal.changes import changed_since
from hubsync.portal.contacts import Contacts
from hubsync.portal.gateway import Gateway
from hubsync.portal.pace import Pacer
from hubsync.sandbox.portal import Settings
from hubsync.sandbox.server import Sandbox

START = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
#: Search shows 10,000 of one query and no more.
MANY = 10_500


class Steps:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> dt.datetime:
        return self.now


@pytest.fixture
def steps() -> Steps:
    return Steps()


@pytest.fixture
def crowd(steps: Steps):  # type: ignore[no-untyped-def]
    seed = {"contacts": [{"properties": {"email": f"p{n}@example.com"}} for n in range(MANY)]}
    settings = Settings(search_lag=0, settle_seconds=0)
    seconds = itertools.count()  # time flies for the pacer, so that nothing here waits for it
    flying = Pacer(file=None, portal_id="1", clock=lambda: START + dt.timedelta(seconds=next(seconds)))
    with Sandbox(seed=seed, limits=False, clock=steps, settings=settings) as sandbox:
        yield Gateway(base_url=sandbox.base_url, token=sandbox.token, pacer=flying)


def test_more_changes_in_one_millisecond_than_search_shows_at_once_all_come(crowd: Gateway, steps: Steps) -> None:
    ids = [contact.id for contact in Contacts(crowd).all()]
    made = {contact.updated_at for contact in Contacts(crowd).all()}
    assert len(made) == 1, "an import gives all of them one time"
    (at,) = made
    assert at is not None
    steps.now += dt.timedelta(hours=1)
    Contacts(crowd).update([("1", ids[7], {"firstname": "Later"})])

    found = [contact.id for contact in changed_since(crowd, at)]
    assert len(found) == MANY
    assert set(found) == set(ids)
    assert found[-1] == ids[7]


def test_a_later_time_brings_only_what_came_after_it(crowd: Gateway, steps: Steps) -> None:
    contact = next(Contacts(crowd).all())
    steps.now += dt.timedelta(hours=1)
    Contacts(crowd).update([("1", contact.id, {"firstname": "Later"})])
    assert [one.id for one in changed_since(crowd, START)] == [contact.id]
    assert list(changed_since(crowd, START + dt.timedelta(hours=2))) == []


def test_more_changes_than_search_shows_at_once_all_come(crowd: Gateway, steps: Steps) -> None:
    contacts = Contacts(crowd)
    ids = [contact.id for contact in contacts.all()]
    for start in range(0, len(ids), 100):
        steps.now += dt.timedelta(seconds=1)
        contacts.update([(str(n), one, {"firstname": "x"}) for n, one in enumerate(ids[start : start + 100])])
    found = [contact.id for contact in changed_since(crowd, START)]
    assert len(found) == len(set(found)) == MANY
    assert found[:100] != found[100:200]
    assert set(found[:100]) == set(ids[:100]), "oldest change first"


def test_a_contact_that_changes_while_it_is_read_hides_no_other(crowd: Gateway, steps: Steps) -> None:
    contacts = Contacts(crowd)
    ids = [contact.id for contact in itertools.islice(contacts.all(), 1_000)]
    for one in range(0, len(ids), 100):
        steps.now += dt.timedelta(seconds=1)
        contacts.update([(str(n), each, {"firstname": "x"}) for n, each in enumerate(ids[one : one + 100])])
    reading = changed_since(crowd, START + dt.timedelta(milliseconds=1))
    found = [next(reading).id for _ in range(200)]
    steps.now += dt.timedelta(seconds=1)
    contacts.update([(one, one, {"firstname": "y"}) for one in found[:50]])  # they move to the end
    found += [contact.id for contact in reading]
    assert set(found) == set(ids)
