"""A camera: two windows on the same address, one light and one dark, and what they show as small PNG files."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.screen import Screen

Theme = Literal["light", "dark"]
Act = Callable[[Screen], object]

#: Taller than this no picture gets, in pixels: what is further down is looked at by scrolling.
TALLEST = 2200
COLOURS = 256
#: So many looks at a page that keeps changing before it is taken as it is.
LOOKS = 40


@dataclass(frozen=True, kw_only=True)
class Camera:
    """Takes the same picture in each theme."""

    folder: Path
    #: What stands between a picture's name and its theme: "", "-phone", "-pt".
    mark: str
    windows: dict[Theme, Page]
    #: Pixels a window is high before what it shows is taller.
    height: int

    def shoot(self, name: str, url: str, act: Act | None = None) -> None:
        """Open an address in each window, do what is to be done there, and keep what it looks like."""
        for theme, page in self.windows.items():
            page.set_viewport_size({"width": page.viewport_size["width"], "height": self.height})  # type: ignore[index]
            page.goto(url)
            screen = Screen(page=page)
            screen.drawn()
            if act is not None:
                act(screen)
                screen.drawn()
            told = screen.main.get_by_role("alert").filter(has_text="unexpected").all_inner_texts()
            assert not told, f"{url} shows an error: {told}"
            rest(page)
            self._keep(page, f"{name}{self.mark}-{theme}.png")

    def _keep(self, page: Page, name: str) -> None:
        height = page.evaluate(
            "() => Math.max(document.querySelector('[data-testid=stMain]')?.scrollHeight ?? 0,"
            " document.querySelector('[data-testid=stApp]') ? 0 : document.documentElement.scrollHeight)"
        )
        width = page.viewport_size["width"]  # type: ignore[index]
        page.set_viewport_size({"width": width, "height": min(max(self.height, int(height)), TALLEST)})
        before, picture = b"", page.screenshot(animations="disabled", caret="hide")
        for _look in range(LOOKS):
            if picture == before:
                break
            before, picture = picture, page.screenshot(animations="disabled", caret="hide")
        (self.folder / name).write_bytes(smaller(picture))


def rest(page: Page) -> None:
    """Take hand and eye off the page: nothing is hovered over, nothing has the focus, its start is in view."""
    size = page.viewport_size or {"width": 0, "height": 0}
    page.mouse.move(size["width"] - 2, 2)
    page.evaluate(
        "() => { document.activeElement?.blur(); document.querySelector('[data-testid=stMain]')?.scrollTo(0, 0) }"
    )


def smaller(picture: bytes) -> bytes:
    """Return a PNG with a palette, a third of its size."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    out = io.BytesIO()
    # By coverage: median cut takes the hue from small marks, the octree the difference between near whites.
    image.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE).save(
        out, "PNG", optimize=True
    )
    return out.getvalue()


@contextmanager
def camera(
    browser: Browser,
    folder: Path,
    *,
    mark: str = "",
    width: int = 1280,
    height: int = 800,
    locale: str = "en-US",
    themes: Sequence[Theme] = ("light", "dark"),
) -> Iterator[Camera]:
    """Yield a camera; its windows close with the block."""
    contexts = {
        theme: browser.new_context(
            viewport={"width": width, "height": height},
            locale=locale,
            timezone_id="Europe/Lisbon",
            color_scheme=theme,
            reduced_motion="reduce",
        )
        for theme in themes
    }
    expect.set_options(timeout=30_000)
    try:
        yield Camera(
            folder=folder,
            mark=mark,
            windows={theme: context.new_page() for theme, context in contexts.items()},
            height=height,
        )
    finally:
        for context in contexts.values():
            context.close()
