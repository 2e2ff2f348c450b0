"""Bugs planted on purpose: a rig that does not catch them proves nothing.

Each changes the forked worker's program, as a careless edit would.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

from hubsync.core.run import Outcome
from hubsync.store import batch, receipt, state
from hubsync.sync import execute, send
from hubsync.sync.rows import Rows


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


BUGS: dict[str, Callable[[], None]] = {
    "acknowledge-before-send": _acknowledge_before_send,
    "in-flight-is-skipped": _in_flight_is_skipped,
    "split-is-not-atomic": _split_is_not_atomic,
    "bad-rows-vanish": _bad_rows_vanish,
    "created-twice": _create_again_by_another_name,
    "nothing-is-remembered": _nothing_is_remembered,
    "leavers-stay": _leavers_stay,
    "off-by-one": _off_by_one,
}
