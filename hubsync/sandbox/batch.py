"""The batch endpoints of contacts: up to 100 rows, answered in another order, refused whole or row by row.

A row is told apart only by the `objectWriteTraceId` it was sent with: with one, a conflict refuses that row (207);
without, it refuses the whole batch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from hubsync.sandbox import demands, errors, shape, values
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.clock import iso
from hubsync.sandbox.contact_calls import HISTORIC_PAGE, collision, wire, written
from hubsync.sandbox.history import Source
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Contact, Json

_MOST = 100
_JAVA = "com.hubspot.inbounddb.publicobject.core.v2.SimplePublicObjectBatchInput$Json"
_GONE = "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid."


@dataclass(frozen=True, kw_only=True)
class Row:
    """One input of a batch with its checked values."""

    id: str | None
    id_property: str | None
    trace: str | None
    values: dict[str, str]


class Outcome:
    """What a batch has come to: results and per-row errors."""

    def __init__(self, portal: Portal, source: Source) -> None:
        self._portal = portal
        #: Who the rows are noted to be from.
        self.source = source
        self._started = portal.now()
        self.results: list[Json] = []
        self.errors: list[Json] = []

    def fail(self, trace: str | None, refusal: errors.Refused) -> None:
        """Record a row's refusal; without a trace id it refuses the whole batch: raises it."""
        if trace is None or not isinstance(refusal.body, dict):
            raise refusal
        message = refusal.body["message"]
        context: dict[str, list[str]] = {"objectWriteTraceId": [trace]}
        _, found, existing = message.partition("Existing ID: ")
        if found:
            context["existingId"] = [existing]
        self.errors.append(
            {"status": "error", "category": refusal.body["category"], "message": message, "context": context}
        )

    def gone(self, ids: list[str], trace: str | None = None) -> None:
        """Record ids that no contact has."""
        context = {"ids": ids} | ({"objectWriteTraceId": [trace]} if trace is not None else {})
        self.errors.append({"status": "error", "category": "OBJECT_NOT_FOUND", "message": _GONE, "context": context})

    def answer(self, status: int) -> Answer:
        """Return 207 where a row failed, else `status`; results come in an order of HubSpot's own."""
        self._portal.random.shuffle(self.results)
        body: Json = {
            "completedAt": iso(self._portal.now()),
            "status": "COMPLETE",
            "startedAt": iso(self._started),
            "results": self.results,
        }
        if self.errors:
            body |= {"errors": self.errors, "numErrors": len(self.errors)}
        return Answer(status=207 if self.errors else status, body=body)


def read(portal: Portal, call: Call) -> Answer:
    """POST objects/contacts/batch/read: by record id, or by `idProperty` (for `email`, additional addresses too)."""
    body = call.document(shape.READ, "inputs")
    by = _text(body, "idProperty")
    if by and not portal.contacts.unique(by):
        raise errors.invalid(f"Unable to find by non-unique 0-1 property {by} in portal ID {portal.portal_id}")
    asked, historic = ([str(name) for name in body.get(part) or ()] for part in ("properties", "propertiesWithHistory"))
    found: dict[str, Contact] = {}
    gone: list[str] = []
    for row in _inputs(body, HISTORIC_PAGE if historic else _MOST):
        key = str(row.get("id", ""))
        contact = portal.contacts.find(by, key) if by else portal.contacts.get(key)
        if contact is None:
            gone.append(key)
        else:
            found[contact.id] = contact
    outcome = Outcome(portal, call.source)
    outcome.results = [wire(portal, contact, asked, historic) for contact in found.values()]
    if gone:
        outcome.gone(gone)
    return outcome.answer(200)


def create(portal: Portal, call: Call) -> Answer:
    """POST objects/contacts/batch/create."""
    rows = _rows(portal, call)
    _demand(portal, call.version, rows, lambda _row: None)
    _refuse_untraced(portal, rows, lambda _row: None)
    outcome = Outcome(portal, call.source)
    for row in rows:
        _create(portal, row, outcome, new=None)
    return outcome.answer(201)


def update(portal: Portal, call: Call) -> Answer:
    """POST objects/contacts/batch/update: by record id, or by a unique property other than `email`."""
    rows = _rows(portal, call)
    for by in {row.id_property for row in rows} - {None}:
        if by == "email" or not portal.contacts.unique(str(by)):
            raise _not_unique(portal, by)
    _refuse_repeated([str(row.id) for row in rows])
    known = [row for row in rows if _target(portal, row) is not None]
    _demand(portal, call.version, known, lambda row: _target(portal, row))
    _refuse_untraced(portal, rows, lambda row: _target(portal, row))
    outcome = Outcome(portal, call.source)
    untraced: list[str] = []
    for row in rows:
        contact = _target(portal, row)
        if contact is not None:
            _update(portal, contact, row, outcome, new=None)
        elif row.trace is None:
            untraced.append(str(row.id))
        else:
            outcome.gone([str(row.id)], row.trace)
    if untraced:
        outcome.gone(untraced)
    return outcome.answer(200)


def upsert(portal: Portal, call: Call) -> Answer:
    """POST objects/contacts/batch/upsert: by `email` or another unique property, which every row must name."""
    rows = _rows(portal, call)
    for by in {row.id_property for row in rows}:
        if by is None or not portal.contacts.unique(by):
            raise _not_unique(portal, by)
    _refuse_repeated([str(row.id).lower() for row in rows])
    keyed = [
        Row(id=row.id, id_property=row.id_property, trace=row.trace, values=_with_key(portal, row)) for row in rows
    ]
    _demand(portal, call.version, keyed, lambda row: _target(portal, row))
    _refuse_untraced(portal, keyed, lambda row: _target(portal, row))
    outcome = Outcome(portal, call.source)
    for row in keyed:
        contact = _target(portal, row)
        if contact is None:
            _create(portal, row, outcome, new=True)
        else:
            _update(portal, contact, row, outcome, new=False)
    return outcome.answer(200)


def archive(portal: Portal, call: Call) -> Answer:
    """POST objects/contacts/batch/archive: 204 also for ids that no contact has."""
    body = call.document(shape.BATCH, "inputs")
    for row in _inputs(body):
        contact = portal.contacts.get(str(row.get("id", "")))
        if contact is not None:
            portal.contacts.archive(contact, portal.now())
    return Answer(status=204)


def _inputs(body: Json, most: int = _MOST) -> list[Json]:
    inputs: list[Json] = body["inputs"]
    if not inputs:
        raise errors.invalid("No inputs were provided; at least one is needed.")
    if len(inputs) > most:
        raise errors.invalid(f"The maximum number of inputs in a batch is {most}, received {len(inputs)}.")
    return inputs


def _rows(portal: Portal, call: Call) -> list[Row]:
    inputs = _inputs(call.document(shape.BATCH, "inputs", java_type=_JAVA))
    checked = values.check((row.get("properties") or {} for row in inputs), portal.state.properties)
    return [
        Row(
            id=_text(row, "id"),
            id_property=_text(row, "idProperty"),
            trace=_text(row, "objectWriteTraceId"),
            values=kept,
        )
        for row, kept in zip(inputs, checked, strict=True)
    ]


def _text(row: Json, name: str) -> str | None:
    return None if row.get(name) is None else str(row[name])


def _target(portal: Portal, row: Row) -> Contact | None:
    if row.id is None:
        return None
    return portal.contacts.find(row.id_property, row.id) if row.id_property else portal.contacts.get(row.id)


def _with_key(portal: Portal, row: Row) -> dict[str, str]:
    """Return a row's values with the one it is found by, unless it was found by an additional address."""
    by = str(row.id_property)
    if by in row.values or _target(portal, row) is not None:
        return row.values
    (key,) = values.check([{by: row.id}], portal.state.properties)
    return row.values | key


def _create(portal: Portal, row: Row, outcome: Outcome, *, new: bool | None) -> None:
    conflict = portal.contacts.conflict(row.values)
    if conflict:
        outcome.fail(row.trace, collision(portal, conflict, None))
        return
    contact = portal.contacts.create(row.values, portal.now(), source=outcome.source)
    portal.settle_later(contact)
    _report(portal, contact, row, outcome, new)


def _update(portal: Portal, contact: Contact, row: Row, outcome: Outcome, *, new: bool | None) -> None:
    conflict = portal.contacts.conflict(row.values, contact.id)
    if conflict:
        outcome.fail(row.trace, collision(portal, conflict, contact.id))
        return
    changed = portal.contacts.update(contact, row.values, portal.now(), outcome.source)
    _report(portal, changed, row, outcome, new)


def _report(portal: Portal, contact: Contact, row: Row, outcome: Outcome, new: bool | None) -> None:  # noqa: FBT001
    record = written(portal, contact, row.values)
    if new is not None:
        record["new"] = new
    outcome.results.append(record)


def _refuse_repeated(ids: list[str]) -> None:
    """Raise Refused (400) where an id stands twice in a batch."""
    repeated = [key for key, times in Counter(ids).items() if times > 1]
    if repeated:
        raise errors.invalid(
            f"Duplicate IDs found in batch input: [{', '.join(repeated)}]. IDs must be unique",
            context={"ids": repeated},
        )


def _demand(portal: Portal, version: str, rows: list[Row], target: Callable[[Row], Contact | None]) -> None:
    """Refuse the whole batch where a row leaves out what the account's administrator demands."""
    for row in rows if len(portal.state.rules) else ():
        contact = target(row)
        demands.check(portal, version, row.values, contact.properties if contact else None)


def _refuse_untraced(portal: Portal, rows: list[Row], target: Callable[[Row], Contact | None]) -> None:
    """Refuse the whole batch for the first conflict of a row without a trace id, before anything is written."""
    taken: set[tuple[str, str]] = set()
    for row in rows:
        contact = target(row)
        own_id = contact.id if contact else None
        conflict = portal.contacts.conflict(row.values, own_id)
        held = {(name, value) for name, value in row.values.items() if value and portal.contacts.unique(name)}
        if row.trace is None and conflict:
            raise collision(portal, conflict, own_id)
        if row.trace is None and held & taken:
            raise errors.refused(409, "Contact already exists", "CONFLICT")
        taken |= held


def _not_unique(portal: Portal, by: str | None) -> errors.Refused:
    return errors.invalid(
        f"Unable to perform update/upsert by non-unique 0-1 property {by} in portal ID {portal.portal_id}"
    )
