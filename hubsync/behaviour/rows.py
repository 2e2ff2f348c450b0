"""Rows of a text file with their line numbers, and the lines that are no rows.

Python's own readers are used because every line must be accounted for: DuckDB's CSV reader leaves out what follows a
quote that is never closed without a word, and numbers the lines of a file with blank lines or line breaks in quotes
differently from an editor.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import itertools
import json
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from hubsync.behaviour.rejected import Reject
from hubsync.core.errors import BadInput

#: The column that carries a staged row's line number.
LINE = "(line)"
_BATCH = 50_000
#: A quoted text over more lines than this is taken for a quote that was never closed.
_LONGEST_RECORD = 1_000
_JSON = (".jsonl", ".ndjson", ".json")
_CSV = (".csv", ".tsv", ".txt")


def form(file: Path) -> str:
    """Return "parquet", "csv" or "json" by the file's name; BadInput where it is missing, empty or of another kind."""
    if not file.is_file():
        raise BadInput(f"There is no file {file}.", "Nothing was loaded.", "Check the path.")
    if file.stat().st_size == 0:
        raise BadInput(f"{file.name} is empty.", "Nothing was loaded.", "Export it again.")
    suffix = Path(file.stem).suffix.lower() if file.suffix.lower() == ".gz" else file.suffix.lower()
    if suffix in (".parquet", ".pq"):
        return "parquet"
    if suffix in _CSV or suffix in _JSON:
        return "json" if suffix in _JSON else "csv"
    raise BadInput(
        f"{file.name} is of a kind that cannot be loaded.",
        "Nothing was loaded.",
        "Give a CSV, a Parquet or a JSON lines file (.csv, .parquet, .jsonl).",
    )


def columns(file: Path) -> list[str]:
    """Return the names of the file's columns; BadInput where it has none, the same twice, or cannot be read.

    Names that differ in capitals only are the same, as they are to the engine.
    """
    match form(file):
        case "parquet":
            names = _parquet_columns(file)
        case "json":
            with _open(file) as text:
                names = _keys(file, text)
        case _:
            with _open(file) as text:
                names = _header(file, text)[0]
    folded = [name.casefold() for name in (*names, LINE)]
    if twice := next((name for name in names if folded.count(name.casefold()) > 1), ""):
        raise BadInput(f"{file.name} has two columns '{twice}'.", "Nothing was loaded.", "Rename or remove one.")
    return names


def stage(file: Path, names: Sequence[str], to: Path) -> list[Reject]:
    """Write a CSV or JSON lines file with these columns as Parquet, all as text beside its line; return what is no row.

    Raises BadInput where the file as a whole cannot be read.
    """
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    rejects: list[Reject] = []
    with _open(file) as text:
        rows = _json_rows(file, text, names, rejects) if form(file) == "json" else _csv_rows(file, text, rejects)
        schema = pa.schema([(LINE, pa.int64()), *((name, pa.string()) for name in names)])
        with pq.ParquetWriter(to, schema) as writer:
            while batch := list(itertools.islice(rows, _BATCH)):
                by_column = zip(zip(*batch, strict=True), schema, strict=True)
                arrays = [pa.array(values, field.type) for values, field in by_column]
                writer.write_batch(pa.record_batch(arrays, schema=schema))
    return rejects


class _Lines:
    """Lines of a text, which can be taken back to the second line of the record being read."""

    def __init__(self, text: Iterable[str]) -> None:
        self._source = iter(text)
        self._again: deque[str] = deque()
        self.record: list[str] = []
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.record) >= _LONGEST_RECORD:
            raise csv.Error("too many lines")
        line = self._again.popleft() if self._again else next(self._source)
        self.record.append(line)
        self.number += 1
        return line

    def take_back(self) -> str:
        """Return the record's first line; those after it will be read again."""
        first, *rest = self.record
        self._again.extendleft(reversed(rest))
        self.number -= len(rest)
        return first


def _csv_rows(file: Path, text: IO[str], rejects: list[Reject]) -> Iterator[tuple[Any, ...]]:
    names, delimiter = _header(file, text)
    text.seek(0)
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    next(reader)
    while True:
        lines.record = []
        line = lines.number + 1
        reason, raw = "", ""
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            reason, raw = "a quote is not closed, or not followed by the next column", lines.take_back()
        else:
            if len(fields) == len(names):
                yield line, *fields
                continue
            if fields:
                reason, raw = (
                    ("too many" if len(fields) > len(names) else "too few") + " columns",
                    "".join(lines.record),
                )
        if reason:
            rejects.append(Reject(file=file.name, line=line, reason=reason, row=raw.rstrip("\r\n")))


def _json_rows(file: Path, text: IO[str], names: Sequence[str], rejects: list[Reject]) -> Iterator[tuple[Any, ...]]:
    for number, line in enumerate(text, start=1):
        found = _object(line)
        if found is not None:
            yield number, *(_as_text(found.get(name)) for name in names)
        elif line.strip():
            rejects.append(Reject(file=file.name, line=number, reason="not a JSON object", row=line.rstrip("\r\n")))


def _header(file: Path, text: IO[str]) -> tuple[list[str], str]:
    """Return the column names of a CSV file and what stands between them."""
    try:
        first = text.readline()
        delimiter = max(",;\t|", key=first.count)
        text.seek(0)
        names = [name.strip() for name in next(csv.reader(text, delimiter=delimiter, strict=True), [])]
    except csv.Error as error:
        raise BadInput(
            f"The first line of {file.name} cannot be read.", "Nothing was loaded.", "It must hold the column names."
        ) from error
    if not any(names):
        raise BadInput(f"{file.name} has no column names.", "Nothing was loaded.", "Its first line must hold them.")
    names = [name or f"column {place}" for place, name in enumerate(names, start=1)]
    return names, delimiter


def _keys(file: Path, text: IO[str]) -> list[str]:
    """Return all keys of a JSON lines file, in order of appearance."""
    keys: dict[str, None] = {}
    for line in text:
        keys.update(dict.fromkeys(_object(line) or ()))
    if not keys:
        raise BadInput(
            f"{file.name} holds no JSON lines.",
            "Nothing was loaded.",
            'Each line must be one object: {"customer_id": …}.',
        )
    return list(keys)


def _object(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _as_text(value: Any) -> str | None:  # noqa: ANN401 - any JSON value
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _parquet_columns(file: Path) -> list[str]:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        return list(pq.read_schema(file).names)
    except (pa.ArrowException, OSError) as error:
        raise BadInput(f"{file.name} is not a Parquet file.", "Nothing was loaded.", "Export it again.") from error


@contextmanager
def _open(file: Path) -> Iterator[IO[str]]:
    """Yield a text file, compressed or not, read as UTF-8 or, where it says so, UTF-16."""
    opener = gzip.open if file.suffix.lower() == ".gz" else open
    try:
        with opener(file, "rb") as raw:
            start = raw.read(2)
        encoding = "utf-16" if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
        with opener(file, "rt", encoding=encoding, newline="") as text:
            yield text
    except UnicodeDecodeError as error:
        raise BadInput(
            f"The letters of {file.name} cannot be read.",
            "It is neither UTF-8 nor UTF-16; nothing was loaded.",
            "Save it as UTF-8 (in Excel: CSV UTF-8).",
        ) from error
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(f"{file.name} cannot be read.", f"{error}. Nothing was loaded.", "Check the file.") from error
