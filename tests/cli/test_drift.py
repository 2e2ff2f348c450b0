"""Drift, rules and attributes as a script meets them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx

from tests.cli.conftest import Cli, Served

SEGMENT = """
segments:
- key: buyers
  name: {en: Buyers}
  rule: {feature: {kind: measure, agg: count}, op: '>=', value: 1, label: {en: orders}}
"""


def test_a_hand_edit_is_found_decided_upon_and_put_back(
    cli: Cli, sandbox: Callable[..., Served], tmp_path: Path
) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text('{"contacts": [{"properties": {"email": "ann@example.com"}}]}')
    served = sandbox("--seed", str(seed))
    address = {"HUBSPOT_TOKEN": served.token}
    cli("connect", "--portal-id", str(served.portal_id), "--base-url", served.base_url, **address)
    for kind, text in (
        ("customers", "customer_id,email\nk1,ann@example.com\n"),
        ("events", "customer_id,type,occurred_at\nk1,order,2026-11-01T00:00:00Z\n"),
    ):
        file = tmp_path / f"{kind}.csv"
        file.write_text(text)
        cli("load", kind, file)
    (tmp_path / "segments.yaml").write_text(SEGMENT)
    cli("segments", "apply", tmp_path / "segments.yaml")
    cli("features", "refresh")
    cli("pull")
    cli("run", cli.json("plan", "buyers", "--to", "properties")["plan_id"])

    contact = f"{served.base_url}/crm/v3/objects/contacts/ann@example.com?idProperty=email"
    headers = {"Authorization": f"Bearer {served.token}"}
    body = {"properties": {"hubsync_count": "9"}}
    httpx.patch(contact, json=body, headers=headers).raise_for_status()
    found = cli.json("drift", "buyers")
    assert (found["counts"]["changed"], found["total"]) == (1, 1)
    (difference,) = found["differences"]
    assert {name: difference[name] for name in ("what", "field", "ours", "theirs")} == {
        "what": "changed",
        "field": "hubsync_count",
        "ours": "1",
        "theirs": "9",
    }

    assert cli.json("rules", "hubsync_count", "ask")["rules"] == {"hubsync_count": "ask"}
    (asked,) = cli.json("drift", "buyers", "--repair", "--no-pull")["plans"]
    assert asked["counts"] == {"unchanged": 0}
    cli("rules", "hubsync_count", "ours")
    ended = cli.json("run", cli.json("drift", "buyers", "--repair")["plan_id"])
    assert ended["state"] == "succeeded"
    assert cli.json("drift", "buyers")["total"] == 0

    assert cli.json("attributes", "--add", "lifecyclestage")["attributes"] == {
        "lifecyclestage": "hubspot_lifecyclestage"
    }
