"""Active lists' filters: an OR of ANDs of filters, checked as HubSpot checks them and evaluated over contacts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation

from hubsync.sandbox import errors
from hubsync.sandbox.clock import instant
from hubsync.sandbox.shelf import Shelf
from hubsync.sandbox.state import Contact, Json

#: Operators of each operation type.
_OPERATORS: dict[str, set[str]] = {
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
#: Operation types that a property of a type takes, besides ALL_PROPERTY.
_FITTING: dict[str, set[str]] = {
    "enumeration": {"ENUMERATION"},
    "number": {"NUMBER", "NUMBER_RANGED"},
    "string": {"STRING", "MULTISTRING"},
    "bool": {"BOOL"},
    "date": {"TIME_POINT", "TIME_RANGED"},
    "datetime": {"TIME_POINT", "TIME_RANGED"},
}


#: list id, contact id -> whether the contact is in the list.
InList = Callable[[str, str], bool]


def check(branch: object, properties: Shelf[Json]) -> Json:
    """Return the filter branch where HubSpot would take it; raises Refused (400)."""
    if not isinstance(branch, dict) or branch.get("filterBranchType") != "OR":
        raise errors.invalid("The root filter branch must be an OR branch", "ListError.INVALID_FILTER_BRANCH")
    if branch.get("filters"):
        raise errors.invalid("The root OR branch must not have filters of its own", "ListError.INVALID_FILTER_BRANCH")
    children = branch.get("filterBranches") or []
    if not children:
        raise errors.invalid("The root OR branch must have one or more AND branches", "ListError.INVALID_FILTER_BRANCH")
    for child in children:
        if not isinstance(child, dict) or child.get("filterBranchType") != "AND":
            raise errors.invalid("Branches of the root must be AND branches", "ListError.INVALID_FILTER_BRANCH")
    for leaf in leaves(branch):
        _check_leaf(leaf, properties)
    return branch


def leaves(branch: Json) -> Iterator[Json]:
    """Yield every filter of a tree."""
    yield from branch.get("filters") or []
    for child in branch.get("filterBranches") or []:
        yield from leaves(child)


def restless(branch: Json) -> bool:
    """Return whether a contact's answer may change though the contact does not: by time, or by another list."""
    return any(
        leaf["filterType"] == "IN_LIST" or leaf.get("operation", {}).get("operationType", "").startswith("TIME")
        for leaf in leaves(branch)
    )


def passes(branch: Json, contact: Contact, in_list: InList) -> bool:
    """Return whether a contact satisfies a checked branch."""
    parts = (passes(child, contact, in_list) for child in branch.get("filterBranches") or [])
    own = (_leaf_passes(leaf, contact, in_list) for leaf in branch.get("filters") or [])
    if branch["filterBranchType"] == "OR":
        return any(own) or any(parts)
    return all(own) and all(parts)


def _check_leaf(leaf: Json, properties: Shelf[Json]) -> None:
    kind = leaf.get("filterType")
    if kind == "IN_LIST":
        _check_operator(str(leaf.get("operator")), {"IN_LIST", "NOT_IN_LIST"})
        return
    if kind != "PROPERTY":
        raise errors.invalid(
            f"The sandbox does not evaluate filters of type {kind}", "ListError.UNSUPPORTED_FILTER_TYPE"
        )
    name, operation = str(leaf.get("property")), leaf.get("operation") or {}
    definition = properties.get(name)
    if definition is None or definition["archived"]:
        raise errors.invalid(f'Property "{name}" does not exist', "ListError.PROPERTY_DOES_NOT_EXIST")
    operation_type = str(operation.get("operationType"))
    if operation_type not in _OPERATORS:
        raise _not_in_enum(operation_type, set(_OPERATORS))
    _check_operator(str(operation.get("operator")), _OPERATORS[operation_type])
    if operation_type != "ALL_PROPERTY" and operation_type not in _FITTING.get(definition["type"], set()):
        raise errors.invalid(
            f"Operation {operation_type} is not valid for property {name} of type {definition['type']}",
            "ListError.INVALID_OPERATION_FOR_PROPERTY_TYPE",
        )
    if operation_type.startswith("TIME"):
        _bounds(operation)


def _check_operator(operator: str, known: set[str]) -> None:
    if operator not in known:
        raise _not_in_enum(operator, known)


def _not_in_enum(value: str, known: set[str]) -> errors.Refused:
    return errors.invalid(
        f"Unable to convert {value} to one of [{', '.join(sorted(known))}]", "ListError.ENUM_CONVERSION"
    )


def _leaf_passes(leaf: Json, contact: Contact, in_list: InList) -> bool:  # noqa: PLR0911 - one per type
    if leaf["filterType"] == "IN_LIST":
        wanted_in = bool(leaf["operator"] == "IN_LIST")
        return in_list(str(leaf["listId"]), contact.id) == wanted_in
    operation: Json = leaf["operation"]
    value = contact.properties.get(leaf["property"], "")
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
            return _time(operation, instant(value))
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


def _time(operation: Json, moment: dt.datetime) -> bool:
    lower, upper = _bounds(operation)
    inside = (lower is None or moment >= lower) and (upper is None or moment <= upper)
    outside = bool(operation["operator"] == "IS_NOT_BETWEEN")
    return inside != outside


def _bounds(operation: Json) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Return the first and last moment a time operation takes; None is open. Raises Refused for relative points."""
    if operation["operationType"] == "TIME_RANGED":
        return _point(operation.get("lowerBoundTimePoint")), _point(operation.get("upperBoundTimePoint"))
    point = _point(operation.get("timePoint"))
    return (None, point) if operation["operator"] == "IS_BEFORE" else (point, None)


def _point(point: object) -> dt.datetime:
    if not isinstance(point, dict) or point.get("timeType") != "DATE":
        raise errors.invalid("The sandbox evaluates time points of type DATE only", "ListError.UNSUPPORTED_FILTER_TYPE")
    return dt.datetime(
        point["year"],
        point["month"],
        point["day"],
        point.get("hour", 0),
        point.get("minute", 0),
        point.get("second", 0),
        point.get("millisecond", 0) * 1000,
        tzinfo=dt.UTC,
    )
