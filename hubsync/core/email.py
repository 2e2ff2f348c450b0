"""E-mail addresses: how they compare, and how they are shown."""

from __future__ import annotations


def normalise(address: str) -> str:
    """Return the address as HubSpot stores it: trimmed, lower-case."""
    return address.strip().lower()


def mask(address: str | None) -> str:
    """Return `j***@e***.com` for `jane@example.com`; "–" for none."""
    if not address or "@" not in address:
        return "–"
    name, _, domain = address.partition("@")
    host, dot, top = domain.rpartition(".")
    return f"{name[:1]}***@{host[:1]}***{dot}{top}" if host else f"{name[:1]}***@{domain[:1]}***"
