"""Choices in the address, by their keys and not by what the screen calls them, so that a link works in any language.

(Streamlit's own binding writes the label that is shown.)
"""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st


def follow(name: str, allowed: Collection[str], *, sticky: bool = False) -> None:
    """Before the widget with key `name` is drawn: take over a choice that the address newly holds.

    Where the address has lost it, so that a link in the menu or "back" leads to the page without it, the choice is
    dropped, unless it is `sticky`.
    """
    given, told = st.query_params.get(name, ""), st.session_state.get(_told(name), "")
    if given == told and name in st.session_state:
        return
    if given in allowed:
        st.session_state[name] = given
    elif not given and not sticky:
        st.session_state.pop(name, None)
    st.session_state[_told(name)] = given


def tell(name: str, value: str | None, *, default: str = "") -> None:
    """After the widget was drawn: keep its choice in the address; the default needs no mention."""
    text = "" if value is None or value == default else str(value)
    if text:
        if st.query_params.get(name) != text:
            st.query_params[name] = text
    else:
        st.query_params.pop(name, None)
    st.session_state[_told(name)] = text


def _told(name: str) -> str:
    return f"_{name} in the address"
