"""Active lists' filters: an OR of ANDs of filters, checked as HubSpot checks them and evaluated over contacts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hubsync.sandbox import errors, operations
from hubsync.sandbox.clock import utc_now
from hubsync.sandbox.shelf import Shelf
from hubsync.sandbox.state import Contact, Json

#: Operation types that a property of a type takes, besides ALL_PROPERTY.
_FITTING: dict[str, set[str]] = {
    "enumeration": {"ENUMERATION"},
    "number": {"NUMBER", "NUMBER_RANGED"},
    "string": {"STRING", "MULTISTRING"},
    "bool": {"BOOL"},
    "date": {"TIME_POINT", "TIME_RANGED"},
    "datetime": {"TIME_POINT", "TIME_RANGED"},
}


@dataclass(frozen=True, kw_only=True)
class World:
    """What filters look at besides the contact."""

    now: dt.datetime
    #: list id, contact id -> whether the contact is in the list.
    in_list: Callable[[str, str], bool]


def check(branch: Json, properties: Shelf[Json]) -> Json:
    """Return the filter branch, its unsaid parts filled in, where HubSpot would take it; raises Refused (400)."""
    if branch.get("filterBranchType") != "OR":
        raise errors.invalid("The root filter branch must be an OR branch", "ListError.INVALID_FILTER_BRANCH")
    if branch.get("filters"):
        raise errors.invalid("The root OR branch must not have filters of its own", "ListError.INVALID_FILTER_BRANCH")
    children = branch.get("filterBranches") or []
    if not children:
        raise errors.invalid("The root OR branch must have one or more AND branches", "ListError.INVALID_FILTER_BRANCH")
    if any(child.get("filterBranchType") != "AND" for child in children):
        raise errors.invalid("Branches of the root must be AND branches", "ListError.INVALID_FILTER_BRANCH")
    if any(nested.get("filterBranchType") not in {"AND", "OR"} for child in children for nested in _below(child)):
        raise errors.invalid("The sandbox evaluates AND and OR branches only", operations.UNSUPPORTED)
    for leaf in leaves(branch):
        _check_leaf(leaf, properties)
    return _filled(branch)


def _below(branch: Json) -> Iterator[Json]:
    for child in branch.get("filterBranches") or []:
        yield child
        yield from _below(child)


def _filled(branch: Json) -> Json:
    return branch | {
        "filterBranchOperator": branch.get("filterBranchOperator", branch["filterBranchType"]),
        "filters": [_filled_leaf(leaf) for leaf in branch.get("filters") or []],
        "filterBranches": [_filled(child) for child in branch.get("filterBranches") or []],
    }


def _filled_leaf(leaf: Json) -> Json:
    if leaf["filterType"] != "PROPERTY":
        return leaf
    return leaf | {"operation": {"includeObjectsWithNoValueSet": False} | leaf["operation"]}


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


def passes(branch: Json, contact: Contact, world: World) -> bool:
    """Return whether a contact satisfies a checked branch."""
    parts = (passes(child, contact, world) for child in branch.get("filterBranches") or [])
    own = (_leaf_passes(leaf, contact, world) for leaf in branch.get("filters") or [])
    if branch["filterBranchType"] == "OR":
        return any(own) or any(parts)
    return all(own) and all(parts)


def _check_leaf(leaf: Json, properties: Shelf[Json]) -> None:
    kind = leaf.get("filterType")
    if kind == "IN_LIST":
        _check_operator(str(leaf.get("operator")), {"IN_LIST", "NOT_IN_LIST"})
        return
    if kind != "PROPERTY":
        raise errors.invalid(f"The sandbox does not evaluate filters of type {kind}", operations.UNSUPPORTED)
    name, operation = str(leaf.get("property")), leaf.get("operation") or {}
    definition = properties.get(name)
    if definition is None or definition["archived"]:
        raise errors.invalid(f'Property "{name}" does not exist', "ListError.PROPERTY_DOES_NOT_EXIST")
    operation_type = str(operation.get("operationType"))
    if operation_type not in operations.OPERATORS:
        raise _not_in_enum(operation_type, set(operations.OPERATORS))
    _check_operator(str(operation.get("operator")), operations.OPERATORS[operation_type])
    if operation_type != "ALL_PROPERTY" and operation_type not in _FITTING.get(definition["type"], set()):
        raise errors.invalid(
            f"Operation {operation_type} is not valid for property {name} of type {definition['type']}",
            "ListError.INVALID_OPERATION_FOR_PROPERTY_TYPE",
        )
    if operation_type.startswith("TIME"):
        operations.bounds(operation, utc_now())


def _check_operator(operator: str, known: set[str]) -> None:
    if operator not in known:
        raise _not_in_enum(operator, known)


def _not_in_enum(value: str, known: set[str]) -> errors.Refused:
    if value in operations.LEFT_OUT or value.startswith(operations.HISTORY):
        return errors.invalid(f"The sandbox does not evaluate {value}", operations.UNSUPPORTED)
    return errors.invalid(
        f"Unable to convert {value} to one of [{', '.join(sorted(known))}]", "ListError.ENUM_CONVERSION"
    )


def _leaf_passes(leaf: Json, contact: Contact, world: World) -> bool:
    if leaf["filterType"] == "IN_LIST":
        wanted_in = bool(leaf["operator"] == "IN_LIST")
        return world.in_list(str(leaf["listId"]), contact.id) == wanted_in
    value = contact.properties.get(leaf["property"], "")
    return operations.holds(leaf["operation"], value, world.now)
