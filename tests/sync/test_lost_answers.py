"""HubSpot does what it was asked, and its answer never arrives: at each request of a run in turn."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
import stamina

from hubsync.core.plan import Target
from hubsync.core.run import PausedFor, RunState
from hubsync.portal.connection import open_gateway
from hubsync.portal.gateway import Gateway
from hubsync.store import run as runs
from hubsync.sync.run import resume
from tests.sync.desk import COLUMN, Desk, email, now

LIST = "[Behaviour] Loyal regulars - Active"


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=5, cap=True):
        yield


@contextmanager
def losing(desk: Desk, which: int) -> Iterator[Gateway]:
    """A gateway through a line that is cut after request number `which` was carried out, before its answer."""
    passed = 0

    class Line(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            nonlocal passed
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            answer = httpx.request(self.command, desk.base_url + self.path, content=body, headers=headers, timeout=30)
            passed += 1
            if passed == which:
                self.close_connection = True
                return
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name.lower() not in {"content-length", "transfer-encoding", "connection", "content-encoding"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = forward  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Line)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        connection = replace(desk.connection, base_url=f"http://127.0.0.1:{server.server_port}")
        yield open_gateway(connection, desk.token, desk.workspace)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("which", range(1, 7))
def test_a_list_sync_loses_and_doubles_nothing(desk: Desk, which: int) -> None:
    desk.orders |= {30: 9, 31: 9}
    desk.refresh()
    plan = desk.preview(create_contacts=True)
    with losing(desk, which) as gateway:
        run = desk.execute(desk.enqueue(plan), gateway)
    assert (run.state, run.counts.open, run.counts.rejected) == (RunState.SUCCEEDED, 0, 0)
    assert desk.members(LIST) == {email(number) for number in (*range(12), 30, 31)}
    assert desk.preview(create_contacts=True).rows == 0


@pytest.mark.parametrize("which", range(1, 11))
def test_a_sync_of_properties_loses_and_doubles_nothing(desk: Desk, which: int) -> None:
    desk.orders[30] = 9
    desk.refresh()
    plan = desk.preview(Target.PROPERTIES, create_contacts=True)
    with losing(desk, which) as gateway:
        run = desk.execute(desk.enqueue(plan), gateway)
    assert (run.state, run.counts.open, run.counts.rejected) == (RunState.SUCCEEDED, 0, 0)
    for number in (*range(12), 30):
        held = desk.properties(desk.contact_id(number), f"hubsync_{COLUMN}")
        assert held[f"hubsync_{COLUMN}"] == str(desk.orders[number])
    assert desk.preview(Target.PROPERTIES, create_contacts=True).rows == 0


def test_a_portal_that_cannot_be_reached_pauses_the_run_ever_longer(desk: Desk) -> None:
    run_id = desk.enqueue(desk.preview())
    nowhere = replace(desk.connection, base_url="http://127.0.0.1:9")
    waits = []
    for _ in range(3):
        run = desk.execute(run_id, open_gateway(nowhere, desk.token, desk.workspace))
        assert (run.state, run.paused_for, run.counts.open) == (RunState.PAUSED, PausedFor.UNREACHABLE, 13)
        assert run.resume_at
        waits.append(run.resume_at - now())
    assert waits == sorted(waits)
    assert waits[0] < waits[2] / 2
    resume(desk.state, run_id, by="test", clock=now)
    assert [found.run_id for found in runs.due(desk.state, now())] == [run_id]
    assert desk.execute(run_id).state is RunState.SUCCEEDED
