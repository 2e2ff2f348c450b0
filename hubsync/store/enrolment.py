"""Enrolments: whom we put into a workflow by name, noted before it is tried, so that it is tried once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hubsync.store.state import State


class Enrolled(StrEnum):
    """intended → enrolled | unknown; withdrawn where it certainly did not arrive."""

    #: About to be sent; found so by another worker, nobody knows whether it was.
    INTENDED = "intended"
    ENROLLED = "enrolled"
    #: The answer was lost: a person decides.
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Enrolment:
    """One contact in one workflow."""

    run_id: str
    state: Enrolled


def intend(state: State, *, portal_id: str, flow_id: str, contact_id: str, run_id: str) -> Enrolment | None:
    """Note that a contact is about to be enrolled and return None; or return what was noted before, unchanged."""
    with state.transaction() as connection:
        made = connection.execute(
            "insert into enrolment values (?, ?, ?, ?, ?) on conflict do nothing",
            (portal_id, flow_id, contact_id, run_id, Enrolled.INTENDED.value),
        )
        if made.rowcount == 1:
            return None
        row = connection.execute(
            "select run_id, state from enrolment where portal_id = ? and flow_id = ? and contact_id = ?",
            (portal_id, flow_id, contact_id),
        ).fetchone()
    return Enrolment(run_id=row["run_id"], state=Enrolled(row["state"]))


def settle(state: State, *, portal_id: str, flow_id: str, contact_id: str, to: Enrolled | None) -> None:
    """Note what came of it; None: it certainly did not arrive, and may be tried again."""
    key = (portal_id, flow_id, contact_id)
    with state.transaction() as connection:
        if to is None:
            connection.execute(
                "delete from enrolment where portal_id = ? and flow_id = ? and contact_id = ? and state = 'intended'",
                key,
            )
        else:
            connection.execute(
                "update enrolment set state = ? where portal_id = ? and flow_id = ? and contact_id = ?",
                (to.value, *key),
            )


def contacts(state: State, portal_id: str, flow_id: str) -> list[str]:
    """Return the record ids of everybody who was put, or may have been put, into a workflow from here."""
    rows = state.read("select contact_id from enrolment where portal_id = ? and flow_id = ?", (portal_id, flow_id))
    return [row["contact_id"] for row in rows]
