from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from hubsync.behaviour.features import refresh
from hubsync.behaviour.load import load
from hubsync.behaviour.membership import members
from hubsync.core.errors import BadInput
from hubsync.core.plan import Target
from hubsync.core.segment import parse_segment
from hubsync.store import rule
from hubsync.store import segment as segments
from hubsync.sync import inbound
from hubsync.sync.inbound import Inbound
from tests.sync.desk import COLUMN, Desk, email, now

STAGE = "lifecyclestage"
SEGMENT = parse_segment(
    {
        "key": "leads",
        "name": {"en": "Leads"},
        "rule": {"feature": {"kind": "attribute", "field": "hubspot_lifecyclestage"}, "op": "=", "value": "lead"},
    }
)


def load_customers(desk: Desk, folder: Path) -> None:
    file = folder / "customers.csv"
    file.write_text("customer_id,email\n" + "".join(f"{desk.customer(n)},{email(n)}\n" for n in range(20)))
    load(desk.workspace, "customers", [file])


def choose(desk: Desk, *names: str) -> None:
    for name in names:
        inbound.choose(desk.workspace, desk.state, desk.connection.portal_id, name, by="test", at=now())


def set_by_hand(desk: Desk, number: int, **values: str) -> None:
    desk.call("PATCH", f"/crm/v3/objects/contacts/{desk.contact_id(number)}", {"properties": values})


def brought(desk: Desk) -> dict[str, tuple[Any, ...]]:
    rows = pq.read_table(desk.workspace.behaviour / "attributes.parquet").to_pylist()
    return {row["customer_id"]: tuple(row.values())[1:] for row in rows}


def again(desk: Desk) -> Inbound:
    return inbound.bring(desk.workspace, desk.state, desk.connection.portal_id)


def test_a_chosen_property_comes_back_and_a_segment_can_ask_for_it(desk: Desk, tmp_path: Path) -> None:
    load_customers(desk, tmp_path)
    choose(desk, STAGE)
    for number in (2, 3):
        set_by_hand(desk, number, lifecyclestage="lead")
    desk.pull(full=False)
    refresh(desk.workspace, [SEGMENT])
    assert members(desk.workspace, "leads") == [desk.customer(2), desk.customer(3)]


def test_loading_customers_again_loses_nothing_that_came_back(desk: Desk, tmp_path: Path) -> None:
    load_customers(desk, tmp_path)
    choose(desk, STAGE)
    set_by_hand(desk, 2, lifecyclestage="lead")
    desk.pull(full=False)
    load_customers(desk, tmp_path)
    refresh(desk.workspace, [SEGMENT])
    assert members(desk.workspace, "leads") == [desk.customer(2)]


def test_values_follow_merges_and_go_with_deleted_contacts(desk: Desk, tmp_path: Path) -> None:
    load_customers(desk, tmp_path)
    choose(desk, STAGE)
    for number in (2, 3, 4):
        set_by_hand(desk, number, lifecyclestage="lead")
    desk.pull(full=False)
    desk.call("DELETE", f"/crm/v3/objects/contacts/{desk.contact_id(3)}")
    pair = {"primaryObjectId": desk.contact_id(4), "objectIdToMerge": desk.contact_id(15)}
    desk.call("POST", "/crm/v3/objects/contacts/merge", pair)
    desk.pull(full=False)
    refresh(desk.workspace, [SEGMENT])
    assert members(desk.workspace, "leads") == [desk.customer(2), desk.customer(4)]
    assert desk.customer(3) not in brought(desk)


def test_values_come_back_as_what_they_are(desk: Desk, tmp_path: Path) -> None:
    load_customers(desk, tmp_path)
    for name, kind, control in (("points", "number", "number"), ("vip", "bool", "booleancheckbox")):
        options = [{"label": text, "value": text, "displayOrder": 0, "hidden": False} for text in ("true", "false")]
        body = {"name": name, "label": name, "type": kind, "fieldType": control, "groupName": "contactinformation"}
        desk.call("POST", "/crm/v3/properties/contacts", body | ({"options": options} if kind == "bool" else {}))
    set_by_hand(desk, 2, points="12.5", vip="true")
    desk.pull()
    choose(desk, "points", "vip", "createdate")
    desk.pull(full=False)
    created, points, vip = brought(desk)[desk.customer(2)]
    assert (points, vip) == (12.5, True)
    known = {"feature": {"kind": "attribute", "field": "hubspot_createdate"}, "op": "is known"}
    aged = parse_segment({"key": "aged", "name": {"en": "Aged"}, "rule": known})
    segments.save(desk.state, aged, by="test", at=now())
    refresh(desk.workspace, [aged], versions={"aged": 1})
    (change,) = [
        row
        for row in desk.changes(desk.preview(Target.PROPERTIES, key="aged"))
        if row.customer_id == desk.customer(2) and row.field.endswith("createdate")
    ]
    assert dt.datetime.fromisoformat(change.new) == created.replace(microsecond=created.microsecond // 1000 * 1000)


def test_what_we_wrote_ourselves_is_told_from_what_others_changed(desk: Desk, tmp_path: Path) -> None:
    load_customers(desk, tmp_path)
    name = f"hubsync_{COLUMN}"
    desk.sync(Target.PROPERTIES)
    desk.pull()
    choose(desk, name)
    rule.decide(desk.state, desk.connection.portal_id, name, rule.Winner.OURS, by="test", at=now())
    desk.orders[4] = 9
    desk.refresh()
    desk.sync(Target.PROPERTIES)
    set_by_hand(desk, 5, **{name: "77"})
    desk.pull(full=False)
    report = again(desk)
    assert (report.changed, report.echoes) == (2, 1)


def test_a_field_that_comes_back_is_not_overwritten(desk: Desk) -> None:
    body = {"name": "count", "label": "Count", "type": "number", "fieldType": "number", "groupName": "hubsync"}
    desk.sync(Target.PROPERTIES)
    desk.call("POST", "/crm/v3/properties/contacts", body)
    set_by_hand(desk, 4, count="3")
    desk.pull()
    choose(desk, "count")
    desk.pull()
    plan = desk.preview(Target.PROPERTIES, mapping={COLUMN: "count"})
    assert [row["customer_id"] for row in plan.options["held"]] == [desk.customer(4)]


def test_a_property_that_hubspot_has_not_cannot_be_chosen(desk: Desk) -> None:
    with pytest.raises(BadInput, match="no contact property"):
        choose(desk, "shoe_size_of_cat")


def test_what_is_no_longer_wanted_or_no_longer_there_is_left_out(desk: Desk, tmp_path: Path) -> None:
    load_customers(desk, tmp_path)
    choose(desk, STAGE)
    desk.pull()
    assert again(desk).columns == ("hubspot_lifecyclestage",)
    rule.leave(desk.state, desk.connection.portal_id, STAGE, by="test", at=now())
    assert again(desk).columns == ()
    assert not (desk.workspace.behaviour / "attributes.parquet").exists()
