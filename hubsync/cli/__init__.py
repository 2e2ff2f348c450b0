"""The command line: every command as a script sees it, one JSON document on stdout with --json."""

from __future__ import annotations

import sys

from hubsync.cli.output import fail
from hubsync.core.errors import HubsyncError


def main() -> None:
    """Run one command and leave with 0 (done), 1 (failed or blocked) or 2 (wrong use)."""
    from hubsync.cli.commands import app

    try:
        app(prog_name="python -m hubsync")
    except HubsyncError as error:
        sys.exit(fail(error, machine="--json" in sys.argv))
    except KeyboardInterrupt:
        sys.exit(130)
