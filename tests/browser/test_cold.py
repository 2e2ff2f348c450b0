"""A link into a server that has shown nobody anything yet leads to the page, with the router around it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.app import ROOT, App, environment, free_port, running
from tests.browser.demo import Demo
from tests.browser.screen import Screen


def test_each_page_opens_on_a_cold_server(screen: Screen, shown: App, made: Demo, tmp_path: Path) -> None:
    screen.open(shown.url, "Home")
    menu = screen.menu_items()
    assert {"Segments", "Engagement", "Export", "History", "Integrations"} <= set(menu)
    for name, path in menu.items():
        copy = made.copy(tmp_path / name)
        copy.close()
        with running(copy.home, config=copy.config) as app:
            screen.open(app.page(path), name)
            expect(screen.page).to_have_title(f"{name} · hubsync")
            assert list(screen.menu_items()) == list(menu)
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
