"""The older endpoints that put one contact into a workflow, by the workflow's older id and the contact's address."""

from __future__ import annotations

from hubsync.sandbox import errors
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.clock import iso
from hubsync.sandbox.portal import Portal


def enrol(portal: Portal, call: Call, workflow_id: str, address: str) -> Answer:
    """POST automation/workflows/{id}/enrollments/contacts/{email}: 204, whether or not the workflow is on."""
    del call
    portal.state.enrolments.put(_key(portal, workflow_id, address), iso(portal.now()))
    return Answer(status=204)


def leave(portal: Portal, call: Call, workflow_id: str, address: str) -> Answer:
    """DELETE automation/workflows/{id}/enrollments/contacts/{email}: 204 also where the contact is not in."""
    del call
    portal.state.enrolments.drop(_key(portal, workflow_id, address))
    return Answer(status=204)


def _key(portal: Portal, workflow_id: str, address: str) -> str:
    if not any(flow["workflowId"] == workflow_id for flow in portal.state.flows.values()):
        raise errors.not_found(f"Workflow {workflow_id} does not exist", workflowId=[workflow_id])
    contact = portal.contacts.find("email", address)
    if contact is None:
        raise errors.not_found(f"No contact with the e-mail address {address}", email=[address])
    return f"{workflow_id}:{contact.id}"
