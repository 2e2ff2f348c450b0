"""A tile: one figure, what it counts, and the way to its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import streamlit as st


@contextmanager
def tiles(count: int = 4) -> Iterator[None]:
    """Lay the tiles drawn inside out in equal parts; they wrap where the screen is narrow."""
    with st.grid(count, min_column_width=150):
        yield


def tile(
    label: str,
    value: str,
    *,
    note: str = "",
    trend: Sequence[float] = (),
    help: str | None = None,  # noqa: A002 - Streamlit's own word
    link: str = "",
    page: str = "",
    query: Mapping[str, str] | None = None,
) -> None:
    """Draw a figure with a note under it and, where `page` is given, a link to the rows it counts.

    `trend` is drawn from three points on.
    """
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.metric(label, value, help=help, chart_data=list(trend) if len(trend) > 2 else None, chart_type="area")
        if note:
            st.caption(note)
        if page:
            st.space("stretch")
            st.page_link(
                page, label=link, icon=":material/arrow_forward:", icon_position="right", query_params=dict(query or {})
            )
