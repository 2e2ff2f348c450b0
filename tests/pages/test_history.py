from __future__ import annotations

import duckdb
import httpx
import pytest

from hubsync.core.plan import Plan, Target
from hubsync.core.run import RunState
from hubsync.store import connection as connections
from hubsync.store import plan as plans
from hubsync.store.state import State
from hubsync.sync import history
from hubsync.sync.preview import preview
from hubsync.sync.run import enqueue
from hubsync.sync.undo import undo
from tests.pages.shop import Made, now, opened, pull, shown, work


def planned(state: State, list_name: str, target: Target = Target.STATIC_LIST) -> Plan:
    return preview(
        state.workspace,
        state,
        connections.required(state),
        segment_key="regulars",
        target=target,
        list_name=list_name if target is Target.STATIC_LIST else None,
        by="test",
        clock=now,
    )


def ran(state: State, list_name: str, target: Target = Target.STATIC_LIST) -> str:
    run_id = enqueue(state.workspace, state, planned(state, list_name, target).plan_id, by="Ana", clock=now)
    work(state)
    return run_id


def taken_back(state: State, run_id: str) -> str:
    """Take a run back; return the run that did."""
    pull(state)
    plan = undo(state.workspace, state, run_id, by="Ana", clock=now)
    back = enqueue(state.workspace, state, plan.plan_id, by="Ana", clock=now)
    work(state)
    return back


def test_the_list_shows_every_run_with_counts_that_add_up(shop: State) -> None:
    first, second = ran(shop, "One"), ran(shop, "Two")
    app = opened("history.py")
    rows = app.dataframe[0].value
    assert list(rows["what"]) == ["Two", "One"]
    assert set(rows["state"]) == {"Done"}
    assert set(rows["by"]) == {"Ana"}
    ends = rows["confirmed"] + rows["unchanged"] + rows["rejected"] + rows["skipped"] + rows["cancelled"]
    assert list(rows["planned"]) == list(ends)
    assert list(rows["planned"]) == [history.run(shop, run_id).counts.planned for run_id in (second, first)]


def test_a_filter_that_leaves_nothing_says_so_and_can_be_cleared(shop: State) -> None:
    ran(shop, "Filtered")
    app = opened("history.py", state="failed")
    assert "Nothing matches this filter" in shown(app)
    assert not app.dataframe
    app.button(key="clear state").click().run()
    assert len(app.dataframe[0].value) == 1


def test_one_run_by_its_link_on_a_cold_server(shop: State) -> None:
    run_id = ran(shop, "Linked run")
    app = opened("history.py", run=run_id)
    counts = history.run(shop, run_id).counts
    assert app.title[0].value == "Loyal regulars → Linked run"
    assert f"{counts.planned} planned = {counts.confirmed} confirmed" in shown(app)
    assert "by Ana" in shown(app)


def test_rows_left_out_are_grouped_by_reason_with_what_to_do(shop: State, made: Made) -> None:
    plan = planned(shop, "With a gap")
    gone = contact_of(shop, plan)
    delete(made, gone)
    enqueue(shop.workspace, shop, plan.plan_id, by="Ana", clock=now)
    work(shop)
    (run,) = history.runs(shop)
    assert run.counts.skipped + run.counts.rejected == 1
    app = opened("history.py", run=run.run_id)
    (row,) = app.dataframe[0].value.to_dict("records")
    assert row["count"] == 1
    assert row["fix"]
    assert row["message"]


def contact_of(state: State, plan: Plan) -> str:
    file = plans.changes_file(state.workspace, plan.plan_id)
    (found,) = duckdb.sql("select max(contact_id) from read_parquet($file)", params={"file": str(file)}).fetchall()
    return str(found[0])


def delete(made: Made, contact_id: str) -> None:
    httpx.delete(
        f"{made.sandbox.base_url}/crm/v3/objects/contacts/{contact_id}",
        headers={"Authorization": f"Bearer {made.sandbox.token}"},
    ).raise_for_status()


def test_undo_leads_to_a_plan_that_takes_the_run_back(shop: State) -> None:
    run_id = ran(shop, "Taken back")
    pull(shop)
    app = opened("history.py", run=run_id)
    app.button(key="undo").click().run()
    assert not app.error
    plan = plans.get(shop, str(app.query_params["plan"]))
    assert plan.undo_of == run_id
    assert app.title[0].value == "Export"
    assert f"takes run {run_id.replace('-', chr(92) + '-')} back" in app.info[0].value
    app.button(key="send").click().run()
    work(shop)
    undone = history.runs(shop)[0]
    assert (undone.undo_of, undone.state) == (run_id, RunState.SUCCEEDED)


@pytest.mark.parametrize(
    ("lang", "name", "word"), [("en", "Undo of Told apart", "Taken back"), ("pt", "Desfaz: Told apart", "Desfeita")]
)
def test_a_run_and_its_undo_are_told_apart(shop: State, lang: str, name: str, word: str) -> None:
    run_id = ran(shop, "Told apart")
    pull(shop)
    plan = undo(shop.workspace, shop, run_id, by="Ana", clock=now)
    back = enqueue(shop.workspace, shop, plan.plan_id, by="Ana", clock=now)
    assert word not in list(opened("history.py", lang=lang).dataframe[0].value["state"])
    assert "undo" in [button.key for button in opened("history.py", lang=lang, run=run_id).button]
    work(shop)
    rows = opened("history.py", lang=lang).dataframe[0].value
    assert list(rows["what"]) == [name, "Told apart"]
    assert [state == word for state in rows["state"]] == [False, True]
    home = opened(lang=lang).dataframe[0].value
    assert list(home["what"]) == [name, "Told apart"]
    assert [state == word for state in home["state"]] == [False, True]
    taken = opened("history.py", lang=lang, run=run_id)
    assert word in shown(taken)
    assert "undo" not in [button.key for button in taken.button]
    assert opened("history.py", lang=lang, run=back).title[0].value.startswith(name.split(maxsplit=1)[0])


def test_a_run_whose_undo_was_undone_stands_again(shop: State) -> None:
    run_id = ran(shop, "Stands again")
    taken_back(shop, taken_back(shop, run_id))
    assert list(opened("history.py").dataframe[0].value["state"]) == ["Done", "Taken back", "Done"]
    assert "undo" in [button.key for button in opened("history.py", run=run_id).button]


def test_who_started_a_run_is_told_before_the_counts(shop: State) -> None:
    ran(shop, "In order")
    columns = list(opened("history.py").dataframe[0].value.columns)
    assert columns[:9] == ["what", "when", "state", "by", "planned", "confirmed", "unchanged", "left_out", "took"]


def test_the_plan_a_run_ran_can_be_read_again(shop: State) -> None:
    run_id = ran(shop, "Read again")
    app = opened("history.py", run=run_id)
    assert "Who can be reached" not in shown(app)
    app.session_state["its plan"] = True
    app.run()
    assert "Who can be reached" in shown(app)


def test_a_paused_run_says_what_it_waits_for_and_goes_on_when_told(shop: State, made: Made) -> None:
    plan = planned(shop, "Paused")
    run_id = enqueue(shop.workspace, shop, plan.plan_id, by="Ana", clock=now)
    shop.connection.execute("update run set state = 'paused', paused_for = 'daily_limit' where run_id = ?", (run_id,))
    app = opened("history.py", run=run_id)
    assert "daily limit is used up" in shown(app)
    app.button(key=f"resume {run_id}").click().run()
    assert history.run(shop, run_id).state is RunState.PLANNED
    work(shop)
    assert history.run(shop, run_id).state is RunState.SUCCEEDED


@pytest.mark.parametrize("run_id", ["nonsense", "<b>x</b>"])
def test_a_link_to_no_run_says_so(shop: State, run_id: str) -> None:
    app = opened("history.py", run=run_id)
    assert "There is no run" in app.error[0].value
