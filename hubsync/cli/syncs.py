"""Commands about syncs: what is kept in step by itself, its turns, and who hears how it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from hubsync.cli.output import emit, say, table
from hubsync.cli.session import Home, Machine, Session, now
from hubsync.core import sync as definitions
from hubsync.core.errors import BadInput
from hubsync.core.schedule import words
from hubsync.core.turn import Reason, Turn
from hubsync.store import alert, turn
from hubsync.store import sync as store
from hubsync.sync import schedule

app = typer.Typer()
syncs = typer.Typer(help="Syncs: list, look into, run, apply from and export to files.", no_args_is_help=True)
app.add_typer(syncs, name="syncs")

Key = Annotated[str, typer.Argument(help="A sync's key.", metavar="KEY")]


@syncs.command("list")
def list_syncs(home: Home = None, machine: Machine = False) -> None:
    """Show every sync: what it keeps in step, when its turn comes, and how it stands."""
    rows = [document(one) for one in schedule.standings(Session.open(home).state)]
    names = ("key", "segments", "target", "when", "enabled", "next_at", "health", "last_turn_at")
    lines = [[", ".join(row[name]) if name == "segments" else row[name] for name in names] for row in rows]
    emit({"syncs": rows}, table(names, lines), machine=machine)


@syncs.command()
def show(key: Key, home: Home = None, machine: Machine = False) -> None:
    """Show one sync: its definition, its last turns, and who changed it when."""
    state = Session.open(home).state
    version = store.current(state, key)
    standing = next(one for one in schedule.standings(state) if one.version.sync.key == key)
    turns = turn.of_sync(state, key)
    [definition] = definitions.documents([version.sync])
    more = {
        "version": version.version,
        "changed_at": version.changed_at,
        "changed_by": version.changed_by,
        "definition": definition,
        "turns": [turn_document(one) for one in turns],
    }
    lines = definitions.write([version.sync]).splitlines()
    emit({**document(standing), **more}, [*lines, "", *turns_table(turns)], machine=machine)


@syncs.command()
def apply(
    files: Annotated[list[Path], typer.Argument(help="YAML: one sync, or a list of them.", metavar="FILE ...")],
    home: Home = None,
    machine: Machine = False,
) -> None:
    """Take syncs from files, all or none; the same definition again changes nothing."""
    session = Session.open(home)
    found = [sync for file in files for sync in _read(file)]
    keys = [sync.key for sync in found]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice:
        raise BadInput(f"The files hold '{twice}' twice.", "Nothing was applied.", "Give each sync its own key.")
    known = {segment.key for segment in session.segments}
    with session.state.transaction():
        applied = [
            {"key": sync.key, "version": schedule.keep(session.state, sync, by=session.by, clock=now)} for sync in found
        ]
    for sync in found:
        for key in sorted(set(sync.segments) - known):
            say(f"! Sync '{sync.key}' names the segment '{key}', which is not here yet.")
    emit({"syncs": applied}, [f"{row['key']}: version {row['version']}" for row in applied], machine=machine)


@syncs.command()
def export(home: Home = None, machine: Machine = False) -> None:
    """Print every sync as YAML that `syncs apply` takes."""
    found = [version.sync for version in store.all_current(Session.open(home).state)]
    lines = definitions.write(found).splitlines()
    emit({"syncs": definitions.documents(found)}, lines, machine=machine)


@syncs.command()
def run(key: Key, home: Home = None, machine: Machine = False) -> None:
    """Take a sync's turn now and wait for it: compute, pull, plan, and run what no guard forbids."""
    from hubsync.worker import Worker

    session = Session.open(home)
    store.current(session.state, key)
    with session.gateways() as gateways:
        worker = Worker(session.workspace, session.state, gateways=gateways, clock=now)
        taken = worker.sync_one(schedule.ask(session.state, key, by=session.by, clock=now))
        worker.tell()
    emit(turn_document(taken), [summary(taken)], machine=machine)
    if not done(taken):
        raise typer.Exit(1)


@syncs.command()
def enable(key: Key, home: Home = None, machine: Machine = False) -> None:
    """Let a sync's schedule count from now on, for the portal that is connected now."""
    _switch(key, home, on=True, machine=machine)


@syncs.command()
def disable(key: Key, home: Home = None, machine: Machine = False) -> None:
    """Let a sync's schedule count no more; a run under way goes on."""
    _switch(key, home, on=False, machine=machine)


@syncs.command()
def remove(key: Key, home: Home = None, machine: Machine = False) -> None:
    """Forget a sync; what it wrote stays in HubSpot, and its runs in the history."""
    session = Session.open(home)
    schedule.remove(session.state, key, by=session.by, clock=now)
    emit({"key": key, "removed": True}, [f"{key}: removed."], machine=machine)


@app.command()
def alerts(
    test: Annotated[bool, typer.Option("--test", help="Send a test notice through every channel.")] = False,
    home: Home = None,
    machine: Machine = False,
) -> None:
    """Show where alerts go and what became of the last ones."""
    from hubsync.sync.alerts import try_out
    from hubsync.sync.alerts_settings import settings

    state = Session.open(home).state
    going = settings()
    tried = try_out(going, now) if test else {}
    notices, deliveries = alert.notices(state), alert.deliveries(state)
    channels = [channel.name for channel in going.channels]
    lines = [f"Alerts go out by: {', '.join(channels) or 'nothing; see HUBSYNC_ALERT_EMAIL and _WEBHOOK'}"]
    lines += [f"{'✗' if problem else '✓'} {name}: {problem or 'sent'}" for name, problem in tried.items()]
    ways = {one.number: [way for way in deliveries if way.notice == one.number] for one in notices}
    header = ("when", "sync", "before", "after", "why", "went out")
    rows = [
        [
            one.at,
            one.sync_key,
            one.before,
            one.after,
            one.told.reason,
            ", ".join(f"{way.channel}: {way.state}" for way in ways[one.number]) or None,
        ]
        for one in notices
    ]
    document = {
        "channels": channels,
        "tested": tried,
        "notices": [
            {
                "number": one.number,
                "at": one.at,
                "sync": one.sync_key,
                "before": one.before,
                "after": one.after,
                "reason": one.told.reason,
                "run_id": one.told.run_id,
                "plan_id": one.told.plan_id,
                "deliveries": ways[one.number],
            }
            for one in notices
        ],
    }
    emit(document, [*lines, *table(header, rows)], machine=machine)
    if any(tried.values()) or (test and not channels):
        raise typer.Exit(1)


def document(one: schedule.Standing) -> dict[str, Any]:
    """Return a sync as it stands, with the keys that scripts rely on."""
    sync, waiting, last = one.version.sync, one.waiting, one.last
    return {
        "key": sync.key,
        "segments": sync.segments,
        "target": sync.target,
        "when": words(sync.schedule),
        "enabled": sync.enabled,
        "portal_id": waiting.portal_id if waiting else "",
        "next_at": waiting.next_at if waiting else None,
        "health": one.health,
        "since": one.since,
        "last_turn_at": last.due_at if last else None,
        "last_turn": turn_document(last) if last else None,
    }


def turn_document(item: Turn) -> dict[str, Any]:
    """Return a turn with the keys that scripts rely on."""
    told = item.told
    return {
        "turn": item.number,
        "sync": item.sync_key,
        "state": item.state,
        "asked_by": item.asked_by,
        "due_at": item.due_at,
        "missed": item.missed,
        "reason": told.reason if told else None,
        "figures": told.figures if told else {},
        "again_at": item.again_at if item.ended_at is None else None,
        "runs": [
            {"segment": part.segment_key, "plan_id": part.plan_id, "run_id": part.run_id}
            | {"reason": part.told.reason if part.told else None}
            for part in item.parts
        ],
    }


def turns_table(items: list[Turn]) -> list[str]:
    """Return turns as aligned lines."""
    header = ("turn", "due", "asked by", "state", "why", "missed", "runs")
    return table(
        header,
        [
            [
                one.number,
                one.due_at,
                one.asked_by,
                one.state,
                one.told.reason if one.told else None,
                one.missed,
                ", ".join(part.run_id for part in one.parts if part.run_id) or None,
            ]
            for one in items
        ],
    )


def summary(item: Turn) -> str:
    """Return how a turn went, in words."""
    from hubsync.core.notice import words as said
    from hubsync.core.turn import Health

    missed = f" ({item.missed} earlier times were missed.)" if item.missed else ""
    if item.told is None:
        return f"{item.sync_key}: {item.state}, goes on at {item.again_at:%Y-%m-%d %H:%M} UTC.{missed}"
    health = item.told.reason.health or Health.FINE
    text = said(item.told, sync_key=item.sync_key, before=health, after=health, segment=item.told.segment_key)
    parts = (text.happened, text.kept, "" if done(item) else f"→ {text.to_do}")
    return f"{item.sync_key}: {item.state}. " + " ".join(part for part in parts if part) + missed


def done(item: Turn) -> bool:
    """Whether a turn ended as it should."""
    return item.told is not None and item.told.reason is Reason.DONE


def _switch(key: str, home: Path | None, *, on: bool, machine: bool) -> None:
    session = Session.open(home)
    version = schedule.enable(session.state, key, on=on, by=session.by, clock=now)
    emit({"key": key, "enabled": on, "version": version}, [f"{key}: {'on' if on else 'off'}."], machine=machine)


def _read(file: Path) -> list[definitions.Sync]:
    try:
        return definitions.read(file.read_text(encoding="utf-8"), source=str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file} cannot be read.", str(error), "Check the path and that it is UTF-8 text.") from error
