"""Segments as they were defined, version by version."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

from hubsync.core.errors import NotFound
from hubsync.core.segment import Segment, parse_segment
from hubsync.store.state import State


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of a segment, and who made it."""

    segment: Segment
    version: int
    changed_at: dt.datetime
    changed_by: str


def save(state: State, segment: Segment, *, by: str, at: dt.datetime) -> int:
    """Keep the segment as a new version and return its number; the same definition again makes none."""
    definition = json.dumps(segment.model_dump(mode="json", by_alias=True), sort_keys=True, ensure_ascii=False)
    with state.transaction() as connection:
        newest = connection.execute(
            "select s.version, v.definition, s.archived from segment s join segment_version v using (key, version)"
            " where s.key = ?",
            (segment.key,),
        ).fetchone()
        if newest and newest["definition"] == definition and not newest["archived"]:
            return int(newest["version"])
        version = newest["version"] + 1 if newest else 1
        connection.execute(
            "insert into segment (key, version, position) values (?, ?, (select count(*) from segment))"
            " on conflict (key) do update set version = excluded.version, archived = 0",
            (segment.key, version),
        )
        connection.execute(
            "insert into segment_version values (?, ?, ?, ?, ?)",
            (segment.key, version, definition, at.astimezone(dt.UTC).isoformat(), by),
        )
    return version


def all_current(state: State) -> list[Version]:
    """Return the newest version of every segment that is not archived, in screen order."""
    return _versions(state, "s.version = v.version and not s.archived")


def current(state: State, key: str) -> Version:
    """Return a segment's newest version; NotFound names the segments there are."""
    found = _versions(state, "s.version = v.version and not s.archived and s.key = ?", key)
    if not found:
        known = ", ".join(version.segment.key for version in all_current(state)) or "none yet"
        raise NotFound(f"There is no segment '{key}'.", f"Segments here: {known}.", "Check the name, or apply a file.")
    return found[0]


def versions(state: State, key: str) -> list[Version]:
    """Return every version of a segment, oldest first."""
    return _versions(state, "s.key = ?", key)


def archive(state: State, key: str) -> None:
    """Take a segment off every list; its versions are kept."""
    with state.transaction() as connection:
        if connection.execute("update segment set archived = 1 where key = ?", (key,)).rowcount == 0:
            raise NotFound(f"There is no segment '{key}'.", "Nothing was archived.", "Check the name.")


def _versions(state: State, condition: str, *parameters: str) -> list[Version]:
    source = "select v.* from segment s join segment_version v using (key)"
    rows = state.read(f"{source} where {condition} order by s.position, v.version", parameters)
    return [
        Version(
            segment=parse_segment(json.loads(row["definition"])),
            version=row["version"],
            changed_at=dt.datetime.fromisoformat(row["changed_at"]),
            changed_by=row["changed_by"],
        )
        for row in rows
    ]
