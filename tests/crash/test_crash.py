from __future__ import annotations

import pytest

from tests.prove.crowd import crowd
from tests.prove.kills import rig

#: The other planted bugs are `python -m hubsync prove --full`'s.
FEW = ["acknowledge-before-send", "in-flight-is-skipped", "plan-is-not-atomic", "old-for-new"]


def test_workers_killed_at_any_point_lose_nothing_and_double_nothing() -> None:
    told = rig(kills=40, rounds=3, seed=1)
    assert told["fault"] == ""
    assert told["kills"] >= 40
    assert told["spoilt"] > 0
    assert {"commit", "begin immediate"} & told["points"].keys()


def test_commits_cut_halfway_lose_nothing_and_double_nothing() -> None:
    told = rig(kills=15, seed=1, cut=True)
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
