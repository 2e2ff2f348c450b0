"""Undo: the plan that takes a run back, for whatever still is as the run left it. Sends nothing itself."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from hubsync.core.errors import Blocked
from hubsync.core.field import Field, FieldType
from hubsync.core.guard import age
from hubsync.core.inverse import Done, Left, inverse
from hubsync.core.plan import MEMBER, Change, Op, Plan, Target
from hubsync.core.run import Run
from hubsync.store import plan as plans
from hubsync.store import receipt
from hubsync.store import run as runs
from hubsync.store.state import State
from hubsync.store.workspace import Workspace
from hubsync.sync import reach
from hubsync.sync.compare import Comparison, comparison
from hubsync.sync.draft import drafting
from hubsync.sync.forecast import forecast
from hubsync.sync.mapping import Mapped
from hubsync.sync.preview import quota
from hubsync.sync.proposal import stream

if TYPE_CHECKING:
    import pyarrow as pa

#: Rows that stay as they are, named in the plan; the rest are counted.
NAMED = 1000

_DONE = """
select r.row, c.op, r.customer_id, r.contact_id, c.field, c.new, r.prior, m.contact_id is not null,
    case when c.op in ('add_member', 'remove_member') then case when l.contact_id is null then '' else $member end
        else coalesce(m.properties[c.field], '') end,
    not coalesce(m.opted_out or m.hard_bounced or m.quarantined, false),
    exists (
        from still s where s.contact_id in (r.contact_id, coalesce(g.contact_id, r.contact_id)) and s.field = case
            when c.op in ('add_member', 'remove_member') then 'list:' || $list
            when c.op in ('ensure_list', 'delete_list') then 'list_name:' || c.field
            else c.field end
    )
from receipts r
join read_parquet($file) c on c.row = r.row
left join living g on g.old_id = r.contact_id
left join mirror_contacts m on m.contact_id = coalesce(g.contact_id, r.contact_id)
left join mirror_members l on l.list_id = $list and l.contact_id = coalesce(g.contact_id, r.contact_id)
order by r.row
"""


def undo(workspace: Workspace, state: State, run_id: str, *, by: str, clock: Callable[[], dt.datetime]) -> Plan:
    """Return the plan that restores what a run's confirmed rows replaced, where its own values still stand; it is kept.

    Rows that somebody changed since, or a later run wrote, are left alone and named in `options["stays"]`. Contacts
    and properties are never deleted; a list is, if the run made it and nobody is left on it. Raises Blocked for a run
    that is under way, NotFound for one there is none of.
    """
    run = runs.get(state, run_id)
    if not run.state.finished:
        raise Blocked("This run is not finished.", "Nothing was planned.", "Wait for it, or cancel it, then undo it.")
    done = plans.get(state, run.plan_id)
    at, acknowledged = clock(), receipt.newest(state.connection)
    with comparison(workspace, state, run.portal_id) as side:
        stays: list[tuple[Change, Left]] = []
        still = receipt.still_of(state, run_id)
        list_id = _list_id(done, still)
        restores = list_id if done.counts.get(Op.DELETE_LIST) else ""
        options = {**done.options, "list_id": list_id, "restores": restores, "acknowledged": acknowledged}
        side.con.register("still_rows", _still(still))
        side.con.execute("create temp table still as from still_rows")
        rows = _done(workspace, state, side, run, done, list_id)
        side.con.execute("create temp table members (customer_id text, contact_id text, email text, step text)")
        with drafting(
            workspace, side.con, _changes(rows, run_id, stays), lambda file: reach.write(side.con, file)
        ) as draft:
            plan = Plan(
                plan_id=draft.settle(
                    workspace, {"undo": run_id, "portal": run.portal_id, "acknowledged": acknowledged}
                ),
                segment_key=done.segment_key,
                segment_version=done.segment_version,
                target=Target(run.target),
                portal_id=run.portal_id,
                list_name=done.list_name,
                made_at=at,
                made_by=by,
                features_as_of=done.features_as_of,
                mirror_at=side.mirror.pulled_at,
                counts={**draft.counts, "unchanged": 0},
                reach={},
                forecast=forecast(
                    target=Target(run.target),
                    rows=draft.counts,
                    people=draft.people,
                    everybody=sum(draft.people.values()),
                    quota=quota(workspace, run.portal_id),
                ),
                warnings=_warnings(stays, deletes=bool(draft.counts.get(Op.DELETE_LIST))),
                blocked=age(at - side.mirror.pulled_at),
                options={**options, "stays": [_named(change, left) for change, left in islice(stays, NAMED)]},
                undo_of=run_id,
            )
            plans.save(state, plan)
    return plan


def _list_id(done: Plan, still: list[tuple[str, str, str]]) -> str:
    """Return the id of the list that the run itself worked on; "" where every trace of it is a later run's by now.

    Never the list that merely has the name today: that may be another run's.
    """
    made = next((value for _, name, value in still if name == f"list_name:{done.list_name}"), "")
    held = next((name.removeprefix("list:") for _, name, _ in still if name.startswith("list:")), "")
    return made or str(done.options.get("list_id") or "") or held


def _still(still: list[tuple[str, str, str]]) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415 - see below

    schema = pa.schema([(name, pa.string()) for name in ("contact_id", "field", "value")])
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in still], schema)


def _done(workspace: Workspace, state: State, side: Comparison, run: Run, done: Plan, list_id: str) -> Iterator[Done]:
    fields = done.options.get("fields")
    known = {one.field.name: one.field for one in map(Mapped.of, fields)} if isinstance(fields, list) else {}
    nothing = Field(name="", label="", type=FieldType.STRING)
    side.con.register("receipts", _receipts(state, run.run_id))
    side.con.execute("create temp table living as select unnest(merged_ids) as old_id, contact_id from mirror_contacts")
    file = str(plans.changes_file(workspace, run.plan_id))
    for row in stream(side.con, _DONE, {"file": file, "list": list_id, "member": MEMBER}):
        change = Change(
            op=Op(row[1]),
            customer_id=row[2],
            contact_id=row[3],
            field=row[4],
            old=row[6],
            new=row[5],
            reason="",
            row=row[0],
        )
        yield Done(
            change=change,
            prior=row[6],
            now=row[8],
            exists=row[7],
            listable=row[9],
            ours=row[10],
            type=known.get(row[4], nothing).type,
            multiple=known.get(row[4], nothing).multiple,
            made=_made(change, done),
        )


def _made(change: Change, done: Plan) -> bool:
    """Whether a row made a list with members of its own: not one that was taken over, nor one that filters keep."""
    return change.op is Op.ENSURE_LIST and change.new == "MANUAL" and not done.options.get("adopts")


def _receipts(state: State, run_id: str) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415 - the command line starts without it

    names = ("row", "customer_id", "contact_id", "prior")
    schema = pa.schema([(name, pa.int64() if name == "row" else pa.string()) for name in names])
    pages = [
        pa.RecordBatch.from_pydict(dict(zip(names, zip(*page, strict=True), strict=True)), schema)
        for page in receipt.confirmed(state, run_id)
    ]
    return pa.Table.from_batches(pages, schema)


def _changes(rows: Iterable[Done], run_id: str, stays: list[tuple[Change, Left]]) -> Iterator[Change]:
    for found in inverse(rows, run_id):
        if isinstance(found, Change):
            yield found
        else:
            stays.append(found)


def _named(change: Change, left: Left) -> dict[str, str]:
    return {
        "op": change.op.value,
        "customer_id": change.customer_id,
        "contact_id": change.contact_id,
        "field": change.field,
        "why": left.value,
    }


def _warnings(stays: list[tuple[Change, Left]], *, deletes: bool) -> tuple[str, ...]:
    counted = Counter(left for _, left in stays)
    told = [f"{counted[left]:,} rows stay: {left.value}." for left in Left if counted[left]]
    if deletes:
        told.append("The list that the run made is deleted once nobody is on it; HubSpot can restore it for 90 days.")
    return (*told, "E-mails that were sent and workflows that were started meanwhile cannot be taken back.")
