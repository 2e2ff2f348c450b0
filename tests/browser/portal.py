"""The portal's own page, as somebody would look there whether it is true."""

from __future__ import annotations

from playwright.sync_api import Page, expect


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
