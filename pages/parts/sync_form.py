"""The form for a new sync: which segments, where to, when, and how far guards may be passed."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

import streamlit as st

from hubsync.core import naming
from hubsync.core.connection import Connection
from hubsync.core.plan import NAMELESS, Target
from hubsync.core.sync import parse_sync
from hubsync.sync import schedule
from pages.parts import room, run
from pages.parts.access import Person
from pages.parts.boundary import act
from pages.parts.language import _, language
from pages.parts.markdown import plain
from pages.parts.moment import now, zone

#: Targets that need nothing more to be said; the others come from a file.
TARGETS = (Target.STATIC_LIST, Target.ACTIVE_LIST, Target.PROPERTIES, Target.LEAD_SCORE)
KINDS = ("daily", "weekly", "hourly", "cron", "load", "refresh", "none")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: Guards that a sync may pass, by the name of what is allowed.
GUARDS = ("removals", "creates", "size_change")
#: The morning, before anybody looks.
EARLY = dt.time(6)


def draw(titles: dict[str, str], portal: Connection | None, me: Person) -> None:
    """Draw the form; it keeps a sync of another key as a new one, of the same key as a new version."""
    who, what = st.columns(2, gap="medium")
    with who:
        segments = st.multiselect(
            _("Segments"),
            list(titles),
            format_func=lambda key: titles[key],
            placeholder=_("Choose one or more"),
            key="sync segments",
        )
    with what:
        target = st.selectbox(_("Keep in step"), TARGETS, format_func=run.target_word, key="sync target")
    if target not in NAMELESS:
        st.selectbox(
            _("Name lists by"),
            [pattern.key for pattern in naming.PATTERNS],
            format_func=lambda key: _pattern(key, titles, segments),
            key="sync pattern",
        )
    _when()
    with st.expander(_("Guards that may be passed without a person"), icon=":material/shield:", key="sync allow"):
        _allow()
    st.text_input(
        _("Key"),
        placeholder=_proposed(segments, target),
        key="sync key",
        help=_("Lower-case letters, digits and underscores."),
    )
    ready = bool(segments)
    if portal is not None and not portal.is_test:
        ready &= st.checkbox(
            _("It may write to the real portal {id} by itself.").format(id=plain(portal.portal_id)), key="sync real"
        )
    st.button(
        _("Save the sync"),
        type="primary",
        icon=":material/event_repeat:",
        key="sync save",
        disabled=not ready,
        on_click=act(_save),
        args=(me.name,),
    )


def _save(by: str) -> None:
    schedule.keep(room.state(), parse_sync(_given()), by=by, clock=now)


def _given() -> dict[str, Any]:
    """Return what the form holds now, as a file would say it: a value typed just before the click counts too."""
    held = {name.removeprefix("sync "): value for name, value in st.session_state.items() if isinstance(name, str)}
    allow = {name: held.get(f"allow {name}") for name in GUARDS}
    found: dict[str, Any] = {
        "key": held["key"] or _proposed(held["segments"], held["target"]),
        "segments": held["segments"],
        "target": held["target"],
        "language": language(),
        "schedule": _schedule(held),
        "allow": {name: int(value) for name, value in allow.items() if value is not None},
    }
    if held["target"] not in NAMELESS:
        found["list_pattern"] = held["pattern"]
    return found


def _schedule(held: dict[str, Any]) -> dict[str, Any] | None:
    kind = held["when"]
    if kind == "none":
        return None
    if kind in {"load", "refresh"}:
        return {"after": kind}
    zone = {"zone": held["zone"]}
    if kind == "hourly":
        return {"hourly": int(held["minute"]), **zone}
    if kind == "cron":
        return {"cron": held["cron"], **zone}
    at = f"{held['time']:%H:%M}"
    return {"daily": at, **zone} if kind == "daily" else {"weekly": held["days"], "at": at, **zone}


def _proposed(segments: list[str], target: str) -> str:
    return "_".join([*segments[:1], target])


def _pattern(key: str, titles: dict[str, str], segments: list[str]) -> str:
    pattern = next(one for one in naming.PATTERNS if one.key == key)
    return pattern.name(titles[segments[0]] if segments else "…", now().date(), language())


def _when() -> None:
    names = {
        "daily": _("Every day"),
        "weekly": _("On days of the week"),
        "hourly": _("Every hour"),
        "cron": _("By a cron expression"),
        "load": _("After data is loaded"),
        "refresh": _("After members are computed"),
        "none": _("Only when asked for"),
    }
    kind = st.selectbox(_("When"), KINDS, format_func=lambda one: names[one], key="sync when")
    if kind in {"load", "refresh", "none"}:
        return
    at, where = st.columns(2, gap="medium")
    with at:
        if kind == "weekly":
            days = dict(zip(DAYS, (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")), strict=True))
            st.pills(
                _("Days"),
                DAYS,
                selection_mode="multi",
                default=["mon"],
                format_func=lambda day: days[day],
                key="sync days",
            )
        if kind == "hourly":
            st.number_input(_("Minute of the hour"), 0, 59, 0, key="sync minute")
        elif kind == "cron":
            st.text_input(_("Minute, hour, day, month, day of the week"), "0 6 * * 1-5", key="sync cron")
        else:
            st.time_input(_("At"), EARLY, step=dt.timedelta(minutes=5), key="sync time")
    with where:
        zones = sorted(zoneinfo.available_timezones())
        mine = str(zone())
        st.selectbox(_("Time zone"), zones, index=zones.index(mine if mine in zones else "UTC"), key="sync zone")


def _allow() -> None:
    st.caption(_("In people; empty asks a person each time. An empty source is never passed."))
    labels = (_("Taken off at once"), _("Contacts created at once"), _("Change of the segment's size"))
    for column, name, label in zip(st.columns(len(GUARDS)), GUARDS, labels, strict=True):
        with column:
            st.number_input(label, min_value=0, value=None, step=1, key=f"sync allow {name}")
