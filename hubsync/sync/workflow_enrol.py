"""Sending a row that puts one contact into a workflow by name: at most once, whatever happens in between."""

from __future__ import annotations

from hubsync.core.plan import Change
from hubsync.core.run import Outcome
from hubsync.portal.contact import RowError
from hubsync.portal.enrolments import Enrolments
from hubsync.portal.errors import Garbled, NotThere, PortalError, Unclear
from hubsync.portal.flows import Flows
from hubsync.portal.gateway import Gateway
from hubsync.store import enrolment as store
from hubsync.store.enrolment import Enrolled
from hubsync.store.state import State
from hubsync.sync.sent import Sent, ours

#: The outcome is not known, and nobody but a person may try again.
UNCLEAR = "ENROLMENT_UNCLEAR"


class Enroller:
    """Enrols the contacts of one run."""

    def __init__(self, state: State, gateway: Gateway, *, portal_id: str, run_id: str) -> None:
        self._state, self._portal_id, self._run_id = state, portal_id, run_id
        self._flows, self._enrolments = Flows(gateway), Enrolments(gateway)
        #: Flow id → the id by which enrolment knows it.
        self._workflows: dict[str, str] = {}

    def enrol(self, change: Change) -> Sent:
        """Enrol one contact and return how the row ended.

        The intent is on disk before the request; one that is found there was tried before, and is not tried again.
        """
        sent = Sent()
        workflow_id = self._workflow(change.field)
        if not workflow_id:
            error = ours("WORKFLOW_GONE", "HubSpot does not know the workflow any more.")
            sent.end(change, Outcome.REJECTED, error=error)
            return sent
        before = store.intend(
            self._state,
            portal_id=self._portal_id,
            flow_id=change.field,
            contact_id=change.contact_id,
            run_id=self._run_id,
        )
        if before is not None and before.state is Enrolled.ENROLLED:
            sent.end(change, Outcome.CONFIRMED if before.run_id == self._run_id else Outcome.UNCHANGED)
        elif before is not None:
            self._settle(change, Enrolled.UNKNOWN)
            sent.end(change, Outcome.REJECTED, error=_unclear())
        else:
            self._send(workflow_id, change, sent)
        return sent

    def _send(self, workflow_id: str, change: Change, sent: Sent) -> None:
        try:
            self._enrolments.enrol(workflow_id, change.new)
        except (Unclear, Garbled) as error:
            self._settle(change, Enrolled.UNKNOWN)
            sent.end(change, Outcome.REJECTED, error=_unclear(error.correlation_id))
        except NotThere as error:
            self._settle(change, None)
            told = RowError(category="NOT_ENROLLED", message=error.detail, correlation_id=error.correlation_id)
            sent.end(change, Outcome.REJECTED, error=told)
        except PortalError:
            self._settle(change, None)
            raise
        else:
            self._settle(change, Enrolled.ENROLLED)
            sent.end(change, Outcome.CONFIRMED)

    def _settle(self, change: Change, to: Enrolled | None) -> None:
        store.settle(self._state, portal_id=self._portal_id, flow_id=change.field, contact_id=change.contact_id, to=to)

    def _workflow(self, flow_id: str) -> str:
        if flow_id not in self._workflows:
            self._workflows[flow_id] = self._flows.workflow_ids([flow_id]).get(flow_id, "")
        return self._workflows[flow_id]


def _unclear(correlation_id: str = "") -> RowError:
    message = "Whether HubSpot enrolled this person is not known; they are not enrolled again: a person decides."
    return RowError(category=UNCLEAR, message=message, correlation_id=correlation_id)
