"""HubSpot's refusals: status, body and headers, worded as real answers are (BEHAVIOUR.md says where they were seen)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: The address HubSpot's own errors point at.
SCOPES_PAGE = "https://developers.hubspot.com/scopes"


class Refused(Exception):  # noqa: N818 - it is an answer, not a mishap
    """A request was refused; carries what goes back over the wire."""

    def __init__(
        self, status: int, body: dict[str, Any] | str | None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(body.get("message", "") if isinstance(body, dict) else body)
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One property value that cannot be taken."""

    name: str
    code: str
    message: str


def refused(status: int, message: str, category: str | None = None, **more: object) -> Refused:
    """Return a refusal with HubSpot's usual body; its correlation id is added when it is sent."""
    body: dict[str, Any] = {"status": "error", "message": message}
    body.update({key: value for key, value in more.items() if value is not None})
    if category is not None:
        body["category"] = category
    return Refused(status, body)


def invalid(message: str, sub_category: str | None = None, **more: object) -> Refused:
    """Return 400 VALIDATION_ERROR."""
    return refused(400, message, "VALIDATION_ERROR", subCategory=sub_category, **more)


def not_found(message: str, /, **context: Sequence[str]) -> Refused:
    """Return 404 OBJECT_NOT_FOUND."""
    return refused(404, message, "OBJECT_NOT_FOUND", context=dict(context) or None)


def bad_json(body: bytes, what: str) -> Refused:
    """Return 400 in the words of HubSpot's JSON reader, which gives no category."""
    return refused(400, f"Invalid input JSON on line 1, column {1 if body[:1] in {b'[', b'{'} else 0}: {what}")


def fields_missing(body: bytes, names: Iterable[str]) -> Refused:
    """Return 400 for fields that must be set."""
    listed = ", ".join(names)
    lines = body.splitlines() or [b""]
    return refused(
        400,
        f"Invalid input JSON on line {len(lines)}, column {max(len(lines[-1]), 1)}."
        f" Some required fields were not set: [{listed}]",
    )


def bad_values(problems: Sequence[Problem]) -> Refused:
    """Return 400 for property values; the details are JSON inside the message and again under `errors`."""
    listed = [
        {"isValid": False, "message": problem.message, "error": problem.code, "name": problem.name}
        for problem in problems
    ]
    return invalid(
        f"Property values were not valid: {json.dumps(listed, ensure_ascii=False, separators=(',', ':'))}",
        errors=[
            {"message": problem.message, "code": problem.code, "context": {"propertyName": [problem.name]}}
            for problem in problems
        ],
    )


def missing_scopes(scopes: Sequence[str]) -> Refused:
    """Return 403 MISSING_SCOPES; any one of `scopes` would do."""
    return refused(
        403,
        "This app hasn't been granted all required scopes to make this call."
        f" Read more about required scopes here: {SCOPES_PAGE}.",
        "MISSING_SCOPES",
        errors=[
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": list(scopes)},
            }
        ],
        links={"scopes": SCOPES_PAGE},
    )


def missing_scopes_above(scopes: Sequence[str]) -> Refused:
    """Return 403 MISSING_SCOPES in its other shape, which names the scopes at the top of the body."""
    return refused(
        403,
        "One or more of the following scopes are required.",
        "MISSING_SCOPES",
        context={"requiredGranularScopes": list(scopes), "links": [SCOPES_PAGE]},
    )


def unauthenticated() -> Refused:
    """Return 401 with the header that marks it."""
    refusal = refused(
        401,
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more"
        " details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
        "INVALID_AUTHENTICATION",
    )
    refusal.headers["X-HubSpot-Auth-Failure"] = "401 Unauthorized"
    return refusal


def html(status: int, title: str) -> Refused:
    """Return a refusal by HubSpot's front, which speaks HTML, not JSON."""
    return Refused(
        status,
        f'<html> <head> <meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>'
        f" <title>Error {status} {title}</title> </head>"
        f" <body><h2>HTTP ERROR {status} {title}</h2></body> </html>",
    )
