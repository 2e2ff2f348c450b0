"""A segment's rule in words, as nested points."""

from __future__ import annotations

import streamlit as st

from hubsync.core.figure import is_number
from hubsync.core.figure import plain as known
from hubsync.core.label import label, one_of
from hubsync.core.measure import Measure, Rank, Sequence
from hubsync.core.segment import All, Any_, Condition, Not, Rule, Segment
from pages.parts.figure import percent
from pages.parts.language import _, language
from pages.parts.markdown import plain


def draw(segment: Segment) -> None:
    """Draw the rule, or the SQL of a segment that is written in it."""
    if segment.rule is None:
        st.code(segment.sql or "", language="sql")
        return
    st.markdown("\n".join(lines(segment.rule, 0)))


def lines(rule: Rule, depth: int) -> list[str]:
    """Return a rule's points as Markdown lines."""
    indent = "    " * depth + "- "
    match rule:
        case All(all=parts):
            return [f"{indent}{_('all of these:')}", *(line for part in parts for line in lines(part, depth + 1))]
        case Any_(any=parts):
            return [
                f"{indent}{_('at least one of these:')}",
                *(line for part in parts for line in lines(part, depth + 1)),
            ]
        case Not(not_=part):
            return [f"{indent}{_('not this:')}", *lines(part, depth + 1)]
        case Condition():
            return [f"{indent}{plain(words(rule))}"]
    raise TypeError(f"{rule!r} is not a rule")


def words(condition: Condition) -> str:
    """Return a condition in words: "3 or more orders in 90 days", "in the top 20% by spend", "city: is one of A, B"."""
    feature, name = condition.feature, label(condition, language())
    compares = {
        "=": _("is {value}"),
        "!=": _("is not {value}"),
        ">": _("over {value}"),
        ">=": _("{value} or more"),
        "<": _("under {value}"),
        "<=": _("{value} or less"),
        "in": _("is one of {value}"),
        "not in": _("is none of {value}"),
        "is known": _("is known"),
        "is unknown": _("is unknown"),
    }
    if isinstance(feature, Rank) and condition.op in ORDERED and is_number(condition.value):
        assert isinstance(condition.value, int | float)
        top = condition.op.startswith(">")
        end = _("in the top {value}") if top else _("in the lowest {value}")
        return f"{end.format(value=share(1 - condition.value if top else condition.value))} {name}"
    told = compares[condition.op].format(value=_value(condition))
    counted = isinstance(feature, Measure) and feature.agg not in IN_UNITS
    if condition.op in ORDERED and (counted or isinstance(feature, Sequence)):
        return f"{told} {name}"
    return f"{name}: {told}"


#: Comparisons that read before what they compare, and aggregates in the unit of what they are taken over.
ORDERED = {">", ">=", "<", "<="}
IN_UNITS = {"sum", "avg", "min", "max"}


def share(value: float) -> str:
    """Return a share as percent, with a digit only where it has one."""
    whole = abs(value * 100 - round(value * 100)) < 0.01
    return percent(value, 0 if whole else 1)


def _value(condition: Condition) -> str:
    value = condition.value
    if isinstance(value, tuple):
        return one_of(value, language())
    if isinstance(condition.feature, Measure) and condition.feature.agg == "share" and is_number(value):
        assert isinstance(value, int | float)
        return share(value)
    return known(value, language())
