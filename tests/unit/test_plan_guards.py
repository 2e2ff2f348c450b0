from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from hubsync.core.guard import CREATED, Figures, guards

CALM = Figures(
    customers=5000,
    members=1000,
    members_before=1000,
    ours=1000,
    leaving=10,
    creating=0,
    mirror_age=dt.timedelta(minutes=5),
)


def test_an_ordinary_sync_is_not_held_up() -> None:
    assert guards(CALM) == []
    assert guards(replace(CALM, members_before=None)) == []


@pytest.mark.parametrize(
    ("change", "code", "override"),
    [
        ({"members": 0, "leaving": 1000}, "empty_source", ""),
        ({"customers": 0, "members": 0, "leaving": 1}, "empty_source", ""),
        ({"members": 1301}, "size_change", "1301"),
        ({"members": 699}, "size_change", "699"),
        ({"leaving": 201}, "large_removal", "201"),
        ({"creating": CREATED + 1}, "many_creates", str(CREATED + 1)),
        ({"mirror_age": dt.timedelta(hours=25)}, "old_mirror", "25"),
    ],
)
def test_each_guard_stands_with_its_figure(change: dict[str, object], code: str, override: str) -> None:
    (guard,) = guards(replace(CALM, **change))  # type: ignore[arg-type]
    assert (guard.code, guard.override) == (code, override)
    assert guard.message
    assert guard.hint


@pytest.mark.parametrize(
    "change",
    [
        {"members": 1300},
        {"members": 700},
        {"members": 149, "members_before": 100},  # few people, however large the share
        {"leaving": 200},
        {"creating": CREATED},
        {"mirror_age": dt.timedelta(days=1)},
    ],
)
def test_a_guard_lets_its_limit_itself_pass(change: dict[str, object]) -> None:
    assert guards(replace(CALM, **change)) == []  # type: ignore[arg-type]
