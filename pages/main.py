"""The router: every page, and what stands beside each of them."""

from pathlib import Path

import streamlit as st

from pages.parts import room, sidebar
from pages.parts.boundary import boundary, pending
from pages.parts.language import _

PARTS = Path(__file__).parent / "parts"
# Before the navigation, whose pages would otherwise have their icons drawn by a font from another host.
st.set_page_config(page_title="hubsync", page_icon=str(PARTS / "icon.svg"), layout="wide")
st.logo(str(PARTS / "logo.svg"), icon_image=str(PARTS / "icon.svg"), size="large")

pages = {
    "": [
        st.Page(
            "home.py",
            title=_("Home"),
            icon=":material/home:",
            default=True,
            help=_("What is in step, what needs attention, and what the portal is."),
        ),
    ],
    _("Behaviour"): [
        st.Page(
            "segments.py",
            title=_("Segments"),
            icon=":material/groups:",
            url_path="segments",
            help=_("Who buys how: rule, size and members of each segment, and why someone is in it."),
        ),
        st.Page(
            "engagement.py",
            title=_("Engagement"),
            icon=":material/monitoring:",
            url_path="engagement",
            help=_("What each segment did with your e-mails, with honest intervals."),
        ),
    ],
    _("Sync"): [
        st.Page(
            "export.py",
            title=_("Export"),
            icon=":material/send:",
            url_path="export",
            help=_("See exactly who would change in HubSpot and why, then run what you saw."),
        ),
        st.Page(
            "history.py",
            title=_("History"),
            icon=":material/history:",
            url_path="history",
            help=_("Every run: who started it, what it did, what was rejected and why."),
        ),
    ],
    _("Settings"): [
        st.Page(
            "integrations.py",
            title=_("Integrations"),
            icon=":material/settings:",
            url_path="integrations",
            help=_("Connect to HubSpot, pull contacts, load data."),
        ),
        st.Page(
            "schedules.py",
            title=_("Schedules"),
            icon=":material/event_repeat:",
            url_path="schedules",
            help=_("What runs by itself and when, and who hears how it stands."),
        ),
    ],
}
page = st.navigation(pages)
st.set_page_config(page_title=f"{page.title} · hubsync")
with boundary():
    sidebar.draw(room.state(), room.connection())
pending()
with boundary():
    page.run()
