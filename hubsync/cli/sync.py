"""Commands that change HubSpot or tell what was changed: plan, run, runs, undo, engagement, worker."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hubsync.cli.behaviour import pairs
from hubsync.cli.output import emit, say, table
from hubsync.cli.session import Home, Machine, Session, now
from hubsync.core.errors import BadInput
from hubsync.core.plan import Plan, Target
from hubsync.core.run import Run, RunState
from hubsync.store import connection as connections
from hubsync.store import segment as segments

app = typer.Typer()


@app.command()
def plan(
    what: Annotated[str, typer.Argument(help="A segment's key, or: show PLAN_ID", metavar="KEY|show")],
    plan_id: Annotated[str | None, typer.Argument(metavar="[PLAN_ID]")] = None,
    to: Annotated[str | None, typer.Option("--to", help=" | ".join(Target))] = None,
    list_name: Annotated[str | None, typer.Option(help="The list's name; one by convention otherwise.")] = None,
    create_contacts: Annotated[bool, typer.Option("--create-contacts", help="Create who is missing (billed).")] = False,
    map_: Annotated[list[str] | None, typer.Option("--map", help="measure=property, once for each.")] = None,
    template: Annotated[str, typer.Option(help="For email: the id of the e-mail to copy.")] = "",
    subject: Annotated[str, typer.Option(help="For email: its subject, with tokens; the template's otherwise.")] = "",
    email_name: Annotated[str, typer.Option(help="For email: the draft's name.")] = "",
    suppress: Annotated[list[str] | None, typer.Option(help="For email: id of a list left out, once for each.")] = None,
    enrol: Annotated[str, typer.Option(help="For workflow: put new members into this one by name, once.")] = "",
    changes: Annotated[bool, typer.Option("--changes", help="With show: every change.")] = False,
    home: Home = None,
    machine: Machine = False,
) -> None:
    """Make a plan, which sends nothing; or show one."""
    from hubsync.sync.preview import preview
    from hubsync.sync.preview import show as shown
    from hubsync.sync.proposal import EmailAsk

    session = Session.open(home)
    if what == "show":
        if not plan_id:
            raise BadInput("Which plan?", "Nothing was read.", "Say: plan show PLAN_ID")
        found = shown(session.workspace, session.state, plan_id)
        emit_plan(session, found, changes=changes, machine=machine)
        return
    if plan_id or to not in tuple(Target):
        raise BadInput(f"--to {to} is not a target.", "Nothing was planned.", f"Say --to {', --to '.join(Target)}.")
    made = preview(
        session.workspace,
        session.state,
        connections.required(session.state),
        segment_key=what,
        target=Target(to),
        list_name=list_name,
        create_contacts=create_contacts,
        mapping=pairs(map_ or [], "measure=property") or None,
        enrol=enrol,
        email=EmailAsk(template_id=template, name=email_name, subject=subject, exclude=tuple(suppress or ())),
        by=session.by,
        clock=now,
    )
    emit_plan(session, made, changes=changes, machine=machine)
    if made.blocked:
        raise typer.Exit(1)


def plan_document(found: Plan) -> dict[str, Any]:
    """Return a plan's header with the keys that scripts rely on."""
    forecast = found.forecast
    return {
        "plan_id": found.plan_id,
        "segment": found.segment_key,
        "target": found.target,
        "portal_id": found.portal_id,
        "list_name": found.list_name,
        "made_at": found.made_at,
        "made_by": found.made_by,
        "features_as_of": found.features_as_of,
        "mirror_at": found.mirror_at,
        "counts": found.counts,
        "forecast": {
            "requests": forecast.total,
            "seconds": forecast.seconds,
            "share_of_daily": forecast.share_of_daily,
            "requests_by_kind": forecast.requests,
            "requests_without_diff": forecast.requests_without_diff,
        },
        "reach": found.reach,
        "warnings": found.warnings,
        "blocked": found.blocked,
        "undo_of": found.undo_of,
        "held": found.options.get("held", []),
        "stays": found.options.get("stays", []),
    }


def emit_plan(session: Session, found: Plan, *, changes: bool, machine: bool) -> None:
    """Print a plan, with all its changes where they are asked for."""
    from hubsync.sync.preview import changes as rows_of

    document = plan_document(found)
    counts = ", ".join(f"{count:,} {op}" for op, count in found.counts.items() if count) or "nothing to change"
    lines = [
        f"Plan {found.plan_id}: {found.segment_key} → {found.target}"
        + (f" “{found.list_name}”" if found.list_name else ""),
        f"  {counts}",
        "  reach: " + ", ".join(f"{count:,} {step}" for step, count in found.reach.items() if count),
        f"  {found.forecast.total:,} requests, about {found.forecast.seconds:.0f} s"
        f" ({found.forecast.requests_without_diff:,} requests without comparing first)",
        *(f"  ! {warning}" for warning in found.warnings),
        *(f"  ✗ {guard.message} {guard.hint}" for guard in found.blocked),
    ]
    if changes:
        rows = list(rows_of(session.workspace, found.plan_id))
        names = ("op", "customer_id", "contact_id", "field", "old", "new", "reason")
        document["changes"] = [{name: getattr(row, name) for name in names} for row in rows]
        lines += table(names, [[getattr(row, name) for name in names] for row in rows])
    if not found.blocked and found.rows:
        lines.append(f"Nothing was sent. To send exactly this: python -m hubsync run {found.plan_id}")
    emit(document, lines, machine=machine)


@app.command()
def run(
    plan_id: Annotated[str | None, typer.Argument(metavar="[PLAN_ID]")] = None,
    due: Annotated[bool, typer.Option("--due", help="Runs that are queued, syncs that are due; for cron.")] = False,
    override: Annotated[str, typer.Option(help="What a guard asks you to type.")] = "",
    home: Home = None,
    machine: Machine = False,
) -> None:
    """Run a plan and wait for its end; what runs is what the plan says."""
    from hubsync.sync.run import enqueue
    from hubsync.worker import Worker

    session = Session.open(home)
    if (plan_id is None) == (not due):
        raise BadInput("Run what?", "Nothing was sent.", "Say: run PLAN_ID, or: run --due")
    if due:
        _run_due(session, machine=machine)
        return
    with session.portal() as (_, gateway):
        worker = Worker(session.workspace, session.state, gateways=lambda _connection: gateway, clock=now)
        assert plan_id
        asked_at = now()
        run_id = enqueue(session.workspace, session.state, plan_id, by=session.by, override=override, clock=now)
        say(f"Run {run_id} …")
        ended = worker.run_one(run_id)
    if ended.finished_at is not None and ended.finished_at < asked_at:
        say(f"This plan was run already, at {ended.queued_at:%Y-%m-%d %H:%M:%S} UTC; nothing was sent now.")
    emit(run_document(ended), [summary(ended)], machine=machine)
    if not done(ended):
        raise typer.Exit(1)


def _run_due(session: Session, *, machine: bool) -> None:
    """Go on with queued runs, take the turn of syncs that are due, and send alerts; then leave."""
    from hubsync.cli import syncs
    from hubsync.worker import Worker

    connections.required(session.state)
    with session.gateways() as gateways:
        worker = Worker(session.workspace, session.state, gateways=gateways, clock=now)
        finished, taken, told = worker.run_due(), worker.sync_due(), worker.tell()
    document = {
        "runs": [run_document(item) for item in finished],
        "syncs": [syncs.turn_document(item) for item in taken],
        "alerts_sent": told,
    }
    emit(document, [*runs_table(finished), *map(syncs.summary, taken)], machine=machine)
    if not all(map(done, finished)) or not all(map(syncs.done, taken)):
        raise typer.Exit(1)


def done(item: Run) -> bool:
    """Whether a run ended as it should."""
    return item.state is RunState.SUCCEEDED


def run_document(item: Run) -> dict[str, Any]:
    """Return a run with the keys that scripts rely on."""
    names = ("run_id", "plan_id", "state", "paused_for", "resume_at", "target", "list_name", "portal_id", "counts")
    more = ("requests", "throttled", "started_by", "queued_at", "started_at", "finished_at", "problem", "undo_of")
    return {"segment": item.segment_key, **{name: getattr(item, name) for name in (*names, *more)}}


def summary(item: Run) -> str:
    """Return a run's end in one line."""
    c = item.counts
    parts = ((c.confirmed, "confirmed"), (c.unchanged, "unchanged"), (c.rejected, "rejected"), (c.skipped, "skipped"))
    told = (
        ", ".join(f"{count:,} {word}" for count, word in (*parts, (c.cancelled, "cancelled")) if count)
        or "nothing to do"
    )
    problem = f" {item.problem}" if item.problem else ""
    return f"{item.state}: {told} of {c.planned:,} planned, {item.requests:,} requests.{problem}"


def runs_table(items: list[Run]) -> list[str]:
    """Return runs as aligned lines."""
    header = ["run", "when", "by", "what", "state", "planned", "confirmed", "unchanged", "left out", "requests"]
    rows = [
        [
            r.run_id,
            r.queued_at,
            r.started_by,
            (f"undo of {r.undo_of}: " if r.undo_of else "") + f"{r.segment_key} → {r.target}",
            r.state,
            r.counts.planned,
            r.counts.confirmed,
            r.counts.unchanged,
            r.counts.rejected + r.counts.skipped + r.counts.cancelled,
            r.requests,
        ]
        for r in items
    ]
    return table(header, rows)


@app.command()
def runs(
    run_id: Annotated[str | None, typer.Argument(metavar="[RUN_ID]")] = None,
    cancel: Annotated[bool, typer.Option("--cancel", help="Stop that run after the batch in flight.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Let that run go on now, if it is paused.")] = False,
    home: Home = None,
    machine: Machine = False,
) -> None:
    """Show what was run; with an id, that run and its rejected rows with their reasons; or cancel or resume it."""
    from hubsync.sync import history
    from hubsync.sync import run as steering

    session = Session.open(home)
    if cancel or resume:
        if run_id is None or (cancel and resume):
            raise BadInput("Which run?", "Nothing was changed.", "Say: runs RUN_ID --cancel, or: runs RUN_ID --resume")
        (steering.cancel if cancel else steering.resume)(session.state, run_id, by=session.by, clock=now)
    if run_id is None:
        items = history.runs(session.state)
        emit({"runs": [run_document(item) for item in items]}, runs_table(items), machine=machine)
        return
    item = history.run(session.state, run_id)
    groups = history.rejected(session.state, run_id)
    document = {**run_document(item), "rejected": groups}
    lines = [summary(item)]
    for group in groups:
        lines.append(f"  {group.count:,} × {group.category}: {group.message}")
        lines.append(f"    → {group.fix}")
    emit(document, lines, machine=machine)


@app.command()
def undo(run_id: Annotated[str, typer.Argument(metavar="RUN_ID")], home: Home = None, machine: Machine = False) -> None:
    """Make the plan that takes a run back; sends nothing."""
    from hubsync.sync.undo import undo as inverse

    session = Session.open(home)
    made = inverse(session.workspace, session.state, run_id, by=session.by, clock=now)
    emit_plan(session, made, changes=False, machine=machine)


@app.command()
def engagement(
    key: Annotated[str | None, typer.Argument(metavar="[KEY]")] = None, home: Home = None, machine: Machine = False
) -> None:
    """Show metrics per segment, with their intervals."""
    from hubsync.engagement.metrics import engagement as measured

    session = Session.open(home)
    if key is not None:
        segments.current(session.state, key)
    result = measured(session.workspace, session.state, [key] if key else [s.key for s in session.segments])
    rows = [
        [
            m.segment,
            m.metric,
            f"{m.rate:.1%}" if m.rate is not None else "–",
            f"{m.low:.1%} to {m.high:.1%}" if m.rate is not None else "",
            f"n = {m.denominator:,}",
        ]
        for m in result.rows
    ]
    emit(result, table(["segment", "metric", "rate", "95 % interval", "of"], rows), machine=machine)


@app.command()
def worker(home: Home = None, machine: Machine = False) -> None:
    """Run what is queued, take the turns of syncs that are due, and send alerts, until stopped."""
    import signal
    import threading

    from hubsync.worker import Worker

    session = Session.open(home)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with session.gateways() as gateways:
        say("Working; stop with Ctrl-C.")
        Worker(session.workspace, session.state, gateways=gateways, clock=now).loop(stop)
    emit({"stopped": True}, ["Stopped."], machine=machine)
