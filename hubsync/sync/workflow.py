"""Target workflow: what a workflow listens to, a property of ours or a list; only on request, enrolment by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from hubsync.core.diff import marked
from hubsync.core.errors import BadInput
from hubsync.core.field import Field, FieldType
from hubsync.core.plan import Change, Guard, Op
from hubsync.store import enrolment as enrolments
from hubsync.store import flow as flows
from hubsync.store.flow import Listener, Reading
from hubsync.sync import mark, properties, static_list, workflow_listeners
from hubsync.sync.mapping import Mapped, property_name
from hubsync.sync.proposal import Proposal, Scene, stream

#: What the property holds of a member.
ON = "true"
_TO_ENROL = """
select customer_id, contact_id, email from members
where step = 'reachable' and contact_id <> '' and not list_contains($before, contact_id)
order by contact_id
"""


def trigger(key: str, title: str) -> Field:
    """Return the property that a segment's workflow listens to."""
    name = property_name(f"{workflow_listeners.TRIGGER}{key}")
    return Field(name=name, label=f"Workflow: {title}", type=FieldType.BOOL)


def propose(scene: Scene) -> Proposal:
    """Return the changes that set a workflow off: with a list's name its members, else the segment's own property.

    Enrolment by name (`enrol`: a workflow's id or name) comes on top, for members who never were put in from here.
    Raises BadInput for a workflow that is not known.
    """
    reading = flows.reading(scene.state, scene.portal_id)
    base = static_list.propose(scene) if scene.ask.list_name else _by_property(scene)
    name = base.list_name or trigger_name(scene)
    listening = tuple(workflow_listeners.none_known(reading, list_id=str(base.options.get("list_id", "")), name=name))
    base = replace(base, warnings=(*base.warnings, *([] if scene.ask.enrol else listening)))
    return _enrolling(scene, base, reading) if scene.ask.enrol else base


def trigger_name(scene: Scene) -> str:
    """Return the name of the property that the segment's workflow listens to."""
    segment = scene.ask.version.segment
    return trigger(segment.key, segment.title()).name


def _by_property(scene: Scene) -> Proposal:
    segment = scene.ask.version.segment
    each = trigger(segment.key, segment.title())
    rows, guards = properties.ensure(scene, [each])
    return Proposal(
        changes=chain(rows, marked(mark.people(scene, each, ON), each, ON)),
        ours=mark.ours(scene, each, ON),
        guards=tuple(guards),
        options={"fields": [Mapped(column="", field=each).document()]},
    )


def _enrolling(scene: Scene, base: Proposal, reading: Reading) -> Proposal:
    chosen = _chosen(reading, scene.ask.enrol)
    before = enrolments.contacts(scene.state, scene.portal_id, chosen.flow_id)
    rows = list(_rows(scene, chosen, before))
    guards = [_off(chosen)] if not chosen.enabled else [_sure(chosen, len(rows))] if rows else []
    return replace(
        base,
        changes=chain(base.changes, rows),
        guards=(*base.guards, *guards),
        options={**base.options, "enrol": chosen.flow_id},
    )


def _rows(scene: Scene, chosen: Listener, before: list[str]) -> Iterator[Change]:
    title = scene.ask.version.segment.title()
    for customer_id, contact_id, email in stream(scene.side.con, _TO_ENROL, {"before": before}):
        yield Change(
            op=Op.ENROL,
            customer_id=customer_id,
            contact_id=contact_id,
            field=chosen.flow_id,
            old="",
            new=email,
            reason=f"in {title}, and never put into “{chosen.title}” from here",
        )


def _chosen(reading: Reading, asked: str) -> Listener:
    if not reading.known:
        why = reading.problem or "Workflows were not read yet."
        raise BadInput("No workflow can be chosen.", why, "Pull first; the token needs the scope automation.")
    found = [one for one in reading.listeners if asked in {one.flow_id, one.name}]
    if len(found) != 1:
        names = ", ".join(f"{one.flow_id} “{one.title}”" for one in reading.listeners) or "none"
        told = "several workflows are named" if found else "there is no workflow"
        raise BadInput(f"{told.capitalize()} '{asked}'.", f"HubSpot shows: {names}.", "Say --enrol with its id.")
    return found[0]


def _off(chosen: Listener) -> Guard:
    return Guard(
        code="workflow_off",
        message=f"“{chosen.title}” is turned off in HubSpot: it would do nothing with who is put into it.",
        hint="Turn it on in HubSpot and pull, or choose another.",
    )


def _sure(chosen: Listener, count: int) -> Guard:
    people = "1 person" if count == 1 else f"{count:,} people"
    return Guard(
        code="enrolment",
        message=f"{people} would be put into “{chosen.title}” by name; what it does cannot be taken back.",
        hint=f"If that is right, type {count} to go on.",
        override=str(count),
    )
