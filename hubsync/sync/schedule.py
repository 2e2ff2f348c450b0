"""When syncs' turns come: keeping syncs, asking for what came round, and asking by hand."""

from __future__ import annotations

import datetime as dt
import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from hubsync.core.errors import NotFound
from hubsync.core.schedule import After, came_round, next_time
from hubsync.core.sync import Sync
from hubsync.core.turn import SCHEDULE, Health, Part, Turn, TurnState
from hubsync.store import alert, audit, turn
from hubsync.store import connection as connections
from hubsync.store import schedule as waits
from hubsync.store import sync as syncs
from hubsync.store.schedule import Waiting
from hubsync.store.state import State
from hubsync.store.sync import Version
from hubsync.sync import freshness

Clock = Callable[[], dt.datetime]
log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One sync, when its turn comes, and how it stands."""

    version: Version
    #: None where it waits for nothing: it is off, or has no schedule.
    waiting: Waiting | None
    last: Turn | None
    #: None before its first turn.
    health: Health | None
    since: dt.datetime | None


def standings(state: State) -> list[Standing]:
    """Return every sync as it stands, in the order they were made."""
    waiting, last, health = waits.everything(state), turn.newest(state), alert.standing(state)
    return [
        Standing(
            version=one,
            waiting=waiting.get(one.sync.key),
            last=last.get(one.sync.key),
            health=health[one.sync.key].health if one.sync.key in health else None,
            since=health[one.sync.key].since if one.sync.key in health else None,
        )
        for one in syncs.all_current(state)
    ]


def keep(state: State, sync: Sync, *, by: str, clock: Clock) -> int:
    """Keep a sync as it is defined now and return its version; the same again changes nothing.

    A changed sync waits from now on for what its new schedule says, and may write to the portal connected now.
    """
    with state.transaction() as connection:
        version, new = syncs.save(state, sync, by=by, at=clock())
        if new:
            _wait(state, connection, sync, clock())
            audit.record(state, at=clock(), actor=by, act="sync", subject=sync.key, detail=f"version {version}")
    return version


def enable(state: State, key: str, *, on: bool, by: str, clock: Clock) -> int:
    """Turn a sync's schedule on, for the portal that is connected now, or off; return its version."""
    with state.transaction() as connection:
        sync = syncs.current(state, key).sync.model_copy(update={"enabled": on})
        version, _ = syncs.save(state, sync, by=by, at=clock())
        _wait(state, connection, sync, clock())
        portal = connections.active(state)
        detail = f"on, for portal {portal.portal_id if portal else 'none yet'}" if on else "off"
        audit.record(state, at=clock(), actor=by, act="schedule", subject=key, detail=detail)
    return version


def remove(state: State, key: str, *, by: str, clock: Clock) -> None:
    """Forget a sync; what it wrote stays in HubSpot, and its runs in the history. Raises NotFound."""
    with state.transaction() as connection:
        syncs.current(state, key)
        syncs.archive(state, key)
        waits.drop(connection, key)
        turn.cancel(connection, key, clock())
        alert.forget(connection, key)
        audit.record(state, at=clock(), actor=by, act="remove sync", subject=key)


def ask(state: State, key: str, *, by: str, clock: Clock) -> int:
    """Ask for a turn of a sync now and return its number; one that is open already is looked at now instead."""
    at = clock()
    with state.transaction() as connection:
        version = syncs.current(state, key)
        portal = connections.required(state)
        wanted = _turn(version, asked_by=by, at=at, due_at=at, portal_id=portal.portal_id)
        number = turn.ask(connection, wanted)
        audit.record(state, at=at, actor=by, act="ask for sync", subject=key)
        return number if number is not None else turn.hurry(connection, key, at)


def ask_due(state: State, clock: Clock) -> list[int]:
    """Ask for a turn of every sync whose time or event has come; return the new turns' numbers.

    Times that went by while nothing ran are one turn, not many; how many they were is kept with it.
    """
    asked = []
    for waiting in waits.perhaps_due(state, clock()):
        try:
            number = _come_round(state, waiting.sync_key, clock())
        except NotFound:
            continue  # removed meanwhile
        if number is not None:
            asked.append(number)
    return asked


def _come_round(state: State, key: str, now: dt.datetime) -> int | None:
    version = syncs.current(state, key)
    schedule = version.sync.schedule
    news = _news(state, version.sync)
    with state.transaction() as connection:
        waiting = waits.get(connection, key)
        if waiting is None or schedule is None:
            return None
        if isinstance(schedule, After):
            if news == waiting.seen:
                return None
            wanted = _turn(version, asked_by=SCHEDULE, at=now, due_at=now, portal_id=waiting.portal_id)
            number = turn.ask(connection, wanted)
            if number is not None:  # else it is news still once the open turn is over
                waits.see(connection, key, news)
            return number
        times = came_round(schedule, waiting.looked_at, now)
        looked_at = max(waiting.looked_at, now)  # a clock set back repeats nothing
        waits.put(
            connection,
            Waiting(
                sync_key=key,
                portal_id=waiting.portal_id,
                looked_at=looked_at,
                next_at=next_time(schedule, looked_at),
                seen=waiting.seen,
            ),
        )
        if not times:
            return None
        wanted = _turn(
            version,
            asked_by=SCHEDULE,
            at=now,
            due_at=times[-1],
            portal_id=waiting.portal_id,
            missed=len(times) - 1,
        )
        number = turn.ask(connection, wanted)
        if number is None:
            turn.missed(connection, key, len(times))
    if len(times) > 1:
        log.warning("Sync %s: %d earlier times went by while no worker ran; it runs once.", key, len(times) - 1)
    return number


def _wait(state: State, connection: sqlite3.Connection, sync: Sync, at: dt.datetime) -> None:
    """Let a sync wait for what its schedule says, from `at` on."""
    if not sync.enabled or sync.schedule is None:
        waits.drop(connection, sync.key)
        turn.cancel(connection, sync.key, at)
        return
    portal = connections.active(state)
    waits.put(
        connection,
        Waiting(
            sync_key=sync.key,
            portal_id=portal.portal_id if portal else "",
            looked_at=at,
            next_at=next_time(sync.schedule, at),
            seen=_news(state, sync),
        ),
    )


def _news(state: State, sync: Sync) -> str:
    if not isinstance(sync.schedule, After):
        return ""
    return (freshness.data if sync.schedule.after == "load" else freshness.features)(state.workspace)


def _turn(
    version: Version, *, asked_by: str, at: dt.datetime, due_at: dt.datetime, portal_id: str, missed: int = 0
) -> Turn:
    return Turn(
        number=0,
        sync_key=version.sync.key,
        version=version.version,
        portal_id=portal_id,
        asked_by=asked_by,
        asked_at=at,
        due_at=due_at,
        missed=missed,
        state=TurnState.OPEN,
        parts=tuple(Part(segment_key=key) for key in version.sync.segments),
        tries=0,
        again_at=at,
        waits_for="",
        ended_at=None,
        told=None,
    )
