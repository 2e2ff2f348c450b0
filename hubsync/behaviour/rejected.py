"""Rejected rows: what could not be used of a loaded file, kept with line and reason."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hubsync.store.workspace import Workspace

#: Cells that a spreadsheet would run as a formula start with one of these.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, kw_only=True)
class Reject:
    """A row that could not be used."""

    file: str
    #: As an editor counts, from 1; in Parquet files the row's number, from 1.
    line: int
    reason: str
    #: The row as it was.
    row: str


def write(workspace: Workspace, name: str, rejects: Iterable[Reject], now: dt.datetime) -> Path:
    """Write rejected rows as CSV (file, line, reason, row) among the workspace's and return its path.

    Cells that a spreadsheet would take for a formula get a quote in front.
    """
    path = workspace.rejects / f"{name}-{now.astimezone(dt.UTC):%Y%m%dT%H%M%S%fZ}.csv"
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, quoting=csv.QUOTE_ALL)
        writer.writerow(("file", "line", "reason", "row"))
        for one in rejects:
            file, row = (f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in (one.file, one.row))
            writer.writerow((file, one.line, one.reason, row))
    return path
