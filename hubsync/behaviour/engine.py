"""Where measures are computed: DuckDB in memory over Parquet files, spoken to through Ibis expressions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubsync.core.errors import BadInput, HubsyncError

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    from ibis.expr import types as ir


@dataclass(frozen=True, kw_only=True)
class Engine:
    """One connection, of one thread, for as long as one piece of work takes."""

    _db: duckdb.DuckDBPyConnection

    def table(self, name: str, file: Path) -> ir.Table:
        """Return the Parquet file as a table called `name`, to build expressions on.

        The table is unbound: Ibis 12 cannot read results of DuckDB 2 itself, so it only writes the SQL.
        """
        import ibis  # noqa: PLC0415 - costs a third of a second, so only where something is computed
        import pyarrow.parquet as pq  # noqa: PLC0415

        self._db.execute(
            f"create or replace temp view {identifier(name)} as from read_parquet({literal(str(file))})"
        ).fetchall()
        return ibis.table(ibis.Schema.from_pyarrow(pq.read_schema(file)), name=name)

    def rows(self, name: str, rows: pa.Table) -> ir.Table:
        """Return an Arrow table as a table called `name`, to build expressions on."""
        import ibis  # noqa: PLC0415

        self.register(name, rows)
        return ibis.table(ibis.Schema.from_pyarrow(rows.schema), name=name)

    def run(self, expression: ir.Table) -> pa.Table:
        """Return the rows of an expression over this engine's tables.

        Raises HubsyncError where the engine cannot compute it (a number too large for its column, no memory left).
        """
        import ibis  # noqa: PLC0415

        return self.query(ibis.to_sql(expression, dialect="duckdb"))

    def query(self, sql: str, **values: Any) -> pa.Table:  # noqa: ANN401 - whatever DuckDB takes as a parameter
        """Return the rows of our own SQL, `$name` standing for a value; errors as for `run`."""
        with _in_words():
            # A relation is lazy and must be read at once: an unread result blocks its connection.
            return self._db.sql(sql, params=values or None).to_arrow_table()

    def execute(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401
        """Run a statement that yields few rows or none, and return them; errors as for `run`."""
        with _in_words():
            rows: list[tuple[Any, ...]] = self._db.execute(sql, values or None).fetchall()
        return rows

    def register(self, name: str, rows: pa.Table) -> None:
        """Make an Arrow table readable by `name` in SQL."""
        self._db.register(name, rows)


@contextmanager
def open_engine() -> Iterator[Engine]:
    """Yield the engine that HUBSYNC_ENGINE names; empty is DuckDB on this machine.

    Raises BadInput for any other.
    """
    url = os.environ.get("HUBSYNC_ENGINE", "").strip()
    if url:
        raise BadInput(
            f"The engine '{url.partition('://')[0]}' is not supported.",
            "Nothing was computed.",
            "Leave HUBSYNC_ENGINE empty: DuckDB then computes on this machine.",
        )
    import duckdb  # noqa: PLC0415

    # Nothing is ever fetched from the network, and a time without a zone is UTC.
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as db:
        db.execute("set TimeZone = 'UTC'").fetchall()
        yield Engine(_db=db)


@contextmanager
def _in_words() -> Iterator[None]:
    """Turn an error of DuckDB into one of ours."""
    import duckdb  # noqa: PLC0415

    try:
        yield
    except duckdb.Error as error:
        raise HubsyncError(
            "The behaviour data could not be computed.",
            str(error).splitlines()[0],
            "Check the measure it names; if none, load the data again or give the machine more memory.",
        ) from error


def identifier(name: str) -> str:
    """Return a name quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text quoted for SQL, for statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"
