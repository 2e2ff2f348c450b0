"""A plan's files: changes put in order, numbered, hashed, and moved into place whole."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from hubsync.core.plan import Change, Op
from hubsync.store.workspace import Workspace

if TYPE_CHECKING:
    import duckdb

COLUMNS = ("op", "customer_id", "contact_id", "field", "old", "new", "reason")
#: Changes held in memory at once.
PAGE = 10_000
#: Rows of one group of the Parquet file: a batch of a run reads one or two groups.
ROW_GROUP = 20_480


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What was written, before it has a name."""

    folder: Path
    #: Rows by op.
    counts: dict[str, int]
    #: People by op: an update of three fields is three rows of one person.
    people: dict[str, int]
    #: Of every row in order.
    digest: str

    def settle(self, workspace: Workspace, terms: object) -> str:
        """Move the files to where their plan lies and return its id: a hash of the rows and of `terms`.

        The id says what the rows are, so that an equal plan that is there already keeps its rows.
        """
        text = json.dumps([self.digest, terms], sort_keys=True, ensure_ascii=False)
        plan_id = sha256(text.encode()).hexdigest()[:16]
        home = workspace.plans / plan_id
        home.mkdir(exist_ok=True)
        for file in self.folder.iterdir():
            os.replace(file, home / file.name)  # noqa: PTH105 - the atomic call, by name
        return plan_id


@contextmanager
def drafting(
    workspace: Workspace,
    con: duckdb.DuckDBPyConnection,
    changes: Iterable[Change],
    reach: Callable[[Path], None],
) -> Iterator[Draft]:
    """Yield the changes as files in a folder that is dropped in the end; `reach` writes the funnel beside them."""
    folder = Path(tempfile.mkdtemp(prefix=".draft-", dir=workspace.plans))
    try:
        loose = folder / "loose.parquet"
        _write(loose, changes)
        rank = ", ".join(f"'{op.value}'" for op in Op)
        con.execute(
            f"create or replace temp table ordered as select (row_number() over (order by list_position([{rank}], op),"  # noqa: S608 - our own words
            f" contact_id, customer_id, field, new) - 1)::bigint as row, * from read_parquet('{_quoted(loose)}')"
        )
        loose.unlink()
        con.execute(
            f"copy (from ordered order by row) to '{_quoted(folder / 'changes.parquet')}'"
            f" (format parquet, compression zstd, row_group_size {ROW_GROUP})"
        )
        reach(folder / "reach.parquet")
        counted = con.execute(
            "select op, count(*), count(distinct (contact_id, customer_id)) from ordered group by op"
        ).fetchall()
        yield Draft(
            folder=folder,
            counts={op.value: rows for op in Op for name, rows, _ in counted if name == op.value},
            people={name: people for name, _, people in counted},
            digest=_digest(con),
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(file: Path, changes: Iterable[Change]) -> None:
    import pyarrow as pa  # noqa: PLC0415 - the command line starts without it
    import pyarrow.parquet as pq  # noqa: PLC0415

    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    pending = iter(changes)
    with pq.ParquetWriter(file, schema) as writer:
        while page := list(islice(pending, PAGE)):
            columns = {name: [str(getattr(change, name)) for change in page] for name in COLUMNS}
            writer.write_batch(pa.RecordBatch.from_pydict(columns, schema))


def _digest(con: duckdb.DuckDBPyConnection) -> str:
    """Hash row by row, then the rows' hashes page by page, so that a million of them need no long text."""
    row = con.execute(
        "with rows as (select row,"
        " sha256(to_json([op, customer_id, contact_id, field, old, new, reason])::text) as hash from ordered),"
        " pages as (select row // 10000 as page, sha256(string_agg(hash, '' order by row)) as hash"
        " from rows group by page)"
        " select coalesce(sha256(string_agg(hash, '' order by page)), '') from pages"
    ).fetchone()
    assert row
    return str(row[0])


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
