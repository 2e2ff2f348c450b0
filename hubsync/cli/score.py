"""Commands of the score model: show it, and apply another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hubsync.cli.output import emit
from hubsync.cli.session import Home, Machine, Session, now
from hubsync.core import score as scores
from hubsync.core.errors import BadInput

app = typer.Typer()
model = typer.Typer(no_args_is_help=True, help="How leads are scored.")
app.add_typer(model, name="score")


@model.command()
def show(home: Home = None, machine: Machine = False) -> None:
    """Show the score model in use, as the YAML that `score apply` takes."""
    from hubsync.sync import lead_score

    session = Session.open(home)
    found, version = lead_score.model(session.state), lead_score.version(session.state)
    document = {"version": version, "model": found.model_dump(mode="json", exclude_defaults=True)}
    emit(document, scores.write(found).splitlines(), machine=machine)


@model.command()
def apply(
    file: Annotated[Path, typer.Argument(help="YAML or JSON.")], home: Home = None, machine: Machine = False
) -> None:
    """Put a score model to use; the next plan of a lead score goes by it."""
    from hubsync.store import score as models

    session = Session.open(home)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file} cannot be read.", str(error), "Name a YAML or JSON file.") from error
    version = models.save(session.state, scores.read(text, source=str(file)), by=session.by, at=now())
    emit({"version": version}, [f"The score model is at version {version}."], machine=machine)
