"""The sidebar below the menu: which portal this is, as of when, and the language."""

from __future__ import annotations

import streamlit as st

from hubsync.core.connection import Connection
from hubsync.store import snapshot
from hubsync.store.state import State
from pages.parts import language
from pages.parts.language import _
from pages.parts.markdown import plain
from pages.parts.moment import ago, exact


def draw(state: State, connection: Connection | None) -> None:
    """Draw badge, connection line and language switch."""
    with st.sidebar:
        badge(connection)
        if connection is not None:
            mirror = snapshot.latest(state.workspace, "mirror")
            line = _("Portal {id}").format(id=plain(connection.portal_id))
            when = _("As of {when}").format(when=ago(mirror.made_at)) if mirror else _("Not pulled yet")
            st.caption(f"{line}\n\n{when}", help=exact(mirror.made_at) if mirror else None)
        language.switch()


def badge(connection: Connection | None) -> None:
    """Draw what kind of portal we write to; the sandbox is never to be mistaken for a real one."""
    if connection is None:
        st.badge(_("Not connected"), icon=":material/link_off:", color="gray")
    elif connection.embedded or connection.is_loopback:
        st.badge(
            _("Sandbox on this machine"),
            icon=":material/science:",
            color="violet",
            help=_("A HubSpot that runs here: nothing leaves this machine."),
        )
    elif connection.is_test:
        st.badge(_("Test portal"), icon=":material/science:", color="blue")
    else:
        st.badge(_("Real portal"), icon=":material/public:", color="orange", help=_("Runs change real contacts."))
