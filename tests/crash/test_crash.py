from __future__ import annotations

import pytest

from tests.prove.crowd import crowd
from tests.prove.kills import rig
from tests.prove.matrix import cells
from tests.prove.model import business

#: The other planted bugs are `python -m hubsync prove --full`'s.
FEW = ["acknowledge-before-send", "old-for-new"]


def test_workers_killed_at_any_point_lose_nothing_and_double_nothing() -> None:
    told = rig(kills=30, rounds=3, seed=1)
    assert told["fault"] == ""
    assert told["kills"] >= 30
    assert told["spoilt"] > 0
    assert {"commit", "begin immediate"} & told["points"].keys()


def test_commits_cut_halfway_lose_nothing_and_double_nothing() -> None:
    told = rig(kills=10, seed=1, cut=True)
    assert told["fault"] == ""
    assert told["points"].keys() == {"truncated", "torn"}


@pytest.mark.parametrize("bug", FEW)
def test_the_rig_catches_a_planted_bug(bug: str) -> None:
    assert rig(kills=20, rounds=10, seed=3, bug=bug)["fault"]


@pytest.mark.parametrize("kind", ["exporters", "frozen"])
def test_several_at_one_portal_write_once(kind: str) -> None:
    told = crowd(kind, times=1, seed=1)
    assert told["fault"] == ""
    assert told["times"] == 1


@pytest.mark.parametrize(("fault", "phase"), [("lost", "write"), ("disk-full", "membership"), ("429-daily", "undo")])
def test_a_fault_in_a_phase_is_told_and_outlived(fault: str, phase: str) -> None:
    rows = cells("--only", fault, "--phase", phase)
    assert rows
    assert [row["wrong"] for row in rows] == [""] * len(rows)
    assert all(row["happened"] for row in rows)


def test_after_a_quiet_sync_the_portal_equals_the_model() -> None:
    told = business(syncs=3, seed=1)
    assert told["fault"] == ""
    assert told["counts"]["syncs"] >= 3
