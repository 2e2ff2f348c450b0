"""A sync: segments, a target, a policy and a schedule, as data a team can keep in git."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from string import Formatter
from typing import Annotated, Any, Self

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from hubsync.core import naming
from hubsync.core.document import dump
from hubsync.core.errors import BadInput
from hubsync.core.measure import Model
from hubsync.core.plan import NAMELESS, Target
from hubsync.core.schedule import Schedule
from hubsync.core.segment import KEY, Language, Segment

People = Annotated[int, Field(ge=0)]


class Allow(Model):
    """How far guards may be passed without a person, in people; what is not given is not passed.

    An empty source is never passed.
    """

    #: Contacts that may be created at once.
    creates: People | None = None
    #: People who may be taken off at once.
    removals: People | None = None
    #: By how many members the segment may have grown or shrunk since its last sync.
    size_change: People | None = None


class Email(Model):
    """The draft that target e-mail keeps: a copy of a template, for the segment's list."""

    #: Id of the e-mail to copy.
    template: str
    #: The copy's name; by list and template unless given.
    name: str = ""
    #: The template's unless given.
    subject: str = ""
    #: Ids of lists whose people do not get it.
    exclude: tuple[str, ...] = ()


class Sync(Model):
    """What is kept in step with what, by which rules, and when."""

    key: str
    #: Keys of segments; each is a plan and a run of its own, one after the other.
    segments: Annotated[tuple[str, ...], Field(min_length=1)]
    target: Target
    #: The list's name, word by word; of one segment only.
    list_name: str | None = None
    #: How lists are named: one of the patterns' keys ("daily"), or words with {name} in them.
    list_pattern: str | None = None
    #: Of segments' names where a pattern takes them.
    language: Language = "en"
    #: Create contacts that HubSpot lacks; it bills them.
    create_contacts: bool = False
    #: Feature column → property; the measures of the rule where it is left out.
    mapping: dict[str, str] | None = None
    #: For target e-mail, which needs it.
    email: Email | None = None
    allow: Allow = Allow()
    #: None: only when asked for.
    schedule: Schedule | None = None
    #: Whether its schedule counts.
    enabled: bool = True

    @field_validator("key")
    @classmethod
    def _key_is_plain(cls, key: str) -> str:
        if not KEY.fullmatch(key):
            raise ValueError("a key is lower-case letters, digits and underscores, starts with a letter, 60 at most")
        return key

    @field_validator("segments")
    @classmethod
    def _each_once(cls, segments: tuple[str, ...]) -> tuple[str, ...]:
        twice = next((key for key in segments if segments.count(key) > 1), None)
        if twice:
            raise ValueError(f"'{twice}' is named twice")
        return segments

    @model_validator(mode="after")
    def _email_fits(self) -> Self:
        if (self.email is not None) != (self.target is Target.EMAIL):
            raise ValueError("'email', with the id of a template, goes with target 'email' and no other")
        if self.email is not None and self.email.name and len(self.segments) > 1:
            raise ValueError("several segments need no 'name' of the e-mail: it would be one draft for all")
        return self

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        if self.list_name is not None and self.list_pattern is not None:
            raise ValueError("give 'list_name' or 'list_pattern', not both")
        if self.target in NAMELESS and (self.list_name is not None or self.list_pattern is not None):
            raise ValueError(f"'{self.target.value}' makes no list that could be named")
        if self.list_name is not None:
            if len(self.segments) > 1:
                raise ValueError("several segments need a 'list_pattern': one 'list_name' would be one list for all")
            _fits(self.list_name)
        if self.list_pattern is not None and not _known(self.list_pattern):
            _check_pattern(self.list_pattern)
        if self.mapping is not None and self.target is not Target.PROPERTIES:
            raise ValueError(f"'mapping' is for properties; the target is '{self.target.value}'")
        return self

    def list_for(self, segment: Segment, on: dt.date) -> str | None:
        """Return the name of a segment's list on a day; None where there is none, or the target names it."""
        if self.list_name is not None or self.list_pattern is None:
            return self.list_name
        own = naming.Pattern(key="own", text={self.language: self.list_pattern})
        pattern = _known(self.list_pattern) or own
        return pattern.name(segment.title(self.language), on, self.language)


def parse_sync(data: object) -> Sync:
    """Return the sync that `data` (from YAML or a form) describes; BadInput names the part that is wrong."""
    try:
        return Sync.model_validate(data)
    except ValidationError as error:
        key = data.get("key", "?") if isinstance(data, dict) else "?"
        faults = [f"{_path(fault['loc'])}: {fault['msg'].removeprefix('Value error, ')}" for fault in error.errors()]
        raise BadInput(
            f"Sync '{key}' cannot be read.", "; ".join(faults) + ".", "Correct what is named and apply it again."
        ) from error


def read(text: str, *, source: str = "The file") -> list[Sync]:
    """Return the syncs of a YAML document: `syncs: [...]`, a list of them, or one alone.

    BadInput names the line that is no YAML, or the part of a sync that cannot be read.
    """
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadInput(f"{source} is not YAML.", str(error), "Mend the line that is named.") from error
    items = data.get("syncs", [data]) if isinstance(data, dict) else data
    if not isinstance(items, list) or not items:
        raise BadInput(
            f"{source} holds no syncs.",
            "A file of syncs is YAML: a list under 'syncs', each with key, segments and target.",
            "See what `syncs export` prints.",
        )
    found = [parse_sync(item) for item in items]
    keys = [sync.key for sync in found]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice:
        raise BadInput(f"{source} holds '{twice}' twice.", "Nothing was applied.", "Give each sync its own key.")
    return found


def write(syncs: Iterable[Sync]) -> str:
    """Return syncs as the document that `read` takes."""
    return dump({"syncs": documents(syncs)}, width=120)


def documents(syncs: Iterable[Sync]) -> list[dict[str, Any]]:
    """Return syncs as plain values, without what was left at its default."""
    return [sync.model_dump(mode="json", exclude_defaults=True) for sync in syncs]


def _known(pattern: str) -> naming.Pattern | None:
    return next((one for one in naming.PATTERNS if one.key == pattern), None)


def _fits(name: str) -> None:
    try:
        naming.check(name)
    except BadInput as error:
        raise ValueError(error.title) from error


def _check_pattern(pattern: str) -> None:
    try:
        fields = [(name, spec, how) for _, name, spec, how in Formatter().parse(pattern) if name is not None]
    except ValueError as error:
        raise ValueError(f"'list_pattern' has a brace without its other: {error}") from error
    if ("name", "", None) not in fields or set(fields) - {("name", "", None), ("quarter", "", None)}:
        keys = ", ".join(known.key for known in naming.PATTERNS)
        raise ValueError(f"'list_pattern' is one of {keys}, or words with {{name}} (and {{quarter}}) in them")
    _fits(pattern)


def _path(location: tuple[int | str, ...]) -> str:
    return " › ".join(str(part + 1 if isinstance(part, int) else part) for part in location) or "sync"
