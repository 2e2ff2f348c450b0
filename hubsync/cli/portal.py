"""Commands about the portal: sandbox, connect, pull, demo, doctor."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from hubsync.cli.output import emit, say
from hubsync.cli.session import Home, Machine, Session, now
from hubsync.core.errors import BadInput
from hubsync.store import connection as connections

app = typer.Typer()


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 0,
    portal_id: Annotated[int, typer.Option(help="The portal's id.")] = 48_120_935,
    tier: Annotated[str, typer.Option(help="free, starter, professional or enterprise.")] = "professional",
    seed: Annotated[str, typer.Option(help="empty, demo or a JSON file.")] = "demo",
    limits: Annotated[str, typer.Option(help="on or off.")] = "on",
    state: Annotated[Path | None, typer.Option(help="File that keeps its state over a restart.")] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="What shall go wrong, e.g. '502 path=*/batch/update times=2'; may be repeated."),
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Let life go on in it: e-mails go out, people read, change, leave.")
    ] = False,
    speed: Annotated[
        float | None, typer.Argument(help="With --live: its seconds a second; a day a minute if not said.")
    ] = None,
    machine: Machine = False,
) -> None:
    """Serve a HubSpot on this machine, in the foreground; prints one JSON line once it listens."""
    del machine  # its one line is JSON in any case
    from hubsync.sandbox.live import DEFAULT_SPEED
    from hubsync.sandbox.server import serve

    for name, value, allowed in (
        ("tier", tier, ("free", "starter", "professional", "enterprise")),
        ("limits", limits, ("on", "off")),
    ):
        if value not in allowed:
            raise BadInput(f"--{name} {value} is not known.", "Nothing was started.", f"Say {', '.join(allowed)}.")
    if speed is not None and not live:
        raise BadInput(f"What {speed:g} is for was not said.", "Nothing was started.", f"Say --live {speed:g}.")
    try:
        serve(
            port=port,
            portal_id=portal_id,
            tier=tier,
            seed=seed,
            limits=limits == "on",
            state=state,
            faults=fault or (),
            live=(speed or DEFAULT_SPEED) if live else 0,
        )
    except ValueError as error:
        raise BadInput(str(error), "Nothing was started.", "See: python -m hubsync sandbox --help") from error


@app.command()
def connect(
    portal_id: Annotated[str, typer.Option(help="The portal's id (Hub ID).")],
    base_url: Annotated[
        str, typer.Option(envvar="HUBSPOT_BASE_URL", help="HubSpot's address.")
    ] = "https://api.hubapi.com",
    api_version: Annotated[str, typer.Option(envvar="HUBSPOT_API_VERSION", help="2026-03, 2026-09 or v3.")] = "2026-03",
    method: Annotated[str, typer.Option(help="service_key or private_app.")] = "service_key",
    home: Home = None,
    machine: Machine = False,
) -> None:
    """Verify a portal and save the connection; the token comes from HUBSPOT_TOKEN or standard input."""
    from hubsync.core.connection import Method
    from hubsync.portal.verify import verify

    session = Session.open(home)
    if method not in tuple(Method):
        raise BadInput(f"--method {method} is not known.", "Nothing was saved.", f"Say {' or '.join(Method)}.")
    token = _token()
    verification = verify(base_url, token, portal_id, api_version, workspace=session.workspace)
    if verification.ok:
        connection = verification.connection(method=Method(method), at=now())
        connections.save(session.state, connection, token, by=session.by, at=now())
    lines = [
        f"{'✓' if c.ok else '✗'} {c.name}: {c.detail}" + (f"\n  → {c.fix}" if c.fix and not c.ok else "")
        for c in verification.checks
    ]
    lines.append("Saved." if verification.ok else "Not saved.")
    emit(verification, lines, machine=machine)
    if not verification.ok:
        raise typer.Exit(1)


@app.command()
def pull(
    full: Annotated[bool, typer.Option("--full", help="Read everything anew instead of what changed.")] = False,
    home: Home = None,
    machine: Machine = False,
) -> None:
    """Bring contacts, list members and engagement back from the portal."""
    from hubsync.sync.refresh import refresh_mirror

    session = Session.open(home)
    with session.portal() as (connection, gateway):
        report = refresh_mirror(session.workspace, session.state, connection, gateway, full=full, clock=now)
    counts = f"{report.contacts:,} contacts, {report.changed:,} changed, {report.requests:,} requests"
    emit(report, [f"{counts}, {report.seconds:.1f} s."], machine=machine)


@app.command()
def demo(home: Home = None, machine: Machine = False) -> None:
    """Make the demo workspace: real shopping data, four behaviours, a connection to the sandbox."""
    from hubsync.demo import make

    session = Session.open(home)
    made = make(session.workspace, session.state, by=session.by, clock=now, tell=say)
    text = f"{made.customers:,} customers, {made.events:,} events, {made.segments} segments"
    emit(made, [f"{text}, connected to portal {made.portal_id}."], machine=machine)


@app.command()
def doctor(home: Home = None, machine: Machine = False) -> None:
    """Check the installation, the workspace and the connection."""
    from hubsync.cli.doctor import examine

    checks = examine(Session.open(home))
    lines = [f"{'✓' if c['ok'] else '✗'} {c['name']}: {c['detail']}" for c in checks]
    ok = all(bool(c["ok"]) for c in checks)
    emit({"ok": ok, "checks": checks}, lines, machine=machine)
    if not ok:
        raise typer.Exit(1)


def _token() -> str:
    token = os.environ.get(connections.TOKEN_VARIABLE, "").strip()
    if not token:
        if sys.stdin.isatty():
            say("Paste the token and press Enter (it is not shown again):")
            from getpass import getpass

            token = getpass("").strip()
        else:
            token = sys.stdin.readline().strip()
    if not token:
        raise BadInput("No token was given.", "Nothing was saved.", "Set HUBSPOT_TOKEN, or give it on standard input.")
    return token
