from __future__ import annotations

import datetime as dt
import threading

import pytest

from hubsync.core.connection import Connection
from hubsync.core.plan import Target
from hubsync.core.run import PausedFor, RunState
from hubsync.portal.gateway import Gateway
from hubsync.store import connection as connections
from hubsync.store import heartbeat
from hubsync.sync import history
from hubsync.worker import Worker
from tests.sync.desk import Desk, now


@pytest.fixture
def connected(desk: Desk) -> Desk:
    connections.save(desk.state, desk.connection, desk.token, by="test", at=now())
    return desk


def worker(desk: Desk) -> Worker:
    return Worker(desk.workspace, desk.state, gateways=lambda _: desk.gateway(), clock=now)


def test_what_is_queued_is_run_in_order(connected: Desk) -> None:
    asked = [connected.enqueue(connected.preview(target)) for target in (Target.STATIC_LIST, Target.PROPERTIES)]
    ended = worker(connected).run_due()
    assert [(run.run_id, run.state) for run in ended] == [(run_id, RunState.SUCCEEDED) for run_id in asked]
    assert worker(connected).run_due() == []


def test_the_loop_takes_up_what_comes_and_ends_when_told(connected: Desk) -> None:
    stop, taken_up = threading.Event(), threading.Event()

    def gateways(_: Connection) -> Gateway:
        taken_up.set()
        return connected.gateway()

    work = Worker(connected.workspace, connected.state, gateways=gateways, clock=now)
    thread = threading.Thread(target=work.loop, args=(stop,))
    thread.start()
    run_id = connected.enqueue(connected.preview())
    work.wake()
    assert taken_up.wait(30)
    stop.set()
    work.wake()
    thread.join(30)
    assert not thread.is_alive()
    assert heartbeat.latest(connected.state) is not None
    worker(connected).run_due()
    assert history.run(connected.state, run_id).state is RunState.SUCCEEDED


def test_an_error_nobody_foresaw_pauses_its_run_and_no_other(connected: Desk) -> None:
    lists = connected.enqueue(connected.preview())
    properties = connected.enqueue(connected.preview(Target.PROPERTIES))
    opened: list[Connection] = []

    def gateways(connection: Connection) -> Gateway:
        opened.append(connection)
        if len(opened) == 1:
            raise ZeroDivisionError
        return connected.gateway()

    Worker(connected.workspace, connected.state, gateways=gateways, clock=now).run_due()
    waiting = history.run(connected.state, lists)
    assert (waiting.state, waiting.paused_for) == (RunState.PAUSED, PausedFor.UNREACHABLE)
    assert waiting.problem
    assert waiting.resume_at
    assert history.run(connected.state, properties).state is RunState.SUCCEEDED
    late = Worker(
        connected.workspace,
        connected.state,
        gateways=lambda _: connected.gateway(),
        clock=lambda: now() + dt.timedelta(hours=1),
    )
    assert [run.state for run in late.run_due()] == [RunState.SUCCEEDED]


def test_without_a_connection_a_run_waits_with_the_words_why(desk: Desk) -> None:
    run_id = desk.enqueue(desk.preview())
    worker(desk).run_due()
    waiting = history.run(desk.state, run_id)
    assert waiting.state is RunState.PAUSED
    assert "connected" in waiting.problem


def test_a_worker_told_to_stop_leaves_its_run_to_the_next(connected: Desk) -> None:
    run_id = connected.enqueue(connected.preview())
    stop = threading.Event()
    gateway = connected.gateway()
    gateway.on_request = stop.set  # told while the first request is under way
    left = Worker(connected.workspace, connected.state, gateways=lambda _: gateway, clock=now).run_one(run_id, stop)
    assert (left.state, left.counts.confirmed) == (RunState.RUNNING, 1)
    assert worker(connected).run_due()[0].state is RunState.SUCCEEDED
