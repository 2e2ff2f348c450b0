"""Searching contacts: filters, one sort, 200 a page, 10,000 in all, and blind to what is too new."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from hubsync.sandbox import errors, shape
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.clock import instant, iso
from hubsync.sandbox.contact_calls import wire
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Contact, Json

_PAGE = 200
_DEFAULT_PAGE = 10
_REACH = 10_000
_LONGEST_BODY = 3_000
_GROUPS, _FILTERS, _FILTERS_IN_ALL = 5, 6, 18
_SEARCHED = ("firstname", "lastname", "email", "phone", "company", "hs_object_id")
_COMPARISONS = {"LT": {-1}, "LTE": {-1, 0}, "GT": {1}, "GTE": {0, 1}, "EQ": {0}, "NEQ": {-1, 1}}
_OPERATORS = {
    *_COMPARISONS,
    "BETWEEN",
    "IN",
    "NOT_IN",
    "HAS_PROPERTY",
    "NOT_HAS_PROPERTY",
    "CONTAINS_TOKEN",
    "NOT_CONTAINS_TOKEN",
}
#: The length of a time as it is kept.
_ISO_LENGTH = len("2025-11-03T23:36:13.632Z")
#: How a value is compared: numbers by size, times as ISO text, the rest as folded text.
Scale = Decimal | str
Test = Callable[[Contact], bool]


def search(portal: Portal, call: Call) -> Answer:
    """POST objects/contacts/search."""
    if len(call.body) > _LONGEST_BODY:
        raise errors.invalid(f"The request body of a search may have {_LONGEST_BODY} characters at most.")
    body = call.document(shape.SEARCH)
    limit, after = _window(body)
    hits = found(portal, body)
    asked = [str(name) for name in body.get("properties") or ()]
    answer: Json = {
        "total": len(hits),
        "results": [wire(portal, contact, asked) for contact in hits[after : after + limit]],
    }
    if after + limit < len(hits):
        answer["paging"] = {"next": {"after": str(after + limit)}}
    return Answer(body=answer)


def found(portal: Portal, body: Json) -> list[Contact]:
    """Return all contacts that a search finds, sorted as it asks; raises Refused (400)."""
    tests = _groups(portal, body)
    seen_until = iso(portal.now() - dt.timedelta(seconds=portal.settings.search_lag))
    query = str(body.get("query") or "").lower()
    hits = [
        contact
        for contact in portal.contacts.living()
        if contact.properties["createdate"] <= seen_until
        and (not tests or any(all(test(contact) for test in group) for group in tests))
        and (not query or any(query in contact.properties.get(name, "").lower() for name in _SEARCHED))
    ]
    _sort(portal, body, hits)
    return hits


def _window(body: Json) -> tuple[int, int]:
    limit: int = body.get("limit") or _DEFAULT_PAGE
    after = shape.whole(str(body.get("after") or "0"))
    if not 1 <= limit <= _PAGE:
        raise errors.invalid(f"limit must be from 1 to {_PAGE}, was {limit}")
    if after is None:
        raise errors.invalid(f"after must be a number, was '{body['after']}'")
    if after + limit > _REACH:
        raise errors.invalid(f"Paging beyond {_REACH} results is not possible: after {after} with limit {limit}.")
    return limit, after


def _groups(portal: Portal, body: Json) -> list[list[Test]]:
    groups = [group.get("filters") or [] for group in body.get("filterGroups") or []]
    if len(groups) > _GROUPS or any(len(group) > _FILTERS for group in groups):
        raise errors.invalid(f"A search takes up to {_GROUPS} filter groups of up to {_FILTERS} filters.")
    if sum(map(len, groups)) > _FILTERS_IN_ALL:
        raise errors.invalid(f"A search takes up to {_FILTERS_IN_ALL} filters in all.")
    return [[_test(portal, leaf) for leaf in group] for group in groups]


def _scale(portal: Portal, name: str) -> Callable[[object], Scale]:
    definition = portal.state.properties.get(name)
    if definition is None or definition["archived"]:
        raise errors.bad_values(
            [errors.Problem(name=name, code="PROPERTY_DOESNT_EXIST", message=f'Property "{name}" does not exist')]
        )
    kind = definition["type"]

    def scaled(value: object) -> Scale:
        text = str(value)
        if kind in {"datetime", "date"}:
            # What is kept sorts as text already; only a filter's own value may be written otherwise.
            return text if len(text) == _ISO_LENGTH and text.endswith("Z") else iso(instant(text))
        return Decimal(text) if kind == "number" else text.lower()

    return scaled


def _test(portal: Portal, leaf: Json) -> Test:
    name, operator = str(leaf.get("propertyName")).lower(), str(leaf.get("operator"))
    scale = _scale(portal, name)
    if operator not in _OPERATORS:
        raise errors.invalid(f"operator must be one of {', '.join(sorted(_OPERATORS))}, was {operator}")

    def value_of(contact: Contact) -> str | None:
        return contact.properties.get(name)

    if operator in {"HAS_PROPERTY", "NOT_HAS_PROPERTY"}:
        wanted = operator == "HAS_PROPERTY"
        return lambda contact: (value_of(contact) is not None) == wanted
    try:
        bounds = [scale(value) for value in _values(leaf, operator)]
    except (ValueError, InvalidOperation) as error:
        raise errors.invalid(f"The value of the filter on {name} does not fit its type") from error
    if operator in {"IN", "NOT_IN"}:
        chosen, inside = set(bounds), operator == "IN"
        return lambda contact: (value := value_of(contact)) is not None and (scale(value) in chosen) == inside
    if operator == "BETWEEN":
        low, high = bounds
        return lambda contact: (
            (value := value_of(contact)) is not None
            and _order(low, scale(value)) <= 0
            and (_order(scale(value), high) <= 0)
        )
    if operator.endswith("CONTAINS_TOKEN"):
        pattern = re.compile(r"(?:^|\W)" + re.escape(str(bounds[0])).replace(r"\*", r"\w*") + r"(?:\W|$)")
        contains = operator == "CONTAINS_TOKEN"
        return lambda contact: bool(pattern.search((value_of(contact) or "").lower())) == contains
    accepted, bound = _COMPARISONS[operator], bounds[0]
    absent = operator == "NEQ"
    return lambda contact: absent if (value := value_of(contact)) is None else _order(scale(value), bound) in accepted


def _values(leaf: Json, operator: str) -> list[object]:
    values: list[object] = leaf.get("values") or []
    if operator in {"IN", "NOT_IN"} and not values:
        raise errors.invalid(f"operator {operator} requires values")
    if operator == "BETWEEN":
        values = [leaf.get("value"), leaf.get("highValue")]
    elif operator not in {"IN", "NOT_IN"}:
        values = [leaf.get("value")]
    if None in values:
        raise errors.invalid(f"operator {operator} requires a value")
    return values


def _order(left: Scale, right: Scale) -> int:
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return (left > right) - (left < right)
    return (str(left) > str(right)) - (str(left) < str(right))


def _sort(portal: Portal, body: Json, found: list[Contact]) -> None:
    sorts = body.get("sorts") or []
    if len(sorts) > 1:
        raise errors.invalid("A search takes one sort.")
    if not sorts:
        return
    sort = sorts[0] if isinstance(sorts[0], dict) else {"propertyName": str(sorts[0])}
    name = str(sort.get("propertyName")).lower()
    scale = _scale(portal, name)
    descending = str(sort.get("direction", "ASCENDING")).upper().startswith("DESC")
    held = [contact for contact in found if name in contact.properties]
    held.sort(key=lambda contact: scale(contact.properties[name]), reverse=descending)
    # Contacts without a value come last, whichever way it is sorted.
    found[:] = held + [contact for contact in found if name not in contact.properties]
