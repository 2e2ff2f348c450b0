"""The kinds of empty: nothing to show, why, and the one button that changes it."""

from __future__ import annotations

import streamlit as st

from pages.parts.language import _


def not_connected() -> None:
    """Say that no portal is connected."""
    _empty(
        ":material/link_off:",
        _("No HubSpot portal is connected yet"),
        _("Connect yours, or load the demo: a HubSpot on your own machine, with real shopping data."),
        _("Connect to HubSpot"),
        "integrations.py",
    )


def no_segments() -> None:
    """Say that there is no segment."""
    _empty(
        ":material/groups:",
        _("No segments yet"),
        _("A segment is a named behaviour. Load the demo to see four of them, or apply a file from the command line."),
        _("Load data"),
        "integrations.py",
    )


def not_pulled() -> None:
    """Say that the portal's contacts were not fetched yet."""
    _empty(
        ":material/cloud_download:",
        _("Nothing was fetched from HubSpot yet"),
        _("Previews and figures compare with our copy of the portal. Fetch it once; later pulls are quick."),
        _("Go to Integrations to pull"),
        "integrations.py",
    )


def nothing_synced() -> None:
    """Say that no run was made."""
    _empty(
        ":material/sync_disabled:",
        _("Nothing was synced yet"),
        _("Choose a segment and preview what a sync would change. A preview sends nothing."),
        _("Preview an export"),
        "export.py",
    )


def no_match(reset_key: str) -> None:
    """Say that the filter leaves nothing; the button clears it."""
    _words(":material/filter_alt_off:", _("Nothing matches this filter"), _("There are rows, but none like this."))
    if st.button(_("Clear the filter"), key=f"clear {reset_key}", on_click=_forget, args=(reset_key,)):
        st.rerun()


def _forget(key: str) -> None:
    st.session_state[key] = None


def _empty(icon: str, title: str, words: str, label: str, page: str) -> None:
    with st.container(border=True, horizontal_alignment="center"):
        st.space("small")
        _words(icon, title, words)
        if st.button(label, type="primary", key=f"empty {page} {label}"):
            st.switch_page(page)
        st.space("small")


def _words(icon: str, title: str, words: str) -> None:
    st.subheader(f"{icon} {title}", anchor=False, text_alignment="center")
    st.markdown(words, text_alignment="center")
