"""A sandbox that answers at once, and a clock that stands still until it is moved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from hubsync.sandbox.server import Sandbox
from tests.contract.sandbox.caller import Caller
from tests.contract.sandbox.contents import PROMPT, SEED


@dataclass
class Hands:
    """A clock that stands still until it is moved."""

    now: dt.datetime

    def __call__(self) -> dt.datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += dt.timedelta(**span)


START = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def _hands() -> Hands:
    return Hands(START)


@pytest.fixture
def clock(_hands: Hands) -> Hands:
    """The clock of every sandbox of these tests, set back to the start."""
    _hands.now = START
    return _hands


@pytest.fixture(scope="session")
def _shared(_hands: Hands) -> Iterator[Sandbox]:
    """One sandbox for all: to stop one takes a fifth of a second, to reset it a thousandth."""
    with Sandbox(seed=SEED, settings=PROMPT, limits=False, clock=_hands) as sandbox:
        yield sandbox


@pytest.fixture
def ask(_shared: Sandbox, clock: Hands) -> Iterator[Caller]:
    """Asks a new sandbox with three contacts, seven properties, three e-mails and a list."""
    caller = Caller(_shared)
    assert caller("POST", "/__sandbox__/reset", {}).status == 200
    yield caller
    caller.close()


@pytest.fixture
def serve(clock: Hands) -> Iterator[Callable[..., Caller]]:
    """Start sandboxes of the test's own; the limits are off unless asked for."""
    with ExitStack() as stack:

        def start(**options: Any) -> Caller:
            chosen: dict[str, Any] = {"seed": SEED, "settings": PROMPT, "limits": False, "clock": clock} | options
            caller = Caller(stack.enter_context(Sandbox(**chosen)))
            stack.callback(caller.close)
            return caller

        yield start
