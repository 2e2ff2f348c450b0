"""Property values: what a property of each type takes, and the text HubSpot keeps of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

from hubsync.sandbox import errors
from hubsync.sandbox.clock import instant, iso
from hubsync.sandbox.errors import Problem
from hubsync.sandbox.shelf import Shelf
from hubsync.sandbox.state import Json

_EMAIL = re.compile(r"[^\s@<>,;]+@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
#: HubSpot's cap on one value, in characters.
_LONGEST = 65_536


class BadValue(ValueError):  # noqa: N818 - a word of this package
    """A value that a property cannot take: HubSpot's code and sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def check(inputs: Iterable[Mapping[str, object]], properties: Shelf[Json]) -> list[dict[str, str]]:
    """Return each input's values as HubSpot keeps them.

    One bad value refuses them all: raises Refused (400) that lists every problem, but not which input had it.
    """
    problems: list[Problem] = []
    checked: list[dict[str, str]] = []
    for values in inputs:
        kept: dict[str, str] = {}
        for name, raw in values.items():
            definition = properties.get(name.lower())
            if definition is None or definition["archived"]:
                problems.append(
                    Problem(name=name, code="PROPERTY_DOESNT_EXIST", message=f'Property "{name}" does not exist')
                )
                continue
            try:
                kept[definition["name"]] = kept_text(definition, raw)
            except BadValue as bad:
                problems.append(Problem(name=name, code=bad.code, message=bad.message))
        checked.append(kept)
    if problems:
        raise errors.bad_values(problems)
    return checked


def kept_text(definition: Json, raw: object) -> str:  # noqa: PLR0911 - one per type
    """Return the text HubSpot keeps for `raw`; "" clears. Raises BadValue."""
    name = definition["name"]
    if definition["modificationMetadata"]["readOnlyValue"]:
        raise BadValue("READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set.')
    text = _plain(raw)
    if not text:
        return ""
    if len(text) > _LONGEST:
        raise BadValue("PROPERTY_VALUE_TOO_LONG", f'Property "{name}" has a value of over {_LONGEST} characters.')
    if name == "email":
        return _email(text)
    if name == "hs_additional_emails":
        return ";".join(_email(part) for part in text.split(";") if part)
    match definition["type"]:
        case "number":
            return _number(text)
        case "date":
            return _date(text)
        case "datetime":
            return _datetime(text)
        case "enumeration" | "bool":
            return _option(definition, text)
        case _:
            return text


def _plain(raw: object) -> str:
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    return str(raw)


def _email(text: str) -> str:
    address = text.strip().lower()
    if not _EMAIL.fullmatch(address):
        raise BadValue("INVALID_EMAIL", f"Email address {text} is invalid")
    return address


def _number(text: str) -> str:
    try:
        finite = Decimal(text).is_finite()
    except InvalidOperation:
        finite = False
    if not finite:
        raise BadValue("INVALID_INTEGER", f"{text} was not a valid number.")
    return text.strip()


def _moment(text: str) -> dt.datetime:
    try:
        return instant(text)
    except ValueError as error:
        raise BadValue("INVALID_LONG", f"{text} was not a valid long.") from error


def _date(text: str) -> str:
    moment = _moment(text)
    if moment.time() != dt.time():
        clock = f"{moment.hour}:{moment.minute}:{moment.second}.{moment.microsecond // 1000}"
        raise BadValue("INVALID_DATE", f"{text} is at {clock} UTC, not midnight!")
    return moment.date().isoformat()


def _datetime(text: str) -> str:
    return iso(_moment(text))


def _option(definition: Json, text: str) -> str:
    allowed = [option["value"] for option in definition["options"]]
    many = definition["fieldType"] == "checkbox"
    for value in (part for part in text.split(";") if part) if many else (text,):
        if value not in allowed:
            raise BadValue("INVALID_OPTION", f"{value} was not one of the allowed options: [{', '.join(allowed)}]")
    return text
