from __future__ import annotations

from hubsync.core.field import CUSTOMER_ID
from hubsync.core.plan import Op, Target
from hubsync.core.run import RunState
from tests.sync.desk import COLUMN, Desk

PROPERTY = f"hubsync_{COLUMN}"


def test_members_get_their_measures_and_their_customer_id(desk: Desk) -> None:
    plan = desk.preview(Target.PROPERTIES)
    assert plan.counts[Op.UPDATE_CONTACT] == 24
    assert plan.forecast.requests["batch update"] == 1
    run = desk.run(plan)
    assert (run.state, run.counts.confirmed) == (RunState.SUCCEEDED, 27)
    held = desk.properties(desk.contact_id(3), PROPERTY, CUSTOMER_ID.name)
    assert (held[PROPERTY], held[CUSTOMER_ID.name]) == ("5", desk.customer(3))
    assert desk.properties(desk.contact_id(15), PROPERTY)[PROPERTY] is None


def test_a_second_sync_of_properties_has_nothing_to_send(desk: Desk) -> None:
    desk.sync(Target.PROPERTIES)
    assert desk.preview(Target.PROPERTIES).rows == 0
    desk.pull()
    assert desk.preview(Target.PROPERTIES).rows == 0


def test_only_what_differs_is_written(desk: Desk) -> None:
    desk.sync(Target.PROPERTIES)
    desk.orders[4] = 7
    desk.refresh()
    plan = desk.preview(Target.PROPERTIES)
    (change,) = desk.changes(plan)
    assert (change.customer_id, change.field, change.old, change.new) == (desk.customer(4), PROPERTY, "5", "7")
    desk.run(plan)
    assert desk.properties(desk.contact_id(4), PROPERTY)[PROPERTY] == "7"


def test_a_value_changed_by_hand_is_put_right_after_a_pull(desk: Desk) -> None:
    desk.sync(Target.PROPERTIES)
    contact = desk.contact_id(4)
    desk.call("PATCH", f"/crm/v3/objects/contacts/{contact}", {"properties": {PROPERTY: "99"}})
    desk.pull(full=False)
    (change,) = desk.changes(desk.preview(Target.PROPERTIES))
    assert (change.contact_id, change.old, change.new) == (contact, "99", "5")


def test_a_leavers_values_are_cleared_but_not_the_customer_id(desk: Desk) -> None:
    desk.sync(Target.PROPERTIES)
    desk.orders[4] = 1
    desk.refresh()
    plan = desk.preview(Target.PROPERTIES)
    (change,) = desk.changes(plan)
    assert (change.customer_id, change.field, change.new) == (desk.customer(4), PROPERTY, "")
    assert change.reason.startswith("left Loyal regulars")
    desk.run(plan)
    held = desk.properties(desk.contact_id(4), PROPERTY, CUSTOMER_ID.name)
    assert (held[PROPERTY] or "", held[CUSTOMER_ID.name]) == ("", desk.customer(4))
    assert desk.preview(Target.PROPERTIES).rows == 0


def test_a_leavers_value_that_somebody_changed_stays(desk: Desk) -> None:
    desk.sync(Target.PROPERTIES)
    desk.call("PATCH", f"/crm/v3/objects/contacts/{desk.contact_id(4)}", {"properties": {PROPERTY: "99"}})
    desk.pull(full=False)
    desk.orders[4] = 1
    desk.refresh()
    assert desk.preview(Target.PROPERTIES).rows == 0


def test_a_leavers_value_stays_while_another_segment_writes_it(desk: Desk) -> None:
    desk.segment("buyers", at_least=1, name="Buyers")
    desk.refresh()
    desk.sync(Target.PROPERTIES)
    desk.sync(Target.PROPERTIES, key="buyers")
    desk.orders[4] = 2
    desk.refresh()
    assert desk.preview(Target.PROPERTIES).rows == 0
    desk.sync(Target.PROPERTIES, key="buyers")
    assert desk.properties(desk.contact_id(4), PROPERTY)[PROPERTY] == "2"


def test_a_property_of_another_type_blocks_and_one_of_others_needs_its_name_typed(desk: Desk) -> None:
    for name, kind in ((PROPERTY, "string"), ("their_orders", "number")):
        body = {"name": name, "label": name, "type": kind, "fieldType": "text" if kind == "string" else kind}
        desk.call("POST", "/crm/v3/properties/contacts", {**body, "groupName": "contactinformation"})
    desk.pull()
    (guard,) = desk.preview(Target.PROPERTIES).blocked
    assert (guard.code, guard.override) == ("property_type", "")
    plan = desk.preview(Target.PROPERTIES, mapping={COLUMN: "their_orders"})
    (guard,) = plan.blocked
    assert (guard.code, guard.override) == ("foreign_property", "their_orders")
    # A foreign property is read only once it is ours to write.
    assert desk.run(plan, "their_orders").state is RunState.SUCCEEDED
    assert desk.properties(desk.contact_id(3), "their_orders")["their_orders"] == "5"
    assert not desk.preview(Target.PROPERTIES, mapping={COLUMN: "their_orders"}).blocked


def test_a_property_in_hubspots_bin_is_not_brought_back_unasked(desk: Desk) -> None:
    desk.sync(Target.PROPERTIES)
    desk.call("DELETE", f"/crm/v3/properties/contacts/{PROPERTY}")
    desk.pull()
    plan = desk.preview(Target.PROPERTIES)
    assert [(guard.code, guard.override) for guard in plan.blocked] == [("property_archived", "")]
