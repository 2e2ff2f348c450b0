"""What was written since the last pull is seen at once, and what changed in HubSpot since is not overwritten."""

from __future__ import annotations

import datetime as dt

import duckdb
import pyarrow as pa
import pytest

from hubsync.core.errors import NotFound
from hubsync.mirror import contents
from hubsync.mirror.view import register
from hubsync.portal.contact import Contact
from hubsync.store import snapshot
from hubsync.store.workspace import Workspace

PORTAL = "44237313"
PULLED = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
BEFORE, AFTER = PULLED - dt.timedelta(hours=1), PULLED + dt.timedelta(minutes=1)
SEGMENT = "hubsync_segment"


def contact(contact_id: str, updated_at: dt.datetime, **properties: str) -> Contact:
    return Contact(id=contact_id, properties=properties, created=BEFORE.isoformat(), updated=updated_at.isoformat())


@pytest.fixture
def mirror(workspace: Workspace) -> Workspace:
    held = [
        contact("1", BEFORE, email="Ana@Example.com", hubsync_customer_id="c1", hubsync_segment="loyal"),
        contact("2", AFTER, email="bo@example.com", hubsync_segment="changed by hand"),
        contact("3", BEFORE, hs_merged_object_ids="30;31", hs_additional_emails="x@y.z;w@y.z"),
    ]
    with snapshot.write(workspace, contents.KIND, PULLED) as folder:
        contents.write(
            folder / "contacts.parquet", (contents.contact_row(one, ("hubsync_customer_id", SEGMENT)) for one in held)
        )
        members = [("7", "1"), ("7", "2")]
        contents.write(folder / "members.parquet", ({"list_id": a, "contact_id": b} for a, b in members))
        for name in ("lists", "properties", "emails"):
            contents.write(folder / f"{name}.parquet", [])
        snapshot.note(folder, portal_id=PORTAL, pulled_at=PULLED.isoformat(), cursor=PULLED.isoformat())
    return workspace


@pytest.fixture
def con():  # type: ignore[no-untyped-def]
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        yield connection


def acknowledged(*rows: tuple[str, str, str, dt.datetime]) -> pa.Table:
    schema = pa.schema(
        [*((name, pa.string()) for name in ("contact_id", "field", "value")), ("at", pa.timestamp("us", tz="UTC"))]
    )
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema)


def value(con: duckdb.DuckDBPyConnection, contact_id: str, name: str) -> str | None:
    row = con.execute("select properties[$1] from mirror_contacts where contact_id = $2", [name, contact_id]).fetchone()
    assert row is not None, f"contact {contact_id} is not in the view"
    return row[0]


def test_without_a_pull_it_says_how_to_make_one(con: duckdb.DuckDBPyConnection, workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="pull"):
        register(con, workspace, PORTAL)


def test_a_mirror_of_another_portal_is_not_taken(con: duckdb.DuckDBPyConnection, mirror: Workspace) -> None:
    with pytest.raises(NotFound):
        register(con, mirror, "999")


def test_it_shows_what_was_pulled(con: duckdb.DuckDBPyConnection, mirror: Workspace) -> None:
    view = register(con, mirror, PORTAL)
    assert view.pulled_at == PULLED
    row = con.execute("select email, customer_id, opted_out, email_click from mirror_contacts limit 1").fetchone()
    assert row == ("ana@example.com", "c1", None, None)
    assert con.execute("select additional_emails from mirror_contacts where contact_id = '3'").fetchone() == (
        ["x@y.z", "w@y.z"],
    )


def test_a_value_written_after_the_pull_is_seen(con: duckdb.DuckDBPyConnection, mirror: Workspace) -> None:
    register(con, mirror, PORTAL, acknowledged(("1", SEGMENT, "lapsed", AFTER)))
    assert value(con, "1", SEGMENT) == "lapsed"
    assert value(con, "1", "hubsync_customer_id") == "c1"


def test_a_value_changed_in_hubspot_after_we_wrote_stays(con: duckdb.DuckDBPyConnection, mirror: Workspace) -> None:
    register(con, mirror, PORTAL, acknowledged(("2", SEGMENT, "loyal", BEFORE)))
    assert value(con, "2", SEGMENT) == "changed by hand"


def test_a_clock_of_ours_that_is_ahead_hides_no_change_made_in_hubspot(
    con: duckdb.DuckDBPyConnection, mirror: Workspace
) -> None:
    ahead = dt.timedelta(days=3)
    pulled = PULLED + ahead + dt.timedelta(hours=2)
    made = contents.newest(mirror, PORTAL)
    assert made is not None
    snapshot.note(made.folder, **{**made.meta, "pulled_at": pulled.isoformat(), "clock_ahead": ahead.total_seconds()})
    written = BEFORE + ahead + dt.timedelta(minutes=5)
    register(con, mirror, PORTAL, acknowledged(("1", SEGMENT, "lapsed", written), ("2", SEGMENT, "ours", written)))
    assert value(con, "1", SEGMENT) == "lapsed"  # HubSpot changed it before we wrote
    assert value(con, "2", SEGMENT) == "changed by hand"  # and this one after


def test_the_last_of_two_writes_counts(con: duckdb.DuckDBPyConnection, mirror: Workspace) -> None:
    later = AFTER + dt.timedelta(minutes=1)
    register(con, mirror, PORTAL, acknowledged(("1", SEGMENT, "new", later), ("1", SEGMENT, "old", AFTER)))
    assert value(con, "1", SEGMENT) == "new"


def test_a_value_that_was_cleared_is_none(con: duckdb.DuckDBPyConnection, mirror: Workspace) -> None:
    register(con, mirror, PORTAL, acknowledged(("1", SEGMENT, "", AFTER)))
    assert value(con, "1", SEGMENT) is None


def test_what_was_written_to_a_merged_contact_shows_on_the_one_it_lives_on_as(
    con: duckdb.DuckDBPyConnection, mirror: Workspace
) -> None:
    register(con, mirror, PORTAL, acknowledged(("31", SEGMENT, "loyal", AFTER), ("30", "list:7", "member", AFTER)))
    assert value(con, "3", SEGMENT) == "loyal"
    assert con.execute("select count(*) from mirror_members where contact_id = '3'").fetchone() == (1,)


def test_a_contact_created_after_the_pull_appears(con: duckdb.DuckDBPyConnection, mirror: Workspace) -> None:
    rows = [("9", "email", "New@Example.com", AFTER), ("9", "hubsync_customer_id", "c9", AFTER)]
    register(con, mirror, PORTAL, acknowledged(*rows, ("9", SEGMENT, "loyal", AFTER)))
    row = con.execute("select email, customer_id from mirror_contacts where contact_id = '9'").fetchone()
    assert row == ("new@example.com", "c9")
    assert value(con, "9", SEGMENT) == "loyal"
    assert con.execute("select count(*) from mirror_contacts").fetchone() == (4,)


def test_a_contact_that_was_deleted_in_hubspot_does_not_come_back(
    con: duckdb.DuckDBPyConnection, mirror: Workspace
) -> None:
    register(con, mirror, PORTAL, acknowledged(("8", "email", "gone@example.com", BEFORE), ("8", SEGMENT, "x", AFTER)))
    assert con.execute("select count(*) from mirror_contacts where contact_id = '8'").fetchone() == (0,)


def test_memberships_written_after_the_pull_win_over_those_pulled(
    con: duckdb.DuckDBPyConnection, mirror: Workspace
) -> None:
    rows = [("1", "list:7", "", AFTER), ("3", "list:7", "member", AFTER), ("2", "list:8", "member", AFTER)]
    register(con, mirror, PORTAL, acknowledged(*rows))
    found = con.execute("select list_id, contact_id from mirror_members order by all").fetchall()
    assert found == [("7", "2"), ("7", "3"), ("8", "2")]


def test_memberships_written_before_the_pull_are_what_the_pull_found(
    con: duckdb.DuckDBPyConnection, mirror: Workspace
) -> None:
    register(con, mirror, PORTAL, acknowledged(("1", "list:7", "", BEFORE), ("3", "list:7", "member", BEFORE)))
    found = con.execute("select contact_id from mirror_members order by all").fetchall()
    assert found == [("1",), ("2",)]
