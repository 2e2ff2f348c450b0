"""The one button that changes HubSpot, and what must be typed or ticked before it works."""

from __future__ import annotations

import streamlit as st

from hubsync.core.connection import Connection
from hubsync.core.plan import Op, Plan
from hubsync.sync import history
from hubsync.sync.run import enqueue
from pages.parts import room
from pages.parts.access import Person, Role
from pages.parts.boundary import act
from pages.parts.figure import number
from pages.parts.language import _, n_
from pages.parts.markdown import plain
from pages.parts.moment import now


def draw(plan: Plan, portal: Connection, me: Person) -> None:
    """Draw guards, what they ask for, and the button; no button where nobody may go on."""
    if not plan.rows:
        st.success(_("Nothing to send: HubSpot already holds what it should."), icon=":material/check_circle:")
        return
    typed = [_guard(plan, place) for place in range(len(plan.blocked))]
    if any(not guard.override for guard in plan.blocked):
        return
    if me.role < Role.EXPORTER:
        st.info(_("To send it, you need the role of an exporter."), icon=":material/lock:")
        return
    ready = all(text == guard.override for text, guard in zip(typed, plan.blocked, strict=True))
    if not portal.is_test and not _written_before(portal):
        ready &= st.checkbox(
            _("This is the first write to the real portal {id}. I want it.").format(id=plain(portal.portal_id)),
            key=f"first {plan.plan_id}",
        )
    st.button(
        label(plan),
        type="primary",
        icon=":material/send:",
        disabled=not ready,
        key="send",
        on_click=act(_send),
        args=(plan.plan_id, tuple(typed), me.name),
    )


def label(plan: Plan) -> str:
    """Return what the button does, with its numbers: "Add 1,240, remove 31"."""
    counts = {op: plan.counts.get(op, 0) for op in Op}
    words = {
        Op.ENSURE_LIST: _("make the list"),
        Op.ENSURE_PROPERTY: n_("make {n} property", "make {n} properties", counts[Op.ENSURE_PROPERTY]),
        Op.CREATE_CONTACT: n_("create {n} contact", "create {n} contacts", counts[Op.CREATE_CONTACT]),
        Op.ADD_MEMBER: _("add {n}"),
        Op.REMOVE_MEMBER: _("remove {n}"),
        Op.UPDATE_CONTACT: n_("change {n} value", "change {n} values", counts[Op.UPDATE_CONTACT]),
        Op.DELETE_LIST: _("delete the list"),
        Op.DRAFT_EMAIL: _("leave a draft"),
        Op.ENROL: n_("enrol {n} person", "enrol {n} people", counts[Op.ENROL]),
    }
    parts = [text.format(n=number(counts[op])) for op, text in words.items() if counts[op]]
    text = ", ".join(parts) or _("set it up in HubSpot")
    return text[0].upper() + text[1:]


def _guard(plan: Plan, place: int) -> str:
    guard = plan.blocked[place]
    st.error(f"**{plain(guard.message)}**\n\n{plain(guard.hint)}", icon=":material/block:")
    if not guard.override:
        return ""
    return (
        st.text_input(
            _("Type {number} to go on all the same").format(number=guard.override),
            key=f"override {plan.plan_id} {guard.code}",
            width=320,
        )
        or ""
    ).strip()


def _written_before(portal: Connection) -> bool:
    return any(run.portal_id == portal.portal_id for run in history.runs(room.state()))


def _send(plan_id: str, typed: tuple[str, ...], by: str) -> None:
    st.query_params["run"] = enqueue(room.workspace(), room.state(), plan_id, by=by, override=typed, clock=now)
