"""The tree of commands."""

from __future__ import annotations

from typing import Annotated

import dotenv
import typer

import hubsync
from hubsync.cli import behaviour, drift, portal, prove, score, sync, syncs

app = typer.Typer(
    help="Behaviour segments, kept in step with HubSpot.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for part in (behaviour.app, portal.app, sync.app, drift.app, score.app, syncs.app, prove.app):
    app.add_typer(part)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"hubsync {hubsync.__version__}")
        raise typer.Exit


@app.callback()
def start(
    *, version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which.")] = False
) -> None:
    """See who changes and why, run what you saw, take it back."""
    del version  # answered by its callback
    dotenv.load_dotenv(".env")
