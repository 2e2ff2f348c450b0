"""A large plan and its run: seconds, memory, requests beside the least that is possible, time beside the pace's floor.

`python -m bench.engine [CONTACTS]`, 100,000 unless said: contacts get one property each, against a portal that enforces
190 requests in any ten seconds.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq

from bench.served import Served, sandbox
from hubsync.core.connection import Connection, Method
from hubsync.core.plan import Op, Target
from hubsync.core.segment import parse_segment
from hubsync.portal.connection import open_gateway
from hubsync.store import segment as segments
from hubsync.store import snapshot
from hubsync.store.state import State
from hubsync.store.workspace import Workspace
from hubsync.sync.execute import execute
from hubsync.sync.preview import preview
from hubsync.sync.refresh import refresh_mirror
from hubsync.sync.run import enqueue

COLUMN = "count_90d"
PER_SECOND = 19.0
#: What a batch holds.
BATCH = 100


def now() -> dt.datetime:
    """The time, in UTC."""
    return dt.datetime.now(dt.UTC)


def connection_to(served: Served) -> Connection:
    """The connection that verifying would give."""
    return Connection(
        portal_id=str(served.portal_id),
        base_url=served.base_url,
        api_version="2026-03",
        method=Method.PRIVATE_APP,
        scopes=(),
        missing_scopes=(),
        account_type="SANDBOX",
        ui_domain="app.hubspot.com",
        time_zone="UTC",
        verified_at=now(),
    )


def behaviour(workspace: Workspace, state: State, contacts: int) -> None:
    """A segment everybody is in, and its features."""
    condition = {
        "feature": {"kind": "measure", "agg": "count", "within_days": 90},
        "op": ">=",
        "value": 1,
        "label": {"en": "orders in 90 days"},
    }
    segment = parse_segment({"key": "buyers", "name": {"en": "Buyers"}, "rule": condition})
    segments.save(state, segment, by="bench", at=now())
    ids = [f"k{n:07}" for n in range(contacts)]
    features = {
        "customer_id": ids,
        "email": [f"person{n}@example.com" for n in range(contacts)],
        COLUMN: [n % 9 + 1 for n in range(contacts)],
    }
    since = pa.array([now()] * contacts, pa.timestamp("us", tz="UTC"))
    with snapshot.write(workspace, "features", now()) as folder:
        pq.write_table(pa.table(features), folder / "features.parquet")
        members = {"segment_key": ["buyers"] * contacts, "customer_id": ids, "since": since}
        pq.write_table(pa.table(members), folder / "memberships.parquet")
        snapshot.note(folder, as_of=now().isoformat(), versions={"buyers": 1})


def planned(home: Path, connection: Connection) -> dict[str, float | str]:
    """Make the plan in a process of its own and return what it took; memory is the process's most."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        workspace = Workspace.open(home)
        start = time.perf_counter()
        plan = preview(
            workspace,
            State(workspace),
            connection,
            segment_key="buyers",
            target=Target.PROPERTIES,
            by="bench",
            clock=now,
        )
        told = {
            "plan_id": plan.plan_id,
            "seconds": time.perf_counter() - start,
            "gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
            "ensures": plan.counts.get(Op.ENSURE_GROUP.value, 0) + plan.counts.get(Op.ENSURE_PROPERTY.value, 0),
        }
        os.write(writing, json.dumps(told).encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as heard:
        found: dict[str, float | str] = json.loads(heard.read())
    return found


def main() -> None:
    """Print a row for the plan and one for the run."""
    contacts = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    os.environ["HUBSYNC_SANDBOX"] = "1"
    with tempfile.TemporaryDirectory() as folder, sandbox(contacts, limits="on") as served:
        home, connection = Path(folder), connection_to(served)
        workspace = Workspace.open(home)
        state = State(workspace)
        behaviour(workspace, state, contacts)
        with open_gateway(connection, served.token, workspace) as gateway:
            refresh_mirror(workspace, state, connection, gateway, full=True, clock=now)
            state.close()
            plan = SimpleNamespace(**planned(home, connection))
            print(f"plan of {contacts:,} contacts: {plan.seconds:.2f} s, {plan.gigabytes:.2f} GB", flush=True)
            time.sleep(10.5)  # the window of ten seconds is empty again, for both
            before = gateway.requests
            run_id = enqueue(workspace, state, plan.plan_id, by="bench", clock=now)
            start = time.perf_counter()
            run = execute(workspace, state, run_id, gateway, clock=now)
            seconds = time.perf_counter() - start
            requests = gateway.requests - before
        writes = -(-contacts // BATCH)
        # The account once; the group and each property looked up and made; then full batches.
        least = 1 + 2 * plan.ensures + writes
        floor = max(0.0, (requests - 190) / PER_SECOND)
        print(
            f"run: {run.state}, {run.counts.confirmed:,} rows confirmed; {requests:,} requests, at least {least:,},"
            f" ratio {requests / least:.3f}; {seconds:.1f} s, floor {floor:.1f} s, ratio {seconds / floor:.3f};"
            f" {run.throttled} answers 429"
            if floor
            else f"run: {run.state}; {requests:,} requests, at least {least:,}, ratio {requests / least:.3f};"
            f" {seconds:.1f} s; too few for the pace to matter; {run.throttled} answers 429"
        )


if __name__ == "__main__":
    main()
