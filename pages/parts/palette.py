"""How a segment is drawn: one colour, dash and marker, the same on every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hubsync.store.segment import Version


@dataclass(frozen=True, kw_only=True)
class Style:
    """Colour is never the only difference: dash and marker tell the segments apart too."""

    name: str
    colour: str
    dash: str
    marker: str


#: At least 3:1 on white and on the dark background, and apart for the colour-blind.
STYLES = (
    Style(name="blue", colour="#0072B2", dash="solid", marker="circle"),
    Style(name="orange", colour="#D55E00", dash="dash", marker="square"),
    Style(name="green", colour="#009E73", dash="dot", marker="diamond"),
    Style(name="pink", colour="#CC79A7", dash="dashdot", marker="triangle-up"),
    Style(name="brown", colour="#9C6B30", dash="longdash", marker="cross"),
    Style(name="violet", colour="#8A6FD1", dash="longdashdot", marker="star"),
    Style(name="grey", colour="#7A8691", dash="solid", marker="hexagon"),
)
#: Everyone, whom segments are compared with.
EVERYONE = Style(name="everyone", colour="#7A8691", dash="dot", marker="x")
#: In a funnel: those who come through, and the others.
REACHED, OTHER = "#009E73", "#7A8691"
_BY_NAME = {style.name: style for style in STYLES}


def styles(segments: Sequence[Version]) -> dict[str, Style]:
    """Return each segment's style by key: the one it names, else the next in screen order."""
    return {
        version.segment.key: _BY_NAME.get(version.segment.colour or "", STYLES[place % len(STYLES)])
        for place, version in enumerate(segments)
    }
