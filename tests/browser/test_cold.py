"""A link into a server that has shown nobody anything yet leads to the page, with the router around it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.browser.app import ROOT, environment, free_port, running
from tests.browser.demo import Demo
from tests.browser.screen import Screen

PAGES = ["Home", "Segments", "Engagement", "Export", "History", "Integrations"]


@pytest.mark.parametrize("name", PAGES[1:])
def test_each_page_opens_on_a_cold_server(screen: Screen, demo: Demo, name: str) -> None:
    with running(demo.home, config=demo.config) as app:
        screen.open(app.page(name.lower()), name)
        expect(screen.page).to_have_title(f"{name} · hubsync")
        assert screen.pages == PAGES
        screen.badge("Sandbox on this machine")


def test_a_server_that_others_could_reach_does_not_start(demo: Demo) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "streamlit",
            "run",
            "app.py",
            "--server.address=0.0.0.0",
            f"--server.port={free_port()}",
        ],
        cwd=ROOT,
        env=environment(home=demo.home, config=demo.config),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "does not start on 0.0.0.0" in done.stderr + done.stdout
