from __future__ import annotations

import pytest

from hubsync.core.errors import Blocked
from hubsync.core.plan import Op, Target
from hubsync.core.run import RunState
from hubsync.core.score import ScoreModel
from hubsync.store import score as models
from hubsync.sync.undo import undo
from tests.sync.desk import ORDERS, Desk, email, now

SCORE = Target.LEAD_SCORE
NAMES = ("lead_score", "lead_score_band", "lead_score_updated_at")


def scored(desk: Desk, number: int) -> tuple[str, str]:
    held = desk.properties(desk.contact_id(number), *NAMES)
    return held["lead_score"] or "", held["lead_score_band"] or ""


def model(**behaviours: float) -> ScoreModel:
    bands = [
        {"key": key, "label": {"en": key.title()}, "at_least": least}
        for key, least in (("cold", 0), ("warm", 30), ("hot", 60))
    ]
    curve = {"feature": ORDERS, "label": {"en": "orders in 90 days"}, "knots": [[0, 0], [10, 40]]}
    return ScoreModel.model_validate({"behaviours": behaviours, "measures": [curve], "bands": bands, "qualified": 60})


@pytest.fixture(autouse=True)
def points(desk: Desk) -> None:
    models.save(desk.state, model(regulars=45), by="test", at=now())


def test_every_customer_in_hubspot_gets_score_and_band_with_the_reason(desk: Desk) -> None:
    plan = desk.preview(SCORE)
    assert plan.counts == {Op.ENSURE_GROUP: 1, Op.ENSURE_PROPERTY: 3, Op.UPDATE_CONTACT: 60, "unchanged": 0}
    reasons = {change.customer_id: change.reason for change in desk.changes(plan)}
    assert reasons[desk.customer(3)] == "65 (hot, qualified): Loyal regulars +45, orders in 90 days: 5 +20"
    assert reasons[desk.customer(15)] == "4 (cold): orders in 90 days: 1 +4"
    run = desk.run(plan)
    assert (run.state, run.counts.confirmed) == (RunState.SUCCEEDED, 64)
    assert run.requests <= plan.forecast.total
    assert (scored(desk, 3), scored(desk, 15)) == (("65", "hot"), ("4", "cold"))


def test_a_second_sync_has_nothing_to_send_though_time_goes_on(desk: Desk) -> None:
    desk.sync(SCORE)
    desk.refresh()
    assert desk.preview(SCORE).rows == 0
    desk.pull()
    plan = desk.preview(SCORE)
    assert (plan.rows, plan.counts["unchanged"], desk.run(plan).requests) == (0, 20, 0)


def test_a_score_that_moves_takes_band_and_time_along(desk: Desk) -> None:
    desk.sync(SCORE)
    first = desk.properties(desk.contact_id(15), *NAMES)["lead_score_updated_at"]
    desk.orders[15] = 9
    desk.refresh()
    plan = desk.preview(SCORE)
    moved = {change.field: (change.old, change.new) for change in desk.changes(plan)}
    assert set(moved) == set(NAMES)
    assert (moved["lead_score"], moved["lead_score_band"]) == (("4", "81"), ("cold", "hot"))
    desk.run(plan)
    assert scored(desk, 15) == ("81", "hot")
    assert desk.properties(desk.contact_id(15), *NAMES)["lead_score_updated_at"] != first


def test_another_model_makes_a_plan_stale_and_scores_everybody_anew(desk: Desk) -> None:
    desk.sync(SCORE)
    desk.orders[15] = 9
    desk.refresh()
    plan = desk.preview(SCORE)
    assert models.save(desk.state, model(regulars=10), by="test", at=now()) == 2
    with pytest.raises(Blocked, match="up to date"):
        desk.enqueue(plan)
    desk.run(desk.preview(SCORE))
    assert (scored(desk, 3), scored(desk, 15)) == (("30", "warm"), ("46", "warm"))


def test_who_is_no_customer_any_more_loses_the_score(desk: Desk) -> None:
    desk.sync(SCORE)
    del desk.orders[15]
    desk.refresh()
    plan = desk.preview(SCORE)
    assert {(change.new, change.reason) for change in desk.changes(plan)} == {("", "no longer among the customers")}
    desk.run(plan)
    assert (scored(desk, 15), scored(desk, 14)) == (("", ""), ("4", "cold"))
    assert desk.preview(SCORE).rows == 0


def test_a_model_that_counts_what_is_not_computed_blocks_and_says_what(desk: Desk) -> None:
    models.save(desk.state, model(regulars=10, ghosts=5), by="test", at=now())
    plan = desk.preview(SCORE)
    assert (plan.rows, [guard.code for guard in plan.blocked]) == (0, ["score_model"])
    assert "ghosts" in plan.blocked[0].message


def test_a_property_of_others_named_lead_score_is_not_written_unasked(desk: Desk) -> None:
    body = {"name": "lead_score", "label": "Theirs", "type": "number", "fieldType": "number"}
    desk.call("POST", "/crm/v3/properties/contacts", {**body, "groupName": "contactinformation"})
    desk.pull()
    plan = desk.preview(SCORE)
    assert [(guard.code, guard.override) for guard in plan.blocked] == [("foreign_property", "lead_score")]
    assert desk.run(plan, "lead_score").state is RunState.SUCCEEDED
    desk.pull()
    assert (scored(desk, 3), desk.preview(SCORE).rows) == (("65", "hot"), 0)


def test_missing_customers_are_created_with_their_score_where_asked_for(desk: Desk) -> None:
    desk.orders[30] = 9
    desk.refresh()
    desk.run(desk.preview(SCORE, create_contacts=True))
    assert scored(desk, 30) == ("81", "hot")
    assert desk.preview(SCORE, create_contacts=True).rows == 0


def test_a_run_is_taken_back(desk: Desk) -> None:
    first = desk.sync(SCORE)
    assert desk.run(undo(desk.workspace, desk.state, first.run_id, by="test", clock=now)).state is RunState.SUCCEEDED
    assert {scored(desk, number) for number in (3, 15)} == {("", "")}
    assert email(3) == desk.properties(desk.contact_id(3))["email"]
