"""Moments as a reader sees them: how long ago, and exactly when in their own time zone."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from babel.dates import format_date, format_datetime, format_timedelta

from hubsync.store.snapshot import Snapshot
from pages.parts.figure import MISSING
from pages.parts.language import _, locale

JUST_NOW = dt.timedelta(seconds=45)


def now() -> dt.datetime:
    """Return this moment, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def zone() -> dt.tzinfo:
    """Return the browser's time zone, UTC where it does not say or we do not know it."""
    try:
        return ZoneInfo(st.context.timezone) if st.context.timezone else dt.UTC
    except (ZoneInfoNotFoundError, ValueError):
        return dt.UTC


def ago(moment: dt.datetime | None, at: dt.datetime | None = None) -> str:
    """Return "5 minutes ago" or "in 2 hours"; "–" for no moment."""
    if moment is None:
        return MISSING
    past = (at or now()) - moment
    if abs(past) < JUST_NOW:
        return _("just now")
    return str(format_timedelta(-past, add_direction=True, locale=locale()))


def exact(moment: dt.datetime | None) -> str:
    """Return date and time with the zone, in the reader's zone."""
    if moment is None:
        return MISSING
    local = moment.astimezone(zone())
    return f"{format_datetime(local, format='medium', locale=locale(), tzinfo=zone())} {local.strftime('%Z') or 'UTC'}"


def day(moment: dt.datetime | None) -> str:
    """Return the date alone."""
    return MISSING if moment is None else str(format_date(moment.astimezone(zone()), locale=locale()))


def as_of(features: Snapshot) -> dt.datetime:
    """Return the time a feature table speaks of, which for data of the past is not when it was made."""
    return dt.datetime.fromisoformat(str(features.meta.get("as_of") or features.made_at.isoformat()))


def local(moment: dt.datetime | None) -> dt.datetime | None:
    """Return the moment in the reader's zone, for table columns that sort by it."""
    return moment.astimezone(zone()) if moment else None
