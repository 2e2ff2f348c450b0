from __future__ import annotations

import datetime as dt

import pytest

from hubsync.core.winner import Verdict, Winner, verdict

THEN = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
LATER = THEN + dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("winner", "expected"),
    [(Winner.OURS, Verdict.WRITE), (Winner.HUBSPOT, Verdict.STAYS), (Winner.ASK, Verdict.ASKS)],
)
def test_three_rules_do_not_look_at_times(winner: Winner, expected: Verdict) -> None:
    said = {
        verdict(winner, ours_changed=changed, ours_at=ours, theirs_at=theirs)
        for changed in (True, False)
        for ours, theirs in ((THEN, LATER), (LATER, THEN), (THEN, None))
    }
    assert said == {expected}


@pytest.mark.parametrize(
    ("ours_changed", "ours_at", "theirs_at", "expected"),
    [
        (True, LATER, THEN, Verdict.WRITE),
        (True, THEN, LATER, Verdict.STAYS),
        (True, THEN, THEN, Verdict.STAYS),
        (True, LATER, None, Verdict.STAYS),
        (False, LATER, THEN, Verdict.STAYS),
    ],
)
def test_ours_is_the_newest_only_where_our_data_changed_after_theirs(
    ours_changed: bool,  # noqa: FBT001 - a parameter of the table above
    ours_at: dt.datetime,
    theirs_at: dt.datetime | None,
    expected: Verdict,
) -> None:
    assert verdict(Winner.NEWEST, ours_changed=ours_changed, ours_at=ours_at, theirs_at=theirs_at) is expected
