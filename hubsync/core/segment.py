"""A segment: a named behaviour, as a rule over features or as an analyst's SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, ValidationError, field_validator, model_validator

from hubsync.core.errors import BadInput
from hubsync.core.measure import Comparison, Feature, Model, Value, check_value, column

KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
Language = Literal["en", "pt"]


class Condition(Model):
    """`feature op value`; a feature that is unknown for a customer matches nothing but "is unknown"."""

    feature: Feature
    op: Comparison
    value: Value | tuple[Value, ...] | None = None
    #: What a reader calls it ("orders in 90 days"), by language; shown in reasons.
    label: dict[Language, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _value_fits(self) -> Self:
        check_value(self.op, self.value)
        return self

    @cached_property
    def column(self) -> str:
        """Its feature's column in the feature table."""
        return column(self.feature)


class All(Model):
    """Every part holds; `all: []` holds for everyone."""

    all: tuple[Rule, ...]


class Any_(Model):  # noqa: N801 - the word itself is taken by typing
    """At least one part holds; `any: []` holds for nobody."""

    any: tuple[Rule, ...]


class Not(Model):
    """The part does not hold (an unknown is not a match, so its negation is)."""

    not_: Annotated[Rule, Field(alias="not")]


def _kind(data: Any) -> str:  # noqa: ANN401 - raw input or a model
    for kind in ("all", "any", "not"):
        if (isinstance(data, dict) and kind in data) or hasattr(data, "not_" if kind == "not" else kind):
            return kind
    return "condition"


Rule = Annotated[
    Annotated[All, Tag("all")]
    | Annotated[Any_, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[Condition, Tag("condition")],
    Discriminator(_kind),
]
All.model_rebuild()
Any_.model_rebuild()
Not.model_rebuild()


class Segment(Model):
    """A named behaviour; exactly one of `rule` and `sql` says who is in it."""

    key: str
    name: dict[Language, str]
    description: dict[Language, str] = Field(default_factory=dict)
    rule: Rule | None = None
    sql: str | None = None
    #: One of the palette's names; the same everywhere the segment is drawn.
    colour: str | None = None

    @field_validator("key")
    @classmethod
    def _key_is_plain(cls, key: str) -> str:
        if not KEY.fullmatch(key):
            raise ValueError("a key is lower-case letters, digits and underscores, starts with a letter, 60 at most")
        return key

    @field_validator("name")
    @classmethod
    def _has_a_name(cls, name: dict[Language, str]) -> dict[Language, str]:
        if not any(text.strip() for text in name.values()):
            raise ValueError("give a name in at least one language (en, pt)")
        return name

    @model_validator(mode="after")
    def _rule_or_sql(self) -> Self:
        if (self.rule is None) == (self.sql is None):
            raise ValueError("give exactly one of 'rule' and 'sql'")
        return self

    def title(self, language: Language = "en") -> str:
        """Return its name in `language`, or in the one it has."""
        return self.name.get(language) or next(iter(self.name.values()))


def conditions(rule: Rule) -> Iterator[Condition]:
    """Yield every condition of the tree, left to right."""
    if isinstance(rule, Condition):
        yield rule
    elif isinstance(rule, Not):
        yield from conditions(rule.not_)
    else:
        for part in rule.all if isinstance(rule, All) else rule.any:
            yield from conditions(part)


def parse_segment(data: object) -> Segment:
    """Return the segment that `data` (from YAML or a form) describes; BadInput names the part that is wrong."""
    try:
        return Segment.model_validate(data)
    except ValidationError as error:
        key = data.get("key", "?") if isinstance(data, dict) else "?"
        faults = [f"{_path(fault['loc'])}: {fault['msg'].removeprefix('Value error, ')}" for fault in error.errors()]
        raise BadInput(
            f"Segment '{key}' cannot be read.", "; ".join(faults) + ".", "Correct what is named and apply it again."
        ) from error


def _path(location: tuple[int | str, ...]) -> str:
    return " › ".join(str(part + 1 if isinstance(part, int) else part) for part in location) or "segment"
