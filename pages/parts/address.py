"""Choices in the address, by their keys and not by what the screen calls them, so that a link works in any language.

(Streamlit's own binding writes the label that is shown.)
"""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st


def follow(name: str, allowed: Collection[str], *, key: str = "", sticky: bool = False) -> None:
    """Before the widget with this key (`name` unless given) is drawn: take over a choice the address newly holds.

    Where the address has lost it, so that a link in the menu or "back" leads to the page without it, the choice is
    dropped, unless it is `sticky`. Two pages that share a name need keys of their own: Streamlit drops a widget's
    value with its page, and only then is the address read again.
    """
    key = key or name
    given, told = st.query_params.get(name, ""), st.session_state.get(_told(name), "")
    if given == told and key in st.session_state:
        return
    if given in allowed:
        st.session_state[key] = given
    elif not given and not sticky:
        st.session_state.pop(key, None)
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
