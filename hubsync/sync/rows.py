"""A plan's rows, read by position while its run goes through them."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from hubsync.core.plan import Change, Op

if TYPE_CHECKING:
    import duckdb

#: Rows read at once; batches follow each other, so most of them find theirs in memory.
PAGE = 20_480
_NAMES = ("row", "op", "customer_id", "contact_id", "field", "old", "new", "reason")


class Rows:
    """The rows of one plan's file; use it in a `with` block."""

    def __init__(self, file: Path) -> None:
        self._path = str(file).replace("'", "''")
        self._con: duckdb.DuckDBPyConnection | None = None
        self._first = 0
        self._page: list[Change] = []

    def __enter__(self) -> Self:
        import duckdb  # noqa: PLC0415 - the command line starts without it

        self._con = duckdb.connect(config={"autoinstall_known_extensions": False, "threads": 1})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._con
        self._con.close()

    def between(self, first: int, last: int) -> list[Change]:
        """Return the rows from `first` to `last`, both included."""
        if not self._first <= first <= last < self._first + len(self._page):
            self._first, self._page = first, self._read(first, max(last, first + PAGE - 1))
        return self._page[first - self._first : last - self._first + 1]

    def _read(self, first: int, last: int) -> list[Change]:
        assert self._con
        found = self._con.execute(
            f"select {', '.join(_NAMES)} from read_parquet('{self._path}') where row between ? and ? order by row",  # noqa: S608 - our own path
            [first, last],
        ).fetchall()
        return [
            Change(
                row=row[0],
                op=Op(row[1]),
                customer_id=row[2],
                contact_id=row[3],
                field=row[4],
                old=row[5],
                new=row[6],
                reason=row[7],
            )
            for row in found
        ]
