"""What has to change for one person: desired state against actual state, as the rows of a plan.

Pure and streaming: people go in one at a time, changes come out, nothing is kept. Whether an empty source, a large
removal or a stale mirror forbids the whole is not decided here but by the plan's guards (`hubsync.core.guard`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hubsync.core.field import CUSTOMER_ID, Field, Raw, held, joined, normalise
from hubsync.core.plan import MEMBER, Change, Op, Step


class Turn(StrEnum):
    """What happened to a person, so that a reason can be told."""

    JOINED = "joined"
    MOVED = "moved"
    LEFT = "left"


#: Tells the reason for a change; called only where there is one, as most people do not change.
Why = Callable[[Turn], str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """One customer or former member, with what should be and what is."""

    #: Empty for a former member who is no customer of ours any more.
    customer_id: str
    #: Empty where HubSpot has no such contact.
    contact_id: str
    email: str
    #: Where a member stands in the funnel; None for somebody who is no member (any more).
    step: Step | None
    #: Stands on the list now.
    listed: bool = False
    #: We put them on the list; False means another hand did.
    ours: bool = False
    #: By property name: what our data says; missing or None is no value.
    desired: Mapping[str, Raw] = field(default_factory=dict)
    #: By property name: what HubSpot holds, as its text.
    actual: Mapping[str, str] = field(default_factory=dict)
    #: By property name: what this segment's syncs last wrote, and nobody else is to keep.
    written: Mapping[str, str] = field(default_factory=dict)
    why: Why = str


#: Why a member is off the list all the same; the others never were on it by us.
_OFF = {
    Step.OPTED_OUT: "opted out of e-mail",
    Step.HARD_BOUNCED: "their address bounced for good",
    Step.QUARANTINED: "HubSpot holds their address in quarantine",
    Step.SUPPRESSED: "asked to be forgotten",
    Step.HELD_OUT: "held out to measure lift",
    Step.SHARED_EMAIL: "the address belongs to another customer",
}


def _off(person: Person) -> str:
    if person.step is None:
        return person.why(Turn.LEFT)
    return _OFF.get(person.step, person.step.value.replace("_", " "))


def membership(people: Iterable[Person], list_name: str) -> Iterator[Change]:
    """Yield the changes that bring a list in step: who is created, comes on, goes off.

    Only people that we added go off; whoever another team put there stays.
    """
    for person in people:
        wanted = person.step is not None and person.step.listable
        if wanted and not person.listed:
            if person.step is Step.WOULD_BE_CREATED:
                yield _create(person)
            yield _member(person, list_name, Op.ADD_MEMBER, person.why(Turn.JOINED))
        elif not wanted and person.listed and person.ours:
            yield _member(person, list_name, Op.REMOVE_MEMBER, _off(person))


def properties(people: Iterable[Person], fields: Iterable[Field]) -> Iterator[Change]:
    """Yield the changes that bring properties in step: one row per person and field whose value differs.

    A former member's values are cleared where they still are what we wrote; the customer id ties contact and
    customer for good and is never cleared. A value the property's type cannot hold raises ValueError: fields are
    checked against the feature table before.
    """
    fields = tuple(fields)
    for person in people:
        if person.step is None:
            yield from _cleared(person, fields)
        elif person.step.writable:
            if person.step is Step.WOULD_BE_CREATED:
                yield _create(person)
            yield from _updated(person, fields)


def marked(people: Iterable[Person], each: Field, mark: str) -> Iterator[Change]:
    """Yield the changes that set a property to `mark` for who may be on a list, and take it from who may not.

    Where the property holds several options, the others stay. Only marks that we set are taken away.
    """
    for person in people:
        wanted = person.step is not None and person.step.listable
        old = person.actual.get(each.name, "")
        marks = held(old) if each.multiple else frozenset(filter(None, (old,)))
        if wanted and mark not in marks:
            if person.step is Step.WOULD_BE_CREATED:
                yield _create(person)
            new = joined(marks | {mark}) if each.multiple else mark
            yield _value(person, each, old, new, person.why(Turn.JOINED))
        elif not wanted and person.ours and mark in marks:
            yield _value(person, each, old, joined(marks - {mark}), _off(person))


def _updated(person: Person, fields: tuple[Field, ...]) -> Iterator[Change]:
    for each in fields:
        new = normalise(person.desired.get(each.name), each.type)
        stored = person.actual.get(each.name, "")
        if new == stored:
            continue
        old = as_kept(stored, each)
        if new != old:
            yield _value(person, each, old, new, person.why(Turn.MOVED if old else Turn.JOINED))


def _cleared(person: Person, fields: tuple[Field, ...]) -> Iterator[Change]:
    for each in fields:
        if each.name == CUSTOMER_ID.name:
            continue
        ours = person.written.get(each.name, "")
        old = as_kept(person.actual.get(each.name, ""), each)
        if ours and old == as_kept(ours, each):
            yield _value(person, each, old, "", person.why(Turn.LEFT))


def as_kept(text: str, kept_as: Field) -> str:
    """Return HubSpot's text for a value in the form we compare; text its type cannot hold stays as it is."""
    try:
        return normalise(text, kept_as.type)
    except ValueError:
        return text


def _create(person: Person) -> Change:
    return Change(
        op=Op.CREATE_CONTACT,
        customer_id=person.customer_id,
        contact_id="",
        field="email",
        old="",
        new=person.email,
        reason="not in HubSpot yet",
    )


def _member(person: Person, list_name: str, op: Op, reason: str) -> Change:
    old, new = ("", MEMBER) if op is Op.ADD_MEMBER else (MEMBER, "")
    return Change(
        op=op,
        customer_id=person.customer_id,
        contact_id=person.contact_id,
        field=list_name,
        old=old,
        new=new,
        reason=reason,
    )


def _value(person: Person, each: Field, old: str, new: str, reason: str) -> Change:
    return Change(
        op=Op.UPDATE_CONTACT,
        customer_id=person.customer_id,
        contact_id=person.contact_id,
        field=each.name,
        old=old,
        new=new,
        reason=reason,
    )
