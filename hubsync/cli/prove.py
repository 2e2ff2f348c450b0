"""The command that carries out the reliability proofs, which lie beside the tests of a checkout."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from hubsync.cli.output import emit
from hubsync.cli.session import Machine
from hubsync.core.errors import BadInput, HubsyncError

app = typer.Typer()
#: How a command ends that was given what it does not know.
WRONG_USE = 2
_CHECKOUT = Path(__file__).resolve().parents[2]


class Unproven(HubsyncError):  # noqa: N818 - as the others of our tree
    """The proofs could not be carried out."""

    code = "unproven"


@app.command()
def prove(
    full: Annotated[bool, typer.Option("--full", help="All of it, as in TRUST.md: takes long.")] = False,
    seed: Annotated[int, typer.Option(help="What chance is drawn from.")] = 1,
    only: Annotated[list[str] | None, typer.Option("--only", help="One proof by its name, once for each.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Put the figures into TRUST.md.")] = False,
    machine: Machine = False,
) -> None:
    """Kill, cut, freeze and mislead the engine, and say what was lost: the figures of TRUST.md."""
    if not (_CHECKOUT / "tests" / "prove").is_dir():
        raise BadInput(
            "The proofs are not here.",
            "They lie beside the tests, which an installed package does not have.",
            "Run this from a checkout of the repository.",
        )
    command = [sys.executable, "-m", "tests.prove", "--seed", str(seed), *(["--full"] if full else [])]
    command += ["--write"] if write else []
    command += [part for name in only or [] for part in ("--only", name)]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=_CHECKOUT, check=False)
    if ended.returncode == WRONG_USE:
        raise BadInput("There is no such proof.", "Nothing was run; the proofs there are stand above.", "Choose one.")
    try:
        document: dict[str, Any] = json.loads(ended.stdout)
    except ValueError:
        raise Unproven(
            "The proofs came to no end.",
            "What they said is above; nothing of your workspace was touched.",
            "`make test` says what is missing here.",
        ) from None
    emit(document, lines(document), machine=machine)
    if not document["ok"]:
        raise typer.Exit(1)


def lines(document: dict[str, Any]) -> list[str]:
    """Return what was proven as lines for people."""
    told = []
    for proof in document["proofs"]:
        seeds = ", ".join(map(str, proof["seeds"]))
        told.append(f"{'✓' if proof['ok'] else '✗'} {proof['name']}: {proof['claim']}")
        told += [f"    {name}: {_figure(value)}" for name, value in proof["figures"].items()]
        told += [f"    ✗ {fault}" for fault in proof["faults"]]
        told.append(f"    seeds {seeds}, {proof['seconds']:.0f} s")
    count = sum(proof["ok"] for proof in document["proofs"])
    told.append(f"{count} of {len(document['proofs'])} proofs stand, {document['seconds']:.0f} s.")
    return told


def _figure(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {count:,}" for name, count in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else str(value)
