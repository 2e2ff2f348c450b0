"""Bugs planted on purpose: a rig that does not catch them proves nothing.

Each changes the forked worker's program, as a careless edit would.
"""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

from hubsync.core.run import BatchState, Outcome
from hubsync.portal import contacts
from hubsync.portal.contact import RowError
from hubsync.portal.errors import Unclear
from hubsync.store import audit, batch, lease, receipt, run, state
from hubsync.sync import draft, execute, send
from hubsync.sync.rows import Rows
from hubsync.sync.run import Portions


def _acknowledge_before_send() -> None:
    """Rows are counted as confirmed before anything was sent."""
    one = execute._Execution._one

    def early(self: Any, found: batch.Batch) -> None:
        if found.attempt:  # a crash came between; the rows are taken for done
            sent = send.Sent()
            for change in self._rows.between(found.span.first_row, found.span.last_row):
                sent.end(change, Outcome.CONFIRMED)
            with self._step() as connection:
                batch.begin(connection, found, self._lease)
            self._settle(found, sent)
            return
        one(self, found)

    execute._Execution._one = early  # type: ignore[method-assign]


def _in_flight_is_skipped() -> None:
    """A batch found in flight is thought to be somebody else's."""

    def pending_only(opened: state.State, run_id: str) -> batch.Batch | None:
        rows = opened.read(
            "select * from batch where run_id = ? and state = 'pending' order by first_row limit 1", (run_id,)
        )
        return batch._batch(rows[0]) if rows else None

    batch.next_open = pending_only


def _split_is_not_atomic() -> None:
    """Every statement is kept at once: a split's parent is closed before its halves exist."""

    @contextlib.contextmanager
    def no_transaction(self: state.State) -> Iterator[sqlite3.Connection]:
        yield self.connection

    state.State.transaction = no_transaction  # type: ignore[method-assign, assignment]


def _bad_rows_vanish() -> None:
    """A batch that is refused as a whole is closed without a word."""

    def dropped(self: Any, found: batch.Batch, changes: object, error: object) -> None:
        with self._step() as connection:
            batch.settle(connection, found, self._lease, batch.BatchState.REJECTED)

    execute._Execution._refused = dropped  # type: ignore[method-assign]


def _create_again_by_another_name() -> None:
    """A contact that is there already is not looked for: the person gets a second one."""
    create = send.Contacts.create

    def doubled(self: Any, inputs: Any) -> Any:
        return create(self, [(trace, {**values, "email": f"new-{values['email']}"}) for trace, values in inputs])

    send.Contacts.create = doubled  # type: ignore[method-assign]


def _nothing_is_remembered() -> None:
    """What HubSpot confirmed is not kept, so that the next preview sends it all again."""
    receipt.acknowledge = lambda *_, **__: None


def _leavers_stay() -> None:
    """Removals are not sent."""
    sending = send.Lists.add_and_remove

    def only_adds(self: Any, list_id: str, add: Any = (), remove: Any = (), **rest: Any) -> Any:
        del remove
        return sending(self, list_id, add, (), **rest)

    send.Lists.add_and_remove = only_adds  # type: ignore[method-assign]


def _off_by_one() -> None:
    """The last row of each batch is not read."""
    between = Rows.between
    Rows.between = lambda self, first, last: between(self, first, max(first, last - 1))  # type: ignore[method-assign]


def _all(outcome: Outcome, changes: Any, *, told: bool = True) -> send.Sent:
    sent = send.Sent()
    error = RowError(category="LOST", message="lost", correlation_id="none") if told else None
    for change in changes:
        sent.end(change, outcome, error=error if outcome is Outcome.REJECTED else None)
    return sent


def _settled_apart(name: str) -> None:
    """A write of a transaction is kept before the others are: `name` is what follows it."""
    following = getattr(receipt, name)

    def apart(connection: sqlite3.Connection, *values: Any, **more: Any) -> None:
        connection.execute("commit")
        connection.execute("begin immediate")
        following(connection, *values, **more)

    setattr(receipt, name, apart)


def _plan_is_not_atomic() -> None:
    """A run is there before its batches are."""
    insert = run.insert

    def early(connection: sqlite3.Connection, **given: Any) -> None:
        insert(connection, **given)
        connection.execute("commit")
        connection.execute("begin immediate")

    run.insert = early


def _refused_is_confirmed() -> None:
    """The watermark moves on after a refusal, as if every row of the batch had arrived."""

    def passed(self: Any, found: batch.Batch, changes: Any, error: object) -> None:
        self._settle(found, _all(Outcome.CONFIRMED, changes))

    execute._Execution._refused = passed  # type: ignore[method-assign]


def _refused_with_one_bad_row() -> None:
    """A batch is rejected whole for the one row that spoils it."""

    def whole(self: Any, found: batch.Batch, changes: Any, error: object) -> None:
        with self._step() as connection:
            batch.settle(connection, found, self._lease, BatchState.REJECTED)
            receipt.record(connection, self._run_id, _all(Outcome.REJECTED, changes).results)

    execute._Execution._refused = whole  # type: ignore[method-assign]


def _half_of_a_split() -> None:
    """Of a batch cut in two, the second half is forgotten."""
    halves = execute._halves
    execute._halves = lambda changes: halves(changes)[:1]


def _lost_is(outcome: Outcome) -> None:
    """An answer that was lost is taken for this one, and the rows are not sent again."""
    sending = send.Sender.send

    def certain(self: Any, kind: str, changes: Any, *, again: bool) -> send.Sent:
        try:
            return sending(self, kind, changes, again=again)
        except Unclear:
            return _all(outcome, changes)

    send.Sender.send = certain  # type: ignore[method-assign]


def _answers_by_position() -> None:
    """The n-th result of an answer is taken for the n-th row."""
    create = contacts.Contacts.create

    def positional(self: Any, inputs: Any) -> Any:
        outcome = create(self, inputs)
        traces, found = sorted(outcome.written), sorted(outcome.written.values(), key=lambda one: one.id)
        return type(outcome)(written=dict(zip(traces, found[::-1], strict=True)), failed=outcome.failed)

    contacts.Contacts.create = positional  # type: ignore[method-assign]


def _rejected_without_a_word() -> None:
    """Why a row was rejected is not kept."""
    end = send.Sent.end

    def silent(self: Any, change: Any, outcome: Outcome, *, contact_id: str = "", error: Any = None) -> None:
        end(self, change, outcome, contact_id=contact_id)

    send.Sent.end = silent  # type: ignore[method-assign]


def _old_for_new() -> None:
    """What was there is sent, rather than what shall be."""
    update = contacts.Contacts.update
    first = itertools.count(1)

    def stale(self: Any, inputs: Any) -> Any:
        if next(first) > 1:
            inputs = [(trace, one, dict.fromkeys(values, "")) for trace, one, values in inputs]
        return update(self, inputs)

    contacts.Contacts.update = stale  # type: ignore[method-assign]


def _list_as_planned() -> None:
    """Members go to the list the plan knew of, not to the one that was made since."""
    send.Sender._list_id = lambda self: str(self._plan.options.get("list_id") or "0")  # type: ignore[method-assign]


def _plans_are_never_the_same() -> None:
    """A plan's id covers something that changes by itself."""
    settle = draft.Draft.settle
    number = itertools.count()

    def unstable(self: Any, workspace: Any, terms: Any) -> str:
        return settle(self, workspace, {**terms, "nonce": next(number)})

    draft.Draft.settle = unstable  # type: ignore[method-assign]


def _audit_stands_alone() -> None:
    """A row of the log does not cover the one before it."""
    hashed = audit._hash
    audit._hash = lambda _before, number, fields: hashed("", number, fields)


def _prior_is_what_was_written() -> None:
    """The old values, kept for undo, are not the old ones."""
    keep = receipt.keep_prior

    def nothing(connection: sqlite3.Connection, run_id: str, values: Any) -> None:
        keep(connection, run_id, [(row, "") for row, _ in values])

    receipt.keep_prior = nothing


def _counted_twice() -> None:
    """A row that ended may end again."""
    record = receipt.record

    def twice(connection: sqlite3.Connection, run_id: str, results: Any) -> None:
        record(connection, run_id, results)
        connection.execute("update run set confirmed = confirmed + 1 where run_id = ?", (run_id,))

    receipt.record = twice


def _portions_overlap() -> None:
    """The first row of a portion is the last of the one before it."""
    from hubsync.sync import run as asking  # noqa: PLC0415 - the package has a `run` of the store too

    spans = asking._spans

    def overlapping(file: Any, portions: Portions) -> Any:
        found = spans(file, portions)
        return [
            batch.Span(kind=one.kind, first_row=one.first_row - (one.kind == before.kind), last_row=one.last_row)
            for before, one in zip([found[0], *found], found, strict=False)
        ][: len(found)]

    asking._spans = overlapping


def _nobody_is_overtaken() -> None:
    """Whoever once held the lease goes on writing."""
    lease.renew = lambda *_: None

    def settle(connection: sqlite3.Connection, found: batch.Batch, held: object, to: BatchState) -> None:
        connection.execute(
            "update batch set state = ? where run_id = ? and number = ?", (to.value, found.run_id, found.number)
        )

    batch.settle = settle


def _everybody_runs() -> None:
    """A portal's target may have any number of runs at once."""
    migrated = state.State._migrate

    def without(self: state.State) -> None:
        migrated(self)
        self.connection.execute("drop index if exists one_active_run")

    state.State._migrate = without  # type: ignore[method-assign]
    lease.take = lambda *_, portal_id, target, holder, **_rest: lease.Lease(
        portal_id=portal_id, target=target, holder=holder, epoch=1
    )
    lease.renew = lambda *_: None


#: Found by killing workers.
BUGS: dict[str, Callable[[], None]] = {
    "acknowledge-before-send": _acknowledge_before_send,
    "in-flight-is-skipped": _in_flight_is_skipped,
    "split-is-not-atomic": _split_is_not_atomic,
    "bad-rows-vanish": _bad_rows_vanish,
    "created-twice": _create_again_by_another_name,
    "nothing-is-remembered": _nothing_is_remembered,
    "leavers-stay": _leavers_stay,
    "off-by-one": _off_by_one,
    "plan-is-not-atomic": _plan_is_not_atomic,
    "outcomes-are-kept-apart": lambda: _settled_apart("record"),
    "acknowledged-apart": lambda: _settled_apart("acknowledge"),
    "refused-is-confirmed": _refused_is_confirmed,
    "refused-with-one-bad-row": _refused_with_one_bad_row,
    "half-of-a-split": _half_of_a_split,
    "lost-is-done": lambda: _lost_is(Outcome.CONFIRMED),
    "lost-is-refused": lambda: _lost_is(Outcome.REJECTED),
    "answers-by-position": _answers_by_position,
    "rejected-without-a-word": _rejected_without_a_word,
    "old-for-new": _old_for_new,
    "list-as-planned": _list_as_planned,
    "plans-are-never-the-same": _plans_are_never_the_same,
    "audit-stands-alone": _audit_stands_alone,
    "prior-is-lost": _prior_is_what_was_written,
    "counted-twice": _counted_twice,
    "portions-overlap": _portions_overlap,
}

#: Found where several are at it: by exporters at once, or an owner that was frozen.
CROWD_BUGS: dict[str, Callable[[], None]] = {
    "nobody-is-overtaken": _nobody_is_overtaken,
    "everybody-runs": _everybody_runs,
}
