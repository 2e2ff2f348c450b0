"""Connecting a portal: method, guide, token, portal id, verify, and only then save."""

from __future__ import annotations

import os

import streamlit as st

from hubsync.core.connection import Connection, Method
from hubsync.core.errors import BadInput
from hubsync.portal import scopes, url
from hubsync.portal.verify import Verification, verify
from hubsync.store import connection as connections
from pages.parts import room
from pages.parts.access import Person
from pages.parts.boundary import act
from pages.parts.language import _
from pages.parts.markdown import plain
from pages.parts.moment import ago, now
from pages.parts.table import table
from pages.parts.ticket import tickets

#: Version of HubSpot's paths that a new connection uses.
API_VERSION = "2026-03"
FORM = "connect"
#: Where a sandbox of one's own listens.
BASE_URL_VARIABLE = "HUBSPOT_BASE_URL"


def summary(portal: Connection) -> None:
    """Draw the connection in use."""
    kinds = {Method.SERVICE_KEY: _("Service key"), Method.PRIVATE_APP: _("Private app token")}
    rows = {
        _("Portal"): plain(portal.portal_id),
        _("Address"): f"`{portal.base_url}`",
        _("Method"): kinds[portal.method],
        _("Verified"): ago(portal.verified_at),
        _("Missing permissions"): ", ".join(f"`{scope}`" for scope in portal.missing_scopes) or _("none"),
    }
    st.table(rows, border="horizontal", width="content", alt=_("The connection in use"))


def guide(method: Method) -> None:
    """Draw how to get a token, and which permissions each feature needs.

    The steps follow https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/account-service-keys
    """
    if method is Method.SERVICE_KEY:
        st.markdown(
            _(
                "1. In HubSpot, open **Development › Keys › Service keys**. You need to be a super admin, or have "
                "access to developer tools.\n"
                "2. Choose **Create service key** and give it a name, for example *hubsync*.\n"
                "3. Choose **Add new scope** and tick the permissions below, for the features you want.\n"
                "4. Choose **Create**, open the key, and copy it."
            )
        )
    else:
        st.markdown(
            _(
                "1. In HubSpot, open **Development › Legacy apps** and your private app. New ones cannot be created "
                "since 26 October 2026; use a service key then.\n"
                "2. Under **Scopes**, tick the permissions below, for the features you want.\n"
                "3. Under **Auth**, show the access token and copy it."
            )
        )
    names = {
        "contacts": _("Contacts and their properties"),
        "lists": _("Lists"),
        "engagement": _("E-mails and engagement"),
    }
    table(
        [
            {
                "feature": names.get(feature.key, feature.name),
                "scopes": ", ".join(any_of[0] for any_of in feature.needs),
                "needed": _("needed") if feature.required else _("adds to it"),
            }
            for feature in scopes.FEATURES
        ],
        {
            "feature": st.column_config.TextColumn(_("Feature"), pinned=True),
            "scopes": st.column_config.TextColumn(_("Permissions (scopes)"), width="large"),
            "needed": "",
        },
        alt=_("Permissions each feature needs"),
    )


def form(me: Person) -> None:
    """Draw the way to a connection."""
    method = st.segmented_control(
        _("Method"),
        list(Method),
        default=Method.SERVICE_KEY,
        required=True,
        format_func=lambda one: _("Service key") if one is Method.SERVICE_KEY else _("Private app token"),
        key="method",
    )
    with st.expander(_("How to get one, and what it must be allowed to do"), icon=":material/menu_book:"):
        guide(method)
    with st.form(FORM, border=False):
        token, portal = st.columns(2, gap="medium")
        with token:
            st.text_input(
                _("Token"),
                type="password",
                key="token",
                autocomplete="off",
                help=_("Sent to HubSpot alone, kept encrypted, and never shown again."),
            )
        with portal:
            st.text_input(
                _("Portal id"),
                key="portal_id",
                validate=(r"^\s*\d{1,12}\s*$", _("A portal id is a number.")),
                help=_("The Hub ID: in HubSpot, the number beside your account's name."),
            )
        st.selectbox(_("Address"), _addresses(), key="base_url", accept_new_options=url.sandbox_only())
        st.form_submit_button(
            _("Verify connection"),
            type="primary",
            icon=":material/verified:",
            key="verify",
            on_click=act(_verify),
            args=(method,),
        )
    _outcome(me)


def _addresses() -> list[str]:
    if not url.sandbox_only():
        return [f"https://{host}" for host in url.HOSTS]
    portal = room.connection()
    known = [os.environ.get(BASE_URL_VARIABLE, ""), portal.base_url if portal else ""]
    return [address for address in dict.fromkeys(known) if address]


def _verify(method: Method) -> None:
    """Ask HubSpot; the token leaves the session before anything else happens."""
    token = st.session_state["token"].strip()
    st.session_state["token"] = ""
    st.session_state.pop("_verified", None)
    portal_id = (st.session_state["portal_id"] or "").strip()
    if not token or not portal_id:
        raise BadInput(
            _("Token and portal id are needed."), _("Nothing was sent."), _("Fill both in, and verify again.")
        )
    found = verify(
        st.session_state["base_url"] or url.DEFAULT, token, portal_id, API_VERSION, workspace=room.workspace()
    )
    st.session_state["_verified"] = (found, method, tickets().put(token) if found.readable else "")


def _outcome(me: Person) -> None:
    """Draw what came of the last verification, a line per check, and the button to save it."""
    if "_verified" not in st.session_state:
        return
    found, method, ticket = st.session_state["_verified"]
    with st.container(border=True):
        for check in found.checks:
            bad = ":red[:material/cancel:]" if check.required else ":orange[:material/warning:]"
            icon = ":green[:material/check_circle:]" if check.ok else bad
            st.markdown(f"{icon} **{plain(check.name)}** – {plain(check.detail)}")
            if check.fix and not check.ok:
                st.caption(f":material/arrow_forward: {plain(check.fix)}")
        if found.readable:
            text = _("Save connection to portal {id}") if found.ok else _("Save portal {id}, to read from only")
            st.button(
                text.format(id=found.portal_id),
                type="primary" if found.ok else "secondary",
                icon=":material/save:",
                key="save",
                on_click=act(_save),
                args=(found, method, ticket, me.name),
            )
        else:
            st.markdown(_("**Not saved.** Only a connection that passes is kept."))


def _save(found: Verification, method: Method, ticket: str, by: str) -> None:
    token = tickets().take(ticket)
    del st.session_state["_verified"]
    if token is None:
        raise BadInput(
            _("The verified token is no longer here."),
            _("It waits fifteen minutes at most. Nothing was saved."),
            _("Verify again, then save."),
        )
    connections.save(room.state(), found.connection(method=method, at=now()), token, by=by, at=now())
    st.toast(_("Saved. Pull the contacts next."), icon=":material/check_circle:")
