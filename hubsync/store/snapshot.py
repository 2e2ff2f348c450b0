"""Snapshots: folders of Parquet files that appear whole, never change, and are found by kind and time."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hubsync.store.workspace import Workspace

_STAMP = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One folder of files made together."""

    kind: str
    #: Sorts by time; also the cache key of everything computed from it.
    id: str
    made_at: dt.datetime
    folder: Path

    def file(self, name: str) -> Path:
        """Path of one of its files, e.g. "contacts.parquet"."""
        return self.folder / name

    @property
    def meta(self) -> dict[str, Any]:
        """What its maker noted (as-of time, counts, versions)."""
        path = self.folder / "meta.json"
        return dict(json.loads(path.read_text())) if path.exists() else {}


@contextmanager
def write(workspace: Workspace, kind: str, made_at: dt.datetime) -> Iterator[Path]:
    """Yield an empty folder to write into; it becomes the newest snapshot of `kind` when the block ends well.

    Another process sees all of it or nothing: the folder is renamed into place, and dropped if the block raises.
    """
    home = workspace.snapshots / kind
    home.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=home))
    try:
        yield draft
        draft.chmod(0o755)
        os.replace(draft, home / made_at.astimezone(dt.UTC).strftime(_STAMP))  # noqa: PTH105 - the atomic call, by name
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def note(folder: Path, **meta: object) -> None:
    """Write the draft's `meta.json`; times become ISO text."""
    (folder / "meta.json").write_text(json.dumps(meta, default=str, ensure_ascii=False))


def snapshots(workspace: Workspace, kind: str) -> list[Snapshot]:
    """Return all snapshots of a kind, oldest first."""
    home = workspace.snapshots / kind
    if not home.exists():
        return []
    folders = sorted(path for path in home.iterdir() if path.is_dir() and not path.name.startswith("."))
    return [Snapshot(kind=kind, id=path.name, made_at=_time(path.name), folder=path) for path in folders]


def latest(workspace: Workspace, kind: str) -> Snapshot | None:
    """Return the newest snapshot of a kind, or None."""
    found = snapshots(workspace, kind)
    return found[-1] if found else None


def _time(name: str) -> dt.datetime:
    return dt.datetime.strptime(name, _STAMP).replace(tzinfo=dt.UTC)
