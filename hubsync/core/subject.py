"""An e-mail's subject: words with tokens that HubSpot fills in from each contact's properties."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"\{\{(.*?)\}\}")
_INSIDE = re.compile(r"\s*contact\.(\w+)\s*(?:\|\s*default\(\s*(['\"])(.*?)\2\s*(?:,\s*true\s*)?\)\s*)?")


@dataclass(frozen=True, kw_only=True)
class Token:
    """`{{ contact.firstname|default('there') }}`."""

    #: As it is written.
    text: str
    #: The property's name; "" where this is no token of a contact.
    name: str
    #: Read by who has no value; None where there is none.
    fallback: str | None


def tokens(subject: str) -> tuple[Token, ...]:
    """Return a subject's tokens, left to right."""
    found = []
    for match in _TOKEN.finditer(subject):
        inside = _INSIDE.fullmatch(match[1])
        found.append(Token(text=match[0], name=inside[1] if inside else "", fallback=inside[3] if inside else None))
    return tuple(found)


def torn(subject: str) -> bool:
    """Return whether a brace stands without its other: HubSpot would print it as it is."""
    rest = _TOKEN.sub("", subject)
    return "{{" in rest or "}}" in rest
