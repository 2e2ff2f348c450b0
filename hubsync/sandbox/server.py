"""Serving a portal over HTTP on this machine: in the foreground, or in a thread for tests and the app."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn

from hubsync.sandbox import app, seed
from hubsync.sandbox.clock import utc_now
from hubsync.sandbox.faults import read
from hubsync.sandbox.live import Life
from hubsync.sandbox.pace import Tier
from hubsync.sandbox.portal import DEFAULT_PORTAL, Portal, Settings
from hubsync.sandbox.wire import Connection, Wire

#: The only address it listens on.
HOST = "127.0.0.1"
_KEEP_ALIVE_SECONDS = 75


class Sandbox:
    """A HubSpot in a thread.

    `with Sandbox() as sandbox:` gives `sandbox.base_url`, `sandbox.token`, `sandbox.portal_id`. `state` is a file that
    keeps everything over a restart; `seed` fills a portal that is new; `faults` are on from the start, each as
    `faults.read` takes it; `live` is at how many seconds a second life goes on in it. Raises seed.BadSeed,
    faults.BadFault, ValueError for a speed there is none of, and OSError where the port is taken.
    """

    def __init__(  # noqa: PLR0913 - one for each option of the command
        self,
        state: Path | str | None = None,
        *,
        seed: seed.Source = "empty",
        port: int = 0,
        tier: str = "professional",
        portal_id: int = DEFAULT_PORTAL,
        limits: bool = True,
        clock: Callable[[], dt.datetime] = utc_now,
        settings: Settings | None = None,
        faults: Iterable[str] = (),
        live: float = 0.0,
    ) -> None:
        self._path = Path(state) if state is not None else None
        self._seed = seed
        self._port = port
        self._clock = clock
        self._live = live
        self._faults = [read(spec) for spec in faults]
        base = settings or Settings()
        self._settings = replace(base, tier=Tier(tier), portal_id=portal_id, limits=limits)
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.base_url = ""
        self.token = ""
        self.portal_id = portal_id

    def start(self) -> Self:
        """Begin to serve; when this returns, requests are answered."""
        listener, portal, life = self._open()
        self._server = uvicorn.Server(_config(portal, life, self._seed))
        self._thread = threading.Thread(
            target=_run, args=(self._server, listener, portal, life), name="hubspot-sandbox", daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and write down what is kept; fine where it does not run."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join()
        self._server = self._thread = None

    def run(self) -> None:
        """Serve in the foreground until SIGTERM or SIGINT; one JSON line on stdout tells where."""
        listener, portal, life = self._open()
        server = uvicorn.Server(_config(portal, life, self._seed))
        # uvicorn raises the signal again once it has stopped, and the process would die of it; and a signal that comes
        # before uvicorn listens for any must end the server all the same.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda _number, _frame: setattr(server, "should_exit", True))
        line = {"base_url": self.base_url, "token": self.token, "portal_id": self.portal_id}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        _run(server, listener, portal, life)

    def _open(self) -> tuple[socket.socket, Portal, Life]:
        listener = _listen(self._port)
        try:
            portal = Portal(self._settings, path=self._path, clock=self._clock)
            if "seeded" not in portal.state.meta:
                seed.plant(portal, seed.load(self._seed))
                portal.state.meta.put("seeded", "yes")
            for fault in self._faults:
                portal.faults.add(fault)
            life = Life(portal)
            life.hasten(self._live)
        except BaseException:
            listener.close()
            raise
        self.token, self.portal_id = portal.token.text, portal.portal_id
        portal.state.flush()
        self.base_url = f"http://{HOST}:{listener.getsockname()[1]}"
        return listener, portal, life

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def serve(
    *,
    port: int = 0,
    portal_id: int = DEFAULT_PORTAL,
    tier: str = "professional",
    seed: str = "empty",
    limits: bool = True,
    state: Path | None = None,
    faults: Iterable[str] = (),
    live: float = 0.0,
) -> None:
    """Serve in the foreground until SIGTERM or SIGINT.

    Prints one JSON line `{"base_url", "token", "portal_id"}` on stdout once it listens. Raises what Sandbox raises.
    """
    Sandbox(state, seed=seed, port=port, tier=tier, portal_id=portal_id, limits=limits, faults=faults, live=live).run()


def _listen(port: int) -> socket.socket:
    # asyncio turns Nagle's delay off only for sockets that name TCP outright; left on, each answer on a kept
    # connection waits 40 ms for the client's acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def _config(portal: Portal, life: Life, source: seed.Source) -> uvicorn.Config:
    return uvicorn.Config(
        Wire(app.build(portal, life, source), portal),
        loop="asyncio",
        http=Connection,
        lifespan="off",
        # The app it may run in has a server of its own, whose logging is not to be rearranged.
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=1,
    )


def _run(server: uvicorn.Server, listener: socket.socket, portal: Portal, life: Life) -> None:
    try:
        asyncio.run(_serve(server, listener, life))
    finally:
        listener.close()
        portal.keep_time()
        portal.state.close()


async def _serve(server: uvicorn.Server, listener: socket.socket, life: Life) -> None:
    living = asyncio.create_task(life.run())
    living.add_done_callback(_tell_of_death)
    try:
        await server.serve(sockets=[listener])
    finally:
        living.cancel()


def _tell_of_death(living: asyncio.Task[None]) -> None:
    if not living.cancelled() and (error := living.exception()) is not None:
        traceback.print_exception(error, file=sys.stderr)
        sys.stderr.write("Life in the sandbox has ended; it goes on answering.\n")
