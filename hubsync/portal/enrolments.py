"""Enrolments: putting single contacts into a workflow by HubSpot's legacy call, at most once each."""

from __future__ import annotations

from hubsync.core.email import normalise
from hubsync.portal.errors import NotThere
from hubsync.portal.gateway import Gateway


class Enrolments:
    """Enrolment into the workflows of one portal. Raises what `hubsync.portal.errors` says.

    A workflow's id here is not its flow's: `Flows.workflow_ids` tells one from the other.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def enrol(self, workflow_id: str, email: str) -> None:
        """Enrol the contact with this address.

        What a workflow does cannot be taken back, and enrolled twice it may do it twice: never repeated by itself
        once it may have arrived. After Unclear a person decides. NotThere: HubSpot lacks the workflow or the contact.
        """
        self._gateway.call("workflows.enrol", path={"workflow_id": workflow_id, "email": normalise(email)})

    def unenrol(self, workflow_id: str, email: str) -> bool:
        """Take the contact out of the workflow; return whether there was anything to take out."""
        try:
            self._gateway.call("workflows.unenrol", path={"workflow_id": workflow_id, "email": normalise(email)})
        except NotThere:
            return False
        return True
