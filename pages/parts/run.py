"""A run as a reader sees it: its state in a word, its rows in a sum that adds up, its progress while it lasts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import streamlit as st

from hubsync.core.plan import Target
from hubsync.core.run import Counts, PausedFor, Run, RunState
from hubsync.sync import history
from hubsync.sync.run import cancel, resume
from pages.parts import room
from pages.parts.access import Person, Role
from pages.parts.boundary import act, boundary
from pages.parts.figure import duration, number
from pages.parts.language import _, n_
from pages.parts.markdown import plain
from pages.parts.moment import ago, exact, now

#: How often a page looks at a run under way, in seconds.
EVERY = 1.0
COLOURS = {
    RunState.PLANNED: "gray",
    RunState.RUNNING: "blue",
    RunState.PAUSED: "orange",
    RunState.SUCCEEDED: "green",
    RunState.PARTIAL: "orange",
    RunState.FAILED: "red",
    RunState.CANCELLED: "gray",
}
ICONS = {
    RunState.PLANNED: ":material/schedule:",
    RunState.RUNNING: ":material/sync:",
    RunState.PAUSED: ":material/pause_circle:",
    RunState.SUCCEEDED: ":material/check_circle:",
    RunState.PARTIAL: ":material/rule:",
    RunState.FAILED: ":material/error:",
    RunState.CANCELLED: ":material/cancel:",
}


def taken_back(runs: Iterable[Run]) -> frozenset[str]:
    """Return which of `runs`, given newest first, a finished run took back; an undo that was undone took nothing back.

    Whatever takes a run back is newer than the run: the newest runs alone tell it of each other.
    """
    taken: set[str] = set()
    for run in runs:
        if run.undo_of and run.state in {RunState.SUCCEEDED, RunState.PARTIAL} and run.run_id not in taken:
            taken.add(run.undo_of)
    return frozenset(taken)


def named(run: Run, what: str) -> str:
    """Return `what` a run did; an undo says that it is one."""
    return _("Undo of {run}").format(run=what) if run.undo_of else what


def title(run: Run, names: Mapping[str, str]) -> str:
    """Return a run's name in a table: its list, else the segment, by `names`, and the target."""
    return named(run, run.list_name or f"{names.get(run.segment_key, run.segment_key)} → {target_word(run.target)}")


def state_word(run: Run, taken: Collection[str] = ()) -> str:
    """Return a run's state in words, with what a paused one waits for; `taken` are the runs that were taken back."""
    if run.run_id in taken:
        return _("Taken back")
    words = {
        RunState.PLANNED: _("Queued"),
        RunState.RUNNING: _("Running"),
        RunState.PAUSED: _("Paused"),
        RunState.SUCCEEDED: _("Done"),
        RunState.PARTIAL: _("Done, some rejected"),
        RunState.FAILED: _("Failed"),
        RunState.CANCELLED: _("Cancelled"),
    }
    waits = {
        PausedFor.DAILY_LIMIT: _("HubSpot's daily limit is used up"),
        PausedFor.TOKEN: _("HubSpot refuses the token"),
        PausedFor.SCOPE: _("the token lacks a permission"),
        PausedFor.UNREACHABLE: _("HubSpot cannot be reached"),
        PausedFor.USER: _("paused by a person"),
        PausedFor.GUARD: _("a guard stands in the way"),
    }
    word = words[run.state]
    return f"{word}: {waits[run.paused_for]}" if run.state is RunState.PAUSED and run.paused_for else word


def target_word(target: str) -> str:
    """Return a target's name."""
    names = {
        Target.STATIC_LIST: _("Static list"),
        Target.ACTIVE_LIST: _("Active list"),
        Target.PROPERTIES: _("Contact properties"),
        Target.LEAD_SCORE: _("Lead score"),
        Target.WORKFLOW: _("Workflow"),
        Target.EMAIL: _("E-mail"),
    }
    return names[Target(target)]


def badge(run: Run, taken: Collection[str] = ()) -> None:
    """Draw a run's state."""
    word = state_word(run, taken)
    if run.run_id in taken:
        st.badge(word, icon=":material/undo:", color="gray")
    else:
        st.badge(word, icon=ICONS[run.state], color=COLOURS[run.state])  # type: ignore[arg-type]


def sum_of(counts: Counts) -> str:
    """Return "1,240 planned = 1,238 confirmed + 2 rejected"; rows without an outcome yet are "open"."""
    parts = (
        (counts.confirmed, _("confirmed")),
        (counts.unchanged, _("unchanged")),
        (counts.rejected, _("rejected")),
        (counts.skipped, _("skipped")),
        (counts.cancelled, _("cancelled")),
        (counts.open, _("open")),
    )
    told = " + ".join(f"{number(count)} {word}" for count, word in parts if count)
    planned = f"{number(counts.planned)} {_('planned')}"
    return f"{planned} = {told}" if told else planned


def took(run: Run) -> str:
    """Return how long a run took, or has been taking."""
    return duration(history.seconds(run, now()))


def watch(run_id: str, me: Person, taken: Collection[str] = ()) -> None:
    """Draw a run; while it is under way, again every second. `taken` are the runs that were taken back."""
    run = history.run(room.state(), run_id)
    if run.state.finished:
        draw(run, me, taken)
    else:
        _live(run_id, me)


@st.fragment(run_every=EVERY)
def _live(run_id: str, me: Person) -> None:
    with boundary():
        run = history.run(room.state(), run_id)
        if run.state.finished:
            st.rerun()  # the whole page: what stands around the run changes with its end
        draw(run, me)


def draw(run: Run, me: Person, taken: Collection[str] = ()) -> None:
    """Draw a run's state, progress and sum."""
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            badge(run, taken)
            st.caption(_("by {who}, {when}").format(who=plain(run.started_by), when=ago(run.queued_at)))
        counts = run.counts
        settled = counts.planned - counts.open
        if not run.state.finished:
            st.progress(settled / counts.planned if counts.planned else 0.0, text=sum_of(counts))
        else:
            st.markdown(f"**{sum_of(counts)}**")
        if run.started_at is not None:
            told = [
                n_("{n} request", "{n} requests", run.requests).format(n=number(run.requests)),
                n_("slowed down {n} time", "slowed down {n} times", run.throttled).format(n=number(run.throttled)),
                took(run),
            ]
            st.caption(" · ".join(told[::2] if not run.throttled else told))
        if run.problem:
            st.warning(plain(run.problem), icon=":material/warning:")
        if run.resume_at:
            st.caption(_("Goes on by itself {when}.").format(when=ago(run.resume_at)), help=exact(run.resume_at))
        if not run.state.finished and me.role >= Role.EXPORTER:
            _buttons(run, me)


def _buttons(run: Run, me: Person) -> None:
    with st.container(horizontal=True):
        if run.state is RunState.PAUSED:
            st.button(
                _("Go on now"),
                icon=":material/play_arrow:",
                key=f"resume {run.run_id}",
                on_click=act(_resume),
                args=(run.run_id, me.name),
            )
        st.button(
            _("Stop after this batch"),
            icon=":material/stop_circle:",
            key=f"cancel {run.run_id}",
            on_click=act(_cancel),
            args=(run.run_id, me.name),
            help=_("What was sent stays sent; you can undo it afterwards."),
        )


def _cancel(run_id: str, by: str) -> None:
    cancel(room.state(), run_id, by=by, clock=now)


def _resume(run_id: str, by: str) -> None:
    resume(room.state(), run_id, by=by, clock=now)
