from __future__ import annotations

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from hubsync.core.run import RunState
from hubsync.core.segment import parse_segment
from hubsync.store import plan as plans
from hubsync.store import segment as segments
from hubsync.store.state import State
from hubsync.sync import history
from tests.pages.shop import KNOWN, OFTEN, OPTED_OUT, SEGMENT, Made, compute, now, opened, pull, shown, work

#: Members of the segment that may be put on a list.
REACHABLE = len(OFTEN & KNOWN - OPTED_OUT)


def previewed(target: str = "static_list", list_name: str = "", **query: str) -> AppTest:
    app = opened("export.py", segment="regulars", target=target, **query)
    if list_name:
        app.text_input(key="list_name").set_value(list_name).run()
    app.button(key="preview").click().run()
    assert not app.error, app.error[0].value
    return app


def tiles(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_a_preview_says_how_many_come_and_go_and_sends_nothing(shop: State, made: Made) -> None:
    before = writes(made)
    app = previewed(list_name="Says and sends nothing")
    assert tiles(app) == {"Add to the list": str(REACHABLE), "Remove from the list": "0", "Already right": "0"}
    assert app.button(key="send").label == f"Make the list, add {REACHABLE}"
    assert history.runs(shop) == []
    assert writes(made) == before


def writes(made: Made) -> list[str]:
    rows = httpx.get(f"{made.sandbox.base_url}/__sandbox__/requests").json()["requests"]
    return [row["path"] for row in rows if row["method"] != "GET" and "memberships" in row["path"]]


def test_every_change_says_who_why_and_what(shop: State) -> None:
    app = previewed(list_name="Says why")
    rows = app.dataframe[-1].value
    added = rows[rows["op"] == "Add"]
    assert len(added) == REACHABLE
    assert set(added["old"]) == {"not on the list"}
    assert set(added["new"]) == {"on the list"}
    assert all("4 orders in 90 days" in reason for reason in added["reason"])


def test_each_step_of_the_funnel_opens_to_its_people_with_masked_addresses(shop: State) -> None:
    app = previewed(list_name="Funnel")
    steps = next(group for group in app.button_group if group.key and group.key.startswith("reach"))
    assert [option.partition(" · ")[0] for option in options(steps)] == [
        "Reachable",
        "Not in HubSpot",
        "Opted out of e-mail",
    ]
    steps.set_value("opted_out").run()
    people = app.dataframe[0].value
    assert len(people) == len(OPTED_OUT)
    assert set(people["email"]) == {"c***@e***.com"}


def options(group: object) -> list[str]:
    return [str(option.content) for option in group.proto.options]  # type: ignore[attr-defined]


def test_the_button_makes_one_run_however_often_it_is_clicked_and_the_run_is_what_was_seen(shop: State) -> None:
    app = previewed(list_name="Clicked twice")
    plan_id = app.query_params["plan"]
    again = opened("export.py", plan=str(plan_id))
    app.button(key="send").click().run()
    assert app.query_params["run"]
    again.button(key="send").click().run()
    (run,) = history.runs(shop)
    assert again.query_params["run"] == run.run_id
    assert "send" not in [button.key for button in opened("export.py", plan=str(plan_id)).button]
    work(shop)
    (run,) = history.runs(shop)
    assert run.state is RunState.SUCCEEDED
    assert run.counts.confirmed == run.counts.planned == plans.get(shop, str(plan_id)).rows
    after = opened("export.py", plan=str(plan_id), run=run.run_id)
    assert f"{run.counts.planned} planned = {run.counts.planned} confirmed" in shown(after)


def test_a_run_under_way_survives_a_reload_and_can_be_stopped(shop: State) -> None:
    app = previewed(list_name="Reloaded")
    app.button(key="send").click().run()
    (run,) = history.runs(shop)
    reloaded = opened("export.py", plan=run.plan_id, run=run.run_id)
    assert len(reloaded.get("progress")) == 1
    reloaded.button(key=f"cancel {run.run_id}").click().run()
    work(shop)
    (run,) = history.runs(shop)
    assert run.state is RunState.CANCELLED
    assert run.counts.cancelled == run.counts.planned


def test_what_is_already_right_needs_no_button(shop: State) -> None:
    app = previewed(list_name="Done before")
    app.button(key="send").click().run()
    work(shop)
    pull(shop)
    again = previewed(list_name="Done before")
    assert "send" not in {button.key for button in again.button}
    assert tiles(again)["Already right"] == str(REACHABLE)
    assert "Nothing to send" in shown(again)


def test_properties_show_values_before_and_after_under_their_labels(shop: State) -> None:
    app = previewed("properties")
    rows = app.dataframe[-1].value
    changed = rows[rows["op"] == "Change"]
    assert set(changed["field"]) == {"orders in 90 days", "Customer id (hubsync)"}
    assert set(changed[changed["field"] == "orders in 90 days"]["new"]) == {"4"}
    assert "change" in app.button(key="send").label


def test_a_guard_wants_its_figure_typed_before_the_button_works(shop: State) -> None:
    define(shop, at_least=1)
    app = previewed(list_name="Guarded")
    app.button(key="send").click().run()
    work(shop)
    pull(shop)
    define(shop, at_least=3)
    asked = opened("export.py", segment="regulars")
    asked.text_input(key="list_name").set_value("Guarded").run()
    asked.button(key="preview").click().run()
    plan = plans.get(shop, str(asked.query_params["plan"]))
    assert {guard.code for guard in plan.blocked} == {"size_change", "large_removal"}
    assert len(asked.error) == 2
    assert asked.button(key="send").disabled
    for guard in plan.blocked:
        asked.text_input(key=f"override {plan.plan_id} {guard.code}").set_value("1")
    asked.run()
    assert asked.button(key="send").disabled
    for guard in plan.blocked:
        asked.text_input(key=f"override {plan.plan_id} {guard.code}").set_value(guard.override)
    asked.run()
    assert asked.button(key="send").label == f"Remove {plan.counts['remove_member']}"
    asked.button(key="send").click().run()
    assert not asked.error
    assert history.runs(shop)[0].plan_id == plan.plan_id


def test_where_nobody_may_go_on_there_is_no_button(shop: State) -> None:
    app = previewed(list_name="Emptied")
    app.button(key="send").click().run()
    work(shop)
    pull(shop)
    define(shop, at_least=50)
    asked = opened("export.py", segment="regulars")
    asked.text_input(key="list_name").set_value("Emptied").run()
    asked.button(key="preview").click().run()
    assert "The segment has no members" in asked.error[0].value
    assert "send" not in {button.key for button in asked.button}


def define(state: State, *, at_least: int) -> None:
    """Give the segment another threshold, and compute who is in now."""
    condition = {**SEGMENT["rule"]["all"][0], "value": at_least}
    segments.save(state, parse_segment({**SEGMENT, "rule": condition}), by="test", at=now())
    compute(state)


def test_asking_for_something_else_drops_the_plan(shop: State) -> None:
    app = previewed(list_name="Changed my mind")
    assert "plan" in app.query_params
    app.selectbox(key="segment to export").set_value("few").run()
    assert "plan" not in app.query_params
    assert app.text_input(key="list_name").value == "[Behaviour] Heavy <b>buyers</b> *few* - Active"


def test_a_link_to_a_plan_shows_that_plan(shop: State) -> None:
    plan_id = str(previewed(list_name="Linked").query_params["plan"])
    app = opened("export.py", plan=plan_id)
    assert app.text_input(key="list_name").value == "Linked"
    assert tiles(app)["Add to the list"] == str(REACHABLE)


@pytest.mark.parametrize("query", [{"plan": "nonsense"}, {"run": "nonsense"}])
def test_a_link_to_nothing_says_so(shop: State, query: dict[str, str]) -> None:
    app = opened("export.py", **query)
    assert "There is no" in app.error[0].value
    assert "not\\_found" in app.error[0].value


def test_names_are_shown_letter_by_letter(shop: State) -> None:
    app = previewed(list_name="<i>*not* markup*</i>")
    assert r"\<i\>\*not\* markup\*\</i\>" in shown(app)


def test_the_first_write_to_a_real_portal_is_asked_for_once_more(shop: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBSYNC_SANDBOX", "1")
    shop.connection.execute(
        "update connection set definition = json_set(definition, '$.embedded', json('false'),"
        " '$.account_type', 'STANDARD')"
    )
    app = previewed(list_name="Real")
    assert app.button(key="send").disabled
    app.checkbox[0].check().run()
    assert not app.button(key="send").disabled
    app.button(key="send").click().run()
    work(shop)
    assert not previewed(list_name="Real, again").checkbox


@pytest.mark.parametrize("target", ["active_list", "lead_score", "workflow"])
def test_every_target_can_be_previewed_here(shop: State, made: Made, target: str) -> None:
    app = previewed(target, **({} if target != "active_list" else {"list_name": f"Offers {target}"}))
    assert int(tiles(app)["Values to change"]) >= REACHABLE
    assert app.button(key="send").label


def test_an_e_mail_is_copied_from_a_template_that_is_chosen(shop: State, made: Made) -> None:
    app = opened("export.py", segment="regulars", target="email")
    app.text_input(key="list_name").set_value("For a draft").run()
    app.button(key="preview").click().run()
    assert app.button(key="send").label.endswith("leave a draft")
