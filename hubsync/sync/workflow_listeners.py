"""Who listens: the workflows that a plan's changes set off, read with each pull and told with each preview."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from hubsync.portal.errors import MissingScope, NotThere, Refused
from hubsync.portal.flows import Flow, Flows
from hubsync.portal.gateway import Gateway
from hubsync.store import flow as flows
from hubsync.store.flow import Listener, Reading

if TYPE_CHECKING:
    import duckdb

    from hubsync.store.state import State

#: Properties of ours that enrol and do nothing else begin so.
TRIGGER = "hubsync_workflow_"

_ADDED = """
select count(distinct (contact_id, customer_id)) from ordered
where op = 'add_member' or (op = 'update_contact' and field = 'hubsync_behaviours' and $active and len(new) > len(old))
"""
_CHANGED = """
select count(distinct (contact_id, customer_id)) from ordered
where op = 'update_contact' and list_contains($fields, field) and new <> ''
"""


def read(state: State, portal_id: str, gateway: Gateway, *, at: dt.datetime) -> str:
    """Read the portal's workflows, a request for each, and keep them; return why that was not possible, or ""."""
    found: list[Listener] = []
    problem = ""
    try:
        found = [_listener(one) for one in Flows(gateway).all()]
    except MissingScope as error:
        problem = f"Workflows: {error.detail or error.title}"
    except (Refused, NotThere) as error:
        problem = f"Workflows: {error.message or error.title}"
    flows.keep(state, portal_id, found, problem=problem, at=at)
    return problem


def _listener(one: Flow) -> Listener:
    return Listener(
        flow_id=one.id,
        name=one.name,
        enabled=one.enabled,
        readable=one.readable,
        list_ids=one.list_ids,
        properties=one.properties,
    )


def told(con: duckdb.DuckDBPyConnection, reading: Reading, *, list_id: str, active: bool) -> Iterator[str]:
    """Yield, of the changes in `ordered`, how many people they newly qualify for which workflow.

    `list_id` is the list that they are put on; `active`: HubSpot keeps it itself, by a value.
    """
    for one in reading.listeners:
        if not one.enabled:
            continue
        added = _count(con, _ADDED, {"active": active}) if list_id and list_id in one.list_ids else 0
        triggers = sorted(name for name in one.properties if name.startswith(TRIGGER))
        added = added or _count(con, _CHANGED, {"fields": triggers})
        if added:
            yield f"This will newly qualify {_people(added)} for “{one.title}”."
            continue
        others = sorted(one.properties - set(triggers))
        changed = _count(con, _CHANGED, {"fields": others})
        if changed:
            yield f"This may enrol up to {_people(changed)} in “{one.title}”, which listens to a value that changes."


def none_known(reading: Reading, *, list_id: str, name: str) -> Iterator[str]:
    """Yield what is to be said where a list, or a property by its name, is meant to be listened to."""
    hidden = sum(not one.readable for one in reading.listeners)
    if reading.at is None:
        yield "Which workflows listen is not known yet; pull first."
    elif reading.problem:
        yield f"Which workflows listen could not be read. {reading.problem}"
    else:
        listening = [one for one in reading.listeners if list_id in one.list_ids or name in one.properties]
        for one in listening:
            if not one.enabled:
                yield f"“{one.title}” listens, and is turned off in HubSpot."
        if not listening:
            yield f"No workflow that HubSpot shows listens to “{name}” yet; build one in HubSpot that enrols on it."
    if hidden:
        several = f"{hidden} workflows are" if hidden > 1 else "1 workflow is"
        yield f"{several} unreadable: whether they listen is not known."


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


def _count(con: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any]) -> int:
    if parameters.get("fields") == []:
        return 0
    row = con.execute(sql, parameters).fetchone()
    return int(row[0]) if row else 0
