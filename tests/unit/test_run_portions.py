from __future__ import annotations

from itertools import groupby
from pathlib import Path

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubsync.core.plan import MEMBER, Change, Op
from hubsync.store.batch import MEMBERSHIP
from hubsync.store.workspace import Workspace
from hubsync.sync.draft import drafting
from hubsync.sync.rows import Rows
from hubsync.sync.run import Portions, _spans

ids = st.integers(0, 30).map(str)
changes = st.builds(
    lambda op, who, name: Change(
        op=op,
        customer_id=f"k{who}",
        contact_id="" if op is Op.CREATE_CONTACT else who,
        field=name,
        old="",
        new=MEMBER,
        reason="r",
    ),
    op=st.sampled_from([Op.ENSURE_PROPERTY, Op.CREATE_CONTACT, Op.UPDATE_CONTACT, Op.REMOVE_MEMBER, Op.ADD_MEMBER]),
    who=ids,
    name=st.sampled_from(["a", "b", "c"]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(changes, max_size=80), people=st.integers(1, 6), members=st.integers(1, 9))
def test_every_row_is_sent_in_exactly_one_portion_and_people_stay_whole(
    workspace: Workspace, rows: list[Change], people: int, members: int
) -> None:
    with duckdb.connect() as con, drafting(workspace, con, rows, Path.touch) as draft:
        plan_id = draft.settle(workspace, [people, members])
        spans = _spans(workspace.plans / plan_id / "changes.parquet", Portions(people=people, members=members))
    with Rows(workspace.plans / plan_id / "changes.parquet") as kept:
        portions = [kept.between(span.first_row, span.last_row) for span in spans]
    assert [change.row for portion in portions for change in portion] == list(range(len(rows)))
    seen = set()
    for span, portion in zip(spans, portions, strict=True):
        kinds = {
            MEMBERSHIP if change.new == MEMBER and change.op.value.endswith("_member") else change.op.value
            for change in portion
        }
        assert kinds == {span.kind}
        if span.kind == MEMBERSHIP:
            assert len(portion) <= members
        elif span.kind in {Op.CREATE_CONTACT, Op.UPDATE_CONTACT}:
            whole = [key for key, _ in groupby(portion, key=lambda change: (change.contact_id, change.customer_id))]
            assert len(whole) <= people
            assert not seen & {(span.kind, *key) for key in whole}
            seen |= {(span.kind, *key) for key in whole}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(changes, unique_by=lambda change: (change.op, change.customer_id, change.field)), chance=st.randoms()
)
def test_the_same_changes_in_any_order_are_the_same_plan(
    workspace: Workspace, rows: list[Change], chance: object
) -> None:
    ids = set()
    for _ in range(2):
        with duckdb.connect() as con, drafting(workspace, con, rows, Path.touch) as draft:
            ids.add(draft.settle(workspace, "same"))
        rows = list(rows)
        chance.shuffle(rows)  # type: ignore[attr-defined]
    assert len(ids) == 1
