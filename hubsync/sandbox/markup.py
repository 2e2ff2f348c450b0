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
    """Return a table; numbers stand right, the rows whose positions are in `own` are marked."""
    marked = set(own)
    body: list[Markup] = []
    for at, row in enumerate(rows):
        cells = joined(
            element("td", value, class_="number") if isinstance(value, int | float) else element("td", value)
            for value in row
        )
        body.append(element("tr", cells, class_="own") if at in marked else element("tr", cells))
    if not body:
        return element("p", "None yet.", class_="soft")
    head = element("tr", joined(element("th", text, scope="col") for text in heads))
    return element("div", element("table", element("thead", head), element("tbody", joined(body))), class_="wide")
