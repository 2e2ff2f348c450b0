"""The SQLite file: opened per thread, migrated on first use, written in immediate transactions."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import resources

from hubsync.core.errors import HubsyncError
from hubsync.store.workspace import Workspace

Parameter = str | int | float | bytes | None
#: How long a writer waits for another process's transaction, in milliseconds.
BUSY_TIMEOUT = 10_000


class State:
    """One workspace's SQLite file; safe to share between threads, and between processes by its path.

    Every thread gets a connection of its own. Writes happen inside `transaction()`, which takes the write lock at
    once, so that what a transaction has read cannot change before it writes.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._local = threading.local()
        self._migrate()

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = sqlite3.connect(self.workspace.state_file, isolation_level=None, timeout=BUSY_TIMEOUT / 1000)
            found.row_factory = sqlite3.Row
            found.execute(f"pragma busy_timeout = {BUSY_TIMEOUT}")
            found.execute("pragma journal_mode = wal")
            found.execute("pragma synchronous = full")
            found.execute("pragma foreign_keys = on")
            self._local.connection = found
        return found

    def read(self, sql: str, parameters: Sequence[Parameter] = ()) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        return self.connection.execute(sql, parameters).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection that holds the write lock; all or nothing of the block is kept."""
        connection = self.connection
        if connection.in_transaction:  # a service called by another joins its transaction
            yield connection
            return
        connection.execute("begin immediate")
        try:
            yield connection
            connection.execute("commit")
        except BaseException:
            if connection.in_transaction:
                connection.execute("rollback")
            raise

    def close(self) -> None:
        """Close this thread's connection."""
        found = getattr(self._local, "connection", None)
        if found is not None:
            found.close()
            del self._local.connection

    def _migrate(self) -> None:
        scripts = sorted(
            (int(file.name[:4]), file.read_text())
            for file in (resources.files("hubsync.store") / "migrations").iterdir()
            if file.name.endswith(".sql")
        )
        newest = scripts[-1][0]
        if self._version() == newest:
            return
        with self.transaction() as connection:
            version = self._version()  # another process may have migrated while we waited
            if version > newest:
                raise HubsyncError(
                    "This workspace was written by a newer version of hubsync.",
                    f"It is at schema {version}, this program knows {newest}; nothing was changed.",
                    "Update hubsync, or choose another workspace with --home.",
                )
            for number, script in scripts:
                if number > version:
                    for statement in _statements(script):
                        connection.execute(statement)
                    connection.execute(f"pragma user_version = {number}")

    def _version(self) -> int:
        return int(self.connection.execute("pragma user_version").fetchone()[0])


def _statements(script: str) -> Iterator[str]:
    """Yield a script's statements; `executescript` would commit halfway."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
