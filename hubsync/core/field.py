"""A HubSpot property of ours: its type, and a value as HubSpot stores it.

Two values are the same when their normalised texts are equal; comparing anything else sends the same change for ever.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

#: Digits after the point that are sent; HubSpot does not say how many it keeps.
DECIMALS = Decimal("0.000001")


class FieldType(StrEnum):
    """HubSpot's property types that we write, each with the form control it is created with."""

    STRING = "string"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"
    BOOL = "bool"
    ENUMERATION = "enumeration"

    @property
    def control(self) -> str:
        """HubSpot's `fieldType` for this type."""
        return {"string": "text", "number": "number", "bool": "booleancheckbox", "enumeration": "select"}.get(
            self.value, "date"
        )


@dataclass(frozen=True, kw_only=True)
class Field:
    """A contact property that we own."""

    name: str
    label: str
    type: FieldType
    #: Option values of an enumeration, with their labels.
    options: tuple[tuple[str, str], ...] = ()
    #: At most one contact may hold a value (set when the property is created, never later).
    unique: bool = False
    #: An enumeration whose contacts may hold several options at once.
    multiple: bool = False

    @property
    def control(self) -> str:
        """HubSpot's `fieldType`."""
        return "checkbox" if self.multiple else self.type.control


#: The group that holds every property of ours.
GROUP = "hubsync"
GROUP_LABEL = "Behaviour (hubsync)"
#: Ties a contact to our customer for good.
CUSTOMER_ID = Field(name="hubsync_customer_id", label="Customer id (hubsync)", type=FieldType.STRING, unique=True)

#: Between the options that one contact holds.
SEPARATOR = ";"


def held(text: str) -> frozenset[str]:
    """Return the options in HubSpot's text of a property that holds several."""
    return frozenset(filter(None, (part.strip() for part in text.split(SEPARATOR))))


def joined(options: Iterable[str]) -> str:
    """Return options as the text that is sent and compared: each once, in one order whatever HubSpot's is."""
    return SEPARATOR.join(sorted(set(options)))


Raw = str | int | float | bool | Decimal | dt.date | dt.datetime | None


def normalise(value: Raw, kind: FieldType) -> str:
    """Return `value` as the text HubSpot keeps for a property of this type; "" where there is none.

    Numbers lose trailing zeros, dates are `YYYY-MM-DD`, times are UTC to the millisecond with a Z. Raises ValueError
    for what the type cannot hold.
    """
    if value is None or value == "":
        return ""
    match kind:
        case FieldType.NUMBER:
            return _number(value)
        case FieldType.BOOL:
            return _bool(value)
        case FieldType.DATE:
            return _moment(value).date().isoformat()
        case FieldType.DATETIME:
            return _moment(value).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case _:
            return str(value)


def _number(value: Raw) -> str:
    try:
        number = Decimal(str(value)).quantize(DECIMALS, rounding=ROUND_HALF_EVEN)
    except ArithmeticError as error:
        raise ValueError(f"'{value}' is not a number") from error
    if not number.is_finite():
        raise ValueError(f"'{value}' is not a number")
    text = f"{number:f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def _bool(value: Raw) -> str:
    text = str(value).lower()
    if text not in {"true", "false"}:
        raise ValueError(f"'{value}' is neither true nor false")
    return text


def _moment(value: Raw) -> dt.datetime:
    if isinstance(value, dt.datetime):
        moment = value
    elif isinstance(value, dt.date):
        moment = dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)
    elif isinstance(value, str) and not value.lstrip("-").isdigit():
        moment = dt.datetime.fromisoformat(value)
    else:
        moment = dt.datetime.fromtimestamp(float(str(value)) / 1000, tz=dt.UTC)
    return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
