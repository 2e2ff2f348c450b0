"""The real app for tests: a process of its own on a free port, and a browser that waits until a page has settled."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
#: How long a cold server may take to answer, and a page to settle.
START, SETTLE = 60.0, 60.0
MISSING = "No Chromium was found; on Debian: apt-get install chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True, kw_only=True)
class App:
    """A running dashboard."""

    url: str
    home: Path
    log: Path

    def page(self, name: str = "", **query: str) -> str:
        """Return a page's address, "" being the first."""
        asked = "&".join(f"{key}={value}" for key, value in query.items())
        return f"{self.url}/{name}" + (f"?{asked}" if asked else "")


@contextmanager
def running(home: Path, *, config: Path, **settings: str) -> Iterator[App]:
    """Start the app over a workspace and yield it once it answers; `config` holds the sealed token's key."""
    port = free_port()
    with tempfile.NamedTemporaryFile("w", suffix=".log", prefix="app-", delete=False) as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
            cwd=ROOT,
            env=environment(home=home, config=config, **settings),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_answering(f"http://127.0.0.1:{port}/_stcore/health", process, Path(log.name))
        yield App(url=f"http://127.0.0.1:{port}", home=home, log=Path(log.name))
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        Path(log.name).unlink()


@contextmanager
def browsing() -> Iterator[Browser]:
    """Yield a headless Chromium; raises FileNotFoundError, saying how to get one, where there is none."""
    path = chromium()
    if path is None:
        raise FileNotFoundError(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


def chromium() -> str | None:
    """Return where this machine has its Chromium."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def environment(*, home: Path, config: Path, **settings: str) -> dict[str, str]:
    """Return a shell's environment with none of our settings but those given, whatever a file `.env` says."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUBSYNC_", "HUBSPOT_"))}
    blank = dict.fromkeys(("HUBSYNC_SANDBOX", "HUBSYNC_ENGINE", "HUBSPOT_TOKEN"), "")
    return {**kept, **blank, "HUBSYNC_HOME": str(home), "XDG_CONFIG_HOME": str(config), **settings}


def settled(page: Page) -> None:
    """Wait until the script has run and nothing is drawn any more."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=SETTLE * 1000)
    page.wait_for_function(
        '() => !document.querySelector(\'[data-testid="stSkeleton"], [data-testid="stSpinner"]\')',
        timeout=SETTLE * 1000,
    )


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_answering(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return once `url` answers; AssertionError with the log where the process ends or stays silent."""

    def answers() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310 - our own server
                return True
        except (urllib.error.URLError, OSError):
            return False

    until(lambda: process.poll() is not None or answers(), f"The app does not answer at {url}")
    assert process.poll() is None, f"The app has ended:\n{log.read_text()[-4000:]}"


def until(true: Callable[[], bool], otherwise: str) -> None:
    """Return once something is true; AssertionError where it does not become so."""
    last = time.monotonic() + START
    while not true():
        assert time.monotonic() < last, otherwise
        time.sleep(0.05)
