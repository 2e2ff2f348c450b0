"""Keeping state: values in memory for speed, written through to one SQLite file so that a restart keeps everything."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, ItemsView, Iterator, ValuesView
from pathlib import Path
from typing import Generic, TypeVar

V = TypeVar("V")

#: Seconds to wait for a sandbox that is just letting go of its file.
_PATIENCE = 5.0
#: kind, key, body as JSON text; a body of None removes the row.
Change = tuple[str, str, str | None]


class Shelf(Generic[V]):
    """The values of one kind by key; remembers which keys changed since they were last written."""

    def __init__(self, kind: str, encode: Callable[[V], str], decode: Callable[[str, str], V]) -> None:
        self.kind = kind
        self._encode = encode
        self._decode = decode
        self._rows: dict[str, V] = {}
        self._changed: dict[str, None] = {}

    def get(self, key: str) -> V | None:
        """Return the value, or None."""
        return self._rows.get(key)

    def put(self, key: str, value: V) -> None:
        """Keep a value, in memory now and on disk with the next `changes`."""
        self._rows[key] = value
        self._changed[key] = None

    def drop(self, key: str) -> None:
        """Forget a value; unknown keys are fine."""
        if self._rows.pop(key, None) is not None:
            self._changed[key] = None

    def clear(self) -> None:
        """Forget all values."""
        self._changed.update(dict.fromkeys(self._rows))
        self._rows.clear()

    def load(self, key: str, body: str) -> None:
        """Take a value as it stands on disk."""
        self._rows[key] = self._decode(key, body)

    def values(self) -> ValuesView[V]:
        """Return all values, in the order in which their keys first came."""
        return self._rows.values()

    def items(self) -> ItemsView[str, V]:
        """Return all keys with their values."""
        return self._rows.items()

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def changes(self) -> Iterator[Change]:
        """Yield what must be written, once."""
        changed, self._changed = self._changed, {}
        for key in changed:
            value = self._rows.get(key)
            yield self.kind, key, None if value is None else self._encode(value)

    @property
    def dirty(self) -> bool:
        """Whether anything waits to be written."""
        return bool(self._changed)


class StateFile:
    """One SQLite file that holds every shelf; without a path it keeps nothing. One sandbox at a time may use it.

    Raises OSError where the file is another sandbox's or no state at all.
    `synchronous=OFF`: a killed process loses nothing, a power cut may, which is fine for a sandbox.
    """

    def __init__(self, path: Path | None) -> None:
        self._db: sqlite3.Connection | None = None
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        # Made by the thread that starts the server, used by the server's own thread only.
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=_PATIENCE)
        try:
            # Two sandboxes over one file would each overwrite what the other remembers.
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=OFF")
            self._db.execute("BEGIN EXCLUSIVE")
            self._db.execute(
                "CREATE TABLE IF NOT EXISTS shelf (kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,"
                " PRIMARY KEY (kind, key))"
            )
            self._db.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise OSError(f"{path} cannot be used ({error}): another sandbox may hold it") from error

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Yield kind, key and body of everything kept, in the order it was first written."""
        if self._db is not None:
            yield from self._db.execute("SELECT kind, key, body FROM shelf ORDER BY rowid")

    def write(self, changes: Iterator[Change]) -> None:
        """Write changes in one transaction."""
        if self._db is None:
            for _ in changes:  # the shelves forget what they need not write
                pass
            return
        self._db.execute("BEGIN")
        for kind, key, body in changes:
            if body is None:
                self._db.execute("DELETE FROM shelf WHERE kind = ? AND key = ?", (kind, key))
            else:
                self._db.execute(
                    "INSERT INTO shelf VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
                    (kind, key, body),
                )
        self._db.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        if self._db is not None:
            self._db.close()
            self._db = None
