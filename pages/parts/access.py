"""Who is looking, and what they may do."""

from __future__ import annotations

import getpass
import ipaddress
from dataclasses import dataclass
from enum import IntEnum

import streamlit as st

from hubsync.core.errors import HubsyncError


class Role(IntEnum):
    """Each role may do what the ones before it may."""

    NONE = 0
    #: Sees figures; addresses are masked.
    VIEWER = 1
    #: Defines segments and previews.
    ANALYST = 2
    #: Runs plans, sees and takes out addresses.
    EXPORTER = 3
    #: Connects portals, loads data.
    ADMIN = 4


@dataclass(frozen=True, kw_only=True)
class Person:
    """Whoever has this page open."""

    #: As history and audit show them.
    name: str
    role: Role


class Forbidden(HubsyncError):  # noqa: N818 - reads as the tree it belongs to
    """The page or act needs another role."""

    code = "forbidden"


def require(role: Role) -> Person:
    """Return whoever is looking, or raise Forbidden; the first statement of every page."""
    found = person()
    if found.role < role:
        raise Forbidden(
            "You may not open this page.",
            f"It needs the role '{role.name.lower()}'; yours is '{found.role.name.lower()}'.",
            "Ask an admin of this dashboard for the role.",
        )
    return found


def person() -> Person:
    """Return whoever is looking.

    There is no login yet, so it is whoever sits at this machine: an admin while the server listens to this machine
    only, nobody otherwise.
    """
    if is_loopback(st.get_option("server.address")):
        return Person(name=f"{getpass.getuser()} (dashboard)", role=Role.ADMIN)
    return Person(name="unknown", role=Role.NONE)


def is_loopback(address: str | None) -> bool:
    """Return whether a server bound to this address is reached from this machine alone; no address means all."""
    if not address:
        return False
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address == "localhost"
