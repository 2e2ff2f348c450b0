"""History: every run, what it did, and what was rejected and why."""

import streamlit as st

from hubsync.core.run import Outcome, RunState
from hubsync.store import plan as plans
from hubsync.sync import history
from hubsync.sync.undo import undo
from pages.parts import address, empty, room
from pages.parts import plan as drawing
from pages.parts import run as runs
from pages.parts.access import Role, require
from pages.parts.boundary import act
from pages.parts.figure import number
from pages.parts.language import _, language
from pages.parts.markdown import plain
from pages.parts.moment import exact, local, now
from pages.parts.table import count, moment, opener, table

me = require(Role.VIEWER)

#: Runs looked through for the one that took a run back: those of its segment and target.
LOOKED_THROUGH = 10_000


def open_row() -> None:
    """Put the clicked run into the address."""
    st.query_params["run"] = shown[st.session_state["runs"].row].run_id


def open_chosen() -> None:
    """Put the chosen run into the address: the way for those who use no mouse."""
    st.query_params["run"] = st.session_state["chosen"]


def close_run() -> None:
    """Go back to the list."""
    st.query_params.pop("run", None)


def take_back(run_id: str) -> None:
    """Make the plan that takes a run back; the page then goes to it."""
    plan = undo(room.workspace(), room.state(), run_id, by=me.name, clock=now)
    st.session_state["_undo"] = plan.plan_id


names = {version.segment.key: version.segment.title(language()) for version in room.versions()}
if "_undo" in st.session_state:
    st.switch_page("export.py", query_params={"plan": st.session_state.pop("_undo")})

run_id = st.query_params.get("run")
if run_id:
    run = history.run(room.state(), run_id)
    st.button(_("All runs"), icon=":material/arrow_back:", type="tertiary", on_click=close_run, key="back")
    title = names.get(run.segment_key, run.segment_key)
    what = f"{plain(title)} → {plain(run.list_name) or runs.target_word(run.target)}"
    st.title(runs.named(run, what), anchor=False)
    st.caption(_("Run {id}, asked for {when}").format(id=plain(run_id), when=exact(run.queued_at)))
    if run.undo_of:
        st.caption(_("Takes run {id} back.").format(id=plain(run.undo_of)))
    taken = runs.taken_back(
        history.runs(room.state(), limit=LOOKED_THROUGH, segment_key=run.segment_key, target=run.target)
    )
    runs.watch(run_id, me, taken)

    groups = history.rejected(room.state(), run_id)
    if groups:
        st.subheader(_("Left out, by reason"), anchor=False)
        table(
            [
                {
                    "count": group.count,
                    "outcome": _("rejected") if group.outcome is Outcome.REJECTED else _("skipped"),
                    "category": group.category,
                    "message": group.message,
                    "fix": group.fix,
                }
                for group in groups
            ],
            {
                "count": count(_("Rows")),
                "outcome": _("Outcome"),
                "category": _("Reason"),
                "message": st.column_config.TextColumn(_("What was said"), width="large"),
                "fix": st.column_config.TextColumn(_("What to do"), width="large"),
            },
            alt=_("Rejected and skipped rows grouped by reason, with what to do"),
        )
    if run.state.finished and run.counts.confirmed and not run.undo_of and run_id not in taken:
        st.button(
            _("Undo: preview taking {n} changes back").format(n=number(run.counts.confirmed)),
            icon=":material/undo:",
            on_click=act(take_back),
            args=(run_id,),
            key="undo",
            help=_("Makes a plan first. Rows that somebody changed since are left alone."),
        )
    opened = st.expander(_("The plan it ran"), icon=":material/description:", key="its plan", on_change="rerun")
    if opened.open:
        with opened:
            ran = plans.get(room.state(), run.plan_id)
            drawing.head(ran)
            drawing.rest(ran)
    st.stop()

st.title(_("History"), anchor=False)
st.caption(_("Every run: what it did, who started it, and what was rejected. Click a run to see its rows."))
found = history.runs(room.state())
if not found:
    if room.connection() is None:
        empty.not_connected()
    else:
        empty.nothing_synced()
    st.stop()

words = {
    "open": _("Under way"),
    RunState.SUCCEEDED.value: _("Done"),
    RunState.PARTIAL.value: _("Some rejected"),
    RunState.FAILED.value: _("Failed"),
    RunState.CANCELLED.value: _("Cancelled"),
}
address.follow("state", words)
chosen = st.pills(_("Only"), list(words), format_func=lambda word: words[word], key="state")
address.tell("state", chosen)
shown = [
    run for run in found if chosen is None or (not run.state.finished if chosen == "open" else run.state == chosen)
]
if not shown:
    empty.no_match("state")
    st.stop()
titles = {run.run_id: runs.title(run, names) for run in shown}
taken = runs.taken_back(found)
table(
    [
        {
            "what": titles[run.run_id],
            "when": local(run.queued_at),
            "state": runs.state_word(run, taken),
            "by": run.started_by,
            "planned": run.counts.planned,
            "confirmed": run.counts.confirmed,
            "unchanged": run.counts.unchanged,
            "left_out": run.counts.rejected + run.counts.skipped + run.counts.cancelled,
            "took": runs.took(run),
            "requests": run.requests,
            "rejected": run.counts.rejected,
            "skipped": run.counts.skipped,
            "cancelled": run.counts.cancelled,
            "throttled": run.throttled,
        }
        for run in shown
    ],
    {
        "what": opener(_("Run"), "runs", open_row),
        "when": moment(_("When")),
        "state": _("State"),
        "by": st.column_config.TextColumn(_("By"), width=95),
        "planned": count(_("Planned"), width=65),
        "confirmed": count(_("Confirmed"), width=75),
        "unchanged": count(_("Unchanged"), width=75),
        "left_out": count(_("Left out"), _("Rejected, skipped or cancelled, each with its reason"), width=65),
        "took": st.column_config.TextColumn(_("Took"), width=72),
        "requests": count(_("Requests")),
        "rejected": count(_("Rejected")),
        "skipped": count(_("Skipped")),
        "cancelled": count(_("Cancelled")),
        "throttled": count(_("Slowed down"), _("How often HubSpot said: too fast")),
    },
    alt=_("Runs, newest first, with counts that add up"),
)
st.selectbox(
    _("Open a run"),
    [run.run_id for run in shown],
    index=None,
    format_func=lambda key: next(f"{exact(run.queued_at)} · {titles[key]}" for run in shown if run.run_id == key),
    placeholder=_("Choose one to look into"),
    key="chosen",
    on_change=open_chosen,
)
st.caption(_("Planned = confirmed + unchanged + left out, for every finished run."))
