"""What a run wrote, read back through HubSpot's own client and held against its plan."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.crm.contacts import BatchReadInputSimplePublicObjectId

from hubsync.core.plan import Op, Target
from hubsync.core.run import RunState
from hubsync.sync import history
from tests.sync.desk import Desk, email


def held(desk: Desk, ids: list[str], names: list[str]) -> dict[tuple[str, str], str]:
    """By contact and property: what HubSpot's client reads."""
    client: Any = HubSpot(access_token=desk.token, host=desk.base_url, base_url=desk.base_url)
    asked = BatchReadInputSimplePublicObjectId(
        properties=names, properties_with_history=[], inputs=[{"id": one} for one in ids]
    )
    rows = client.crm.contacts.batch_api.read(asked).results
    return {(row.id, name): row.properties.get(name) or "" for row in rows for name in names}


@pytest.mark.parametrize("target", [Target.LEAD_SCORE, Target.ACTIVE_LIST, Target.WORKFLOW, Target.PROPERTIES])
def test_hubspots_own_client_reads_what_the_plan_said(desk: Desk, target: Target) -> None:
    plan = desk.preview(target)
    wanted = {
        (change.contact_id, change.field): change.new for change in desk.changes(plan) if change.op is Op.UPDATE_CONTACT
    }
    assert desk.run(plan).state is RunState.SUCCEEDED
    found = held(desk, sorted({one for one, _ in wanted}), sorted({name for _, name in wanted}))
    assert {key: found[key] for key in wanted} == wanted


@pytest.mark.parametrize("target", [Target.LEAD_SCORE, Target.ACTIVE_LIST, Target.WORKFLOW])
def test_a_contact_deleted_meanwhile_costs_only_its_own_rows(desk: Desk, target: Target) -> None:
    plan = desk.preview(target)
    desk.call("DELETE", f"/crm/v3/objects/contacts/{desk.contact_id(5)}")
    run = desk.run(plan)
    assert (run.state, run.counts.rejected, run.counts.open) == (RunState.SUCCEEDED, 0, 0)
    (reason,) = history.rejected(desk.state, run.run_id)
    assert (reason.category, {row.customer_id for row in reason.rows}) == ("NO_LONGER_IN_HUBSPOT", {desk.customer(5)})
    assert email(4) == desk.properties(desk.contact_id(4))["email"]


@pytest.mark.parametrize("target", [Target.LEAD_SCORE, Target.ACTIVE_LIST])
def test_a_value_that_hubspot_refuses_is_found_among_the_others_and_rejected(desk: Desk, target: Target) -> None:
    desk.sync(target)
    desk.orders |= {15: 9, 16: 9}
    desk.refresh()
    plan = desk.preview(target)
    name = "lead_score_band" if target is Target.LEAD_SCORE else "hubsync_behaviours"
    other = [{"label": "Other", "value": "other", "displayOrder": 0, "hidden": False}]
    desk.call("PATCH", f"/crm/v3/properties/contacts/{name}", {"options": other})
    run = desk.run(plan)
    assert run.state is RunState.PARTIAL
    assert {(r.category, r.count) for r in history.rejected(desk.state, run.run_id)} == {("VALIDATION_ERROR", 2)}
    if target is Target.LEAD_SCORE:
        assert run.counts.confirmed == plan.rows - 2, "score and time went through"
