"""The portal itself: served by a test that may hold it back or stop it, and its own page, to see whether it is true."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import httpx
from playwright.sync_api import Page, expect

from hubsync.sandbox.server import Sandbox
from tests.browser.app import free_port
from tests.browser.demo import Demo
from tests.browser.gate import Gate


class Portal:
    """The demo's sandbox behind a gate, in the test's own process; the app reaches it like any portal."""

    def __init__(self, demo: Demo, *, embedded: bool = False, gate_port: int = 0) -> None:
        """`embedded` leaves the app in the belief that the sandbox is its own; it then may not be stopped."""
        self._file = demo.state.workspace.sandbox_file
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.gate = Gate(self.url, port=gate_port)
        self._sandbox: Sandbox | None = None
        demo.connect(self.gate.url, embedded=embedded)

    def stop(self) -> None:
        """Answer nobody any more."""
        if self._sandbox is not None:
            self._sandbox.stop()

    def start(self) -> None:
        """Answer (again), with everything that was there."""
        self._sandbox = Sandbox(state=self._file, port=self._port).start()

    def writes(self, ending: str) -> int:
        """Return how many calls came whose path ends so."""
        rows = httpx.get(f"{self.url}/__sandbox__/requests").json()["requests"]
        return sum(str(row["path"]).endswith(ending) for row in rows)

    def __enter__(self) -> Self:
        self.start()
        self.gate.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.gate.__exit__(kind, error, trace)
        self.stop()


def sizes(page: Page, base_url: str) -> dict[str, int]:
    """Return how many members each list has."""
    page.goto(base_url)
    rows = page.get_by_role("table").first.get_by_role("row").all()[1:]
    cells = [row.locator("td").all_inner_texts() for row in rows]
    return {name: int(size.replace(",", "")) for name, size, *_rest in cells}


def members(page: Page, base_url: str, name: str) -> list[str]:
    """Return the record ids of a list's members, from all pages it takes."""
    page.goto(base_url)
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", name=f"List {name}")).to_be_visible()
    found: list[str] = []
    further = page.get_by_role("link", name="Further")
    while True:
        found += page.get_by_role("table").first.get_by_role("row").locator("td:first-child").all_inner_texts()
        if not further.count():
            return found
        with page.expect_navigation():
            further.click()
