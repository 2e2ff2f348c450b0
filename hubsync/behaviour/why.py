"""Why people are in a segment or not: the rule, line by line, with what the newest feature table says of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from hubsync.behaviour.engine import literal, open_engine
from hubsync.behaviour.membership import current
from hubsync.core.errors import BadInput, NotFound
from hubsync.core.rule import Known
from hubsync.core.segment import Language, Rule, Segment, conditions
from hubsync.core.why import Change, Reason, explain, sentence
from hubsync.store.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping


def why(
    workspace: Workspace, segment: Segment, customer_ids: Sequence[str], language: Language = "en"
) -> dict[str, list[Reason]]:
    """Return the lines of the rule by customer id, for members and others alike.

    People who are not in the newest feature table are left out. Raises NotFound where there is no such table, or it was
    made before the segment had its present rule; BadInput for a segment by SQL.
    """
    rule = _rule(segment)
    return {who: explain(rule, values, language) for who, values in _values(workspace, segment, rule, customer_ids)}


def sentences(
    workspace: Workspace,
    segment: Segment,
    customer_ids: Sequence[str],
    language: Language = "en",
    change: Change | None = None,
) -> dict[str, str]:
    """Return by customer id what decided, as one sentence; errors and people left out as for `why`."""
    rule = _rule(segment)
    return {
        who: sentence(segment, rule, values, language, change)
        for who, values in _values(workspace, segment, rule, customer_ids)
    }


def _rule(segment: Segment) -> Rule:
    if segment.rule is None:
        raise BadInput(
            f"'{segment.title()}' is a segment by SQL.", "It has no rule to explain.", "Read its SQL instead."
        )
    return segment.rule


def _values(
    workspace: Workspace, segment: Segment, rule: Rule, customer_ids: Sequence[str]
) -> Iterator[tuple[str, Mapping[str, Known]]]:
    """Yield customer id and values by column, of those who are in the feature table, all read at once."""
    import pyarrow as pa  # noqa: PLC0415

    snapshot = current(workspace)
    columns = list(dict.fromkeys(one.column for one in conditions(rule)))
    if missing := [name for name in columns if name not in snapshot.meta["features"]]:
        raise NotFound(
            f"The newest feature table does not have what '{segment.title()}' asks for.",
            f"It lacks {', '.join(missing)}: the segment is newer.",
            "Refresh the features: python -m hubsync features refresh",
        )
    with open_engine() as engine:
        engine.register("asked", pa.table({"customer_id": pa.array(customer_ids, pa.string())}))
        # The names come from `column`, which makes them of letters, digits and underscores.
        found = engine.query(
            f"select {', '.join(['customer_id', *columns])} "  # noqa: S608
            f"from read_parquet({literal(str(snapshot.file('features.parquet')))}) semi join asked using (customer_id)"
        )
    names = found.column_names
    for who, *values in zip(*(found[name].to_pylist() for name in names), strict=True):
        yield who, dict(zip(names[1:], values, strict=True))
