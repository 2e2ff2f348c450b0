"""A connection: one verified HubSpot account, and what we may do there. The token is not part of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit


class Method(StrEnum):
    """How the portal let us in; both are bearer tokens of the same form."""

    SERVICE_KEY = "service_key"
    PRIVATE_APP = "private_app"


@dataclass(frozen=True, kw_only=True)
class Connection:
    """What `hubsync.portal.verify` established about a portal."""

    portal_id: str
    #: Without a trailing slash, e.g. "https://api.hubapi.com".
    base_url: str
    #: Version of HubSpot's paths: "2026-03", "2026-09" or "v3".
    api_version: str
    method: Method
    #: What the token may do; empty where HubSpot did not say.
    scopes: tuple[str, ...]
    #: Of the scopes this product knows, those the token lacks.
    missing_scopes: tuple[str, ...]
    #: HubSpot's word: "STANDARD", "DEVELOPER_TEST", "SANDBOX", ...; empty if unknown.
    account_type: str
    #: Host of the portal's own pages, e.g. "app-eu1.hubspot.com".
    ui_domain: str
    #: Name of the portal's time zone; its day, and so its quota, ends at midnight there.
    time_zone: str
    verified_at: dt.datetime
    #: The portal is the sandbox this product starts itself.
    embedded: bool = False

    @property
    def is_test(self) -> bool:
        """Whether a mistake there harms nobody."""
        return self.embedded or self.account_type in {"DEVELOPER_TEST", "SANDBOX"}

    @property
    def is_loopback(self) -> bool:
        """Whether it leads to a sandbox on this machine."""
        host = urlsplit(self.base_url).hostname or ""
        return host == "localhost" or host.startswith("127.") or host == "::1"
