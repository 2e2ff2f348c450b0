"""The dashboard without a mouse."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.app import App
from tests.browser.screen import Screen

#: No control worth having lies further from the start of a page than this.
STEPS = 25


def walk_to(screen: Screen, goal: Locator) -> None:
    """Go from control to control until the goal has the focus."""
    for _step in range(STEPS):
        screen.page.keyboard.press("Tab")
        if goal.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{goal} is not reached in {STEPS} steps")


def test_an_export_is_previewed_by_keyboard_alone(screen: Screen, shown: App) -> None:
    screen.open(shown.page("export"), "Export")
    walk_to(screen, screen.page.get_by_role("link", name="Skip to main content"))
    screen.page.keyboard.press("Enter")
    box = screen.main.get_by_role("combobox", name="Segment")
    walk_to(screen, box)
    screen.page.keyboard.type("Loyal")
    screen.page.keyboard.press("Enter")
    expect(box).to_have_value("Loyal regulars")
    walk_to(screen, screen.main.get_by_role("button", name="Preview", exact=True))
    screen.page.keyboard.press("Enter")
    expect(screen.main.get_by_role("heading", name="What would change")).to_be_visible()
    assert screen.address("plan")
