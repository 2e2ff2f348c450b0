"""What a command prints: text for people, or one JSON document; progress and problems on stderr."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Sequence

from pydantic_core import to_jsonable_python

from hubsync.core.errors import BadInput, HubsyncError


def emit(data: object, lines: Sequence[str], *, machine: bool) -> None:
    """Print the document (a mapping or a value of ours), or the lines."""
    if machine:
        print(json.dumps(to_jsonable_python(data), ensure_ascii=False))
    else:
        print("\n".join(lines))


def say(text: str) -> None:
    """Tell a person what goes on, without touching stdout."""
    print(text, file=sys.stderr, flush=True)


def fail(error: HubsyncError, *, machine: bool) -> int:
    """Print an error for whoever called, and return the exit code."""
    if machine:
        document = {"code": error.code, "title": error.title, "detail": error.detail, "hint": error.hint}
        print(json.dumps({"error": document}, ensure_ascii=False))
    say("\n".join(part for part in (f"✗ {error.title}", error.detail, f"→ {error.hint}" if error.hint else "") if part))
    return 2 if isinstance(error, BadInput) else 1


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Return rows as aligned lines; numbers to the right."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(row[i]) for row in [list(header), *cells]) for i in range(len(header))]
    numeric = [all(isinstance(row[i], int | float) for row in rows) for i in range(len(header))]

    def line(row: Sequence[str]) -> str:
        parts = zip(row, widths, numeric, strict=True)
        return "  ".join(c.rjust(w) if right else c.ljust(w) for c, w, right in parts).rstrip()

    return [line(header), *(line(row) for row in cells)] if rows else ["(none)"]


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    return str(value)
