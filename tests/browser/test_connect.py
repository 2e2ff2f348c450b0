"""Connecting a portal: every check is shown, and nothing is kept before it passed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from hubsync.sandbox.server import Sandbox
from hubsync.store import connection as connections
from tests.browser.app import App, running
from tests.browser.demo import Demo
from tests.browser.screen import Screen

ELSEWHERE = "pat-na1-00000000-0000-4000-8000-000000000000"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed="empty", portal_id=7654321) as sandbox:
        yield sandbox


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Demo]:
    workspace = Demo(home=tmp_path / "workspace", config=tmp_path / "config")
    yield workspace
    workspace.close()


@pytest.fixture
def app(empty: Demo) -> Iterator[App]:
    with running(empty.home, config=empty.config, HUBSYNC_SANDBOX="1") as app:
        yield app


def verify(screen: Screen, *, token: str, portal_id: int) -> None:
    screen.main.get_by_role("textbox", name="Token", exact=True).fill(token)
    screen.main.get_by_role("textbox", name="Portal id", exact=True).fill(str(portal_id))
    screen.press("Verify connection")


def test_a_connection_is_saved_only_once_it_passed(screen: Screen, app: App, empty: Demo, sandbox: Sandbox) -> None:
    screen.open(app.page("integrations"), "Integrations")
    address = screen.main.get_by_role("combobox", name="Address")
    address.fill(sandbox.base_url)
    address.press("Enter")
    save = screen.main.get_by_role("button", name="Save connection to portal 7654321")

    verify(screen, token=ELSEWHERE, portal_id=7654321)
    screen.says("Not saved.")
    screen.says("Token")
    expect(save).to_have_count(0)

    verify(screen, token=sandbox.token, portal_id=1111111)
    screen.says("7654321")
    screen.says("Not saved.")
    expect(save).to_have_count(0)
    assert connections.active(empty.state) is None

    verify(screen, token=sandbox.token, portal_id=7654321)
    expect(save).to_be_visible()
    expect(screen.main.get_by_role("textbox", name="Token", exact=True)).to_have_value("")
    assert connections.active(empty.state) is None
    save.click()
    screen.badge("Sandbox on this machine")
    saved = connections.required(empty.state)
    assert (saved.portal_id, saved.base_url) == ("7654321", sandbox.base_url)
    kept = b"".join(file.read_bytes() for file in empty.home.rglob("*") if file.is_file())
    assert sandbox.token.encode() not in kept
