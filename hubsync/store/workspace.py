"""A workspace: the one folder that holds everything this product keeps."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from hubsync.core.errors import BadInput

DEFAULT = Path("data/workspace")


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """Paths under one home; the folders exist once `Workspace.open` has returned it."""

    home: Path

    @classmethod
    def open(cls, home: Path | str | None = None) -> Workspace:
        """Return the workspace at `home`, else at HUBSYNC_HOME, else at data/workspace; makes what is missing.

        Raises BadInput where the folder cannot be made or written.
        """
        path = Path(home or os.environ.get("HUBSYNC_HOME") or DEFAULT).expanduser().absolute()
        workspace = cls(home=path)
        try:
            for folder in (workspace.behaviour, workspace.snapshots, workspace.plans, workspace.rejects):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInput(
                f"The workspace {path} cannot be used.",
                error.strerror or str(error),
                "Choose a folder you may write to with --home or HUBSYNC_HOME.",
            ) from error
        return workspace

    @property
    def state_file(self) -> Path:
        """The SQLite file: segments, connection, plans, runs, audit."""
        return self.home / "state.sqlite"

    @property
    def behaviour(self) -> Path:
        """Customers and events, as Parquet."""
        return self.home / "behaviour"

    @property
    def snapshots(self) -> Path:
        """Feature tables and mirrors, a folder each."""
        return self.home / "snapshots"

    @property
    def plans(self) -> Path:
        """Plans' rows and funnels, as Parquet."""
        return self.home / "plans"

    @property
    def rejects(self) -> Path:
        """Rows of loaded files that could not be used, with line and reason."""
        return self.home / "rejects"

    @property
    def sandbox_file(self) -> Path:
        """State of the embedded sandbox, which only the sandbox reads."""
        return self.home / "sandbox.sqlite"

    @property
    def pace_file(self) -> Path:
        """Log of requests to the portal, shared by every process that sends any."""
        return self.home / "pace.sqlite"
