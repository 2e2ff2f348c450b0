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
    not coalesce(m.opted_out or m.hard_bounced or m.quarantined, false)
from receipts r
join read_parquet($file) c on c.row = r.row
left join living g on g.old_id = r.contact_id
left join mirror_contacts m on m.contact_id = coalesce(g.contact_id, r.contact_id)
left join mirror_members l on l.list_id = $list and l.contact_id = coalesce(g.contact_id, r.contact_id)
order by r.row
"""


def undo(workspace: Workspace, state: State, run_id: str, *, by: str, clock: Callable[[], dt.datetime]) -> Plan:
    """Return the plan that restores what a run's confirmed rows replaced, where its own values still stand; it is kept.

    Rows that somebody changed since are left alone and named in `options["stays"]`. Contacts and properties are never
    deleted; a list is, if the run made it and nobody is left on it. Raises Blocked for a run that is under way,
    NotFound for one there is none of.
    """
    run = runs.get(state, run_id)
    if not run.state.finished:
        raise Blocked("This run is not finished.", "Nothing was planned.", "Wait for it, or cancel it, then undo it.")
    done = plans.get(state, run.plan_id)
    at, acknowledged = clock(), receipt.newest(state.connection)
    with comparison(workspace, state, run.portal_id) as side:
        stays: list[tuple[Change, Left]] = []
        list_id = _list_id(state, done)
        restores = list_id if done.counts.get(Op.DELETE_LIST) else ""
        options = {**done.options, "list_id": list_id, "restores": restores, "acknowledged": acknowledged}
        rows = _done(workspace, state, side, run, done, list_id)
        side.con.execute("create temp table members (customer_id text, contact_id text, email text, step text)")
        with drafting(
            workspace, side.con, _changes(rows, run_id, stays), lambda file: reach.write(side.con, file)
        ) as draft:
            plan = Plan(
                plan_id=draft.settle(workspace, {"undo": run_id, "portal": run.portal_id}),
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


def _list_id(state: State, done: Plan) -> str:
    known = receipt.of_portal(state, done.portal_id).get(f"list_name:{done.list_name}", ("",))[0]
    return known or str(done.options.get("list_id") or "")


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
