"""`python -m tests.browser.screenshots`: docs/screenshots/ made anew, each page and each step of the main job."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect

from hubsync.core.plan import Target
from hubsync.embedded import free_port
from hubsync.sandbox.server import Sandbox
from tests.browser.app import ROOT, App, browsing, running, until
from tests.browser.camera import Camera, camera
from tests.browser.demo import Demo
from tests.browser.portal import Portal
from tests.browser.screen import Screen

FOLDER = ROOT / "docs" / "screenshots"
#: Who started what is on every picture.
WHO = {"LOGNAME": "ana", "USER": "ana"}
SEND = re.compile(r"(add|change) [\d,]+( values?)?$")


def main() -> None:
    """Take all pictures; those of pages that are gone go too."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder, browsing() as browser:
        empty(browser, Path(folder) / "empty")
        demo = Demo.make(Path(folder) / "demo", **WHO)
        with (
            Portal(demo, embedded=True, gate_port=free_port()) as portal,
            running(demo.home, config=demo.config, HUBSYNC_SANDBOX="1", **WHO) as app,
        ):
            main_job(browser, app, demo, portal)
            small(browser, app)
            gone(browser, app, demo, portal)
        demo.close()


def empty(browser: Browser, folder: Path) -> None:
    """Before anything is connected."""
    with (
        Sandbox(seed="empty", port=free_port()) as sandbox,
        running(folder / "workspace", config=folder / "config", HUBSYNC_SANDBOX="1", **WHO) as app,
        camera(browser, FOLDER) as both,
    ):

        def refused(screen: Screen) -> None:
            address = screen.main.get_by_role("combobox", name="Address")
            address.fill(sandbox.base_url)
            address.press("Enter")
            screen.main.get_by_role("textbox", name="Token", exact=True).fill("pat-na1-not-this-one")
            screen.main.get_by_role("textbox", name="Portal id", exact=True).fill(str(sandbox.portal_id))
            screen.press("Verify connection")
            screen.says("Not saved.")

        def verified(screen: Screen) -> None:
            address = screen.main.get_by_role("combobox", name="Address")
            address.fill(sandbox.base_url)
            address.press("Enter")
            screen.main.get_by_role("textbox", name="Token", exact=True).fill(sandbox.token)
            screen.main.get_by_role("textbox", name="Portal id", exact=True).fill(str(sandbox.portal_id))
            screen.press("Verify connection")
            expect(screen.main.get_by_role("button", name=re.compile("^Save connection"))).to_be_visible()

        both.shoot("home-empty", app.url)
        both.shoot("integrations-empty", app.page("integrations"))
        both.shoot("integrations-refused", app.page("integrations"), refused)
        both.shoot("integrations-verified", app.page("integrations"), verified)


def main_job(browser: Browser, app: App, demo: Demo, portal: Portal) -> None:
    """From the segments to the list in the portal, and what came of it."""
    with camera(browser, FOLDER) as both:
        both.shoot("segments", app.page("segments"))
        both.shoot("segments-rule", app.page("segments", segment="bargain_hunters"))
        both.shoot(
            "segments-members",
            app.page("segments", segment="bargain_hunters"),
            lambda screen: screen.page.get_by_role("tab", name="Members").click(),
        )
        both.shoot("export-start", app.page("export", segment="bargain_hunters"))
        listed = preview(both, app, "bargain_hunters", Target.STATIC_LIST)
        both.shoot("export-preview", listed)
        both.shoot("export-funnel", listed, opened)
        both.shoot("export-done", send(both, listed), done)
        both.shoot("sandbox-list", found(both, portal))

        portal.gate.shut(after=2)
        under_way = send(both, preview(both, app, "loyal_regulars", Target.PROPERTIES))
        portal.gate.wait()
        both.shoot("export-running", under_way)
        portal.gate.open()
        until(lambda: all(run.state.finished for run in demo.runs()), "the run did not end")

        both.shoot("history", app.page("history"))
        first = app.page("history", run=demo.runs()[-1].run_id)
        both.shoot("history-run", first)
        both.shoot("export-undo", undo(both, app, first))
        both.shoot("engagement", app.page("engagement"))
        both.shoot("home", app.url)
        both.shoot("integrations", app.page("integrations"))


def small(browser: Browser, app: App) -> None:
    """On a phone, and in Portuguese."""
    with camera(browser, FOLDER, mark="-phone", width=390, height=844) as both:
        both.shoot("home", app.url)
        both.shoot("export", preview(both, app, "comfort_seekers", Target.STATIC_LIST))
        both.shoot("engagement", app.page("engagement"))
    with camera(browser, FOLDER, mark="-pt", locale="pt-BR") as both:
        both.shoot("home", app.url)
        both.shoot("export", preview(both, app, "comfort_seekers", Target.STATIC_LIST, "Exportação", "Ver prévia"))


def gone(browser: Browser, app: App, demo: Demo, portal: Portal) -> None:
    """A portal that answers nobody any more."""
    demo.connect(portal.url, embedded=False)
    portal.stop()
    with camera(browser, FOLDER) as both:
        waiting = send(both, preview(both, app, "quality_enthusiasts", Target.STATIC_LIST))
        both.shoot("export-paused", waiting, paused)


def preview(
    both: Camera, app: App, segment: str, target: Target, heading: str = "Export", button: str = "Preview"
) -> str:
    """Preview an export and return the plan's address."""
    screen = Screen(page=both.windows["light"])
    screen.open(app.page("export", segment=segment, target=target), heading)
    screen.press(button)
    return app.page("export", plan=screen.address("plan"))


def opened(screen: Screen) -> None:
    """Open a step of the funnel."""
    screen.main.get_by_role("radio", name=re.compile("^Opted out of e-mail")).click()
    expect(screen.main.get_by_role("region", name="Members at this step")).to_be_visible()


def send(both: Camera, url: str) -> str:
    """Press the button of a previewed plan and return where its run is watched."""
    screen = Screen(page=both.windows["light"])
    screen.open(url, "Export")
    screen.press(SEND)
    screen.address("run")
    return screen.page.url


def done(screen: Screen) -> None:
    """Wait until the run has ended well."""
    screen.says(re.compile(r"planned = [\d,]+ confirmed$"))


def paused(screen: Screen) -> None:
    """Wait until the run waits."""
    screen.says(re.compile("Goes on by itself"))


def found(both: Camera, portal: Portal) -> str:
    """Return where the portal's own page shows the list."""
    page = both.windows["light"]
    page.goto(portal.gate.url)
    return portal.gate.url + (page.get_by_role("link", name=re.compile("Bargain hunters")).get_attribute("href") or "")


def undo(both: Camera, app: App, url: str) -> str:
    """Ask for a run to be taken back and return where the plan for it is."""
    screen = Screen(page=both.windows["light"])
    screen.page.goto(url)
    screen.press(re.compile("^Undo"))
    screen.shows("Export")
    return app.page("export", plan=screen.address("plan"))


if __name__ == "__main__":
    main()
