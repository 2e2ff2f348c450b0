"""HTML out of values: every text is escaped on its way in, so that no page can forget to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from urllib.parse import urlencode


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def html(value: object) -> Markup:
    """Return `value` as HTML: markup as it is, anything else escaped, None as nothing."""
    if isinstance(value, Markup):
        return value
    return Markup("" if value is None else escape(str(value)))


def joined(parts: Iterable[object]) -> Markup:
    """Return the parts one after another."""
    return Markup("".join(html(part) for part in parts))


def element(tag: str, /, *content: object, **attributes: str) -> Markup:
    """Return an element; `class_` stands for `class`, `aria_label` for `aria-label`."""
    return Markup(f"{void(tag, **attributes)}{joined(content)}</{tag}>")


def void(tag: str, /, **attributes: str) -> Markup:
    """Return an element that has no content and no end."""
    listed = "".join(f' {key.rstrip("_").replace("_", "-")}="{escape(text)}"' for key, text in attributes.items())
    return Markup(f"<{tag}{listed}>")


def link(text: object, fragment: str = "", **query: str) -> Markup:
    """Return a link within the page."""
    return element("a", text, href=f"/?{urlencode(query)}{fragment}")


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], own: Iterable[int] = ()) -> Markup:
    """Return a table; columns of numbers stand right, the rows whose positions are in `own` are marked."""
    marked = set(own)
    listed = [tuple(row) for row in rows]
    if not listed:
        return element("p", "None yet.", class_="soft")
    sides = ["number" if isinstance(value, int | float) else "text" for value in listed[0]]
    head = joined(element("th", text, scope="col", class_=side) for text, side in zip(heads, sides, strict=True))
    body = joined(
        element(
            "tr",
            *(element("td", value, class_=side) for value, side in zip(row, sides, strict=True)),
            class_="own" if at in marked else "plain",
        )
        for at, row in enumerate(listed)
    )
    return element(
        "div", element("table", element("thead", element("tr", head)), element("tbody", body)), class_="wide"
    )
