from __future__ import annotations

from typing import Any

import pytest

from hubsync.core.errors import BadInput, Blocked
from hubsync.core.plan import Op, Target
from hubsync.core.run import RunState
from hubsync.portal.gateway import Gateway
from hubsync.store import enrolment
from hubsync.sync import history
from tests.sync.desk import Desk, email

FLOW = Target.WORKFLOW
PROPERTY = "hubsync_workflow_regulars"
LIST = "[Behaviour] Loyal regulars - Active"


def flow(flow_id: str, name: str, *filters: dict[str, Any], enabled: bool = True, **more: Any) -> dict[str, Any]:
    both = {"filterBranchType": "AND", "filterBranches": [], "filters": list(filters)}
    root = {"filterBranchType": "OR", "filters": [], "filterBranches": [both]}
    criteria = {"type": "LIST_BASED", "listFilterBranch": root}
    return {"id": flow_id, "name": name, "isEnabled": enabled, "enrollmentCriteria": criteria, "actions": [], **more}


def listens(name: str) -> dict[str, Any]:
    operation = {"operationType": "BOOL", "operator": "IS_EQUAL_TO", "value": True}
    return {"filterType": "PROPERTY", "property": name, "operation": operation}


def in_list(list_id: str) -> dict[str, Any]:
    return {"filterType": "IN_LIST", "operator": "IN_LIST", "listId": list_id}


def have(desk: Desk, *flows: dict[str, Any]) -> None:
    desk.call("POST", "/__sandbox__/seed", {"flows": list(flows)})
    desk.pull()


def value(desk: Desk, number: int) -> str:
    return desk.properties(desk.contact_id(number), PROPERTY)[PROPERTY] or ""


def enrolled(desk: Desk) -> list[str]:
    """Enrolments that HubSpot was asked for, by address."""
    asked = [row["path"] for row in desk.requests() if "/enrollments/" in row["path"]]
    return sorted(path.rsplit("/", 1)[1].replace("%40", "@") for path in asked)


def test_members_get_the_property_that_a_workflow_listens_to(desk: Desk) -> None:
    have(desk, flow("11", "Comfort nurture", listens(PROPERTY)), flow("12", "Other", listens("hubsync_workflow_x")))
    plan = desk.preview(FLOW)
    assert plan.counts[Op.UPDATE_CONTACT] == 12
    assert "This will newly qualify 12 people for “Comfort nurture”." in plan.warnings
    assert "Other" not in " ".join(plan.warnings)
    run = desk.run(plan)
    assert (run.state, run.counts.confirmed) == (RunState.SUCCEEDED, 14)
    assert run.requests <= plan.forecast.total
    assert (value(desk, 3), value(desk, 15)) == ("true", "")
    assert enrolled(desk) == []


def test_a_second_sync_has_nothing_to_send_and_only_newcomers_qualify_next(desk: Desk) -> None:
    have(desk, flow("11", "Comfort nurture", listens(PROPERTY)))
    desk.sync(FLOW)
    assert desk.preview(FLOW).rows == 0
    desk.orders |= {0: 1, 15: 9, 16: 9}
    desk.refresh()
    desk.pull()
    plan = desk.preview(FLOW)
    assert plan.counts[Op.UPDATE_CONTACT] == 3
    assert "This will newly qualify 2 people for “Comfort nurture”." in plan.warnings
    desk.run(plan)
    assert (value(desk, 0), value(desk, 15)) == ("", "true")


def test_a_workflow_may_listen_to_a_list_instead(desk: Desk) -> None:
    desk.sync(FLOW, list_name=LIST)
    list_id = str(desk.call("GET", f"/crm/v3/lists/object-type-id/0-1/name/{LIST}")["list"]["listId"])
    have(desk, flow("11", "Comfort nurture", in_list(list_id)))
    desk.orders[15] = 9
    desk.refresh()
    plan = desk.preview(FLOW, list_name=LIST)
    assert plan.counts == {Op.ADD_MEMBER: 1, "unchanged": 12}
    assert plan.warnings == ("This will newly qualify 1 person for “Comfort nurture”.",)
    desk.run(plan)
    assert email(15) in desk.members(LIST)


def test_what_is_not_known_of_workflows_is_said_and_never_taken_for_none(desk: Desk) -> None:
    assert "No workflow that HubSpot shows" in " ".join(desk.preview(FLOW).warnings)
    have(desk, flow("11", "Asleep", listens(PROPERTY), enabled=False))
    assert "turned off" in " ".join(desk.preview(FLOW).warnings)
    refused = {"kind": "403", "path": "*automation*", "times": 1}
    desk.call("POST", "/__sandbox__/faults", refused)
    desk.pull()
    told = " ".join(desk.preview(FLOW).warnings)
    assert "could not be read" in told
    assert "No workflow" not in told


def test_enrolment_by_name_needs_the_number_typed_and_happens_once(desk: Desk) -> None:
    have(desk, flow("11", "Comfort nurture", listens(PROPERTY)))
    plan = desk.preview(FLOW, enrol="Comfort nurture")
    assert plan.counts[Op.ENROL] == 12
    assert [(guard.code, guard.override) for guard in plan.blocked] == [("enrolment", "12")]
    with pytest.raises(Blocked):
        desk.enqueue(plan)
    run = desk.run(plan, "12")
    assert (run.state, run.requests <= plan.forecast.total) == (RunState.SUCCEEDED, True)
    assert enrolled(desk) == sorted(email(number) for number in range(12))
    desk.orders[15] = 9
    desk.refresh()
    plan = desk.preview(FLOW, enrol="11")
    assert plan.counts[Op.ENROL] == 1
    desk.run(plan, "1")
    assert enrolled(desk) == sorted(email(number) for number in (*range(12), 15))
    assert desk.preview(FLOW, enrol="11").rows == 0


def test_an_enrolment_whose_answer_was_lost_is_left_to_a_person(desk: Desk) -> None:
    have(desk, flow("11", "Comfort nurture", listens(PROPERTY)))
    lost = {"kind": "lost", "path": "*/enrollments/*", "times": 1}
    desk.call("POST", "/__sandbox__/faults", lost)
    run = desk.run(desk.preview(FLOW, enrol="11"), "12")
    assert (run.state, run.counts.rejected, run.counts.open) == (RunState.PARTIAL, 1, 0)
    (reason,) = history.rejected(desk.state, run.run_id)
    assert (reason.category, "person decides" in reason.message) == ("ENROLMENT_UNCLEAR", True)
    assert enrolled(desk) == sorted(email(number) for number in range(12)), "each was tried once"
    assert desk.preview(FLOW, enrol="11").rows == 0


def test_an_enrolment_that_a_crash_left_open_is_not_tried_again(desk: Desk) -> None:
    have(desk, flow("11", "Comfort nurture", listens(PROPERTY)))
    run_id = desk.enqueue(desk.preview(FLOW, enrol="11"), "12")
    gateway: Gateway = desk.gateway()

    def crash() -> None:
        if enrolment.contacts(desk.state, desk.connection.portal_id, "11"):
            raise KeyboardInterrupt

    gateway.on_request = crash  # dies with the first intent on disk, before the request is sent
    with pytest.raises(KeyboardInterrupt):
        desk.execute(run_id, gateway)
    run = desk.execute(run_id)
    assert (run.state, run.counts.rejected, run.counts.open) == (RunState.PARTIAL, 1, 0)
    assert len(enrolled(desk)) == 11


def test_a_workflow_that_is_off_or_not_known_cannot_be_chosen(desk: Desk) -> None:
    have(desk, flow("11", "Asleep", listens(PROPERTY), enabled=False))
    assert "workflow_off" in [guard.code for guard in desk.preview(FLOW, enrol="11").blocked]
    with pytest.raises(BadInput, match="Asleep"):
        desk.preview(FLOW, enrol="12")
