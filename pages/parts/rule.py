"""A segment's rule in words, as nested points."""

from __future__ import annotations

import streamlit as st

from hubsync.core.measure import column
from hubsync.core.segment import All, Any_, Condition, Not, Rule, Segment
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
    label = condition.label.get(language()) or column(condition.feature).replace("_", " ")
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
    value = condition.value
    shown = ", ".join(str(one) for one in value) if isinstance(value, tuple) else str(value)
    return f"{label}: {compares[condition.op].format(value=shown)}"
