"""Filters of active lists: the branch HubSpot keeps, as plain data."""

from __future__ import annotations

from hubsync.portal.answer import Json


def holds_any(name: str, *values: str) -> Json:
    """Return the filter branch "this enumeration holds one of these options".

    The root is an OR of ANDs, and a select property takes ENUMERATION operations only (HubSpot's API reference).
    """
    leaf: Json = {
        "filterType": "PROPERTY",
        "property": name,
        "operation": {
            "operationType": "ENUMERATION",
            "operator": "IS_ANY_OF",
            "values": list(values),
            "includeObjectsWithNoValueSet": False,
        },
    }
    both: Json = {"filterBranchType": "AND", "filterBranchOperator": "AND", "filterBranches": [], "filters": [leaf]}
    return {"filterBranchType": "OR", "filterBranchOperator": "OR", "filterBranches": [both], "filters": []}


def same(found: object, wanted: object) -> bool:
    """Return whether `found` is the wanted branch: HubSpot fills in parts that were not sent, and no more counts."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(same(found.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(same(one, other) for one, other in zip(found, wanted, strict=True))
        )
    return found == wanted
