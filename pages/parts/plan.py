"""A plan as a reader sees it: reach, what would change and why, what it costs, and what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go
import streamlit as st

from hubsync.core.email import mask
from hubsync.core.plan import Change, Op, Plan, Step, Target
from hubsync.sync.excerpt import first_changes, first_members
from pages.parts import room
from pages.parts.figure import MISSING, duration, number, percent
from pages.parts.language import _, language
from pages.parts.markdown import plain
from pages.parts.moment import ago, day, exact
from pages.parts.palette import OTHER, REACHED
from pages.parts.table import table
from pages.parts.tile import tile, tiles

#: Changes shown in the browser; all of them are in the plan's file.
SHOWN = 500


def head(plan: Plan) -> None:
    """Draw what the plan was made from, its figures and its warnings."""
    st.caption(
        _("Members as of {members}, compared with HubSpot as of {mirror}. Plan {id}, made by {who}.").format(
            members=day(plan.features_as_of),
            mirror=ago(plan.mirror_at),
            id=plain(plan.plan_id),
            who=plain(plan.made_by),
        ),
        help=exact(plan.mirror_at),
    )
    figures(plan)
    for warning in plan.warnings:
        st.warning(plain(warning), icon=":material/warning:")


def rest(plan: Plan) -> None:
    """Draw who can be reached, what it costs, and every change with its reason."""
    if plan.undo_of:  # takes back whatever was done, whoever is a member today
        forecast(plan)
    else:
        funnel, cost = st.columns([3, 2], gap="medium")
        with funnel:
            reach(plan)
        with cost:
            forecast(plan)
    changes(plan)


def figures(plan: Plan) -> None:
    """Draw the tiles: what would be done to how many."""
    counts = plan.counts
    by_hand = bool(plan.list_name) and plan.target is not Target.ACTIVE_LIST
    shown = [
        (_("Add to the list"), counts.get(Op.ADD_MEMBER, 0), by_hand),
        (_("Remove from the list"), counts.get(Op.REMOVE_MEMBER, 0), by_hand),
        (_("Values to change"), counts.get(Op.UPDATE_CONTACT, 0), not by_hand),
        (_("Contacts to create"), counts.get(Op.CREATE_CONTACT, 0), bool(counts.get(Op.CREATE_CONTACT))),
        (_("Already right"), counts.get("unchanged", 0), True),
    ]
    visible = [(label, count) for label, count, relevant in shown if relevant]
    with tiles(len(visible)):
        for label, count in visible:
            tile(label, number(count))


def step_word(step: Step) -> str:
    """Return a funnel step's name."""
    names = {
        Step.REACHABLE: _("Reachable"),
        Step.WOULD_BE_CREATED: _("Would be created"),
        Step.NO_EMAIL: _("No e-mail address"),
        Step.INVALID_EMAIL: _("Invalid e-mail address"),
        Step.SHARED_EMAIL: _("Shares an address with another customer"),
        Step.NOT_IN_HUBSPOT: _("Not in HubSpot"),
        Step.OPTED_OUT: _("Opted out of e-mail"),
        Step.HARD_BOUNCED: _("Address bounced for good"),
        Step.QUARANTINED: _("Quarantined by HubSpot"),
        Step.SUPPRESSED: _("Suppressed here"),
        Step.HELD_OUT: _("Held out to measure lift"),
    }
    return names[step]


def reach(plan: Plan) -> None:
    """Draw where the members stand, each in exactly one step, and let each step be opened."""
    st.subheader(_("Who can be reached"), anchor=False)
    steps = [(step, plan.reach[step]) for step in Step if plan.reach.get(step)]
    members = sum(count for _step, count in steps)
    if not members:
        st.caption(_("The segment has no members."))
        return
    _bars(steps, members)
    labels = {step: f"{step_word(step)} · {number(count)}" for step, count in steps}
    chosen = st.pills(
        _("Show who"), list(labels), format_func=lambda step: labels[step], key=f"reach {plan.plan_id}", wrap=True
    )
    if chosen is not None:
        people = first_members(room.workspace(), plan.plan_id, chosen, limit=SHOWN)
        table(
            [{"customer": who.customer_id, "email": mask(who.email), "contact": who.contact_id} for who in people],
            {"customer": _("Customer"), "email": _("E-mail"), "contact": _("HubSpot contact")},
            alt=_("Members at this step"),
        )


def _bars(steps: list[tuple[Step, int]], members: int) -> None:
    words = [step_word(step) for step, _count in steps]
    counts = [count for _step, count in steps]
    figure = go.Figure(
        go.Bar(
            x=counts,
            y=words,
            orientation="h",
            marker={"color": [REACHED if step is Step.REACHABLE else OTHER for step, _count in steps]},
            text=[f"{number(count)} · {percent(count / members, 0)}" for count in counts],
            textposition="outside",
            cliponaxis=False,
            hoverinfo="skip",
        )
    )
    figure.update_layout(
        height=40 + 36 * len(steps),
        margin={"l": 0, "r": 90, "t": 4, "b": 4},
        xaxis={"visible": False},
        yaxis={"autorange": "reversed", "automargin": True},
        separators=",." if language() == "pt" else ".,",
    )
    described = "; ".join(f"{word}: {number(count)}" for word, count in zip(words, counts, strict=True))
    st.plotly_chart(figure, config={"displayModeBar": False}, alt=f"{_('Who can be reached')}. {described}")


def forecast(plan: Plan) -> None:
    """Draw what running it would cost."""
    cost = plan.forecast
    st.subheader(_("What it costs"), anchor=False)
    st.table(
        {
            _("Requests"): f"{number(cost.total)} ({_('{n} without comparing first')})".format(
                n=number(cost.requests_without_diff)
            ),
            _("Time at this portal's pace"): duration(cost.seconds) if cost.total else MISSING,
            _("Share of today's quota left"): percent(cost.share_of_daily),
        },
        border="horizontal",
        alt=_("Requests, time and quota"),
    )


def op_word(op: Op) -> str:
    """Return what an op does, in a word or two."""
    names = {
        Op.ENSURE_GROUP: _("Make property group"),
        Op.ENSURE_PROPERTY: _("Make property"),
        Op.ENSURE_LIST: _("Make list"),
        Op.CREATE_CONTACT: _("Create contact"),
        Op.UPDATE_CONTACT: _("Change"),
        Op.REMOVE_MEMBER: _("Remove"),
        Op.ADD_MEMBER: _("Add"),
        Op.DELETE_LIST: _("Delete list"),
        Op.DRAFT_EMAIL: _("Make draft"),
        Op.ENROL: _("Put into workflow"),
    }
    return names[op]


def changes(plan: Plan) -> None:
    """Draw the rows: who, what, from what to what, and why."""
    st.subheader(_("What would change"), anchor=False)
    if not plan.rows:
        st.caption(_("Nothing: HubSpot already holds what it should."))
        return
    ops = [op for op in Op if plan.counts.get(op)]
    labels = {op: f"{op_word(op)} · {number(plan.counts[op])}" for op in ops}
    chosen = (
        st.pills(_("Only"), ops, format_func=lambda op: labels[op], key=f"ops {plan.plan_id}") if len(ops) > 1 else None
    )
    shown = first_changes(room.workspace(), plan.plan_id, op=chosen, limit=SHOWN)
    names = labels_of(plan)
    columns = {
        "op": st.column_config.TextColumn(_("Change"), pinned=True),
        "customer": _("Customer"),
        "field": st.column_config.TextColumn(_("Field"), width="medium"),
        "old": _("Now"),
        "new": _("Then"),
        "reason": st.column_config.TextColumn(_("Why"), width="large"),
        "contact": _("HubSpot contact"),
    }
    if plan.list_name and plan.target is not Target.EMAIL:  # the one list is named above
        del columns["field"]
    table(
        [_row(row, names) for row in shown],
        columns,
        alt=_("Changes of this plan with old value, new value and reason"),
        height=min(420, 38 + 35 * len(shown)),
    )
    total = plan.counts[chosen] if chosen else plan.rows
    if total > len(shown):
        st.caption(_("The first {shown} of {total}.").format(shown=number(len(shown)), total=number(total)))


def labels_of(plan: Plan) -> dict[str, str]:
    """Return the labels of the properties a plan writes, by name."""
    fields = plan.options.get("fields")
    return {str(one["name"]): str(one["label"]) for one in fields} if isinstance(fields, list) else {}


def _row(row: Change, names: Mapping[str, str]) -> dict[str, object]:
    member = {"member": _("on the list"), "": _("not on the list")}
    listed = row.op in {Op.ADD_MEMBER, Op.REMOVE_MEMBER}
    return {
        "op": op_word(row.op),
        "customer": row.customer_id or None,
        "contact": row.contact_id or None,
        "field": names.get(row.field, row.field),
        "old": member[row.old] if listed and row.old in member else (row.old or None),
        "new": member[row.new] if listed and row.new in member else (row.new or None),
        "reason": row.reason,
    }
