"""Pulling from a portal: what changed since last time makes the same mirror as reading everything."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import duckdb
import httpx
import pytest

from hubsync.core.field import CUSTOMER_ID, Field, FieldType
from hubsync.mirror import contents
from hubsync.mirror.pull import PullReport, pull
from hubsync.mirror.view import register
from hubsync.portal.contacts import Contacts
from hubsync.portal.errors import Unauthorized
from hubsync.portal.gateway import Gateway
from hubsync.portal.lists import Lists
from hubsync.portal.pace import Pacer
from hubsync.portal.properties import Properties
from hubsync.sandbox.auth import ALL_SCOPES
from hubsync.sandbox.portal import Settings
from hubsync.sandbox.server import Sandbox
from hubsync.store import snapshot
from hubsync.store.workspace import Workspace

SEGMENT = Field(name="hubsync_segment", label="Behaviour", type=FieldType.STRING)
SEED = {
    "contacts": [
        {"properties": {"email": "ana@example.com", "hs_additional_emails": "ana@work.example", "firstname": "Ana"}},
        {"properties": {"email": "bo@example.com", "hs_email_optout": "true", "total_revenue": "12.5"}},
        {"properties": {"email": "cy@example.com", "hs_email_hard_bounce_reason_enum": "OTHER"}},
        *({"properties": {"email": f"p{n}@example.com"}} for n in range(240)),
    ],
    "emails": [{"id": "501", "name": "Autumn", "subject": "Leaves", "publishDate": "2026-11-01T10:00:00Z"}],
    "email_events": [
        {"email_id": "501", "contact": "ana@example.com", "type": kind, "at": "2026-11-01T10:00:00Z"}
        for kind in ("SENT", "DELIVERED", "OPEN")
    ],
    "lists": [
        {"name": "Everybody", "processingType": "MANUAL", "members": [f"p{n}@example.com" for n in range(240)]},
        {"name": "Some", "processingType": "MANUAL", "members": ["ana@example.com", "bo@example.com"]},
    ],
}


@dataclass
class Portal:
    """A sandbox, a gateway to it, and a workspace to pull into."""

    sandbox: Sandbox
    gateway: Gateway
    workspace: Workspace
    clock: Callable[[], dt.datetime]

    def pull(
        self, *, full: bool = False, list_ids: list[str] | None = None, properties: tuple[str, ...] = ()
    ) -> PullReport:
        return pull(
            self.workspace,
            self.gateway,
            str(self.sandbox.portal_id),
            full=full,
            list_ids=list_ids,
            properties=properties,
            clock=self.clock,
        )

    def rows(self, name: str, columns: str = "*") -> list[tuple[object, ...]]:
        with duckdb.connect() as con:
            con.execute("set timezone = 'UTC'")
            register(con, self.workspace, str(self.sandbox.portal_id))
            # Through Arrow, as DuckDB hands out times with a zone only where pytz is installed.
            found = con.sql(f"select {columns} from mirror_{name} order by all").to_arrow_table()  # noqa: S608 - ours
            return list(zip(*(column.to_pylist() for column in found.columns), strict=True))

    def id_of(self, email: str) -> str:
        return Contacts(self.gateway).resolve([email])[email].id

    def delete(self, path: str) -> None:
        answer = httpx.delete(self.sandbox.base_url + path, headers={"Authorization": f"Bearer {self.sandbox.token}"})
        assert answer.status_code == 204


@pytest.fixture
def portal(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    monkeypatch.setenv("HUBSYNC_SANDBOX", "1")
    moments = (dt.datetime.now(dt.UTC) + dt.timedelta(milliseconds=n) for n in itertools.count())
    with Sandbox(seed=SEED, limits=False, settings=Settings(search_lag=0, settle_seconds=0)) as sandbox:
        pacer = Pacer(file=workspace.pace_file, portal_id=str(sandbox.portal_id), sleep=lambda _: pytest.fail("waits"))
        gateway = Gateway(base_url=sandbox.base_url, token=sandbox.token, pacer=pacer)
        properties = Properties(gateway)
        properties.ensure_group()
        properties.ensure(CUSTOMER_ID)
        properties.ensure(SEGMENT)
        yield Portal(sandbox=sandbox, gateway=gateway, workspace=workspace, clock=lambda: next(moments))
        pacer.close()


def test_a_first_pull_brings_everything(portal: Portal) -> None:
    report = portal.pull()
    assert report.full
    assert (report.contacts, report.changed, report.unreadable) == (243, 243, ())
    assert len(portal.rows("contacts")) == 243
    assert len(portal.rows("members")) == 242
    assert {name for (name,) in portal.rows("lists", "name")} == {"Everybody", "Some"}
    assert {name for (name,) in portal.rows("properties", "name")} >= {"email", SEGMENT.name, CUSTOMER_ID.name}
    assert portal.rows("emails", "email_id, sent, delivered, open") == [("501", 1, 1, 1)]


def test_what_is_known_of_a_contact_is_typed_and_the_unknown_is_not_zero(portal: Portal) -> None:
    Contacts(portal.gateway).update(
        [("1", portal.id_of("ana@example.com"), {CUSTOMER_ID.name: "c1", SEGMENT.name: "loyal"})]
    )
    portal.pull()
    wanted = "email, additional_emails, customer_id, opted_out, hard_bounced, email_open, email_click, total_revenue"
    ana, bo, cy = portal.rows("contacts", wanted)[:3]
    assert ana[:3] == ("ana@example.com", ["ana@work.example"], "c1")
    assert ana[5] == 1
    assert bo[3] is True
    assert bo[5] is None
    assert bo[7] == 12.5
    assert (bo[4], cy[4]) == (False, True)
    assert ([(CUSTOMER_ID.name, "c1"), (SEGMENT.name, "loyal")],) in portal.rows("contacts", "properties")


def test_asked_for_properties_are_kept_too(portal: Portal) -> None:
    portal.pull(properties=("firstname", "there_is_no_such_property"))
    assert ("Ana",) in portal.rows("contacts", "properties['firstname']")


def test_what_changed_makes_the_same_mirror_as_reading_everything(portal: Portal) -> None:
    portal.pull()
    contacts, lists = Contacts(portal.gateway), Lists(portal.gateway)
    ana, bo, cy = (portal.id_of(f"{name}@example.com") for name in ("ana", "bo", "cy"))
    contacts.update([("1", ana, {SEGMENT.name: "loyal"}), ("2", bo, {CUSTOMER_ID.name: "c2"})])
    contacts.create([("3", {"email": "new@example.com", SEGMENT.name: "lapsed"})])
    portal.delete(f"/crm/v3/objects/contacts/{cy}")
    some = lists.by_name("Some")
    assert some is not None
    lists.add_and_remove(some.id, [cy], [ana])
    lists.create("Another")

    changed = portal.pull()
    assert not changed.full
    assert (changed.contacts, changed.changed) == (243, 4)
    files = ("contacts", "members", "lists", "properties", "emails")
    by_change = {name: portal.rows(name) for name in files}
    full = portal.pull(full=True)
    assert full.full
    assert full.changed == 0
    assert {name: portal.rows(name) for name in files} == by_change
    assert cy not in {row[0] for row in by_change["contacts"]}


def test_nothing_changed_is_told(portal: Portal) -> None:
    portal.pull()
    assert portal.pull().changed == 0


def test_a_property_that_was_not_kept_before_is_read_of_everybody(portal: Portal) -> None:
    portal.pull()
    report = portal.pull(properties=("firstname",))
    assert report.full
    assert ("Ana",) in portal.rows("contacts", "properties['firstname']")


def test_members_are_read_of_the_lists_asked_for_only(portal: Portal) -> None:
    some = Lists(portal.gateway).by_name("Some")
    assert some is not None
    portal.pull(list_ids=[some.id, "999999"])
    assert {row[0] for row in portal.rows("members")} == {some.id}
    assert len(portal.rows("lists")) == 2


def test_e_mails_that_may_not_be_read_are_noted_and_the_rest_is_there(portal: Portal) -> None:
    scopes = [scope for scope in ALL_SCOPES if scope not in {"content", "marketing.email.read"}]
    token = httpx.post(f"{portal.sandbox.base_url}/__sandbox__/tokens", json={"scopes": scopes}).json()["token"]
    portal.gateway = Gateway(base_url=portal.sandbox.base_url, token=token, pacer=portal.gateway.pacer)
    report = portal.pull()
    assert report.contacts == 243
    assert len(report.unreadable) == 1
    assert "marketing.email.read" in report.unreadable[0]
    assert portal.rows("emails") == []


def test_a_pull_that_fails_leaves_the_mirror_before(portal: Portal) -> None:
    before = portal.pull()
    token = "pat-na1-0a1b2c3d-1111-2222-3333-444455556666"
    portal.gateway = Gateway(base_url=portal.sandbox.base_url, token=token, pacer=portal.gateway.pacer)
    with pytest.raises(Unauthorized):
        portal.pull()
    newest = contents.newest(portal.workspace, str(portal.sandbox.portal_id))
    assert newest is not None
    assert newest.id == before.snapshot_id
    assert len(snapshot.snapshots(portal.workspace, contents.KIND)) == 1


def test_a_new_contact_that_search_does_not_show_yet_is_brought_by_the_next_pull(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBSYNC_SANDBOX", "1")
    moments = (dt.datetime.now(dt.UTC) + dt.timedelta(milliseconds=n) for n in itertools.count())
    with Sandbox(seed=SEED, limits=False, settings=Settings(search_lag=6)) as sandbox:
        pacer = Pacer(file=None, portal_id=str(sandbox.portal_id))
        gateway = Gateway(base_url=sandbox.base_url, token=sandbox.token, pacer=pacer)
        portal = Portal(sandbox=sandbox, gateway=gateway, workspace=workspace, clock=lambda: next(moments))
        portal.pull()
        Contacts(gateway).create([("1", {"email": "new@example.com"})])
        assert portal.pull().contacts == 243
        httpx.post(f"{sandbox.base_url}/__sandbox__/clock", json={"advance_seconds": 30})
        assert portal.pull().contacts == 244
        pacer.close()


def test_where_most_people_changed_everybody_is_listed_as_that_is_quicker(portal: Portal) -> None:
    portal.pull()
    contacts = Contacts(portal.gateway)
    ids = [contact.id for contact in contacts.all()]
    for start in (0, 100):
        contacts.update([(one, one, {SEGMENT.name: "loyal"}) for one in ids[start : start + 100]])
    report = portal.pull()
    assert report.full
    assert report.changed == 200
