"""Alerts: each change of how a sync stands goes out once, through every channel that is set up."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from collections.abc import Callable

from hubsync.core.errors import NotFound
from hubsync.core.notice import Message, words
from hubsync.core.turn import Health, Reason, Told
from hubsync.store import alert
from hubsync.store import connection as connections
from hubsync.store import segment as segments
from hubsync.store.alert import Notice
from hubsync.store.state import State
from hubsync.sync.alerts_channel import NotDelivered
from hubsync.sync.alerts_settings import Settings

log = logging.getLogger(__name__)


def deliver(state: State, settings: Settings, clock: Callable[[], dt.datetime]) -> int:
    """Send what is to be sent now and return how many notices arrived.

    A notice is noted before it is sent: a crash in between has it sent again, under the same id. One that does not
    arrive is tried again, later and later; those after it wait, so that a recovery never overtakes its failure.
    """
    arrived = 0
    for channel in settings.channels:
        while notice := alert.next_for(state, channel.name, clock()):
            if not alert.begin(state, notice, channel.name, clock()):
                break  # another worker is just sending it
            try:
                remark = channel.send(message(state, notice, settings, at=clock()))
            except NotDelivered as error:
                log.warning("Notice %d did not go out by %s: %s", notice.number, channel.name, error)
                alert.not_sent(state, notice, channel.name, str(error))
                break
            if remark:
                log.warning("Notice %d went out by %s: %s", notice.number, channel.name, remark)
            alert.sent(state, notice, channel.name, remark)
            arrived += 1
    return arrived


def message(state: State, notice: Notice, settings: Settings, *, at: dt.datetime) -> Message:
    """Return what is sent of a notice at a moment."""
    told = notice.told
    said = words(
        told,
        sync_key=notice.sync_key,
        before=notice.before,
        after=notice.after,
        segment=_title(state, told.segment_key, settings),
        language=settings.language,
    )
    portal = connections.active(state)
    return Message(
        id=f"notice-{notice.number}",
        at=notice.at,
        sent_at=at,
        sync_key=notice.sync_key,
        portal_id=portal.portal_id if portal else "",
        before=notice.before,
        after=notice.after,
        told=told,
        words=said,
        link=settings.app_url + where(told, notice.sync_key),
        language=settings.language,
    )


def where(told: Told, sync_key: str) -> str:
    """Return the page that shows more: the run, else the plan, else the sync."""
    if told.run_id:
        return f"/history?run={told.run_id}"
    if told.plan_id:
        return f"/export?plan={told.plan_id}"
    return f"/schedules?sync={sync_key}"


def try_out(settings: Settings, clock: Callable[[], dt.datetime]) -> dict[str, str]:
    """Send a notice that means nothing through every channel; return by channel what went wrong, "" where nothing."""
    told, at = Told(reason=Reason.DONE, figures={"planned": 0, "confirmed": 0}), clock()
    said = words(told, sync_key="test", before=Health.FINE, after=Health.FINE, language=settings.language)
    sample = Message(
        id=f"test-{secrets.token_hex(6)}",
        at=at,
        sent_at=at,
        sync_key="test",
        portal_id="",
        before=Health.FINE,
        after=Health.FINE,
        told=told,
        words=said,
        link=settings.app_url + "/schedules",
        language=settings.language,
    )
    found = {}
    for channel in settings.channels:
        try:
            found[channel.name] = channel.send(sample)
        except NotDelivered as error:
            found[channel.name] = str(error)
    return found


def _title(state: State, segment_key: str, settings: Settings) -> str:
    if not segment_key:
        return ""
    try:
        return segments.current(state, segment_key).segment.title(settings.language)
    except NotFound:
        return segment_key
