"""From an answer that is no success to our error: which one, and everything HubSpot said.

HubSpot warns that every field of an error may be missing; two shapes of MISSING_SCOPES, three of 429, JSON inside
messages, HTML pages and empty bodies have all been seen, and each is read here and nowhere else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from hubsync.portal.answer import Json, parse, text
from hubsync.portal.errors import (
    Conflict,
    Garbled,
    MissingScope,
    NotThere,
    PortalError,
    RateLimited,
    Refused,
    Unauthorized,
    Unreachable,
)
from hubsync.portal.token import Token

LOCKED = 423
MIGRATING = 477
TOO_MANY = 429

_EXISTING = re.compile(r"Existing ID:\s*(\d+)")
_LONGEST_MESSAGE = 600


def is_failing(status: int) -> bool:
    """Return whether it is a server error or one of Cloudflare's: worth a second try where the first did no harm."""
    return status >= 500  # noqa: PLR2004


def error_of(status: int, headers: Mapping[str, str], data: bytes, token: Token) -> PortalError:
    """Return the error for an answer with this status; `headers` have lower-case names."""
    body = _body(data)
    message = token.redact(_message(body))[:_LONGEST_MESSAGE]
    error = _kind(status, body, message)
    error.status = status
    error.message = message
    error.category = text(body, "category") or text(body, "errorType")
    error.sub_category = text(body, "subCategory") or _first(body, "subCategory")
    error.correlation_id = text(body, "correlationId") or headers.get("x-hubspot-correlation-id", "")
    error.policy = text(body, "policyName")
    error.errors = tuple(_faults(body))
    return error


def _kind(status: int, body: Json, message: str) -> PortalError:  # noqa: PLR0911 - one per kind
    said = f"HubSpot says: {message}" if message else f"HubSpot answered {status} without a word."
    if status == 401:  # noqa: PLR2004
        return Unauthorized(
            "HubSpot does not accept the token.",
            "It is wrong, was revoked, or has expired. Nothing was sent after it.",
            "Copy the token again from HubSpot, or rotate it there, and connect with the new one.",
        )
    if status == 403:  # noqa: PLR2004
        return _missing_scope(body, message)
    if status == TOO_MANY:
        return _rate_limited(body)
    if status == 404:  # noqa: PLR2004
        detail = said if message else "The address or the record is unknown to HubSpot."
        return NotThere("HubSpot does not know this.", detail, "It may have been deleted there; pull and look again.")
    if status == 409 or "DUPLICATE_LIST_NAMES" in json.dumps(body):  # noqa: PLR2004
        conflict = Conflict("It exists in HubSpot already.", said, "Use the one that is there, or another name.")
        conflict.existing_id = _existing_id(body, message)
        return conflict
    if is_failing(status) or status in {LOCKED, MIGRATING}:
        return Unreachable(_failing_title(status), said, "Nothing is lost; try again in a few minutes.")
    if not 400 <= status < 500:  # noqa: PLR2004
        return Garbled(
            f"HubSpot answered with status {status}, which this call does not have.",
            "Redirects are never followed, so that the token goes nowhere else. Nothing was taken from the answer.",
            "Check the base URL; a proxy may stand in between.",
        )
    if status == 414:  # noqa: PLR2004
        return Refused("The request was too long for HubSpot.", said, "Ask for fewer properties at once.")
    return Refused("HubSpot refused this.", said, "Correct what HubSpot names; repeating it changes nothing.")


def _failing_title(status: int) -> str:
    if status == LOCKED:
        return "HubSpot has locked this for the moment."
    if status == MIGRATING:
        return "HubSpot is moving this account to another data centre."
    return f"HubSpot is failing ({status})."


def _missing_scope(body: Json, message: str) -> MissingScope:
    scopes = tuple(dict.fromkeys(_scopes(body)))
    if scopes:
        detail = f"Any one of these would do: {', '.join(scopes)}."
    else:
        detail = f"HubSpot says: {message}" if message else "HubSpot does not name the scope."
    error = MissingScope(
        "The token may not do this.",
        detail,
        "Add the scope to the service key or private app in HubSpot, then verify the connection again.",
    )
    error.scopes = scopes
    return error


def _rate_limited(body: Json) -> RateLimited:
    daily = text(body, "policyName").upper() == "DAILY" or "daily" in text(body, "message").lower()
    error = RateLimited(
        "Today's requests to HubSpot are used up." if daily else "Too many requests to HubSpot at once.",
        "Nothing of this request was done.",
        "It goes on after midnight in the portal's time zone." if daily else "Wait some seconds and try again.",
    )
    error.daily = daily
    return error


def _body(data: bytes) -> Json:
    try:
        found = parse(data)
    except ValueError:
        return {"message": _plain(data)}
    return found if isinstance(found, dict) else {}


def _plain(data: bytes) -> str:
    """Return the words of an HTML page, its title if it has one."""
    page = data[:4096].decode("utf-8", "replace")
    title = re.search(r"<title>(.*?)</title>", page, re.IGNORECASE | re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", title.group(1) if title else page).split())[:200]


def _message(body: Json) -> str:
    message = text(body, "message")
    start = message.find("{")
    if start >= 0:  # some messages carry another error as JSON text
        try:
            inner, _ = json.JSONDecoder().raw_decode(message[start:])
        except (ValueError, RecursionError):
            return message
        if isinstance(inner, dict) and text(inner, "message"):
            listed = "[" in message[:start]
            return message[: message.rfind("[") if listed else start] + text(inner, "message")
    return message


def _faults(body: Json) -> Iterator[dict[str, object]]:
    for key in ("errors", "validationResults"):
        faults = body.get(key)
        if isinstance(faults, list):
            yield from (fault for fault in faults if isinstance(fault, dict))


def _first(body: Json, key: str) -> str:
    return next((found for fault in _faults(body) if (found := text(fault, key))), "")


def _contexts(body: Json) -> Iterator[dict[str, Any]]:
    for part in (body, *_faults(body)):
        context = part.get("context")
        if isinstance(context, dict):
            yield context


def _scopes(body: Json) -> Iterator[str]:
    for context in _contexts(body):
        for key in ("requiredGranularScopes", "requiredScopes"):
            named = context.get(key)
            if isinstance(named, list):
                yield from (scope for scope in named if isinstance(scope, str))


def _existing_id(body: Json, message: str) -> str:
    found = _EXISTING.search(message)
    if found:
        return found.group(1)
    for context in _contexts(body):
        ids = context.get("existingId")
        if isinstance(ids, list) and ids:
            return str(ids[0])
    profile = body.get("identityProfile")
    return text(profile, "vid") if isinstance(profile, dict) else ""
