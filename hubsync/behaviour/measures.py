"""Features as expressions: what a measure, an attribute, a rank and a sequence mean to the engine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from hubsync.behaviour.comparison import field, kind, matches, moment
from hubsync.core.errors import BadInput
from hubsync.core.measure import Attribute, Measure, Rank, Sequence, column

if TYPE_CHECKING:
    from ibis.expr import types as ir

AnyFeature = Measure | Attribute | Rank | Sequence
_DAY = 86_400


def feature_table(
    customers: ir.Table, events: ir.Table, features: Iterable[AnyFeature], as_of: dt.datetime
) -> ir.Table:
    """Return one row per customer: `customer_id`, `email`, and a column per feature, all as of a time.

    All measures, those that are ranked included, come out of one grouping of the events. Raises BadInput for a feature
    over a field that is not there or not of a kind it can be taken over.
    """
    wanted = by_column(features)
    measures = {
        column(measure): measure
        for feature in wanted.values()
        if isinstance(measure := feature.of if isinstance(feature, Rank) else feature, Measure)
    }
    past = events.filter(events.occurred_at <= moment(as_of))
    people = customers.select(
        "customer_id",
        "email",
        **{name: _attribute(customers, one) for name, one in wanted.items() if isinstance(one, Attribute)},
    )
    if measures:
        sums = past.group_by("customer_id").aggregate(
            **{name: _aggregate(past, measure, as_of) for name, measure in measures.items()}
        )
        people = people.left_join(sums, "customer_id").drop("customer_id_right")
        people = people.mutate(
            **{name: people[name].fill_null(0) for name, measure in measures.items() if _is_zero_for_nothing(measure)}
        )
    for name, one in wanted.items():
        if isinstance(one, Sequence):
            people = people.left_join(_sequence(past, one, name, as_of), "customer_id").drop("customer_id_right")
            people = people.mutate(**{name: people[name].fill_null(0)})
    ranks = {name: _rank(people, column(one.of)) for name, one in wanted.items() if isinstance(one, Rank)}
    return people.mutate(**ranks).select("customer_id", "email", *wanted).order_by("customer_id")


def by_column(
    features: Iterable[AnyFeature],
) -> dict[str, AnyFeature]:
    """Return the distinct features by column name, sorted by it."""
    named: dict[str, AnyFeature] = {}
    for feature in features:
        if named.setdefault(column(feature), feature) != feature:
            raise BadInput(
                f"Two different measures are both called '{column(feature)}'.",
                "Nothing was computed.",
                "Change one of them a little, for instance the order of its filters.",
            )
    return dict(sorted(named.items()))


def _aggregate(events: ir.Table, measure: Measure, as_of: dt.datetime) -> ir.Value:
    """Return the measure as an aggregate with a filter, so that many fit into one grouping."""
    kept = matches(events, (*measure.where, *measure.among))
    whole = matches(events, measure.among)
    if measure.within_days:
        recent = events.occurred_at > moment(as_of - dt.timedelta(days=measure.within_days))
        kept, whole = kept & recent, whole & recent
    if measure.agg == "share":
        return _share(events, measure, kept, whole)
    value = field(events, measure.of) if measure.of else None
    if measure.agg in {"days_since_last", "days_since_first"}:
        if value is not None:
            kept = kept & value.notnull()
        time = events.occurred_at
        found = time.max(where=kept) if measure.agg == "days_since_last" else time.min(where=kept)
        return ((moment(as_of).epoch_seconds() - found.epoch_seconds()) / _DAY).floor().cast("int64")
    if value is None:
        return events.count(where=kept)
    return _AGGREGATE[measure.agg](value, measure, kept)


_AGGREGATE: Mapping[str, Callable[[Any, Measure, Any], Any]] = {
    "count": lambda value, _, kept: value.count(where=kept),
    # Three times quicker in DuckDB than its count(distinct), whose sets are kept per customer and filter.
    "distinct": lambda value, _, kept: value.collect(where=kept & value.notnull()).unique().length(),
    "sum": lambda value, measure, kept: _exact(value, measure).sum(where=kept).cast("float64"),
    "avg": lambda value, measure, kept: _exact(value, measure).mean(where=kept).cast("float64"),
    "min": lambda value, _, kept: _plain(value.min(where=kept)),
    "max": lambda value, _, kept: _plain(value.max(where=kept)),
}


def _share(events: ir.Table, measure: Measure, kept: ir.Value, whole: ir.Value) -> ir.Value:
    value = _exact(field(events, measure.of), measure) if measure.of else None
    part, total = (
        (events.count(where=some) if value is None else value.sum(where=some)).cast("float64") for some in (kept, whole)
    )
    # More given back than bought leaves nothing to have a share of.
    return (total > 0).ifelse(part.fill_null(0) / total.nullif(0), None)


def _sequence(past: ir.Table, sequence: Sequence, name: str, as_of: dt.datetime) -> ir.Table:
    """Return `customer_id` and how often it happened, for those to whom `first` ever did.

    Each `first` finds the next `then` in one ordered pass over both (an as-of join): comparing each with each would
    grow with their product.
    """
    import ibis  # noqa: PLC0415

    first = past.filter(matches(past, sequence.first)).select("customer_id", "occurred_at")
    then = past.filter(matches(past, sequence.then)).select(then_of="customer_id", then_at="occurred_at")
    next_ = first.asof_join(then, on=first.occurred_at < then.then_at, predicates=first.customer_id == then.then_of)
    end = next_.occurred_at + ibis.interval(days=sequence.within_days)
    came = (next_.then_at <= end).fill_null(False)
    counts = came if sequence.followed else ~came & (end <= moment(as_of))
    return next_.group_by("customer_id").aggregate(**{name: next_.count(where=counts)})


def _rank(people: ir.Table, of: str) -> ir.Value:
    """Return the place among the customers whose value is known, 0 lowest to 1 highest, in steps of equal size."""
    import ibis  # noqa: PLC0415

    value = people[of]
    place = ibis.row_number().over(group_by=value.isnull(), order_by=[value, people.customer_id])
    others = value.count().over(ibis.window()) - 1
    return value.notnull().ifelse((others > 0).ifelse(place / others.nullif(0), 1.0), None)


def _attribute(customers: ir.Table, attribute: Attribute) -> ir.Value:
    return _plain(field(customers, attribute.field, "Customers"))


def _exact(value: ir.Value, measure: Measure) -> ir.Value:
    """Return the field as an exact number: sums of floats depend on the order of rows, and so would the members."""
    type_ = value.type()
    if type_.is_floating():
        return value.cast("decimal(28, 6)")
    if type_.is_boolean():
        return value.cast("int8")
    if type_.is_numeric():
        return value
    raise BadInput(
        f"'{measure.agg}' needs numbers, and '{measure.of}' is {kind(value)}.",
        "Nothing was computed.",
        "Take it over a field of numbers, or count distinct values instead.",
    )


def _plain(value: ir.Value) -> ir.Value:
    """Return a decimal as a float: what features are compared, sent and shown as."""
    return value.cast("float64") if value.type().is_decimal() else value


def _is_zero_for_nothing(measure: Measure) -> bool:
    return measure.agg in {"count", "sum", "distinct"}
