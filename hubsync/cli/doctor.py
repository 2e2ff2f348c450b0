"""Examines an installation: versions, workspace, data, connection."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import sys

from hubsync.cli.session import Session, now
from hubsync.core.errors import HubsyncError
from hubsync.store import audit, snapshot
from hubsync.store import connection as connections
from hubsync.store import schedule as waits

PACKAGES = ("streamlit", "duckdb", "pandas", "plotly", "hubspot-api-client", "ibis-framework")

#: A worker looks twice a second, cron every few minutes.
OVERDUE = dt.timedelta(minutes=15)


def examine(session: Session) -> list[dict[str, object]]:
    """Return one `{name, ok, detail}` per check; nothing is changed and nothing raised."""
    return [
        _check("python", ok=sys.version_info >= (3, 11), detail=sys.version.split()[0]),
        *(_package(name) for name in PACKAGES),
        _check("workspace", ok=os.access(session.workspace.home, os.W_OK), detail=str(session.workspace.home)),
        _audit(session),
        _behaviour(session),
        _connection(session),
        _schedules(session),
    ]


def _check(name: str, *, ok: bool, detail: str) -> dict[str, object]:
    return {"name": name, "ok": ok, "detail": detail}


def _package(name: str) -> dict[str, object]:
    try:
        return _check(name, ok=True, detail=importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return _check(name, ok=False, detail="not installed; run: make run")


def _audit(session: Session) -> dict[str, object]:
    broken = audit.first_broken(session.state)
    return _check("audit log", ok=broken is None, detail="chain verifies" if broken is None else f"breaks at {broken}")


def _behaviour(session: Session) -> dict[str, object]:
    from hubsync.behaviour.tables import counts

    loaded = counts(session.workspace)
    features = snapshot.latest(session.workspace, "features")
    made = f"features made {features.made_at:%Y-%m-%d %H:%M} UTC" if features else "no feature table yet"
    detail = f"{loaded['customers']:,} customers, {loaded['events']:,} events, {made}"
    return _check("behaviour data", ok=features is not None, detail=detail)


def _schedules(session: Session) -> dict[str, object]:
    waiting = [one for one in waits.everything(session.state).values() if one.next_at is not None]
    overdue = [one.sync_key for one in waiting if one.next_at is not None and now() - one.next_at > OVERDUE]
    if overdue:
        detail = f"{', '.join(overdue)} should have run by now; start one: python -m hubsync worker"
        return _check("schedules", ok=False, detail=detail)
    return _check("schedules", ok=True, detail=f"{len(waiting)} by the clock, none overdue")


def _connection(session: Session) -> dict[str, object]:
    if connections.active(session.state) is None:
        return _check("connection", ok=False, detail="no portal is connected; run: python -m hubsync connect")
    from hubsync.portal.account import details

    try:
        with session.portal() as (connection, gateway):
            found = details(gateway)
        same = str(found.portal_id) == connection.portal_id
        return _check("connection", ok=same, detail=f"portal {found.portal_id} at {connection.base_url}")
    except HubsyncError as error:
        return _check("connection", ok=False, detail=str(error))
