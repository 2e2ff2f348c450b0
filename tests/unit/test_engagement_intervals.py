from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubsync.engagement.intervals import newcombe, wilson


@pytest.mark.parametrize(
    ("successes", "of", "low", "high"),
    [
        (2, 10, 0.06, 0.51),
        (12, 50, 0.14, 0.37),
        (250, 1000, 0.22, 0.28),
        # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_a_rate_has_the_published_wilson_interval(successes: int, of: int, low: float, high: float) -> None:
    found = wilson(successes, of)
    digits = 2 if low in {0.06, 0.14, 0.22} else 4
    assert (round(found.low, digits), round(found.high, digits)) == (low, high)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0),
    ],
)
def test_a_difference_has_the_published_newcombe_interval(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    found = newcombe(*one, *other)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(of=st.integers(1, 10_000), data=st.data())
def test_the_interval_holds_the_rate_and_stays_between_none_and_all(of: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, of))
    found = wilson(successes, of)
    assert 0 <= found.low <= successes / of + 1e-12
    assert successes / of - 1e-12 <= found.high <= 1


@pytest.mark.parametrize(("successes", "of"), [(0, 0), (5, 4), (-1, 4)])
def test_what_is_no_rate_is_refused(successes: int, of: int) -> None:
    with pytest.raises(ValueError, match="no rate"):
        wilson(successes, of)
