"""What one filter of an active list says of one value: the operations on each type of property."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from hubsync.sandbox import errors
from hubsync.sandbox.clock import instant
from hubsync.sandbox.state import Json

#: Operators of each operation type.
OPERATORS: dict[str, set[str]] = {
    "ENUMERATION": {
        "IS_ANY_OF",
        "IS_NONE_OF",
        "IS_EXACTLY",
        "IS_NOT_EXACTLY",
        "CONTAINS_ALL",
        "DOES_NOT_CONTAIN_ALL",
    },
    "NUMBER": {
        "IS_EQUAL_TO",
        "IS_NOT_EQUAL_TO",
        "IS_GREATER_THAN",
        "IS_GREATER_THAN_OR_EQUAL_TO",
        "IS_LESS_THAN",
        "IS_LESS_THAN_OR_EQUAL_TO",
    },
    "NUMBER_RANGED": {"IS_BETWEEN", "IS_NOT_BETWEEN"},
    "STRING": {"IS_EQUAL_TO", "IS_NOT_EQUAL_TO", "CONTAINS", "DOES_NOT_CONTAIN", "STARTS_WITH", "ENDS_WITH"},
    "MULTISTRING": {
        "IS_EQUAL_TO",
        "IS_NOT_EQUAL_TO",
        "CONTAINS",
        "DOES_NOT_CONTAIN",
        "CONTAINS_EXACTLY",
        "DOES_NOT_CONTAIN_EXACTLY",
        "STARTS_WITH",
        "ENDS_WITH",
    },
    "BOOL": {"IS_EQUAL_TO", "IS_NOT_EQUAL_TO"},
    "ALL_PROPERTY": {"IS_KNOWN", "IS_UNKNOWN", "IS_BLANK", "IS_NOT_BLANK"},
    "TIME_POINT": {"IS_BEFORE", "IS_AFTER"},
    "TIME_RANGED": {"IS_BETWEEN", "IS_NOT_BETWEEN"},
}
#: Operation types of HubSpot's that the sandbox does not evaluate.
LEFT_OUT = frozenset(
    {
        "CALENDAR_DATE",
        "COMPARATIVE_DATE",
        "COMPARATIVE_PROPERTY_UPDATED",
        "DATE",
        "DATETIME",
        "RANGED_DATE",
        "ROLLING_DATE_RANGE",
        "ROLLING_PROPERTY_UPDATED",
    }
)
#: How HubSpot's operators on a property's history begin; the sandbox keeps no history.
HISTORY = "HAS_"
#: Subcategory of what HubSpot takes and the sandbox does not evaluate; HubSpot has no such word.
UNSUPPORTED = "ListError.UNSUPPORTED_IN_SANDBOX"
_UNITS = {"weeks", "days", "hours", "minutes", "seconds", "milliseconds"}


def holds(operation: Json, value: str, now: dt.datetime) -> bool:  # noqa: PLR0911 - one per type
    """Return whether a value satisfies an operation; "" is no value, and passes only where the operation says so."""
    operator: str = operation["operator"]
    if operation["operationType"] == "ALL_PROPERTY":
        return bool(value) == (operator in {"IS_KNOWN", "IS_NOT_BLANK"})
    if not value:
        return bool(operation.get("includeObjectsWithNoValueSet"))
    match operation["operationType"]:
        case "ENUMERATION":
            return _enumeration(operator, value, [str(wanted) for wanted in operation.get("values") or []])
        case "NUMBER":
            return _compare(operator, value, operation.get("value"))
        case "NUMBER_RANGED":
            inside = _within(value, operation.get("lowerBound"), operation.get("upperBound"))
            return inside == (operator == "IS_BETWEEN")
        case "BOOL":
            wanted = str(operation.get("value")).lower()
            return (value == wanted) == (operator == "IS_EQUAL_TO")
        case "TIME_POINT" | "TIME_RANGED":
            return _time(operation, instant(value), now)
        case _:
            wanted_texts = operation.get("values") or [operation.get("value")]
            return _text(operator, value, [str(wanted) for wanted in wanted_texts])


def _enumeration(operator: str, value: str, wanted: list[str]) -> bool:
    held = {part for part in value.split(";") if part}
    match operator:
        case "IS_ANY_OF":
            return bool(held & set(wanted))
        case "IS_NONE_OF":
            return not held & set(wanted)
        case "IS_EXACTLY":
            return held == set(wanted)
        case "IS_NOT_EXACTLY":
            return held != set(wanted)
        case "CONTAINS_ALL":
            return set(wanted) <= held
        case _:
            return not set(wanted) <= held


def _decimal(value: object) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _compare(operator: str, value: str, wanted: object) -> bool:
    left, right = _decimal(value), _decimal(wanted)
    if left is None or right is None:
        return False
    order = (left > right) - (left < right)
    accepted = {
        "IS_EQUAL_TO": {0},
        "IS_NOT_EQUAL_TO": {-1, 1},
        "IS_GREATER_THAN": {1},
        "IS_GREATER_THAN_OR_EQUAL_TO": {0, 1},
        "IS_LESS_THAN": {-1},
        "IS_LESS_THAN_OR_EQUAL_TO": {-1, 0},
    }
    return order in accepted[operator]


def _within(value: str, lower: object, upper: object) -> bool:
    number, low, high = _decimal(value), _decimal(lower), _decimal(upper)
    return None not in {number, low, high} and low <= number <= high  # type: ignore[operator]


def _text(operator: str, value: str, wanted: list[str]) -> bool:
    folded = value.lower()
    texts = [text.lower() for text in wanted]
    match operator:
        case "IS_EQUAL_TO" | "IS_NOT_EQUAL_TO":
            met = folded in texts
        case "STARTS_WITH":
            met = any(folded.startswith(text) for text in texts)
        case "ENDS_WITH":
            met = any(folded.endswith(text) for text in texts)
        case _:
            met = any(text in folded for text in texts)
    return met != (operator.startswith("DOES_NOT") or operator == "IS_NOT_EQUAL_TO")


def _time(operation: Json, moment: dt.datetime, now: dt.datetime) -> bool:
    lower, upper = bounds(operation, now)
    inside = (lower is None or moment >= lower) and (upper is None or moment <= upper)
    outside = bool(operation["operator"] == "IS_NOT_BETWEEN")
    return inside != outside


def bounds(operation: Json, now: dt.datetime) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Return the first and last moment a time operation takes; None is open. Raises Refused."""
    if operation["operationType"] == "TIME_RANGED":
        return (
            _point(operation.get("lowerBoundTimePoint"), now),
            _point(operation.get("upperBoundTimePoint"), now),
        )
    point = _point(operation.get("timePoint"), now)
    return (None, point) if operation["operator"] == "IS_BEFORE" else (point, None)


def _point(point: object, now: dt.datetime) -> dt.datetime:
    kind = point.get("timeType") if isinstance(point, dict) else None
    if not isinstance(point, dict) or kind not in {"DATE", "INDEXED"}:
        raise errors.invalid(f"The sandbox does not know time points of type {kind}", UNSUPPORTED)
    try:
        return _moment(point, now)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise errors.invalid(f"The time point {point} is none", UNSUPPORTED) from error


def _moment(point: Json, now: dt.datetime) -> dt.datetime:
    """Return the moment of a time point; raises ValueError, KeyError, TypeError or OverflowError where it is none."""
    zone = ZoneInfo(str(point.get("zoneId") or "UTC"))
    if point["timeType"] == "INDEXED":
        return _indexed(point, now.astimezone(zone))
    day = dt.datetime(int(point["year"]), int(point["month"]), int(point["day"]), tzinfo=zone)
    return day.replace(
        hour=int(point.get("hour") or 0),
        minute=int(point.get("minute") or 0),
        second=int(point.get("second") or 0),
        microsecond=int(point.get("millisecond") or 0) * 1000,
    )


def _indexed(point: Json, now: dt.datetime) -> dt.datetime:
    """Return a moment told from now or from the start of today, both in the point's time zone."""
    reference = (point.get("indexReference") or {}).get("referenceType")
    offset = {unit: int(amount) for unit, amount in (point.get("offset") or {}).items() if amount}
    if reference not in {"NOW", "TODAY"} or not set(offset) <= _UNITS:
        raise errors.invalid(
            f"The sandbox does not know time points from {reference} with offset {offset}", UNSUPPORTED
        )
    start = now if reference == "NOW" else now.replace(hour=0, minute=0, second=0, microsecond=0)
    return start + dt.timedelta(**offset)
