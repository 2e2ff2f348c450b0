"""A real browser before the real app, and workspaces for it to show."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.app import ARGUMENTS, MISSING, App, chromium, running
from tests.browser.demo import Demo
from tests.browser.portal import Portal
from tests.browser.screen import Screen

#: A page of this server may take this long to get where a test expects it, in milliseconds.
PATIENCE = 60_000
#: How wide and high the window is.
DESK = {"width": 1280, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            # A file's tests stay on one worker and share its server; several workers share the files.
            item.add_marker(pytest.mark.xdist_group(f"browser {item.path.stem}"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium; without one the tests say so, and fail where they must not be left out."""
    path = chromium()
    if path is None:
        (pytest.fail if os.environ.get("HUBSYNC_BROWSER") == "required" else pytest.skip)(MISSING)
    return {"executable_path": path, "args": list(ARGUMENTS)}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    return {"viewport": DESK, "locale": "en-US", "timezone_id": "Europe/Berlin"}


@pytest.fixture
def context(context: BrowserContext) -> Iterator[BrowserContext]:
    """A window that keeps to this machine and whose scripts do not fail."""
    asked: list[str] = []
    failed: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("weberror", lambda error: failed.append(str(error.error)))
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    yield context
    assert {urlsplit(url).hostname for url in asked if urlsplit(url).scheme in {"http", "https"}} <= {"127.0.0.1"}
    assert failed == []


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, browser_type_launch_args: dict[str, Any]) -> Demo:
    """The demo as the command line makes it, once per session; tests show copies of it."""
    return Demo.make(tmp_path_factory.mktemp("demo"))


@pytest.fixture
def demo(made: Demo, tmp_path: Path) -> Iterator[Demo]:
    """A workspace that a test may change."""
    copy = made.copy(tmp_path / "demo")
    yield copy
    copy.close()


@pytest.fixture
def app(demo: Demo) -> Iterator[App]:
    """The app over a demo that a test may change."""
    with running(demo.home, config=demo.config) as app:
        yield app


@pytest.fixture
def portal(demo: Demo) -> Iterator[Portal]:
    """The demo's portal, served by the test, which can hold writes back or stop it."""
    with Portal(demo) as portal:
        yield portal


@pytest.fixture
def gated(demo: Demo, portal: Portal) -> Iterator[App]:
    """The app over a demo whose portal the test serves."""
    with running(demo.home, config=demo.config, HUBSYNC_SANDBOX="1") as app:
        yield app


@pytest.fixture
def screen(page: Page) -> Screen:
    return Screen(page=page)


@pytest.fixture(scope="session")
def shown(made: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app over a demo that tests only look at."""
    copy = made.copy(tmp_path_factory.mktemp("shown"))
    copy.close()
    with running(copy.home, config=copy.config) as app:
        yield app
