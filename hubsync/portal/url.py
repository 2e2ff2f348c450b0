"""Where the token may be sent: HubSpot's own hosts, or a sandbox on this machine, and nowhere else."""

from __future__ import annotations

import ipaddress
import os
from urllib.parse import urlsplit

from hubsync.core.errors import BadInput

DEFAULT = "https://api.hubapi.com"
HOSTS = ("api.hubapi.com", "api-eu1.hubapi.com")
SANDBOX_VARIABLE = "HUBSYNC_SANDBOX"


def sandbox_only() -> bool:
    """Return whether HUBSYNC_SANDBOX=1: then a sandbox on this machine is allowed, and nothing else is."""
    return os.environ.get(SANDBOX_VARIABLE, "") == "1"


def check(base_url: str, *, embedded: bool = False) -> str:
    """Return the base URL without a trailing slash, or raise BadInput where a token must not go.

    Allowed are exactly the two hosts of HubSpot over https on the usual port; with HUBSYNC_SANDBOX=1 instead http
    to a loopback address, as for the `embedded` sandbox, which this product starts itself. Nothing may follow the
    host: no path, user, query or fragment.
    """
    text = base_url.strip()
    if not text.isascii() or any(sign in text for sign in " \t\r\n\\@?#%"):
        raise _refused(base_url)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _refused(base_url) from None
    host = parts.hostname or ""
    if parts.path not in {"", "/"}:
        raise _refused(base_url)
    if embedded or sandbox_only():
        if parts.scheme == "http" and _is_loopback(host):
            return text.rstrip("/")
    elif parts.scheme == "https" and host in HOSTS and port in {None, 443}:
        return f"https://{host}"
    raise _refused(base_url)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refused(base_url: str) -> BadInput:
    shown = base_url.rsplit("@", maxsplit=1)[-1][:80]
    if sandbox_only():
        return BadInput(
            f"'{shown}' is not a sandbox on this machine.",
            f"{SANDBOX_VARIABLE}=1 is set, so only a loopback address (http://127.0.0.1:PORT) is talked to.",
            f"Unset {SANDBOX_VARIABLE} to connect to HubSpot itself.",
        )
    return BadInput(
        f"'{shown}' is not a HubSpot address.",
        "The token was not sent there.",
        f"Use https://{HOSTS[0]} or https://{HOSTS[1]}; a sandbox on this machine needs {SANDBOX_VARIABLE}=1.",
    )
