"""A segment's rule in words, as nested points."""

from __future__ import annotations

import streamlit as st

from hubsync.core.figure import is_number
from hubsync.core.figure import plain as known
from hubsync.core.label import label, one_of
from hubsync.core.measure import Measure, Rank
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
    """Return a condition in words: what is measured, how it compares, with what."""
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
    return f"{label(condition, language())}: {compares[condition.op].format(value=_value(condition))}"


def _value(condition: Condition) -> str:
    value = condition.value
    if isinstance(value, tuple):
        return one_of(value, language())
    share = isinstance(condition.feature, Rank) or (
        isinstance(condition.feature, Measure) and condition.feature.agg == "share"
    )
    if share and is_number(value):
        assert isinstance(value, int | float)
        return percent(value, 0 if round(value * 100) == value * 100 else 1)
    return known(value, language())
