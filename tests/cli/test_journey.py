"""From nothing to a segment in HubSpot and its engagement, typed as the README says."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pytest
from hubspot import HubSpot

from tests.cli.conftest import Cli, Served

pytestmark = pytest.mark.xdist_group("journey")


def portal(served: Served) -> HubSpot:
    return HubSpot(access_token=served.token, host=served.base_url, base_url=served.base_url)


def list_members(client: HubSpot, name: str) -> set[str]:
    found = client.crm.lists.lists_api.get_by_name(object_type_id="0-1", list_name=name)
    members: set[str] = set()
    after = None
    while True:
        page = client.crm.lists.memberships_api.get_page(list_id=found.list.list_id, limit=250, after=after)
        members |= {row.record_id for row in page.results}
        if not (page.paging and page.paging.next):
            return members
        after = page.paging.next.after


def adds_up(counts: dict[str, int]) -> bool:
    ended = ("confirmed", "unchanged", "rejected", "skipped", "cancelled")
    return counts["planned"] == sum(counts[name] for name in ended)


def test_the_main_job_on_the_command_line(cli: Cli, sandbox: Callable[..., Served]) -> None:
    served = sandbox("--seed", "demo")
    verified = cli.json(
        "connect", "--portal-id", str(served.portal_id), "--base-url", served.base_url, HUBSPOT_TOKEN=served.token
    )
    assert verified["ok"]
    assert {"name", "ok", "detail", "fix"} <= verified["checks"][0].keys()
    assert verified["missing_scopes"] == []

    demo = cli.json("demo")
    assert demo["customers"] == 2469
    assert demo["events"] > 1_000_000
    assert demo["segments"] == 4
    assert str(demo["portal_id"]) == str(served.portal_id)

    segments = {row["key"]: row for row in cli.json("segments", "list")["segments"]}
    assert set(segments) == {"bargain_hunters", "loyal_regulars", "comfort_seekers", "quality_enthusiasts"}
    assert all(0 < row["reachable"] < row["size"] < 2469 for row in segments.values())

    plan = cli.json("plan", "bargain_hunters", "--to", "static_list")
    assert plan["blocked"] == []
    assert sum(plan["reach"].values()) == segments["bargain_hunters"]["size"]
    assert {"requests", "seconds", "share_of_daily"} <= plan["forecast"].keys()
    changes = cli.json("plan", "show", plan["plan_id"], "--changes")["changes"]
    assert {"op", "customer_id", "contact_id", "field", "old", "new", "reason"} <= changes[0].keys()
    added = {row["contact_id"] for row in changes if row["op"] == "add_member"}
    assert len(added) == plan["counts"]["add_member"] == plan["reach"]["reachable"]

    run = cli.json("run", plan["plan_id"])
    assert run["state"] == "succeeded"
    assert adds_up(run["counts"])
    assert run["counts"]["rejected"] == 0

    client = portal(served)
    assert list_members(client, plan["list_name"]) == added
    assert added == expected_contacts(cli, client, "bargain_hunters")

    enriched = cli.json("plan", "bargain_hunters", "--to", "properties")
    assert cli.json("run", enriched["plan_id"])["state"] == "succeeded"
    written = [
        row for row in cli.json("plan", "show", enriched["plan_id"], "--changes")["changes"] if row["contact_id"]
    ]
    sample = written[0]
    contact = client.crm.contacts.basic_api.get_by_id(sample["contact_id"], properties=[sample["field"]])
    assert contact.properties[sample["field"]] == sample["new"]

    assert cli.json("pull")["contacts"] > 2000
    for target in ("static_list", "properties"):
        again = cli.json("plan", "bargain_hunters", "--to", target)
        assert sum(count for name, count in again["counts"].items() if name != "unchanged") == 0
        assert again["forecast"]["requests"] == 0

    measured = cli.json("engagement")
    rates = {(row["segment"], row["metric"]): row for row in measured["rows"]}
    for key in segments:
        click = rates[key, "click_rate"]
        assert click["low"] < click["rate"] < click["high"]
        assert click["numerator"] <= click["denominator"] <= segments[key]["size"]

    history = cli.json("runs")["runs"]
    assert len(history) == 2
    assert all(adds_up(row["counts"]) and row["requests"] > 0 and row["started_by"] for row in history)


def expected_contacts(cli: Cli, client: HubSpot, key: str) -> set[str]:
    """Record ids of a segment's members minus the unreachable ones, asked of HubSpot by the customers' own e-mails."""
    members = set(cli.json("segments", "members", key)["members"])
    table = cli.home / "behaviour" / "customers.parquet"
    customers = duckdb.read_parquet(str(table)).project("customer_id, lower(trim(email))").fetchall()
    owner: dict[str, str] = {}  # of an address that two customers share, the one with the smaller id
    for customer, email in sorted(customers):
        owner.setdefault(email or "", customer)
    emails = sorted(email for email, customer in owner.items() if customer in members and "@" in email)
    wanted = ["hs_email_optout", "hs_email_hard_bounce_reason_enum", "hs_email_quarantined"]
    expected: set[str] = set()
    for start in range(0, len(emails), 100):
        inputs = [{"id": email} for email in emails[start : start + 100]]
        body = {"idProperty": "email", "properties": wanted, "inputs": inputs, "propertiesWithHistory": []}
        for contact in client.crm.contacts.batch_api.read(body).results:
            held = contact.properties
            if held.get(wanted[0]) != "true" and not held.get(wanted[1]) and held.get(wanted[2]) != "true":
                expected.add(contact.id)
    return expected


def test_the_demo_alone_makes_everything_and_the_second_time_changes_nothing(cli: Cli) -> None:
    first = cli.json("demo")
    assert cli.json("demo") == first
    plan = cli.json("plan", "comfort_seekers", "--to", "static_list")
    assert cli.json("run", plan["plan_id"])["state"] == "succeeded"
    assert cli.json("doctor")["ok"]
