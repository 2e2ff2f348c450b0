"""HubSpot's own client for Node, `@hubspot/api-client`: reads and writes with types and models of its own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from bench.clients import install
from bench.clients.truth import Truth

_SCRIPT = Path(__file__).with_name("api_client.mjs")
_PATIENCE = 120


def run(base_url: str, token: str, *, may_install: bool = False) -> dict[str, Any]:
    """Return what came of each step, by its name; raises install.Absent."""
    folder = install.node_with(install.NODE_CLIENT, install=may_install)
    command = ["node", str(_SCRIPT), base_url]
    done = subprocess.run(
        command, input=token, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE, check=True
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def differences(told: dict[str, Any], truth: Truth) -> list[str]:
    """Return the steps that came out otherwise than on a portal that held `truth` before, in words."""
    bargain = sum(values.get("behaviour") == "bargain" for values in truth.contacts.values())
    made = told["batch create"]
    expected = {
        "all contacts": sorted([one, values["email"]] for one, values in truth.contacts.items()),
        "by address": "Zoë 1",
        "typed times": True,
        "batch create, one known": {"written": 1, "errors": [["CONFLICT", ["made1"]]]},
        "batch update": ["Made", "Made"],
        "batch upsert": [False],
        "batch read": {"found": ["Upserted"], "missing": 1},
        "search": {"total": bargain, "shown": min(bargain, 200)},
        "properties": [["loyal", "bargain"]],
        "property made": ["from_node", True],
        "members added": made,
        "members": made,
        "lists": sorted([*truth.lists.values(), "From Node"]),
        "list by name": "OR",
        "folder": "From Node",
        "e-mails": 0,
        "owners": True,
        "raw call": "DEVELOPER_TEST",
        "merge": "has an id of its own",
    }
    failures = {
        "property made twice": (409, "OBJECT_ALREADY_EXISTS"),
        "list made twice": (400, "VALIDATION_ERROR"),
        "nobody": (404, "OBJECT_NOT_FOUND"),
        "not allowed": (403, "MISSING_SCOPES"),
    }
    unlike = [f"{name}: {told[name]!r}" for name in expected if _sorted(told[name]) != _sorted(expected[name])]
    for name, (status, category) in failures.items():
        if (told[name].get("failed"), told[name].get("category")) != (status, category):
            unlike.append(f"{name}: {told[name]!r}")
    return unlike


def _sorted(found: object) -> object:
    return sorted(found, key=repr) if isinstance(found, list) else found
