from __future__ import annotations

import datetime as dt

import duckdb

from hubsync.engagement.audience import reach
from hubsync.store import snapshot
from hubsync.store.workspace import Workspace

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def pulled(workspace: Workspace, hour: int, portal_id: str, rows: str) -> None:
    with snapshot.write(workspace, "mirror", NOW + dt.timedelta(hours=hour)) as folder, duckdb.connect() as con:
        con.execute("create table c (email text, opted_out boolean, hard_bounced boolean, quarantined boolean)")
        con.execute(f"insert into c values {rows}")  # noqa: S608 - written here
        con.execute(f"copy c to '{folder / 'contacts.parquet'}' (format parquet)")
        snapshot.note(folder, portal_id=portal_id)


def test_reachable_have_an_address_and_nothing_against_it(workspace: Workspace) -> None:
    pulled(
        workspace,
        0,
        "1",
        "('a@x.com', null, null, null), ('b@x.com', false, false, false), ('c@x.com', true, null, null),"
        " ('d@x.com', null, true, null), ('e@x.com', null, null, true), ('', null, null, null),"
        " (null, null, null, null)",
    )
    (found,) = reach(workspace, "1")
    assert (found.contacts, found.reachable, found.at) == (7, 2, NOW)


def test_pulls_come_oldest_first_the_newest_of_them_and_of_one_portal(workspace: Workspace) -> None:
    for hour in range(3):
        pulled(workspace, hour, "1", ", ".join(["('a@x.com', null, null, null)"] * (hour + 1)))
    pulled(workspace, 9, "2", "('z@x.com', null, null, null)")
    assert [one.contacts for one in reach(workspace, "1", newest=2)] == [2, 3]
    assert reach(workspace, "3") == []
