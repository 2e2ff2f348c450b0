"""Contacts: resolved, read and written in batches of 100, and listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from hubsync.core.email import normalise
from hubsync.core.errors import BadInput
from hubsync.core.field import CUSTOMER_ID
from hubsync.portal.answer import Answer, Json, text
from hubsync.portal.contact import BatchOutcome, Contact, RowError, contact_of
from hubsync.portal.errors import Unclear
from hubsync.portal.gateway import Gateway

#: Rows of one batch, and of one page of the plain listing (HubSpot's API reference).
BATCH = 100
#: What it takes to tell who somebody is, whatever address or id they are asked by.
IDENTITY = ("email", "hs_additional_emails", "hs_merged_object_ids", CUSTOMER_ID.name)


class Contacts:
    """The contacts of one portal. Raises what `hubsync.portal.errors` says."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def read(self, ids: Iterable[str], properties: Sequence[str] = ()) -> dict[str, Contact]:
        """Return contacts by the record id they were asked for; ids unknown to HubSpot are left out.

        A merged contact is found under its old id and comes with the one it lives on under.
        """
        return self._read(ids, None, properties, lambda contact: (contact.id, *contact.merged_ids))

    def living(self, ids: Iterable[str]) -> dict[str, str]:
        """Return the record ids that contacts live on under, by the ones asked for; other than it for merged ones.

        Ids unknown to HubSpot, and of deleted contacts, are left out.
        """
        return {old: contact.id for old, contact in self.read(ids).items()}

    def resolve(self, emails: Iterable[str], properties: Sequence[str] = ()) -> dict[str, Contact]:
        """Return contacts by e-mail address (normalised), primary or secondary; unknown ones are left out."""
        return self._read(
            map(normalise, emails), "email", properties, lambda contact: (contact.email, *contact.additional_emails)
        )

    def update(self, inputs: Sequence[tuple[str, str, Mapping[str, str]]]) -> BatchOutcome:
        """Set properties of up to 100 contacts in one request: (trace id, record id, values; "" clears).

        Raises Refused where HubSpot refuses the batch whole for one bad row, and Unclear where its answer does not
        account for every row; sending the batch again is harmless.
        """
        self._check(inputs)
        answer = self._gateway.call(
            "contacts.update",
            body={
                "inputs": [
                    {"id": contact_id, "properties": dict(values), "objectWriteTraceId": trace_id}
                    for trace_id, contact_id, values in inputs
                ]
            },
        )
        ids = {trace_id: contact_id for trace_id, contact_id, _ in inputs}
        failed = _failed(answer, ids)
        by_id = {contact.id: contact for contact in _known(answer)}
        written = {trace: by_id[ids[trace]] for trace in ids.keys() - failed.keys() if ids[trace] in by_id}
        moved = [ids[trace] for trace in ids.keys() - failed.keys() - written.keys()]
        if moved and len({contact.id for contact in written.values()}) < len(by_id):
            # Merged in the meantime: the answer carries another id than the one that was written to.
            living = self.living(moved)
            written |= {
                trace: by_id[living[old]]
                for trace, old in ids.items()
                if trace not in written and living.get(old) in by_id
            }
        return _accounted(ids, written, failed, answer)

    def create(self, inputs: Sequence[tuple[str, Mapping[str, str]]]) -> BatchOutcome:
        """Create up to 100 contacts in one request: (trace id, values with an "email").

        One that exists already fails with category CONFLICT and its `existing_id`. Never repeated by itself: Unclear
        says that the contacts must be resolved before they are sent again.
        """
        self._check(inputs)
        answer = self._gateway.call(
            "contacts.create",
            body={"inputs": [{"properties": dict(values), "objectWriteTraceId": trace} for trace, values in inputs]},
        )
        emails = {trace: normalise(values.get("email", "")) for trace, values in inputs}
        failed = _failed(answer, {})
        by_email = {contact.email: contact for contact in _known(answer)}
        written = {
            trace: by_email[email] for trace, email in emails.items() if trace not in failed and email in by_email
        }
        return _accounted(emails, written, failed, answer)

    def all(self, properties: Sequence[str] = (), *, archived: bool = False) -> Iterator[Contact]:
        """Yield every contact, 100 a request, in the order of their ids; the deleted ones with `archived`."""
        query = {
            "limit": BATCH,
            "archived": "true" if archived else "false",
            "properties": ",".join(dict.fromkeys((*IDENTITY, *properties))),
        }
        for answer in self._gateway.pages("contacts.page", query=query):
            yield from map(contact_of, answer.rows())

    def archived(self) -> Iterator[Contact]:
        """Yield the contacts that were deleted and can still be restored (90 days)."""
        return self.all(archived=True)

    def _read(
        self,
        keys: Iterable[str],
        id_property: str | None,
        properties: Sequence[str],
        names: Callable[[Contact], Iterable[str]],
    ) -> dict[str, Contact]:
        unique = [key for key in dict.fromkeys(keys) if key]
        found: dict[str, Contact] = {}
        for start in range(0, len(unique), BATCH):
            asked = unique[start : start + BATCH]
            body: Json = {
                "properties": list(dict.fromkeys((*IDENTITY, *properties))),
                "inputs": [{"id": key} for key in asked],
            }
            if id_property:
                body["idProperty"] = id_property
            answer = self._gateway.call("contacts.read", body=body)
            contacts = [contact_of(row) for row in answer.rows()]
            by_name = {name: contact for contact in contacts for name in names(contact)}
            mine = {key: by_name[key] for key in asked if key in by_name}
            if len({contact.id for contact in mine.values()}) < len(contacts):
                # Somebody was found under a name that the answer does not show: asked alone, there is no doubt.
                missing = {key for fault in answer.optional_rows("errors") for key in _context(fault, "ids")}
                unanswered = [key for key in asked if key not in mine and key not in missing]
                if len(asked) == 1:
                    mine[asked[0]] = contacts[0]
                else:
                    for key in unanswered:
                        mine |= self._read([key], id_property, properties, names)
            found |= mine
        return found

    @staticmethod
    def _check(inputs: Sequence[object]) -> None:
        if not 0 < len(inputs) <= BATCH:
            raise BadInput(f"A batch holds 1 to {BATCH} rows, not {len(inputs)}.", "Nothing was sent.")


def _known(answer: Answer) -> list[Contact]:
    """Return the contacts of a write's answer; one that nobody can tell is missed where every row is accounted for."""
    return [contact_of(row) for row in answer.rows() if text(row, "id")]


def _failed(answer: Answer, ids: Mapping[str, str]) -> dict[str, RowError]:
    """Return the rows that the answer names as failed, by trace id; else by record id (`ids`: trace id → record id)."""
    faults = answer.optional_rows("errors")
    if not faults:
        return {}
    traces_of: dict[str, list[str]] = {}
    for trace, contact_id in ids.items():
        traces_of.setdefault(contact_id, []).append(trace)
    failed = {}
    for fault in faults:
        existing = _context(fault, "existingId")
        error = RowError(
            category=text(fault, "category") or text(fault, "code") or "UNKNOWN",
            message=text(fault, "message"),
            correlation_id=text(fault, "correlationId") or answer.headers.get("x-hubspot-correlation-id", ""),
            existing_id=existing[0] if existing else "",
        )
        traces = _context(fault, "objectWriteTraceId")
        for trace in traces or [trace for key in _context(fault, "ids") for trace in traces_of.get(key, ())]:
            failed[trace] = error
    return failed


def _context(fault: Json, key: str) -> list[str]:
    context = fault.get("context")
    values = context.get(key) if isinstance(context, dict) else None
    return [str(value) for value in values] if isinstance(values, list) else []


def _accounted(
    sent: Mapping[str, str], written: Mapping[str, Contact], failed: Mapping[str, RowError], answer: Answer
) -> BatchOutcome:
    """Return the outcome, or raise Unclear unless it has exactly the rows that were sent."""
    if written.keys() | failed.keys() == sent.keys() and not written.keys() & failed.keys():
        return BatchOutcome(written=written, failed=failed)
    known = len((written.keys() | failed.keys()) & sent.keys())
    raise Unclear(
        "HubSpot's answer does not account for every row.",
        f"It speaks of {known} of the {len(sent)} that were sent.",
        "What HubSpot holds is read before they are sent again.",
        status=answer.status,
        correlation_id=answer.headers.get("x-hubspot-correlation-id", ""),
    )
