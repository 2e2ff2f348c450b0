"""A way to the portal on which waiting takes no time: the pacer's clock goes on by what it would have slept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import httpx

from hubsync.portal.gateway import Gateway
from hubsync.portal.pace import Pacer
from tests.sync.desk import Desk

#: What goes wrong on the way while workers are killed: nothing is done, it is done and not told, or told wrongly.
WEATHER = (
    "429 probability=0.03",
    "423 probability=0.01",
    "500 probability=0.01",
    "502 probability=0.02 after_write=true",
    "503 probability=0.02",
    "reset probability=0.01",
    "lost probability=0.03",
    "reset-mid-body probability=0.01",
    "truncated probability=0.01",
    "wrong-json probability=0.01",
    "html probability=0.01",
)


def gateway(desk: Desk, clock: Callable[[], dt.datetime], *, deadline: float = 5.0) -> Gateway:
    """Return a gateway to the desk's portal at its pace, of which nobody sees anything but the count."""
    slept = dt.timedelta()

    def sleep(seconds: float) -> None:
        nonlocal slept
        slept += dt.timedelta(seconds=seconds)

    pacer = Pacer(
        file=desk.workspace.pace_file,
        portal_id=desk.connection.portal_id,
        clock=lambda: clock() + slept,
        sleep=sleep,
    )
    return Gateway(
        base_url=desk.connection.base_url,
        token=desk.token,
        pacer=pacer,
        api_version=desk.connection.api_version,
        deadline=deadline,
        embedded=desk.connection.embedded,
    )


def spoil(base_url: str, *specs: str, seed: int = 1) -> None:
    """Switch faults on in the portal, each with a seed of its own."""
    for number, spec in enumerate(specs):
        body = {"spec": f"{spec} seed={seed + number}"}
        httpx.post(f"{base_url}/__sandbox__/faults", json=body, timeout=30).raise_for_status()


def heal(base_url: str) -> int:
    """Switch all faults off; return how many requests they spoilt."""
    rows = httpx.get(f"{base_url}/__sandbox__/faults", timeout=30).raise_for_status().json()["faults"]
    httpx.delete(f"{base_url}/__sandbox__/faults", timeout=30).raise_for_status()
    return sum(row["happened"] for row in rows)
