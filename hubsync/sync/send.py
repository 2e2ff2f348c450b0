"""Sending one batch: from rows of a plan to calls, and from HubSpot's answer to how each row ended.

Every kind may be sent again after an answer was lost: what exists is found, values are absolute, a member that is on
the list already is ignored. Rows are matched to answers by trace id (the row's number), never by position.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from hubsync.core.field import Field
from hubsync.core.plan import MEMBER, Change, Op, Plan
from hubsync.core.run import Outcome
from hubsync.portal.contact import Contact, RowError
from hubsync.portal.contacts import Contacts
from hubsync.portal.emails import Emails
from hubsync.portal.gateway import Gateway
from hubsync.portal.lists import Lists
from hubsync.portal.properties import Properties
from hubsync.store import receipt
from hubsync.store.batch import MEMBERSHIP
from hubsync.store.state import State
from hubsync.sync import active_list_send, email_send, undo_send
from hubsync.sync.mapping import Mapped
from hubsync.sync.sent import Sent, ours
from hubsync.sync.workflow_enrol import Enroller

#: HubSpot's category for a contact that is gone.
GONE = "OBJECT_NOT_FOUND"
_OPTED_OUT = "hs_email_optout"


class Sender:
    """Sends the batches of one run."""

    def __init__(self, state: State, gateway: Gateway, plan: Plan, run_id: str) -> None:
        self._state = state
        self._plan = plan
        self._run_id = run_id
        self._contacts = Contacts(gateway)
        self._lists = Lists(gateway)
        self._properties = Properties(gateway)
        self._emails = Emails(gateway)
        self._enroller = Enroller(state, gateway, portal_id=plan.portal_id, run_id=run_id)
        self._kinds: dict[str, Callable[[Sequence[Change], bool], Sent]] = {
            Op.ENSURE_GROUP.value: self._group,
            Op.ENSURE_PROPERTY.value: self._property,
            Op.ENSURE_LIST.value: self._list,
            Op.CREATE_CONTACT.value: self._create,
            Op.UPDATE_CONTACT.value: self._update,
            MEMBERSHIP: self._membership,
            Op.DRAFT_EMAIL.value: self._draft,
            Op.ENROL.value: self._enrol,
            Op.DELETE_LIST.value: self._unlist,
        }

    def send(self, kind: str, changes: Sequence[Change], *, again: bool) -> Sent:
        """Send the rows of one batch. `again`: they may have been carried out before, and the answer lost.

        Raises what `hubsync.portal.errors` says about the batch as a whole.
        """
        return self._kinds[kind](changes, again)

    def _group(self, changes: Sequence[Change], again: bool) -> Sent:  # noqa: FBT001 - one shape for all kinds
        del again
        sent = Sent()
        for change in changes:
            made = self._properties.ensure_group(change.field)
            sent.end(change, Outcome.CONFIRMED if made else Outcome.UNCHANGED)
            sent.know("", f"group:{change.field}", change.new)
        return sent

    def _property(self, changes: Sequence[Change], again: bool) -> Sent:  # noqa: FBT001
        del again
        sent = Sent()
        for change in changes:
            field = self._field(change.field)
            _, made = self._properties.ensure(field)
            sent.end(change, Outcome.CONFIRMED if made else Outcome.UNCHANGED)
            sent.know("", f"property:{change.field}", change.new)
            for value, label in field.options:
                sent.know("", f"option:{change.field}:{value}", label or value)
        return sent

    def _field(self, name: str) -> Field:
        fields = self._plan.options.get("fields")
        assert isinstance(fields, list), "a plan that ensures properties says which"
        return next(mapped.field for mapped in map(Mapped.of, fields) if mapped.field.name == name)

    def _list(self, changes: Sequence[Change], again: bool) -> Sent:  # noqa: FBT001
        if changes[0].new == active_list_send.DYNAMIC:
            return active_list_send.ensure(self._lists, self._plan, changes[0], again=again)
        restores = str(self._plan.options.get("restores") or "")
        if restores:
            return undo_send.restore(self._lists, restores, changes[0], again=again)
        sent = Sent()
        for change in changes:
            found, made = self._lists.ensure(change.field)
            if not found.is_manual:
                error = ours("LIST_IS_DYNAMIC", f"“{change.field}” is an active list: its own filters decide.")
                sent.end(change, Outcome.REJECTED, error=error)
            elif not made and not again and not self._plan.options.get("adopts"):
                error = ours("LIST_TAKEN", f"“{change.field}” was made by somebody else since the preview.")
                sent.end(change, Outcome.REJECTED, error=error)
            else:
                sent.end(change, Outcome.CONFIRMED if made or again else Outcome.UNCHANGED)
                sent.know("", f"list_name:{change.field}", found.id)
        return sent

    def _unlist(self, changes: Sequence[Change], again: bool) -> Sent:  # noqa: FBT001
        return undo_send.delete(self._lists, str(self._plan.options["list_id"]), changes[0], again=again)

    def _create(self, changes: Sequence[Change], again: bool) -> Sent:  # noqa: FBT001
        by_trace = {str(change.row): change for change in changes}
        outcome = self._contacts.create([(trace, {"email": change.new}) for trace, change in by_trace.items()])
        sent = Sent()
        there: dict[str, Change] = {}
        for trace, change in by_trace.items():
            if trace in outcome.written:
                self._is_there(sent, change, outcome.written[trace], Outcome.CONFIRMED)
            elif outcome.failed[trace].existing_id:
                there[outcome.failed[trace].existing_id] = change
            else:
                sent.end(change, Outcome.REJECTED, error=outcome.failed[trace])
        found = self._contacts.read(there, [_OPTED_OUT]) if there else {}
        for existing_id, change in there.items():
            contact = found.get(existing_id)
            if contact is None:
                sent.end(change, Outcome.SKIPPED, error=_gone())
            elif contact.properties.get(_OPTED_OUT) == "true":
                error = ours("OPTED_OUT", "Is in HubSpot since the preview, and opted out of e-mail.")
                sent.end(change, Outcome.SKIPPED, error=error)
            else:
                self._is_there(sent, change, contact, Outcome.CONFIRMED if again else Outcome.UNCHANGED)
        return sent

    @staticmethod
    def _is_there(sent: Sent, change: Change, contact: Contact, outcome: Outcome) -> None:
        sent.end(change, outcome, contact_id=contact.id)
        sent.know(contact.id, "email", contact.email or change.new)

    def _update(self, changes: Sequence[Change], again: bool) -> Sent:  # noqa: FBT001
        del again
        sent = Sent()
        people = self._located(changes, sent)
        if not people:
            return sent
        inputs = [(str(rows[0].row), contact_id, {row.field: row.new for row in rows}) for contact_id, rows in people]
        outcome = self._contacts.update(inputs)
        for _, rows in people:
            trace = str(rows[0].row)
            if trace in outcome.written:
                self._is_written(sent, rows, outcome.written[trace])
            elif outcome.failed[trace].category == GONE:
                _end_all(sent, rows, Outcome.SKIPPED, _gone())
            elif len(rows) > 1:
                sent.again.append(rows)
            else:
                sent.end(rows[0], Outcome.REJECTED, error=outcome.failed[trace])
        return sent

    @staticmethod
    def _is_written(sent: Sent, rows: Sequence[Change], contact: Contact) -> None:
        for row in rows:
            sent.end(row, Outcome.CONFIRMED, contact_id=contact.id)
            sent.know(contact.id, row.field, row.new)

    def _membership(self, changes: Sequence[Change], again: bool) -> Sent:  # noqa: FBT001
        sent = Sent()
        list_id = self._list_id()
        waiting: dict[str, list[Change]] = {}
        for contact_id, rows in self._located(changes, sent):
            waiting.setdefault(contact_id, []).extend(rows)
        for _ in range(2):  # the second time with the ids that merged contacts live on under
            if not waiting:
                return sent
            adding = [one for one, rows in waiting.items() if any(row.op is Op.ADD_MEMBER for row in rows)]
            removing = [one for one in waiting if one not in set(adding)]
            answer = self._lists.add_and_remove(list_id, adding, removing)
            for contact_id in waiting.keys() - answer.missing:
                done = contact_id in answer.added | answer.removed or again
                for row in waiting[contact_id]:
                    sent.end(row, Outcome.CONFIRMED if done else Outcome.UNCHANGED, contact_id=contact_id)
                sent.know(contact_id, f"list:{list_id}", MEMBER if contact_id in adding else "")
            waiting = self._living({one: waiting[one] for one in waiting.keys() & answer.missing}, sent)
        for rows in waiting.values():
            _end_all(sent, rows, Outcome.SKIPPED, _gone())
        return sent

    def _living(self, missing: dict[str, list[Change]], sent: Sent) -> dict[str, list[Change]]:
        """Return the rows of merged contacts by the ids they live on under; who is gone is skipped."""
        found = self._contacts.read(missing) if missing else {}
        living: dict[str, list[Change]] = {}
        for old, rows in missing.items():
            if old in found and found[old].id != old:
                living.setdefault(found[old].id, []).extend(rows)
            else:
                _end_all(sent, rows, Outcome.SKIPPED, _gone())
        return living

    def _list_id(self) -> str:
        """Return the list's id: known when the plan was made, or since this run made sure of the list."""
        planned = self._plan.options.get("list_id")
        made = receipt.of_portal(self._state, self._plan.portal_id).get(f"list_name:{self._plan.list_name}")
        return str(made[0] if made else planned)

    def _draft(self, changes: Sequence[Change], again: bool) -> Sent:  # noqa: FBT001
        return email_send.draft(self._emails, self._plan, changes[0], self._list_id(), again=again)

    def _enrol(self, changes: Sequence[Change], again: bool) -> Sent:  # noqa: FBT001
        del again  # what was tried before is on disk
        return self._enroller.enrol(changes[0])

    def _located(self, changes: Sequence[Change], sent: Sent) -> list[tuple[str, list[Change]]]:
        """Return each person's rows with their contact id; who could not be created is skipped."""
        created: dict[str, str] | None = None
        found = []
        for (contact_id, customer_id), group in groupby(changes, key=lambda row: (row.contact_id, row.customer_id)):
            rows = list(group)
            if not contact_id:
                created = self._created() if created is None else created
            known = contact_id or (created or {}).get(customer_id, "")
            if known:
                found.append((known, rows))
            else:
                _end_all(sent, rows, Outcome.SKIPPED, ours("NOT_CREATED", "The contact was not created."))
        return found

    def _created(self) -> dict[str, str]:
        before = (Op.ENSURE_GROUP, Op.ENSURE_PROPERTY, Op.ENSURE_LIST)
        first = sum(self._plan.counts.get(op.value, 0) for op in before)
        count = self._plan.counts.get(Op.CREATE_CONTACT.value, 0)
        return receipt.created(self._state, self._run_id, first, first + count - 1)


def _end_all(sent: Sent, rows: Sequence[Change], outcome: Outcome, error: RowError) -> None:
    for row in rows:
        sent.end(row, outcome, error=error)


def _gone() -> RowError:
    return ours("NO_LONGER_IN_HUBSPOT", "No longer in HubSpot: deleted since it was last read.")
