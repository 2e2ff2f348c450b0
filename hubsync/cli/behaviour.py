"""Commands about behaviour data: load, features, segments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from hubsync.cli.output import emit, table
from hubsync.cli.session import Home, Machine, Session, now
from hubsync.core import catalogue
from hubsync.core.errors import BadInput
from hubsync.core.segment import Segment
from hubsync.store import audit, snapshot
from hubsync.store import segment as store

app = typer.Typer()
features = typer.Typer(help="The feature table: one row per customer, one column per measure.", no_args_is_help=True)
segments = typer.Typer(help="Behaviours: list, look into, apply from and export to files.", no_args_is_help=True)
app.add_typer(features, name="features")
app.add_typer(segments, name="segments")

Key = Annotated[str, typer.Argument(help="A segment's key.", metavar="KEY")]


def pairs(texts: list[str], form: str) -> dict[str, str]:
    """Return ["a=b"] as {"a": "b"}; BadInput for anything else."""
    broken = [text for text in texts if not all(part.strip() for part in (*text.partition("=")[::2],))]
    if broken:
        raise BadInput(f"'{broken[0]}' is not {form}.", "Nothing was done.", f"Write --map {form}, once for each.")
    return {left.strip(): right.strip() for left, _, right in (text.partition("=") for text in texts)}


@app.command()
def load(
    kind: Annotated[Literal["customers", "events"], typer.Argument(help="What the files hold.")],
    files: Annotated[list[Path], typer.Argument(help="CSV, Parquet or JSON lines.", metavar="FILE ...")],
    map_: Annotated[list[str] | None, typer.Option("--map", help="column=field, once for each.")] = None,
    append: Annotated[bool, typer.Option("--append", help="Add to what is there instead of replacing it.")] = False,
    home: Home = None,
    machine: Machine = False,
) -> None:
    """Bring customers or events in; bad rows are listed, never dropped in silence."""
    from hubsync.behaviour.load import load as bring_in

    session = Session.open(home)
    mapping = pairs(map_ or [], "column=field") or None
    report = bring_in(session.workspace, kind, files, mapping=mapping, replace=not append, clock=now)
    audit.record(session.state, at=now(), actor=session.by, act="load", subject=kind, detail=f"{report.loaded} rows")
    lines = [f"{report.loaded:,} of {report.rows:,} rows loaded, {report.rejected:,} rejected."]
    lines += [f"  {count:,} × {reason}" for reason, count in report.reasons.items()]
    lines += [f"  ! {warning}" for warning in report.warnings]
    if report.rejects_file:
        lines.append(f"Rejected rows, with line and reason: {report.rejects_file}")
    emit(report, lines, machine=machine)


@features.command("refresh")
def refresh(home: Home = None, machine: Machine = False) -> None:
    """Rebuild the feature table and every membership."""
    from hubsync.behaviour.features import refresh as rebuild

    session = Session.open(home)
    report = rebuild(session.workspace, session.segments, versions=session.versions, clock=now)
    lines = [
        f"{report.customers:,} customers, {report.measures} measures, as of {report.as_of:%Y-%m-%d %H:%M} UTC,"
        f" in {report.seconds:.1f} s."
    ]
    emit(report, lines, machine=machine)


@segments.command("list")
def list_segments(home: Home = None, machine: Machine = False) -> None:
    """Show every segment with its size."""
    rows = sizes(Session.open(home))
    emit(
        {"segments": rows},
        table(
            ["key", "name", "size", "reachable"],
            [[row[k] for k in ("key", "name", "size", "reachable")] for row in rows],
        ),
        machine=machine,
    )


@segments.command()
def show(key: Key, home: Home = None, machine: Machine = False) -> None:
    """Show one segment: its rule and who changed it when."""
    session = Session.open(home)
    version = store.current(session.state, key)
    row = next(row for row in sizes(session) if row["key"] == key)
    document = {**row, "version": version.version, "changed_at": version.changed_at, "changed_by": version.changed_by}
    [definition] = catalogue.documents([version.segment])
    emit({**document, "definition": definition}, catalogue.write([version.segment]).splitlines(), machine=machine)


@segments.command()
def size(
    key: Annotated[str | None, typer.Argument(metavar="[KEY]")] = None, home: Home = None, machine: Machine = False
) -> None:
    """Show how many customers a segment (or each) has, and how many can be reached."""
    session = Session.open(home)
    rows = [row for row in sizes(session) if key in (None, row["key"])]
    if key is not None and not rows:
        store.current(session.state, key)  # raises, naming the segments there are
    document = rows[0] if key else {"segments": rows}
    emit(
        document,
        table(["key", "size", "reachable"], [[r["key"], r["size"], r["reachable"]] for r in rows]),
        machine=machine,
    )


@segments.command()
def members(key: Key, home: Home = None, machine: Machine = False) -> None:
    """Print the ids of a segment's customers, sorted."""
    from hubsync.behaviour.membership import members as member_ids

    session = Session.open(home)
    store.current(session.state, key)
    ids = member_ids(session.workspace, key)
    emit({"key": key, "size": len(ids), "members": ids}, ids, machine=machine)


@segments.command()
def apply(
    files: Annotated[list[Path], typer.Argument(help="YAML: one segment, or a list of them.", metavar="FILE ...")],
    home: Home = None,
    machine: Machine = False,
) -> None:
    """Take segments from files; the same definition again changes nothing."""
    session = Session.open(home)
    applied = apply_files(session, files)
    emit({"segments": applied}, [f"{row['key']}: version {row['version']}" for row in applied], machine=machine)


def apply_files(session: Session, files: list[Path]) -> list[dict[str, object]]:
    """Save the files' segments, all or none, and return key and version of each."""
    found = [segment for file in files for segment in _read(file)]
    with session.state.transaction():
        return [
            {"key": item.key, "version": store.save(session.state, item, by=session.by, at=now())} for item in found
        ]


@segments.command()
def export(home: Home = None, machine: Machine = False) -> None:
    """Print every segment as YAML that `segments apply` takes."""
    found = Session.open(home).segments
    emit({"segments": catalogue.documents(found)}, catalogue.write(found).splitlines(), machine=machine)


def sizes(session: Session) -> list[dict[str, object]]:
    """Return key, name, size and reachable of every segment; None where it is not known yet."""
    from hubsync.behaviour import membership
    from hubsync.sync.reach import reachable

    made = snapshot.latest(session.workspace, "features")
    counted = membership.sizes(session.workspace) if made else {}
    reach = reachable(session.workspace, session.state)
    return [
        {"key": s.key, "name": s.title(), "size": counted.get(s.key), "reachable": reach.get(s.key) if reach else None}
        for s in session.segments
    ]


def _read(file: Path) -> list[Segment]:
    try:
        return catalogue.read(file.read_text(encoding="utf-8"), source=str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file} cannot be read.", str(error), "Check the path and that it is UTF-8 text.") from error
