"""The dashboard on a phone, 390 pixels wide."""

from __future__ import annotations

import pytest

from tests.browser.app import App
from tests.browser.screen import Screen

WIDTH = 390
#: The menu closes by itself after a choice where the browser says that it is a phone's.
AGENT = (
    "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150 Mobile Safari/537.36"
)
PHONE = {"viewport": {"width": WIDTH, "height": 844}, "is_mobile": True, "has_touch": True, "user_agent": AGENT}
PAGES = ["Segments", "Engagement", "Export", "History", "Integrations", "Schedules", "Home"]

pytestmark = pytest.mark.browser_context_args(**PHONE)


def test_no_page_is_wider_than_the_phone_and_the_menu_leads_to_each(screen: Screen, shown: App) -> None:
    screen.open(shown.url, "Home")
    first, *others = screen.menu_items()
    for name in (*others, first):  # a choice of the page that is open leaves the menu open
        screen.page.get_by_role("button", name="Expand sidebar").tap()
        screen.page.get_by_role("navigation").get_by_role("link", name=name, exact=True).tap()
        screen.shows(name)
        assert widest(screen) <= WIDTH, name


def test_a_preview_fits_the_phone(screen: Screen, shown: App) -> None:
    screen.open(shown.page("export", segment="bargain_hunters"), "Export")
    screen.main.get_by_role("button", name="Preview", exact=True).tap()
    screen.says("What would change")
    assert widest(screen) <= WIDTH


def widest(screen: Screen) -> int:
    """Return how far the page can be scrolled to, in pixels from its left edge: its document, and its main part."""
    main = screen.main.evaluate("main => main.scrollWidth")
    document = screen.page.evaluate("() => document.documentElement.scrollWidth")
    return max(int(main), int(document))
