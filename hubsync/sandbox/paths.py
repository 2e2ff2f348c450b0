"""One canonical path for every spelling of an address: numbered and dated versions, aliases, trailing slashes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

NUMBERED = re.compile(r"v[1-4]")
DATED = frozenset({"2025-09", "2026-03", "2026-09"})
CONTACT_ALIASES = frozenset({"contacts", "contact", "0-1"})
#: The first segments that HubSpot serves; what the sandbox does not serve among them is answered 403, not 404.
DOMAINS = frozenset(
    {
        "account-info",
        "automation",
        "business-units",
        "cms",
        "communication-preferences",
        "companies",
        "content",
        "conversations",
        "crm",
        "crm-object-schemas",
        "deals",
        "email",
        "engagements",
        "events",
        "files",
        "form-integrations",
        "forms",
        "integrations",
        "marketing",
        "oauth",
        "properties",
        "settings",
        "webhooks",
    }
)
#: Where the object type stands, by what comes before it.
_TYPED = frozenset({("crm", "objects"), ("crm", "properties")})


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a request goes: the path without its version, and the version."""

    segments: tuple[str, ...]
    version: str


def place(raw_path: str) -> Place | None:
    """Return where an undecoded path leads, or None where HubSpot has no such path.

    `/crm/v3/objects/CONTACT`, `/crm/objects/2026-03/contacts/` and `/crm/objects/2026-09/0-1` are one place.
    A numbered version stands second; a dated one stands third under crm and marketing, second elsewhere, and second
    also in the older dated form, which still routes.
    """
    segments = [unquote(part) for part in raw_path.split("/") if part]
    if not segments or segments[0] not in DOMAINS:
        return None
    for at in (1, 2):
        if at < len(segments) and (segments[at] in DATED or (at == 1 and NUMBERED.fullmatch(segments[at]))):
            version = segments.pop(at)
            break
    else:
        return None
    if segments[:2] == ["events", "custom"] and version in DATED:
        # From 2026-09 on custom events have a branch of their own.
        segments.pop(1)
    if len(segments) > 2 and tuple(segments[:2]) in _TYPED and segments[2].lower() in CONTACT_ALIASES:  # noqa: PLR2004
        segments[2] = "contacts"
    return Place(segments=tuple(segments), version=version)
