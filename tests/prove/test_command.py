from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from hubsync.cli.prove import lines
from tests.prove import trust


def prove(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hubsync", "prove", "--json", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_proof_is_carried_out_and_told_with_its_seed() -> None:
    ended = prove("--only", "frozen-owner", "--seed", "5")
    assert ended.returncode == 0, ended.stderr
    document = json.loads(ended.stdout)
    (proof,) = document["proofs"]
    assert (document["ok"], proof["ok"], proof["faults"], proof["seeds"]) == (True, True, [], [5])
    assert proof["figures"]["owners frozen, taken over and thawed"] == 2
    assert "✓ frozen-owner" in lines(document)[0]


def test_a_proof_that_is_not_there_is_wrong_use() -> None:
    ended = prove("--only", "nothing")
    assert ended.returncode == 2
    assert "no such proof" in json.loads(ended.stdout)["error"]["title"]


def test_a_fault_is_told_to_people_and_in_the_table() -> None:
    proof = {"name": "kills", "claim": "Nothing is lost.", "figures": {"kills": 1234, "points": {"commit": 2}}}
    found = {**proof, "ok": False, "faults": ["customer 7 | was\nlost"], "seeds": [1, 2], "seconds": 3.0}
    document = {"ok": False, "full": True, "seconds": 3.0, "proofs": [found]}
    assert "    ✗ customer 7 | was\nlost" in lines(document)
    row = trust.table(document, "2026-01-01", "abc")[-1]
    assert row.startswith("| kills: Nothing is lost. | **no** | kills: **1,234**; points: **commit 2**")
    assert row.endswith("✗ customer 7 / was lost | 1, 2 |")


def test_the_page_has_a_place_for_its_figures(tmp_path: Path) -> None:
    text = trust.FILE.read_text(encoding="utf-8")
    assert text.count(trust._BEGIN) == text.count(trust._END) == 1
