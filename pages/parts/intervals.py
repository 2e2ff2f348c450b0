"""The interval chart: a dot per segment with its 95 % interval, beside everyone's."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st

from hubsync.engagement.metrics import Note, SegmentMetric
from pages.parts.figure import number, percent
from pages.parts.language import _, language
from pages.parts.palette import EVERYONE, Style

#: Height of one segment's row, and of what stands around the rows, in pixels.
ROW, FRAME = 52, 90


@dataclass(frozen=True, kw_only=True)
class Dot:
    """One row of the chart."""

    name: str
    style: Style
    figure: SegmentMetric


def intervals(dots: Sequence[Dot], everyone: SegmentMetric, title: str) -> None:
    """Draw the dots that have a rate, in the order given, first on top; few people's are faint."""
    shown = [dot for dot in dots if dot.figure.rate is not None]
    figure = go.Figure()
    for dot in shown:
        row = dot.figure
        assert row.rate is not None
        assert row.low is not None
        assert row.high is not None
        name = html.escape(dot.name)
        figure.add_trace(
            go.Scatter(
                x=[row.rate],
                y=[name],
                mode="markers",
                marker={"color": dot.style.colour, "symbol": dot.style.marker, "size": 12},
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "array": [row.high - row.rate],
                    "arrayminus": [row.rate - row.low],
                    "color": dot.style.colour,
                    "thickness": 2.5,
                    "width": 6,
                },
                opacity=0.45 if row.note is Note.FEW else 1,
                hovertemplate=f"<b>{name}</b><br>{words(row)}<extra></extra>",
                showlegend=False,
            )
        )
    if everyone.rate is not None:
        figure.add_vline(
            x=everyone.rate,
            line={"color": EVERYONE.colour, "dash": EVERYONE.dash, "width": 2},
            annotation={"text": _("everyone"), "font": {"color": EVERYONE.colour}, "yanchor": "bottom"},
            annotation_position="top",
        )
    figure.update_layout(
        height=FRAME + ROW * max(len(shown), 1),
        margin={"l": 0, "r": 16, "t": 28, "b": 8},
        separators=",." if language() == "pt" else ".,",
        xaxis={"tickformat": ".0%" if _spread(shown) > 0.05 else ".1%", "rangemode": "tozero", "title": title},
        yaxis={"autorange": "reversed", "automargin": True, "type": "category"},
    )
    st.plotly_chart(
        figure, config={"displayModeBar": False}, alt=_alternative(shown, everyone, title), key="interval chart"
    )


def words(row: SegmentMetric) -> str:
    """Return "12.3 % (10.1 % to 14.9 %), n = 1,240"; without a rate only the n."""
    n = f"n = {number(row.denominator)}"
    if row.rate is None:
        return n
    between = _("{low} to {high}").format(low=percent(row.low), high=percent(row.high))
    return f"{percent(row.rate)} ({between}), {n}"


def _alternative(dots: Sequence[Dot], everyone: SegmentMetric, title: str) -> str:
    parts = [f"{dot.name}: {words(dot.figure)}" for dot in dots]
    return f"{title}. " + "; ".join([*parts, f"{_('everyone')}: {words(everyone)}"])


def _spread(dots: Sequence[Dot]) -> float:
    return max((dot.figure.high or 0 for dot in dots), default=0)
