"""How sure a rate is: Wilson's interval for one, Newcombe's for the difference of two."""

from __future__ import annotations

from dataclasses import dataclass

#: Share of the intervals that hold the true value.
CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Both ends as shares: 0 to 1 for a rate, −1 to 1 for a difference."""

    low: float
    high: float


def wilson(successes: int, of: int) -> Interval:
    """Return Wilson's score interval for `successes` in `of` (Wilson 1927; statsmodels computes it).

    ValueError where there is nothing to take a rate of, or the counts contradict each other.
    """
    _check(successes, of)
    from statsmodels.stats.proportion import proportion_confint  # noqa: PLC0415 - brings scipy and pandas along

    low, high = proportion_confint(successes, of, alpha=1 - CONFIDENCE, method="wilson")
    return Interval(low=max(0.0, float(low)), high=min(1.0, float(high)))


def newcombe(successes: int, of: int, other_successes: int, other_of: int) -> Interval:
    """Return the interval of the first rate minus the other (Newcombe 1998, method 10, from two Wilson intervals)."""
    _check(successes, of)
    _check(other_successes, other_of)
    from statsmodels.stats.proportion import confint_proportions_2indep  # noqa: PLC0415

    low, high = confint_proportions_2indep(
        successes, of, other_successes, other_of, method="newcomb", compare="diff", alpha=1 - CONFIDENCE
    )
    return Interval(low=float(low), high=float(high))


def _check(successes: int, of: int) -> None:
    if of <= 0 or not 0 <= successes <= of:
        raise ValueError(f"{successes} of {of} is no rate")
