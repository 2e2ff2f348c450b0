"""Settings › Integrations: the portal, our copy of it, and the behaviour data."""

import streamlit as st

from hubsync.store import snapshot
from pages.parts import connect, data, job, room, sidebar
from pages.parts.access import Role, require
from pages.parts.figure import number
from pages.parts.language import _
from pages.parts.moment import ago, exact

me = require(Role.ADMIN)

st.title(_("Integrations"), anchor=False)
st.caption(_("The portal we keep in step, our copy of it, and the behaviour data."))
portal = room.connection()

new, making = portal is None and not room.versions(), job.jobs().get("demo") is not None
if new or making:
    with st.container(border=True):
        if new:
            st.subheader(_("New here? Try it on made-up customers"), icon=":material/science:", anchor=False)
            st.markdown(
                _(
                    "The demo brings a HubSpot that runs on this machine, a year of real, anonymous shopping, and four "
                    "behaviours found in it. Nothing leaves this machine."
                )
            )
        if not job.watch("demo"):
            if portal is None:
                st.button(
                    _("Load the demo"), type="primary", icon=":material/download:", key="demo", on_click=data.demo
                )
            else:
                st.page_link("segments.py", label=_("Segments"), icon=":material/arrow_forward:")

st.subheader(_("HubSpot"), icon=":material/hub:", anchor=False)
if portal is None:
    connect.form(me)
else:
    with st.container(border=True):
        sidebar.badge(portal)
        connect.summary(portal)
    with st.expander(_("Connect anew, or to another portal"), icon=":material/link:", key="anew"):
        connect.form(me)

    st.subheader(_("Our copy of the portal"), icon=":material/cloud_download:", anchor=False)
    mirror = snapshot.latest(room.workspace(), "mirror")
    if mirror is None:
        st.caption(_("Nothing was fetched yet. Previews and engagement need it."))
    else:
        st.caption(_("Fetched {when}.").format(when=ago(mirror.made_at)), help=exact(mirror.made_at))
    if not job.watch("pull"):
        with st.container(horizontal=True):
            st.button(
                _("Pull now"),
                type="secondary" if mirror else "primary",
                icon=":material/sync:",
                key="pull",
                on_click=data.pull,
                help=_("Fetches what changed since the last time."),
            )
            if mirror is not None:
                st.button(
                    _("Pull everything anew"),
                    icon=":material/refresh:",
                    key="pull full",
                    on_click=data.pull,
                    kwargs={"full": True},
                )

st.subheader(_("Behaviour data"), icon=":material/database:", anchor=False)
counts = data.counts()
st.caption(
    _("{customers} customers, {events} events.").format(
        customers=number(counts["customers"]), events=number(counts["events"])
    )
    if any(counts.values())
    else _("Nothing is loaded yet.")
)
data.upload(me)
if not job.watch("refresh") and all(counts.values()) and room.versions():
    features = snapshot.latest(room.workspace(), "features")
    st.button(
        _("Recompute the members of {n} segments").format(n=number(len(room.versions()))),
        icon=":material/calculate:",
        key="refresh",
        on_click=data.refresh,
        help=_("Last computed {when}").format(when=ago(features.made_at)) if features else None,
    )
