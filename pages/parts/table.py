"""A table: rows with named columns, an alternative text, and "–" for what is not known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.parts.figure import MISSING

#: Of a share between 0 and 1: one digit of its percent.
DIGITS = 3


def table(
    rows: Sequence[Mapping[str, object]],
    columns: Mapping[str, Any],
    *,
    alt: str,
    key: str | None = None,
    height: int | None = None,
) -> None:
    """Draw rows; `columns` gives, in order, each column's title or Streamlit column config."""
    frame = pd.DataFrame([{name: row.get(name) for name in columns} for row in rows], columns=list(columns))
    for name in shares(columns):
        frame[name] = frame[name].astype("Float64").round(DIGITS)
    st.dataframe(
        frame,
        hide_index=True,
        column_config=dict(columns),
        placeholder=MISSING,
        alt=alt,
        key=key,
        height=height or "auto",
    )


def shares(columns: Mapping[str, Any]) -> list[str]:
    """Return the columns made by `share`."""
    made = {name: config for name, config in columns.items() if isinstance(config, dict)}
    return [name for name, config in made.items() if (config.get("type_config") or {}).get("format") == "percent"]


def count(title: str, help: str | None = None, *, width: int | None = None) -> Any:  # noqa: A002, ANN401 - Streamlit's own
    """Return a column of whole numbers, as the reader's browser writes them; `width` is in pixels."""
    return st.column_config.NumberColumn(title, format="localized", help=help, width=width)


def share(title: str, help: str | None = None) -> Any:  # noqa: A002, ANN401
    """Return a column of shares between 0 and 1, shown as percent."""
    return st.column_config.NumberColumn(title, format="percent", help=help)


def moment(title: str, help: str | None = None) -> Any:  # noqa: A002, ANN401
    """Return a column of times as "5 minutes ago"."""
    return st.column_config.DatetimeColumn(title, format="distance", help=help)


def opener(title: str, key: str, on_click: Callable[[], None]) -> Any:  # noqa: ANN401
    """Return a column whose cells are links; `st.session_state[key].row` is the row clicked, inside `on_click`."""
    return st.column_config.ButtonColumn(
        title, key=key, on_click=on_click, type="tertiary", alignment="left", pinned=True
    )
