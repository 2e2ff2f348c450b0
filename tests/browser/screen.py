"""A page as a person finds their way on it: by what things are and what they are called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.browser.app import settled


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table as it stands on a page: how many rows it has, and those that are in view, by column."""

    size: int
    rows: list[dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Screen:
    """What a browser shows of the dashboard."""

    page: Page

    @property
    def main(self) -> Locator:
        """The page without its menu."""
        return self.page.get_by_role("main")

    def menu_items(self) -> dict[str, str]:
        """Return what the menu offers: names, and the paths they lead to."""
        links = self.page.get_by_role("navigation").get_by_role("link").all()
        return {
            link.get_by_role("paragraph").inner_text(): urlsplit(link.get_attribute("href") or "").path.strip("/")
            for link in links
        }

    def open(self, url: str, heading: str) -> None:
        """Go to an address, and wait for the page of that name."""
        self.page.goto(url)
        self.shows(heading)

    def drawn(self) -> None:
        """Wait until nothing of the page is still to come: script, fonts, tables."""
        if self.page.get_by_role("main").count() and self.page.locator("[data-testid=stApp]").count():
            settled(self.page)
        self.page.evaluate("() => document.fonts.ready.then(() => true)")
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('canvas')].every("
            "each => each.dataset.testid !== 'data-grid-canvas' || each.childElementCount)"
        )

    def menu(self, name: str) -> None:
        """Go to another page by the menu.

        A click that meets a rerun of the page itself can be lost; a person who sees nothing happen clicks again.
        """
        settled(self.page)
        link = self.page.get_by_role("navigation").get_by_role("link", name=name, exact=True)
        link.click()
        try:
            expect(self.main.get_by_role("heading", name=name, exact=True, level=1)).to_be_visible(timeout=15_000)
        except AssertionError:
            link.click()
        self.shows(name)

    def shows(self, heading: str) -> None:
        """Wait until the page of that name stands."""
        expect(self.main.get_by_role("heading", name=heading, exact=True, level=1)).to_be_visible()
        settled(self.page)

    def press(self, name: str | re.Pattern[str]) -> None:
        """Press the one button of that name."""
        self.main.get_by_role("button", name=name, exact=True).click()

    def choose(self, box: str, option: str) -> None:
        """Pick an option of a box, and wait until the page is drawn with it."""
        self.main.get_by_role("combobox", name=box, exact=True).click()
        self.page.get_by_role("option", name=option, exact=True).click()
        expect(self.main.get_by_role("combobox", name=box, exact=True)).to_have_value(option)
        settled(self.page)

    def badge(self, words: str) -> None:
        """Wait until the menu's foot says what kind of portal this is."""
        side = self.page.get_by_role("region", name="Sidebar")
        expect(side.get_by_text(words).filter(visible=True)).to_be_visible()

    def says(self, words: str | re.Pattern[str]) -> Locator:
        """Wait until something is said on the page, and return it."""
        found = self.main.get_by_text(words).filter(visible=True).first
        expect(found).to_be_visible()
        return found

    def table(self, name: str) -> Table:
        """Return the table of that name as it tells itself to a screen reader."""
        found = self.main.get_by_role("region", name=name).get_by_role("grid", include_hidden=True)
        expect(found).to_be_attached()
        head, *rows = [
            [cell.text_content() or "" for cell in row.locator("th, td").all()]
            for row in found.get_by_role("row", include_hidden=True).all()
        ]
        return Table(
            size=int(found.get_attribute("aria-rowcount") or 0) - 1,
            rows=[dict(zip(head, row, strict=True)) for row in rows],
        )

    def open_row(self, table: str, *, at: int = 0) -> None:
        """Click into the first column of a table's row; the table is a picture, so only its place can be clicked."""
        self.main.get_by_role("region", name=table).click(position={"x": 60, "y": 35 * (at + 1) + 17})

    def address(self, name: str) -> str:
        """Wait until the address holds something under a name, and return it."""
        self.page.wait_for_url(re.compile(rf"[?&]{name}=."))
        return parse_qs(urlsplit(self.page.url).query)[name][0]
