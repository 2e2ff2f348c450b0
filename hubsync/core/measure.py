"""A measure: one number per customer out of events, described as data."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

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
    of events where `of` is left out), the part whose events match `where`, between 0 and 1. What it is a part of are
    all events, or those matching `among`.
    `within_days` keeps only events in the days before the as-of time; nothing after that time ever counts.
    Days since are whole days of 24 hours. Averages, extremes, days since and shares of nothing are unknown (null),
    counts and sums of nothing are 0.
    """

    kind: Literal["measure"] = "measure"
    agg: Aggregate
    of: str | None = None
    where: tuple[Where, ...] = ()
    among: tuple[Where, ...] = ()
    within_days: Annotated[int, Field(gt=0, le=36_500)] | None = None

    @model_validator(mode="after")
    def _has_what_it_aggregates(self) -> Self:
        if self.of is None and self.agg not in FIELDLESS | {"share"}:
            raise ValueError(f"'{self.agg}' needs 'of': the event field it is taken over")
        if self.agg == "share" and not self.where:
            raise ValueError("'share' needs 'where': which part of the whole it is")
        if self.among and self.agg != "share":
            raise ValueError("'among' is the whole of a 'share'; filter other aggregates with 'where'")
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
    """How often an event matching `first` is (not) followed by one matching `then` within so many days.

    Only later moments follow: an event at the same instant does not. Where `followed` is false, a `first` event counts
    once its days are over, because until then the other may still come.
    """

    kind: Literal["sequence"]
    first: tuple[Where, ...]
    then: tuple[Where, ...]
    within_days: Annotated[int, Field(gt=0, le=36_500)]
    followed: bool = False


def _kind(data: Any) -> str:  # noqa: ANN401 - raw input or a model
    kind = data.get("kind", "measure") if isinstance(data, dict) else getattr(data, "kind", "")
    return str(kind)


#: What a condition compares; in raw input `kind` may be left out for a measure.
Feature = Annotated[
    Annotated[Measure, Tag("measure")]
    | Annotated[Attribute, Tag("attribute")]
    | Annotated[Rank, Tag("rank")]
    | Annotated[Sequence, Tag("sequence")],
    Discriminator(
        _kind,
        custom_error_type="unknown_kind",
        custom_error_message="'kind' is one of measure, attribute, rank, sequence",
    ),
]


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
    """Return the feature table's column name: readable, at most 60 characters, different for features that differ.

    A feature with filters, or with field names that are not plain words, ends in six digits of a hash, because no
    readable name tells all of them apart.
    """
    match feature:
        case Attribute(field=field):
            name, plain = f"attr {field}", _is_plain(field)
        case Rank(of=measure):
            return f"rank_{column(measure)}"
        case Sequence(first=first, then=then, within_days=days, followed=followed):
            name = f"{_words(first)} {'then' if followed else 'without'} {_words(then)} {days}d"
            plain = False
        case Measure(agg=agg, of=of, where=where, among=among, within_days=days):
            name = " ".join([agg, of or "", _words(where), f"{days}d" if days else ""])
            plain = not where and not among and (of is None or _is_plain(of))
    slug = _slug(name)
    if plain and len(slug) <= _LONGEST:
        return slug
    digest = hashlib.sha256(feature.model_dump_json(exclude_defaults=True).encode()).hexdigest()
    return f"{slug[:_LONGEST].rstrip('_')}_{digest[:6]}"


_LONGEST = 48
_WORDS = {"=": "", "!=": "not", ">": "over", ">=": "from", "<": "under", "<=": "to"}


def _words(filters: tuple[Where, ...]) -> str:
    """Return the values filtered by; the field only where the comparison says little without it."""
    return " ".join(
        f"{'' if w.op in {'=', 'in'} else w.field} {_WORDS.get(w.op, w.op)} "
        + (" ".join(map(str, w.value)) if isinstance(w.value, tuple) else "" if w.value is None else str(w.value))
        for w in filters
    )


def _is_plain(name: str) -> bool:
    return re.fullmatch(r"[a-z]+(_[a-z]+)*", name) is not None


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
