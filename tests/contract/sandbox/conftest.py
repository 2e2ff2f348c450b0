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

    now: dt.datetime = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += dt.timedelta(**span)


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def serve(clock: Hands) -> Iterator[Callable[..., Caller]]:
    """Start sandboxes that stop with the test; the limits are off unless asked for."""
    with ExitStack() as stack:

        def start(**options: Any) -> Caller:
            chosen = {"seed": SEED, "settings": PROMPT, "limits": False, "clock": clock} | options
            caller = Caller(stack.enter_context(Sandbox(**chosen)))
            stack.callback(caller.close)
            return caller

        yield start


@pytest.fixture
def ask(serve: Callable[..., Caller]) -> Caller:
    """Asks a sandbox with three contacts, seven properties, three e-mails and a list."""
    return serve()
