"""A measure: one number per customer out of events, described as data."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Value = str | float | int | bool
Aggregate = Literal["count", "sum", "avg", "min", "max", "distinct", "share", "days_since_last", "days_since_first"]
Comparison = Literal["=", "!=", ">", ">=", "<", "<=", "in", "not in", "is known", "is unknown"]

#: Aggregates that add nothing up and therefore need no field.
FIELDLESS = frozenset({"count", "days_since_last", "days_since_first"})


class Model(BaseModel):
    """Frozen, and strict about names: an unknown key is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Where(Model):
    """One filter on an event's field; a measure's filters are joined by "and"."""

    field: str
    op: Comparison = "="
    value: Value | tuple[Value, ...] | None = None

    @model_validator(mode="after")
    def _value_fits(self) -> Self:
        check_value(self.op, self.value)
        return self


class Measure(Model):
    """One number per customer.

    `of` is the event field aggregated ("amount", "order_id"); `share` gives, of the sum of `of` (or of the count
    of events where `of` is left out), the part whose events match `where`, between 0 and 1.
    `within_days` keeps only events in the days before the as-of time. Averages, extremes and shares of nothing
    are unknown (null), counts and sums of nothing are 0.
    """

    kind: Literal["measure"] = "measure"
    agg: Aggregate
    of: str | None = None
    where: tuple[Where, ...] = ()
    within_days: Annotated[int, Field(gt=0, le=36_500)] | None = None

    @model_validator(mode="after")
    def _has_what_it_aggregates(self) -> Self:
        if self.of is None and self.agg not in FIELDLESS | {"share"}:
            raise ValueError(f"'{self.agg}' needs 'of': the event field it is taken over")
        if self.agg == "share" and not self.where:
            raise ValueError("'share' needs 'where': which part of the whole it is")
        return self


class Attribute(Model):
    """A column of the customer's own row."""

    kind: Literal["attribute"]
    field: str


class Rank(Model):
    """Where the customer stands among all customers on a measure: 0 lowest to 1 highest.

    Ties are ordered by customer id, so that the same rows give the same members in any order of loading.
    """

    kind: Literal["rank"]
    of: Measure


class Sequence(Model):
    """How often an event matching `first` is (not) followed by one matching `then` within so many days."""

    kind: Literal["sequence"]
    first: tuple[Where, ...]
    then: tuple[Where, ...]
    within_days: Annotated[int, Field(gt=0, le=36_500)]
    followed: bool = False


Feature = Annotated[Measure | Attribute | Rank | Sequence, Field(discriminator="kind")]


def check_value(op: str, value: object) -> None:
    """Raise ValueError unless `value` is of the form that `op` compares with."""
    if op in {"is known", "is unknown"}:
        if value is not None:
            raise ValueError(f"'{op}' takes no value")
    elif op in {"in", "not in"}:
        if not isinstance(value, tuple) or not value:
            raise ValueError(f"'{op}' needs a list of at least one value")
    elif value is None or isinstance(value, tuple):
        raise ValueError(f"'{op}' needs exactly one value")


def column(feature: Measure | Attribute | Rank | Sequence) -> str:
    """Return the feature table's column name: readable, and different for features that differ."""
    if isinstance(feature, Attribute):
        return f"attr_{_slug(feature.field)}"
    if isinstance(feature, Rank):
        return f"rank_{column(feature.of)}"
    if isinstance(feature, Sequence):
        first, then = (
            _slug("_".join(f"{w.field}{w.op}{w.value}" for w in part)) for part in (feature.first, feature.then)
        )
        return f"{first}_{'then' if feature.followed else 'without'}_{then}_{feature.within_days}d"
    parts: list[str] = [feature.agg]
    if feature.of:
        parts.append(feature.of)
    if feature.where:
        parts.append(_words(feature.where))
    if feature.within_days:
        parts.append(f"{feature.within_days}d")
    return _slug(" ".join(parts))


_WORDS = {"=": "", "!=": "not", ">": "over", ">=": "from", "<": "under", "<=": "to"}


def _words(filters: tuple[Where, ...]) -> str:
    return " ".join(f"{w.field} {_WORDS.get(w.op, w.op)} {'' if w.value is None else w.value}" for w in filters)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
