"""Syncs as they were defined, version by version."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

from hubsync.core.errors import NotFound
from hubsync.core.sync import Sync, parse_sync
from hubsync.store.state import State


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of a sync, and who made it."""

    sync: Sync
    version: int
    changed_at: dt.datetime
    changed_by: str


def save(state: State, sync: Sync, *, by: str, at: dt.datetime) -> tuple[int, bool]:
    """Keep the sync as a new version; return its number and whether it is new: the same again makes none."""
    definition = json.dumps(sync.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    with state.transaction() as connection:
        newest = connection.execute(
            "select s.version, v.definition, s.archived from sync s join sync_version v using (key, version)"
            " where s.key = ?",
            (sync.key,),
        ).fetchone()
        if newest and newest["definition"] == definition and not newest["archived"]:
            return int(newest["version"]), False
        version = newest["version"] + 1 if newest else 1
        connection.execute(
            "insert into sync (key, version, position) values (?, ?, (select count(*) from sync))"
            " on conflict (key) do update set version = excluded.version, archived = 0",
            (sync.key, version),
        )
        connection.execute(
            "insert into sync_version values (?, ?, ?, ?, ?)",
            (sync.key, version, definition, at.astimezone(dt.UTC).isoformat(), by),
        )
    return version, True


def all_current(state: State) -> list[Version]:
    """Return the newest version of every sync that is not archived, in the order they were made."""
    return _versions(state, "s.version = v.version and not s.archived")


def current(state: State, key: str) -> Version:
    """Return a sync's newest version; NotFound names the syncs there are."""
    found = _versions(state, "s.version = v.version and not s.archived and s.key = ?", key)
    if not found:
        known = ", ".join(version.sync.key for version in all_current(state)) or "none yet"
        raise NotFound(f"There is no sync '{key}'.", f"Syncs here: {known}.", "Check the name, or apply a file.")
    return found[0]


def versions(state: State, key: str) -> list[Version]:
    """Return every version of a sync, oldest first."""
    return _versions(state, "s.key = ?", key)


def archive(state: State, key: str) -> None:
    """Take a sync off every list; its versions are kept."""
    with state.transaction() as connection:
        connection.execute("update sync set archived = 1 where key = ?", (key,))


def _versions(state: State, condition: str, *parameters: str) -> list[Version]:
    source = "select v.* from sync s join sync_version v using (key)"
    rows = state.read(f"{source} where {condition} order by s.position, v.version", parameters)
    return [
        Version(
            sync=parse_sync(json.loads(row["definition"])),
            version=row["version"],
            changed_at=dt.datetime.fromisoformat(row["changed_at"]),
            changed_by=row["changed_by"],
        )
        for row in rows
    ]
