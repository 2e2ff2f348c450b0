"""Commands about what HubSpot's own people do there: drift, rules per field, fields that come back."""

from __future__ import annotations

from typing import Annotated

import typer

from hubsync.cli.output import emit, table
from hubsync.cli.session import Home, Machine, Session, now
from hubsync.cli.sync import emit_plan, plan_document
from hubsync.core.errors import BadInput
from hubsync.core.plan import Plan
from hubsync.core.winner import Winner
from hubsync.store import connection as connections
from hubsync.store import rule

app = typer.Typer()
#: Differences shown to a person; a script gets all of them.
SHOWN = 50


@app.command()
def drift(
    key: Annotated[str, typer.Argument(metavar="KEY", help="A segment's key.")],
    repair: Annotated[bool, typer.Option("--repair", help="Make the plans that put it right; sends nothing.")] = False,
    pull: Annotated[bool, typer.Option("--pull/--no-pull", help="Read HubSpot first, or use what was read.")] = True,
    full: Annotated[bool, typer.Option("--full", help="Read everything anew, to find erased contacts too.")] = False,
    home: Home = None,
    machine: Machine = False,
) -> None:
    """Show what differs in HubSpot from what was last written there, and by whom it was changed."""
    from hubsync.sync.drift import drift as differing
    from hubsync.sync.refresh import refresh_mirror
    from hubsync.sync.repair import repair as repaired

    session = Session.open(home)
    with session.portal() as (connection, gateway):
        if pull:
            refresh_mirror(session.workspace, session.state, connection, gateway, full=full, clock=now)
        found = differing(session.workspace, session.state, connection, segment_key=key, gateway=gateway)
    plans: tuple[Plan, ...] = ()
    if repair:
        plans = repaired(session.workspace, session.state, connection, segment_key=key, by=session.by, clock=now)
    document = {
        "segment": key,
        "portal_id": found.portal_id,
        "mirror_at": found.mirror_at,
        "counts": found.counts,
        "total": len(found.differences),
        "differences": found.differences,
        "warnings": found.warnings,
    }
    if repair:
        document["plans"] = [plan_document(plan) for plan in plans]
        document["plan_id"] = plans[0].plan_id if len(plans) == 1 else None
    told = ", ".join(f"{count:,} {kind.value.replace('_', ' ')}" for kind, count in found.counts.items() if count)
    names = ("what", "customer_id", "contact_id", "field", "old", "ours", "theirs", "at", "by", "verdict")
    rows = [[getattr(each, name) for name in names] for each in found.differences[:SHOWN]]
    lines = [f"{key}: {told or 'HubSpot holds what was written'}, as read {found.mirror_at:%Y-%m-%d %H:%M} UTC."]
    lines += table(names, rows) if rows else []
    lines += [f"… and {len(found.differences) - SHOWN:,} more; --json has all."] * (len(found.differences) > SHOWN)
    lines += [f"  ! {warning}" for warning in found.warnings]
    if repair and not plans:
        lines.append("There is nothing to put right.")
    if machine or not plans:
        emit(document, lines, machine=machine)
        return
    emit(document, lines, machine=False)
    for plan in plans:
        emit_plan(session, plan, changes=False, machine=False)


@app.command()
def rules(
    field: Annotated[str | None, typer.Argument(metavar="[FIELD]", help="A property's or a list's name.")] = None,
    winner: Annotated[str | None, typer.Argument(metavar="[WINNER]", help=" | ".join(Winner))] = None,
    home: Home = None,
    machine: Machine = False,
) -> None:
    """Show whose value stands where somebody changed it in HubSpot; or decide it for one field."""
    session = Session.open(home)
    portal_id = connections.required(session.state).portal_id
    if field is not None:
        if winner not in tuple(Winner):
            raise BadInput("Who wins?", "Nothing was changed.", f"Say: rules FIELD {'|'.join(Winner)}")
        rule.decide(session.state, portal_id, field, Winner(winner), by=session.by, at=now())
    found = rule.of_portal(session.state, portal_id)
    lines = table(["field", "winner"], list(found.items()))
    emit({"rules": found, "otherwise": Winner.OURS}, [*lines, "Every other field: ours."], machine=machine)


@app.command()
def attributes(
    add: Annotated[list[str] | None, typer.Option("--add", help="A property of HubSpot's to bring back.")] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", help="One to bring back no longer.")] = None,
    home: Home = None,
    machine: Machine = False,
) -> None:
    """Show which of HubSpot's properties come back as customer attributes with every pull; or choose them."""
    from hubsync.sync import inbound

    session = Session.open(home)
    connection = connections.required(session.state)
    for name in add or ():
        inbound.choose(session.workspace, session.state, connection.portal_id, name, by=session.by, at=now())
    for name in remove or ():
        rule.leave(session.state, connection.portal_id, name, by=session.by, at=now())
    found = {name: inbound.column(name) for name in rule.attributes(session.state, connection.portal_id)}
    lines = table(["property", "attribute"], list(found.items()))
    if add or remove:
        lines.append("Bring them here: python -m hubsync pull, then: python -m hubsync features refresh")
    emit({"attributes": found}, lines, machine=machine)
