"""Singer's tap-hubspot: discovers the portal, then lands contacts, lists and memberships."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from bench.clients import install
from bench.clients.truth import Truth

STREAMS = ("contacts", "contact_lists", "list_memberships")
#: Its address is a constant, and the only thing set from outside.
_LAUNCH = "import sys, tap_hubspot; tap_hubspot.BASE_URL = sys.argv.pop(1); tap_hubspot.main()"
_PATIENCE = 300

Records = dict[str, list[dict[str, Any]]]


def read(base_url: str, token: str, *, may_install: bool = False) -> Records:
    """Return what the tap lands, by stream; raises install.Absent, and CalledProcessError where it gives up."""
    python = install.python_with(install.TAP, install=may_install)
    with tempfile.TemporaryDirectory() as folder:
        config, catalog = Path(folder) / "config.json", Path(folder) / "catalog.json"
        config.write_text(json.dumps({"api_key": token, "start_date": "2000-01-01T00:00:00Z"}))
        found = json.loads(_tap(python, base_url, "--config", config, "--discover"))
        for stream in found["streams"]:
            for entry in stream["metadata"]:
                entry["metadata"]["selected"] = stream["tap_stream_id"] in STREAMS
        catalog.write_text(json.dumps(found))
        lines = _tap(python, base_url, "--config", config, "--properties", catalog).splitlines()
    messages = [json.loads(line) for line in lines]
    return {
        stream: [one["record"] for one in messages if one["type"] == "RECORD" and one["stream"] == stream]
        for stream in STREAMS
    }


def differences(records: Records, truth: Truth) -> list[str]:
    """Return what the tap landed otherwise than the sandbox holds it, in words."""
    told = []
    contacts = {row["id"]: row for row in records["contacts"]}
    if contacts.keys() != truth.contacts.keys():
        told.append(f"contacts: {len(contacts)} landed, {len(truth.contacts)} held")
    for contact_id in contacts.keys() & truth.contacts.keys():
        for name, value in truth.contacts[contact_id].items():
            landed = contacts[contact_id].get(f"property_{name}")
            if not _same(landed, value):
                told.append(f"contact {contact_id}: {name} is {landed!r}, held is {value!r}")
    lists = {row["listId"]: row["name"] for row in records["contact_lists"]}
    if lists != truth.lists:
        told.append(f"lists: {lists} landed, {truth.lists} held")
    memberships = {(row["listId"], row["recordId"]) for row in records["list_memberships"]}
    if memberships != truth.memberships:
        told.append(f"memberships: {len(memberships)} landed, {len(truth.memberships)} held")
    return told


def _same(landed: object, held: object) -> bool:
    """Compare as the tap types values: numbers as numbers, times in its own spelling."""
    if isinstance(landed, bool):  # it makes false of what is not known
        return str(landed).lower() == (held or "false")
    if landed is None or held in {None, ""}:
        return landed in {None, ""} and held in {None, ""}
    if isinstance(landed, int | float):
        return landed == float(str(held))
    return str(landed).rstrip("Z").rstrip("0").rstrip(".") == str(held).rstrip("Z").rstrip("0").rstrip(".")


def _tap(python: Path, base_url: str, *options: str | Path) -> str:
    command = [str(python), "-c", _LAUNCH, base_url, *map(str, options)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command[:2], done.stdout[-1_000:], done.stderr[-2_000:])
    return done.stdout
