"""A sync as a reader sees it: what it keeps in step, when its turn comes, how it stands, and what can be done to it."""

from __future__ import annotations

import streamlit as st

from hubsync.core import notice
from hubsync.core.schedule import words
from hubsync.core.turn import Health, Turn, TurnState
from hubsync.sync import schedule
from hubsync.sync.schedule import Standing
from pages.parts import room, run
from pages.parts.access import Person
from pages.parts.boundary import act
from pages.parts.figure import number
from pages.parts.language import _, language, n_
from pages.parts.markdown import plain
from pages.parts.moment import ago, exact, now

COLOURS = {Health.FINE: "green", Health.WARNING: "orange", Health.FAILING: "red"}
ICONS = {
    Health.FINE: ":material/check_circle:",
    Health.WARNING: ":material/warning:",
    Health.FAILING: ":material/error:",
}


def health_word(health: Health) -> str:
    """Return how a sync stands, in a word."""
    return {Health.FINE: _("Fine"), Health.WARNING: _("Not all right"), Health.FAILING: _("Failing")}[health]


def draw(one: Standing, titles: dict[str, str], me: Person) -> None:
    """Draw one sync; `titles` are the segments' names by key."""
    sync = one.version.sync
    with st.container(border=True, key=f"sync {sync.key}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            who = ", ".join(titles.get(key, key) for key in sync.segments)
            st.markdown(f"**{plain(who)}** → {run.target_word(sync.target)}", width="stretch")
            if one.health is not None:
                st.badge(health_word(one.health), icon=ICONS[one.health], color=COLOURS[one.health])  # type: ignore[arg-type]
        st.caption(f"{plain(sync.key)} · {plain(words(sync.schedule, language()))} · {_next(one)}")
        if one.last is not None:
            _last(one.last, titles)
        with st.container(horizontal=True):
            st.button(
                _("Run now"),
                icon=":material/play_arrow:",
                key=f"ask {sync.key}",
                on_click=act(_ask),
                args=(sync.key, me.name),
                disabled=one.last is not None and one.last.state is TurnState.OPEN and not one.last.waits_for,
                help=_("Pulls, computes, plans, and sends what no guard forbids."),
            )
            if sync.schedule is not None:
                on = one.waiting is not None
                st.button(
                    _("Turn off") if on else _("Turn on"),
                    icon=":material/pause:" if on else ":material/event_repeat:",
                    key=f"switch {sync.key}",
                    on_click=act(_switch),
                    args=(sync.key, not on, me.name),
                    help=None if on else _("From now on, for the portal that is connected now."),
                )
            st.button(
                _("Remove"),
                icon=":material/delete:",
                key=f"remove {sync.key}",
                on_click=act(_remove),
                args=(sync.key, me.name),
                help=_("What it wrote stays in HubSpot, and its runs in the history."),
            )


def _next(one: Standing) -> str:
    if one.waiting is None:
        return _("only by hand") if one.version.sync.schedule is None else _("off")
    if one.waiting.next_at is None:
        return _("waits for it")
    return _("next {when}").format(when=f"{ago(one.waiting.next_at)}, {exact(one.waiting.next_at)}")


def _last(turn: Turn, titles: dict[str, str]) -> None:
    """Draw the newest turn: what came of it, what was missed, and where to look."""
    if turn.missed:
        st.caption(
            n_(
                "{n} earlier time went by while nothing ran; it was made up for once.",
                "{n} earlier times went by while nothing ran; they were made up for once.",
                turn.missed,
            ).format(n=number(turn.missed))
        )
    told = turn.told
    if told is None:
        at = turn.again_at
        st.caption(_("Under way since {when}.").format(when=ago(turn.asked_at)) if at <= now() else _goes_on(turn))
        return
    health = told.reason.health or Health.FINE
    said = notice.words(
        told,
        sync_key=turn.sync_key,
        before=health,
        after=health,
        segment=titles.get(told.segment_key, told.segment_key),
        language=language(),
    )
    when = ago(turn.ended_at or turn.asked_at)
    if health is Health.FINE:
        st.caption(f"{when}: {plain(said.happened)}")
    else:
        text = f"**{plain(said.happened)}** {plain(said.kept)}\n\n:material/arrow_forward: {plain(said.to_do)}"
        (st.warning if health is Health.WARNING else st.error)(text)
        st.caption(when)
    if told.run_id:
        st.page_link(
            "history.py",
            label=_("Open the run"),
            icon=":material/history:",
            query_params={"run": told.run_id},
        )
    elif told.plan_id:
        st.page_link(
            "export.py",
            label=_("Open the plan"),
            icon=":material/preview:",
            query_params={"plan": told.plan_id},
        )


def _goes_on(turn: Turn) -> str:
    return _("Goes on by itself {when}.").format(when=ago(turn.again_at))


def _ask(key: str, by: str) -> None:
    schedule.ask(room.state(), key, by=by, clock=now)


def _switch(key: str, on: bool, by: str) -> None:  # noqa: FBT001 - a button's argument
    schedule.enable(room.state(), key, on=on, by=by, clock=now)


def _remove(key: str, by: str) -> None:
    schedule.remove(room.state(), key, by=by, clock=now)
