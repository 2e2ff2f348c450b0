"""What an account's administrator demands of a contact's properties; enforced from version 2026-09 on.

`{"property": "country"}` must be set by every create; with `"when": {"property": "lifecyclestage", "values":
["customer"]}` it must be set on every contact for which that is so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hubsync.sandbox import errors
from hubsync.sandbox.errors import Problem
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Json

#: The first version that enforces them.
_SINCE = "2026-09"


def put(portal: Portal, rules: Iterable[Json]) -> list[Json]:
    """Replace all demands and return them; raises KeyError where one names no property that exists."""
    checked = [_checked(portal, rule) for rule in rules]
    portal.state.rules.clear()
    for at, rule in enumerate(checked):
        portal.state.rules.put(str(at), rule)
    return checked


def check(portal: Portal, version: str, values: Mapping[str, str], before: Mapping[str, str] | None = None) -> None:
    """Raise Refused (400) where a write would leave a contact without what is demanded; `before` is None for a new one.

    `values` are what is written, `before` what the contact has.
    """
    if version < _SINCE or not version[0].isdigit():
        return
    after = {name: value for name, value in {**(before or {}), **values}.items() if value}
    problems = [
        problem for rule in portal.state.rules.values() if (problem := _problem(rule, after, new=before is None))
    ]
    if problems:
        raise errors.bad_values(problems)


def _problem(rule: Json, after: Mapping[str, str], *, new: bool) -> Problem | None:
    name, when = str(rule["property"]), rule.get("when")
    if name in after:
        return None
    if when is None:
        code = "MISSING_REQUIRED_PROPERTY"
        return Problem(name=name, code=code, message=f'Property "{name}" is required') if new else None
    if after.get(str(when["property"])) not in when["values"]:
        return None
    told = f'Property "{name}" is required when {when["property"]} is {after[str(when["property"])]}'
    return Problem(name=name, code="MISSING_CONDITIONAL_REQUIRED_PROPERTY", message=told)


def _checked(portal: Portal, rule: Json) -> Json:
    when = rule.get("when")
    for name in (rule["property"], *([when["property"]] if when else ())):
        if name not in portal.state.properties:
            raise KeyError(name)
    return {"property": rule["property"]} | ({"when": {**when, "values": list(when["values"])}} if when else {})
