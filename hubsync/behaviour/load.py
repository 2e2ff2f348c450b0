"""Loading: a customer's own files become the workspace's customers and events, and what cannot be used is listed."""

# ruff: noqa: S608 - the SQL is built from the file's column names; `identifier` and `literal` quote all of them

from __future__ import annotations

import collections
import csv
import datetime as dt
import io
import itertools
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hubsync.behaviour import mapping as fields
from hubsync.behaviour import rejected, rows, typed
from hubsync.behaviour.engine import Engine, identifier, literal, open_engine
from hubsync.behaviour.mapping import Kind
from hubsync.behaviour.rejected import Reject
from hubsync.behaviour.rows import LINE
from hubsync.behaviour.tables import data_file
from hubsync.core.errors import BadInput
from hubsync.store.workspace import Workspace

#: Columns of our own beside the file's while it is loaded.
_FILE, _PLACE, _REASON, _LINE = '"(file)"', '"(place)"', '"(reason)"', f'"{LINE}"'


@dataclass(frozen=True, kw_only=True)
class LoadReport:
    """What became of the rows of a load: rows = loaded + already_there + rejected."""

    kind: Kind
    rows: int
    #: Rows that are in the workspace because of this load.
    loaded: int
    #: Events appended before, as often as they occur in the files now.
    already_there: int
    rejected: int
    #: CSV of the rejected rows (file, line, reason, row); None where there are none.
    rejects_file: Path | None
    #: Which column was read as which field.
    mapping: Mapping[str, str]
    #: The columns kept beyond our fields, by the name they are kept under.
    extras: Mapping[str, str]
    #: How many rows were rejected for each reason, most first.
    reasons: Mapping[str, int]
    warnings: tuple[str, ...] = field(default=())


def guess(file: Path, kind: Kind) -> dict[str, str]:
    """Return column → field for the columns of a file whose names say what they are; BadInput if it cannot be read."""
    return fields.guess_fields(rows.columns(file), kind)


def load(
    workspace: Workspace,
    kind: Kind,
    files: Sequence[Path],
    *,
    mapping: Mapping[str, str] | None = None,
    replace: bool = True,
    clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
) -> LoadReport:
    """Load customers or events from CSV, Parquet or JSON lines files; `mapping` (column → field) corrects the guess.

    With `replace` the files become all there is. Otherwise they are added: a customer takes the place of the one with
    the same id, and an event that equals one already there in every field is added only if the files hold it more
    often, so that loading a file again adds nothing.
    Nothing changes unless at least one row can be used. Raises BadInput, saying what to do, for files that are missing,
    empty or unreadable, for a wrong mapping, and where every row is rejected.
    """
    if not files:
        raise BadInput("There is no file to load.", "Nothing was loaded.", "Name at least one.")
    columns = [rows.columns(file) for file in files]
    # The same column may be written in other capitals in another file; the first spelling is taken.
    spelled: dict[str, str] = {}
    for name in itertools.chain(*columns):
        spelled.setdefault(name.casefold(), name)
    names = list(spelled.values())
    settled = fields.settle(names, kind, mapping)
    extras = fields.extra_names(names, settled, kind)
    target = data_file(workspace, kind)
    with tempfile.TemporaryDirectory(prefix=".load-", dir=workspace.behaviour) as draft, open_engine() as engine:
        rejects = _read(engine, files, columns, Path(draft))
        texts = [name for name in extras if all(rows.form(file) != "parquet" for file in files)]
        kinds = _kinds(engine, texts)
        count = _check(engine, kind, settled, extras, kinds, data_file(workspace, "customers"))
        found = _rejected(engine, names)
        rejects = sorted([*rejects, *found], key=lambda one: ([file.name for file in files].index(one.file), one.line))
        rejects_file = rejected.write(workspace, kind, rejects, clock()) if rejects else None
        reasons = dict(collections.Counter(one.reason for one in rejects).most_common())
        good = count - len(found)
        if not good:
            raise _nothing_usable(files, reasons, rejects_file)
        kept = not replace and target.exists()
        before, after = _write(engine, kind, Path(draft) / "new.parquet", target if kept else None)
        warnings = _warnings(engine, kind, workspace, settled, Path(draft) / "new.parquet")
        os.replace(Path(draft) / "new.parquet", target)  # noqa: PTH105 - the atomic call, by name
    loaded = after - before if kept and kind == "events" else good
    return LoadReport(
        kind=kind,
        rows=good + len(rejects),
        loaded=loaded,
        already_there=good - loaded,
        rejected=len(rejects),
        rejects_file=rejects_file,
        mapping=settled,
        extras={name: column for column, name in extras.items()},
        reasons=reasons,
        warnings=warnings,
    )


def _read(engine: Engine, files: Sequence[Path], columns: Sequence[Sequence[str]], draft: Path) -> list[Reject]:
    """Make the view `raw`: all rows of all files, with file and line; return the lines that are no rows."""
    rejects: list[Reject] = []
    parts = []
    for place, (file, names) in enumerate(zip(files, columns, strict=True)):
        source, line = file, "file_row_number + 1"
        if rows.form(file) != "parquet":
            source, line = draft / f"{place}.parquet", _LINE
            rejects += rows.stage(file, names, source)
        listed = ", ".join(identifier(name) for name in names)
        parts.append(
            f"select {literal(file.name)} as {_FILE}, {place} as {_PLACE}, {line} as {_LINE}, {listed} "
            f"from read_parquet({literal(str(source))}, file_row_number = true)"
        )
    engine.execute(f"create temp view raw as {' union all by name '.join(parts)}")
    return rejects


def _kinds(engine: Engine, texts: Sequence[str]) -> dict[str, str]:
    """Return the type of each raw column; of `texts`, the type they look like."""
    kinds = {name: kind for name, kind, *_ in engine.execute("describe raw")}
    if texts:
        looks = ", ".join(typed.looks_like(identifier(name)) for name in texts)
        (found,) = engine.execute(f"select {looks} from raw")
        kinds |= dict(zip(texts, found, strict=True))
    return kinds


def _check(
    engine: Engine,
    kind: Kind,
    settled: Mapping[str, str],
    extras: Mapping[str, str],
    kinds: Mapping[str, str],
    customers: Path,
) -> int:
    """Make the table `checked`: typed rows, each with the reason it is rejected for, or null; return how many."""
    columns, faults = [], []
    for name, of in sorted(settled.items(), key=lambda item: list(fields.FIELDS[kind]).index(item[1])):
        value, reasons = _column(kind, of, identifier(name), kinds[name])
        columns.append(f"{value} as {of}")
        faults += reasons
    if kind == "customers" and "email" not in settled.values():
        columns.append("null::varchar as email")
    columns += [f"{typed.kept(identifier(name), kinds[name])} as {identifier(to)}" for name, to in extras.items()]
    last = "null"
    if kind == "customers":
        earlier = f"row_number() over (partition by customer_id, {_REASON} is null order by {_PLACE}, {_LINE}) > 1"
        last = f"case when {earlier} then 'this customer id appears before' end"
    elif customers.exists():
        known = f"select customer_id from read_parquet({literal(str(customers))})"
        last = f"case when customer_id not in ({known}) then 'unknown customer' end"
    engine.execute(
        f"create temp table checked as select * replace (coalesce({_REASON}, {last}) as {_REASON}) from ("
        f"select {_FILE}, {_LINE}, {_PLACE}, {', '.join(columns)}, "
        f"case {' '.join(f'when {test} then {literal(reason)}' for test, reason in faults)} end as {_REASON} from raw)"
    )
    ((count,),) = engine.execute("select count(*) from checked")
    return int(count)


def _column(kind: Kind, of: str, column: str, type_: str) -> tuple[str, list[tuple[str, str]]]:
    """Return a field's value as SQL, and what is wrong with the row where a test holds."""
    given = f"{typed.text(column, type_)} is not null"
    if of in fields.TIMES:
        value = typed.time(column, type_)
        return value, [(f"not ({given})", "no time"), (f"({value}) is null", "the time cannot be read")]
    if of in fields.NUMBERS:
        value = typed.number(column, type_)
        return value, [(f"{given} and ({value}) is null", f"{of} is not a number")]
    value = typed.text(column, type_)
    required = of in fields.REQUIRED[kind]
    return value, [(f"({value}) is null", f"no {of.replace('_', ' ')}")] if required else []


def _rejected(engine: Engine, names: Sequence[str]) -> list[Reject]:
    """Return the rejected rows as they were: their values in the order of the file, as CSV."""
    values = ", ".join(f"raw.{identifier(name)}::varchar" for name in names)
    found = engine.execute(
        f"select {_FILE}, {_LINE}, {_REASON}, {values} from checked join raw using ({_FILE}, {_PLACE}, {_LINE}) "
        f"where {_REASON} is not null"
    )
    rejects = []
    for file, line, reason, *row in found:
        text = io.StringIO()
        csv.writer(text, lineterminator="").writerow(row)
        rejects.append(Reject(file=file, line=line, reason=reason, row=text.getvalue()))
    return rejects


def _write(engine: Engine, kind: Kind, to: Path, kept: Path | None) -> tuple[int, int]:
    """Write the good rows, added to those of `kept`, clustered by customer; return rows before and after."""
    good = f"select * exclude ({_FILE}, {_LINE}, {_PLACE}, {_REASON}) from checked where {_REASON} is null"
    order = "customer_id"
    if kind == "events":
        order = "customer_id, occurred_at"
    before = 0
    if kept:
        old = f"from read_parquet({literal(str(kept))})"
        ((before,),) = engine.execute(f"select count(*) {old}")
        if kind == "customers":
            good = (
                f"{good} union all by name select * {old} where customer_id not in (select customer_id from ({good}))"
            )
        else:
            # Equal events are told apart by their number, so that the union keeps the more of the two files' copies.
            columns = [name for name, *_ in engine.execute(f"describe ({good} union all by name select * {old})")]
            every = ", ".join(identifier(name) for name in columns)
            both = f"select *, 1 as {_FILE} from ({good}) union all by name select *, 0 as {_FILE} {old}"
            numbered = f"select *, row_number() over (partition by {_FILE}, {every}) as {_PLACE} from ({both})"
            good = f"select distinct on ({every}, {_PLACE}) {every} from ({numbered})"
    engine.execute(
        f"copy (select * from ({good}) order by {order}) to {literal(str(to))} (format parquet, compression zstd)"
    )
    ((after,),) = engine.execute(f"select count(*) from read_parquet({literal(str(to))})")
    return int(before), int(after)


def _warnings(
    engine: Engine, kind: Kind, workspace: Workspace, settled: Mapping[str, str], new: Path
) -> tuple[str, ...]:
    if kind == "events":
        return ()
    warnings = []
    if "email" not in settled.values():
        warnings.append("No column holds e-mail addresses: nobody can be found in HubSpot by e-mail.")
    events = data_file(workspace, "events")
    if events.exists():
        ((lost,),) = engine.execute(
            f"select count(*) from read_parquet({literal(str(events))}) "
            f"where customer_id not in (select customer_id from read_parquet({literal(str(new))}))"
        )
        if lost:
            warnings.append(f"{lost} events belong to customers that are not there any more; they do not count.")
    return tuple(warnings)


def _nothing_usable(files: Sequence[Path], reasons: Mapping[str, int], rejects_file: Path | None) -> BadInput:
    listing = "; ".join(f"{count} rows: {reason}" for reason, count in reasons.items()) or "it has column names only"
    return BadInput(
        f"No row of {', '.join(file.name for file in files)} can be used.",
        f"{listing}. What was loaded before is as it was.",
        f"The rows with their reasons are in {rejects_file}." if rejects_file else "Export it again.",
    )
