"""A storm of 429: every call gets through, and the portal's own log never shows more than its limit."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from hubsync.portal.gateway import Gateway
from hubsync.portal.pace import Pacer
from hubsync.sandbox.portal import Settings
from hubsync.sandbox.server import Sandbox

START = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
WINDOW = dt.timedelta(seconds=10)
STORM = {"kind": "429", "path": "/crm/*", "probability": 0.5}
CALLS = 200


class Time:
    """A clock that only sleeping moves; the portal goes by it too."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> dt.datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


def log(base_url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{base_url}/__sandbox__/requests").json()["requests"]
    return found


def most_in_ten_seconds(entries: list[dict[str, Any]]) -> int:
    moments = sorted(dt.datetime.fromisoformat(one["at"]) for one in entries)
    return max(sum(start <= other < start + WINDOW for other in moments[at:]) for at, start in enumerate(moments))


@pytest.mark.parametrize(("tier", "limit"), [("free", 100), ("professional", 190)])
@pytest.mark.parametrize("seed", [1, 2])
def test_every_second_request_refused_and_still_all_calls_get_through(tier: str, limit: int, seed: int) -> None:
    time = Time()
    with Sandbox(tier=tier, clock=time, settings=Settings(search_lag=0)) as sandbox:
        httpx.post(f"{sandbox.base_url}/__sandbox__/faults", json=STORM | {"seed": seed}).raise_for_status()
        pacer = Pacer(file=None, portal_id="1", clock=time, sleep=time.sleep)
        with Gateway(base_url=sandbox.base_url, token=sandbox.token, pacer=pacer) as gateway:
            answers = [gateway.call("contacts.page", query={"limit": 1}) for _ in range(CALLS)]
            entries = log(sandbox.base_url)
            assert len(entries) == gateway.requests == CALLS + gateway.throttled
    assert [answer.status for answer in answers] == [200] * CALLS
    assert gateway.throttled > CALLS / 2, "the storm was one"
    assert most_in_ten_seconds(entries) <= limit
    assert all(one["fault"] for one in entries if one["status"] == 429), "the portal itself had nothing to refuse"


def test_without_a_storm_the_whole_limit_is_used_and_never_exceeded() -> None:
    time = Time()
    with Sandbox(tier="professional", clock=time) as sandbox:
        pacer = Pacer(file=None, portal_id="1", clock=time, sleep=time.sleep)
        with Gateway(base_url=sandbox.base_url, token=sandbox.token, pacer=pacer) as gateway:
            for _ in range(450):
                gateway.call("contacts.page", query={"limit": 1})
        entries = log(sandbox.base_url)
        assert gateway.throttled == 0
    assert most_in_ten_seconds(entries) == 190


#: Goes by the portal's clock, which stands still but for whoever waits. A request that is under way while another
#: process puts the clock forward would arrive in another second than it left, so that they take turns.
_ASKER = """
import datetime as dt, fcntl, sys
from pathlib import Path
import httpx, stamina
from hubsync.portal.gateway import Gateway
from hubsync.portal.pace import Pacer

base_url, folder, calls = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
admin = httpx.Client(base_url=base_url + "/__sandbox__", trust_env=False)
clock = lambda: dt.datetime.fromisoformat(admin.get("/clock").json()["now"])
sleep = lambda seconds: admin.post("/clock", json={"advance_seconds": seconds})
stamina.set_testing(True, attempts=100, cap=True)
pacer = Pacer(file=folder / "pace.sqlite", portal_id="1", clock=clock, sleep=sleep)
gateway = Gateway(base_url=base_url, token=sys.stdin.readline().strip(), pacer=pacer, embedded=True)
for _ in range(calls):
    with (folder / "turn").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        gateway.call("contacts.page", query={"limit": 1})
print(gateway.requests)
"""


def test_two_processes_in_a_storm_stay_within_the_limit_together(tmp_path: Path) -> None:
    with Sandbox(tier="professional") as sandbox:
        admin = f"{sandbox.base_url}/__sandbox__"
        httpx.post(f"{admin}/clock", json={"tick": 0}).raise_for_status()
        httpx.post(f"{admin}/faults", json=STORM | {"seed": 3}).raise_for_status()
        command = [sys.executable, "-c", _ASKER, sandbox.base_url, str(tmp_path), str(CALLS // 2)]
        askers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        for asker in askers:
            assert asker.stdin is not None
            asker.stdin.write(f"{sandbox.token}\n")
            asker.stdin.flush()
        sent = [int(asker.communicate()[0]) for asker in askers]
        entries = log(sandbox.base_url)
    assert len(entries) == sum(sent)
    assert sum(one["status"] == 200 for one in entries) == CALLS
    assert most_in_ten_seconds(entries) <= 190
    assert all(one["fault"] for one in entries if one["status"] == 429)
