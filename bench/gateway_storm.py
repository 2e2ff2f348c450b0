"""Two processes in a storm of 429, by the clock on the wall: what the portal saw in its busiest ten seconds.

`python -m bench.gateway_storm [CALLS]`: minutes, as the pace shrinks to an eighth.
"""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import tempfile
import time

import httpx

from bench.served import sandbox

WINDOW = dt.timedelta(seconds=10)
LIMIT = 190
_ASKER = """
import sys
from pathlib import Path
from hubsync.portal.gateway import Gateway
from hubsync.portal.pace import Pacer

base_url, file, calls = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
with Gateway(
    base_url=base_url, token=sys.stdin.readline().strip(), pacer=Pacer(file=file, portal_id="1"), embedded=True
) as gateway:
    for _ in range(calls):
        gateway.call("contacts.page", query={"limit": 1})
    print(gateway.requests, gateway.throttled)
"""


def most_in_ten_seconds(moments: list[dt.datetime]) -> int:
    """Return the most requests that lie in any ten seconds."""
    return max(sum(start <= other < start + WINDOW for other in moments[at:]) for at, start in enumerate(moments))


def main() -> int:
    """Print what came of it; return 1 where the limit was exceeded or a call was lost."""
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    with sandbox(10, limits="on") as served, tempfile.TemporaryDirectory() as folder:
        storm = {"kind": "429", "path": "/crm/*", "probability": 0.5, "seed": 1}
        httpx.post(f"{served.base_url}/__sandbox__/faults", json=storm).raise_for_status()
        command = [sys.executable, "-c", _ASKER, served.base_url, f"{folder}/pace.sqlite", str(calls)]
        began = time.monotonic()
        askers = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
            for _ in range(2)
        ]
        told = [asker.communicate(f"{served.token}\n")[0].split() for asker in askers]
        seconds = time.monotonic() - began
        log = httpx.get(f"{served.base_url}/__sandbox__/requests").json()["requests"]
    done = sum(one["status"] == 200 for one in log)
    own = sum(one["status"] == 429 and not one["fault"] for one in log)
    most = most_in_ten_seconds(sorted(dt.datetime.fromisoformat(one["at"]) for one in log))
    sent = sum(int(one[0]) for one in told if one)
    print(
        f"{2 * calls} calls of two processes, every second request refused: {done} done in {seconds:.0f} s,"
        f" {sent} requests, {own} refused by the portal itself; most in ten seconds {most} of {LIMIT}"
    )
    return int(done != 2 * calls or most > LIMIT or own > 0)


if __name__ == "__main__":
    sys.exit(main())
