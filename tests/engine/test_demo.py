"""The demo: real shopping becomes four behaviours of a believable size, and mail that is answered for a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis
import pytest
import yaml

from data.demo import portal, shopping
from hubsync.behaviour.engine import open_engine
from hubsync.behaviour.features import FeatureReport, refresh
from hubsync.behaviour.load import load
from hubsync.behaviour.measures import feature_table
from hubsync.behaviour.membership import member_table, members
from hubsync.behaviour.tables import tables
from hubsync.behaviour.why import sentences
from hubsync.core.segment import Segment, conditions, parse_segment
from hubsync.store.workspace import Workspace

pytestmark = pytest.mark.xdist_group("demo")
BEHAVIOURS = Path(portal.__file__).with_name("behaviours.yaml")


@pytest.fixture(scope="module")
def behaviours() -> list[Segment]:
    return [parse_segment(one) for one in yaml.safe_load(BEHAVIOURS.read_text(encoding="utf-8"))["segments"]]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The demo's shop, loaded once."""
    folder = tmp_path_factory.mktemp("demo")
    workspace = Workspace.open(folder / "workspace")
    customers, events = shopping.write(folder)
    reports = [load(workspace, "customers", [customers]), load(workspace, "events", [events])]
    assert [(one.loaded, one.rejected) for one in reports] == [(2_469, 0), (1_477_998, 0)]
    return workspace


@pytest.fixture(scope="module")
def report(shop: Workspace, behaviours: list[Segment]) -> FeatureReport:
    return refresh(shop, behaviours)


def test_four_behaviours_have_sizes_one_can_believe(report: FeatureReport) -> None:
    assert report.as_of == dt.datetime(2018, 1, 1, 4, 1, 20, tzinfo=dt.UTC)
    assert report.as_of_is == "newest event"
    assert set(report.sizes) == {"comfort_seekers", "loyal_regulars", "bargain_hunters", "quality_enthusiasts"}
    assert all(0.05 < size / report.customers < 0.40 for size in report.sizes.values())
    assert len(set(report.sizes.values())) == 4


def test_behaviours_speak_both_languages(behaviours: list[Segment]) -> None:
    for one in behaviours:
        assert one.rule is not None
        for words in (one.name, one.description, *(part.label for part in conditions(one.rule))):
            assert set(words) == {"en", "pt"}
            assert all(words.values())


def test_all_measures_come_out_of_one_reading_of_the_events(shop: Workspace, behaviours: list[Segment]) -> None:
    features = [part.feature for one in behaviours if one.rule for part in conditions(one.rule)]
    with open_engine() as engine:
        expression = feature_table(*tables(engine, shop), features, dt.datetime(2018, 1, 1, tzinfo=dt.UTC))
        ((_, plan),) = engine.execute(f"explain {ibis.to_sql(expression, dialect='duckdb')}")
    assert plan.count("READ_PARQUET") + plan.count("PARQUET_SCAN") == 2, plan


def test_everybody_is_told_why(shop: Workspace, report: FeatureReport, behaviours: list[Segment]) -> None:
    everybody = [str(number) for number in range(1, 2_501)]
    for one in behaviours:
        inside = set(members(shop, one.key))
        told = sentences(shop, one, everybody)
        assert len(told) == report.customers
        for who, text in told.items():
            assert text.startswith(f"{'joined' if who in inside else 'left'} {one.name['en']}: ")
            assert (", needs " in text) is (who not in inside)


def _clicks(seed: dict[str, Any], addresses: set[str]) -> float:
    """Delivered e-mails of these people that were clicked, per delivered e-mail."""
    of: dict[str, set[tuple[str, str]]] = {"DELIVERED": set(), "CLICK": set()}
    for one in seed["email_events"]:
        if one["type"] in of and one["contact"] in addresses:
            of[one["type"]].add((one["contact"], one["email_id"]))
    return len(of["CLICK"]) / len(of["DELIVERED"])


def test_behaviours_answer_mail_differently(shop: Workspace, report: FeatureReport) -> None:
    seed = portal.seed()
    primary = {
        address: one["properties"]["email"]
        for one in seed["contacts"]
        for address in (one["properties"]["email"], *one["properties"].get("hs_additional_emails", "").split(";"))
    }
    rates = {}
    for key in report.sizes:
        emails = member_table(shop, key)["email"].to_pylist()
        rates[key] = _clicks(seed, {primary[email] for email in emails if email in primary})
    everyone = _clicks(seed, set(primary.values()))
    assert rates["bargain_hunters"] > everyone > rates["quality_enthusiasts"]
