from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from hubsync.core.connection import Connection, Method
from hubsync.core.errors import NotConnected, NotFound
from hubsync.engagement.metrics import EVERYONE, Engagement, Metric, Note, SegmentMetric, engagement
from hubsync.store import connection as connections
from hubsync.store import snapshot
from hubsync.store.state import State
from hubsync.store.workspace import Workspace

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
PORTAL = "44237313"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[State]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    state = State(Workspace.open(tmp_path / "workspace"))
    yield state
    state.close()


def connect(state: State, portal_id: str = PORTAL) -> None:
    connection = Connection(
        portal_id=portal_id,
        base_url="https://api.hubapi.com",
        api_version="2026-03",
        method=Method.PRIVATE_APP,
        scopes=(),
        missing_scopes=(),
        account_type="STANDARD",
        ui_domain="app.hubspot.com",
        time_zone="UTC",
        verified_at=NOW,
    )
    connections.save(state, connection, "pat-na1-00000000-0000-0000-0000-000000000000", by="test", at=NOW)


CONTACT = {
    "contact_id": "VARCHAR",
    "email": "VARCHAR",
    "additional_emails": "VARCHAR[]",
    "customer_id": "VARCHAR",
    "opted_out": "BOOLEAN",
    "email_delivered": "BIGINT",
    "email_open": "BIGINT",
    "email_click": "BIGINT",
    "email_bounce": "BIGINT",
}


def contact(number: int, **values: Any) -> dict[str, Any]:
    return {"contact_id": str(number), "email": f"c{number}@example.com", "email_delivered": 3, **values}


def write_parquet(path: Path, columns: dict[str, str], rows: list[dict[str, Any]]) -> None:
    with duckdb.connect() as con:
        con.execute(f"create table t ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
        for row in rows:
            con.execute(
                f"insert into t values ({', '.join('?' * len(columns))})",  # noqa: S608 - question marks alone
                [row.get(name) for name in columns],
            )
        con.execute(f"copy t to '{path}' (format parquet)")


def pulled(state: State, contacts: list[dict[str, Any]], portal_id: str = PORTAL, at: dt.datetime = NOW) -> None:
    with snapshot.write(state.workspace, "mirror", at) as folder:
        write_parquet(folder / "contacts.parquet", CONTACT, contacts)
        snapshot.note(folder, portal_id=portal_id)


def computed(state: State, emails: dict[str, str | None], members: dict[str, list[str]]) -> None:
    with snapshot.write(state.workspace, "features", NOW) as folder:
        customers = [{"customer_id": key, "email": email} for key, email in emails.items()]
        write_parquet(folder / "features.parquet", {"customer_id": "VARCHAR", "email": "VARCHAR"}, customers)
        rows = [{"segment_key": key, "customer_id": who} for key, ids in members.items() for who in ids]
        write_parquet(folder / "memberships.parquet", {"segment_key": "VARCHAR", "customer_id": "VARCHAR"}, rows)


def one(found: Engagement, segment: str, metric: Metric) -> SegmentMetric:
    (row,) = [row for row in found.rows if (row.segment, row.metric) == (segment, metric)]
    return row


def shop(state: State, people: int, clicked: int) -> Engagement:
    """Everyone is a member and got mail; the first `clicked` clicked."""
    connect(state)
    pulled(state, [contact(n, email_click=1 if n < clicked else None, email_open=2) for n in range(people)])
    computed(state, {f"k{n}": f"C{n}@Example.com " for n in range(people)}, {"loyal": [f"k{n}" for n in range(people)]})
    return engagement(state.workspace, state, ["loyal"])


def test_a_rate_is_people_who_did_over_people_who_got_mail(state: State) -> None:
    found = one(shop(state, 200, 30), "loyal", Metric.CLICK)
    assert (found.numerator, found.denominator, found.rate, found.note) == (30, 200, 0.15, Note.SURE)
    assert found.low is not None
    assert found.high is not None
    assert 0.10 < found.low < 0.15 < found.high < 0.21


@pytest.mark.parametrize(
    ("people", "note", "has_rate"),
    [(29, Note.TOO_FEW, False), (30, Note.FEW, True), (199, Note.FEW, True), (200, Note.SURE, True)],
)
def test_few_people_make_no_rate_or_a_greyed_one(state: State, people: int, note: Note, *, has_rate: bool) -> None:
    found = one(shop(state, people, 3), "loyal", Metric.CLICK)
    assert (found.note, found.rate is not None, found.low is not None) == (note, has_rate, has_rate)
    assert (found.numerator, found.denominator) == (3, people)


def test_a_contact_with_an_unknown_counter_is_not_a_contact_without_mail(state: State) -> None:
    connect(state)
    contacts = [contact(n, email_click=1) for n in range(40)]
    contacts += [contact(n, email_delivered=None) for n in range(40, 90)]
    pulled(state, contacts)
    computed(state, {}, {})
    found = engagement(state.workspace, state, [])
    assert one(found, EVERYONE, Metric.CLICK).denominator == 40
    assert found.audiences[EVERYONE].contacts == 90
    assert found.audiences[EVERYONE].delivered == 40


def test_a_counter_that_hubspot_gave_for_nobody_is_unknown_not_zero(state: State) -> None:
    connect(state)
    pulled(state, [contact(n, email_open=1) for n in range(300)])
    computed(state, {}, {})
    found = engagement(state.workspace, state, [])
    assert one(found, EVERYONE, Metric.CLICK).note is Note.UNKNOWN
    assert one(found, EVERYONE, Metric.CLICK).rate is None
    assert one(found, EVERYONE, Metric.OPEN).rate == 1


def test_the_numerator_lies_within_the_denominator(state: State) -> None:
    connect(state)
    got = [contact(n, opted_out=n < 10, email_click=0, email_bounce=1 if n < 5 else None) for n in range(50)]
    never = [contact(n, email_delivered=None, opted_out=True, email_click=4) for n in range(50, 70)]
    bounced = [contact(n, email_delivered=0, email_bounce=1) for n in range(70, 80)]
    pulled(state, got + never + bounced)
    computed(state, {}, {})
    found = engagement(state.workspace, state, [])
    counted = {m: (one(found, EVERYONE, m).numerator, one(found, EVERYONE, m).denominator) for m in Metric}
    assert counted == {
        Metric.CLICK: (0, 50),
        Metric.OPEN: (0, 50),
        Metric.BOUNCE: (15, 60),
        Metric.UNSUBSCRIBE: (10, 50),
    }


def test_a_customer_is_found_by_id_then_primary_then_secondary_address_and_counted_once(state: State) -> None:
    connect(state)
    pulled(
        state,
        [
            contact(1, customer_id="by-id", email="other@example.com"),
            contact(2, email="primary@example.com"),
            contact(3, additional_emails=["Second@example.com"]),
            contact(4, email="by-id-address@example.com"),
        ],
    )
    emails = {
        "by-id": "by-id-address@example.com",
        "primary": "primary@example.com",
        "twin": "PRIMARY@example.com",
        "second": "second@example.com",
        "nobody": "nobody@example.com",
        "silent": None,
    }
    computed(state, emails, {"all": list(emails), "empty": []})
    found = engagement(state.workspace, state, ["all", "empty"])
    assert (found.audiences["all"].members, found.audiences["all"].contacts) == (6, 3)
    assert (found.audiences["empty"].members, found.audiences["empty"].contacts) == (0, 0)
    assert one(found, "empty", Metric.CLICK).denominator == 0


def test_segments_come_by_lower_bound_highest_first_so_that_few_lucky_people_do_not_lead(state: State) -> None:
    connect(state)
    contacts = [contact(n, email_click=1 if n < 12 else None) for n in range(40)]
    contacts += [contact(n, email_click=1 if n < 290 else None) for n in range(40, 1040)]
    pulled(state, contacts)
    emails = {f"k{n}": f"c{n}@example.com" for n in range(1040)}
    members = {"lucky": [f"k{n}" for n in range(40)], "many": [f"k{n}" for n in range(40, 1040)]}
    computed(state, emails, members)
    found = engagement(state.workspace, state, ["lucky", "many"])
    clicks = [row for row in found.rows if row.metric is Metric.CLICK]
    assert [row.segment for row in clicks if row.segment != EVERYONE] == ["many", "lucky"]
    rates = {row.segment: row.rate for row in clicks}
    assert rates["lucky"] == 0.3
    assert rates["many"] == 0.25


def test_figures_come_from_the_newest_pull_of_the_connected_portal(state: State) -> None:
    connect(state)
    pulled(state, [contact(1)])
    pulled(state, [contact(1), contact(2)], at=NOW + dt.timedelta(hours=1))
    pulled(state, [contact(n) for n in range(9)], portal_id="999", at=NOW + dt.timedelta(hours=2))
    computed(state, {}, {})
    found = engagement(state.workspace, state, [])
    assert found.as_of == NOW + dt.timedelta(hours=1)
    assert found.audiences[EVERYONE].contacts == 2


def test_without_a_connection_or_a_pull_or_memberships_it_says_which(state: State) -> None:
    with pytest.raises(NotConnected):
        engagement(state.workspace, state, [])
    connect(state)
    with pytest.raises(NotFound, match="fetched from HubSpot"):
        engagement(state.workspace, state, [])
    pulled(state, [contact(1)])
    with pytest.raises(NotFound, match="not computed"):
        engagement(state.workspace, state, [])
