"""A portal for other clients to read: values of every type, second addresses, lists of both kinds, several pages."""

from __future__ import annotations

from typing import Any

PEOPLE = 260
_LEAF = {
    "filterType": "PROPERTY",
    "property": "orders_90d",
    "operation": {"operationType": "NUMBER", "operator": "IS_GREATER_THAN_OR_EQUAL_TO", "value": 5},
}
_BOTH = {"filterBranchType": "AND", "filterBranchOperator": "AND", "filterBranches": [], "filters": [_LEAF]}
_ROOT = {"filterBranchType": "OR", "filterBranchOperator": "OR", "filterBranches": [_BOTH], "filters": []}


def _option(value: str) -> dict[str, Any]:
    return {"value": value, "label": value.title(), "displayOrder": -1, "hidden": False}


def _property(name: str, kind: str, control: str, **more: object) -> dict[str, Any]:
    return {
        "name": name,
        "label": name,
        "type": kind,
        "fieldType": control,
        "groupName": "contactinformation",
        **more,
    }


def _person(number: int) -> dict[str, Any]:
    values = {
        "email": f"person{number}@example.com",
        "firstname": f"Zoë {number}",
        "orders_90d": str(number % 9),
        "share_on_offer": "0.25",
        "behaviour": "loyal" if number % 3 else "bargain",
        "last_order": "2026-11-01",
    }
    if number % 5 == 0:
        values["hs_additional_emails"] = f"second{number}@example.com"
    return {"properties": values}


SEED: dict[str, Any] = {
    "properties": [
        _property("orders_90d", "number", "number"),
        _property("share_on_offer", "number", "number"),
        _property("last_order", "date", "date"),
        _property("behaviour", "enumeration", "select", options=[_option("loyal"), _option("bargain")]),
    ],
    "contacts": [_person(number) for number in range(PEOPLE)],
    "lists": [
        {"name": "Everybody", "members": [f"person{number}@example.com" for number in range(PEOPLE)]},
        {"name": "Nobody", "members": []},
        {"name": "Buys often", "processingType": "DYNAMIC", "filterBranch": _ROOT},
    ],
}
