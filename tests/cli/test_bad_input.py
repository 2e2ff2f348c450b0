"""What is wrong is said in its own words, with the way on, and nothing is lost."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import Cli, Served

CUSTOMERS = "customer_id,email\n" + "".join(f"c{n},person{n}@example.com\n" for n in range(40))
EVENTS = "customer_id,event_type,occurred_at,amount\n" + "".join(
    f"c{n},purchase,2026-11-{day:02}T10:00:00Z,{n}\n" for n in range(40) for day in range(1, 1 + n % 5)
)
SEGMENTS = """
- key: buyers
  name: {en: Buyers, pt: Compradores}
  rule: {feature: {kind: measure, agg: count, where: [{field: event_type, value: purchase}]}, op: ">=", value: 2}
- key: nobody
  name: {en: Nobody}
  rule: {any: []}
"""
SCOPES = ["crm.objects.contacts.read", "crm.lists.read"]


def admin(served: Served, path: str, body: object) -> dict[str, object]:
    return dict(httpx.post(f"{served.base_url}/__sandbox__/{path}", json=body).raise_for_status().json())


def hubspot(served: Served, method: str, path: str) -> None:
    authorization = {"Authorization": f"Bearer {served.token}"}
    httpx.request(method, served.base_url + path, headers=authorization).raise_for_status()


@pytest.fixture
def served(sandbox: Callable[..., Served], tmp_path: Path) -> Served:
    contacts = [{"properties": {"email": f"person{n}@example.com", "firstname": f"P{n}"}} for n in range(40)]
    lists = [{"name": "Somebody else's", "processingType": "DYNAMIC", "members": []}]
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps({"contacts": contacts, "lists": lists, "emails": [], "email_events": []}))
    return sandbox("--seed", str(seed))


@pytest.fixture
def loaded(cli: Cli, served: Served, tmp_path: Path) -> Cli:
    for name, text in (("customers.csv", CUSTOMERS), ("events.csv", EVENTS), ("segments.yaml", SEGMENTS)):
        (tmp_path / name).write_text(text)
    cli.json("load", "customers", tmp_path / "customers.csv")
    cli.json("load", "events", tmp_path / "events.csv")
    cli.json("segments", "apply", tmp_path / "segments.yaml")
    cli.json("features", "refresh")
    connect(cli, served, served.token)
    cli.json("pull")
    return cli


def connect(cli: Cli, served: Served, token: str, *, portal_id: object = None, code: int = 0) -> dict[str, object]:
    options = ("--portal-id", str(portal_id or served.portal_id), "--base-url", served.base_url)
    return dict(cli.json("connect", *options, HUBSPOT_TOKEN=token, code=code))


def failed(document: dict[str, object]) -> list[dict[str, str]]:
    return [check for check in document["checks"] if not check["ok"]]  # type: ignore[attr-defined]


def test_a_wrong_token_is_told_from_everything_else_and_nothing_is_saved(cli: Cli, served: Served) -> None:
    answer = connect(cli, served, "pat-na1-00000000-0000-4000-8000-000000000000", code=1)
    assert not answer["ok"]
    assert failed(answer)[0]["name"] == "token"
    assert failed(answer)[0]["fix"]
    assert "connected" in cli("pull", code=1).err


def test_another_portal_s_id_is_never_saved(cli: Cli, served: Served) -> None:
    answer = connect(cli, served, served.token, portal_id=999, code=1)
    [check] = [check for check in failed(answer) if check["name"] == "portal"]
    assert "999" in check["detail"]
    assert str(served.portal_id) in check["detail"]
    assert "connected" in cli("pull", code=1).err


def test_missing_scopes_are_named_one_by_one(cli: Cli, served: Served) -> None:
    token = str(admin(served, "tokens", {"scopes": SCOPES})["token"])
    answer = connect(cli, served, token, code=1)
    assert "crm.lists.write" in answer["missing_scopes"]  # type: ignore[operator]
    assert any("crm.lists.write" in check["detail"] + check["fix"] for check in failed(answer))


def test_an_unreachable_host_is_said_to_be_unreachable(cli: Cli) -> None:
    answer = cli.json(
        "connect", "--portal-id", "1", "--base-url", "http://127.0.0.1:9", HUBSPOT_TOKEN="pat-na1-x", code=1
    )
    assert failed(answer)[0]["name"] == "reachable"


def test_a_token_goes_nowhere_but_to_hubspot_and_the_sandbox(cli: Cli) -> None:
    options = ("connect", "--portal-id", "1", "--base-url", "https://evil.example.com")
    answer = cli.json(*options, HUBSPOT_TOKEN="pat-na1-x", code=1)
    assert "loopback" in failed(answer)[0]["detail"]
    answer = cli.json(*options, HUBSPOT_TOKEN="pat-na1-x", HUBSYNC_SANDBOX="", code=1)
    assert "not sent there" in failed(answer)[0]["detail"]


def test_broken_rows_are_listed_with_line_and_reason_and_the_rest_loads(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text(
        "customer_id,email\nc1,a@example.com\n,b@example.com\nc1,c@example.com\nc2,\n"
    )
    customers = cli.json("load", "customers", tmp_path / "customers.csv")
    assert (customers["rows"], customers["loaded"], customers["rejected"]) == (4, 2, 2)
    (tmp_path / "events.csv").write_text(
        "customer_id,event_type,occurred_at,amount\n"
        "c1,purchase,2026-11-01T10:00:00Z,5\n"
        "c1,purchase,yesterday,5\n"
        "c1,purchase,2026-11-01T10:00:00Z,five\n"
        "c9,purchase,2026-11-01T10:00:00Z,5\n"
        "c2,purchase,2026-11-01T10:00:00Z\n"
    )
    events = cli.json("load", "events", tmp_path / "events.csv")
    assert events["rows"] == events["loaded"] + events["rejected"] == 5
    assert events["loaded"] == 1
    with Path(events["rejects_file"]).open(newline="") as file:
        rejects = {int(row["line"]): row["reason"] for row in csv.DictReader(file)}
    assert sorted(rejects) == [3, 4, 5, 6]
    assert all(rejects.values())


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("load", "customers", "nowhere.csv"), "nowhere.csv"),
        (("segments", "show", "nothing"), "nothing"),
        (("segments", "apply", "nowhere.yaml"), "nowhere.yaml"),
        (("plan", "nothing", "--to", "nowhere"), "nowhere"),
        (("plan", "show", "0000"), "0000"),
        (("runs", "0000"), "0000"),
        (("runs", "--cancel"), "Which run"),
        (("engagement", "nothing"), "nothing"),
        (("run", "0000"), "connect"),
    ],
)
def test_wrong_use_names_what_is_wrong(cli: Cli, arguments: tuple[str, ...], word: str) -> None:
    done = cli(*arguments, "--json", code=1 if word == "connect" else 2)
    assert word in done.err
    assert done.json["error"]["title"]
    assert "Traceback" not in done.err


def test_only_customers_and_events_can_be_loaded(cli: Cli) -> None:
    assert "people" in cli("load", "people", "nowhere.csv", code=2).err


def test_a_broken_rule_names_the_condition(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(
        "key: x\nname: {en: X}\nrule: {all: [{feature: {kind: measure, agg: sum}, op: '>', value: 1}]}"
    )
    assert "'sum' needs 'of'" in cli("segments", "apply", tmp_path / "s.yaml", code=2).err


def test_a_segment_that_matches_nobody_plans_nothing(loaded: Cli) -> None:
    plan = loaded.json("plan", "nobody", "--to", "static_list")
    assert plan["counts"].get("add_member", 0) == 0
    assert plan["blocked"] or plan["warnings"]


def test_a_taken_list_name_is_never_written_to(loaded: Cli) -> None:
    plan = loaded.json("plan", "buyers", "--to", "static_list", "--list-name", "Somebody else's", code=1)
    assert plan["blocked"]
    assert "Somebody else's" in plan["blocked"][0]["message"]
    assert loaded.json("run", plan["plan_id"], code=1)["error"]["code"] == "blocked"


def test_a_contact_deleted_between_preview_and_run_is_told_and_the_others_go(loaded: Cli, served: Served) -> None:
    plan = loaded.json("plan", "buyers", "--to", "properties")
    changes = loaded.json("plan", "show", plan["plan_id"], "--changes")["changes"]
    gone = next(row["contact_id"] for row in changes if row["op"] == "update_contact")
    hubspot(served, "DELETE", f"/crm/v3/objects/contacts/{gone}")
    run = loaded.json("run", plan["plan_id"])
    lost = sum(row["contact_id"] == gone for row in changes)
    assert run["counts"]["skipped"] == lost
    assert run["counts"]["confirmed"] == run["counts"]["planned"] - lost
    [group] = loaded.json("runs", run["run_id"])["rejected"]
    assert (group["outcome"], group["count"]) == ("skipped", lost)
    assert {row["contact_id"] for row in group["rows"]} == {gone}
    assert group["fix"]
