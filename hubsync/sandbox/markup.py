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


def section(title: str, *content: object, name: str = "") -> Markup:
    """Return a part of the page under its own heading; `name` is what links to it say."""
    return element("section", element("h2", title), *content, id=name or title.partition(" ")[0].lower())


def facts(pairs: Iterable[tuple[str, object]]) -> Markup:
    """Return short facts, each with its name."""
    return element("dl", *(element("div", element("dt", name), element("dd", value)) for name, value in pairs))


def button(text: str, action: str, *fields: object, main: bool = False, **values: str) -> Markup:
    """Return a form of one button that asks the page to do something; `fields` stand before the button."""
    hidden = (void("input", type="hidden", name=name, value=value) for name, value in values.items())
    return element(
        "form",
        void("input", type="hidden", name="do", value=action),
        *hidden,
        *fields,
        element("button", text, class_="main" if main else "plain"),
        method="post",
        action="/?",
    )


def pages(page: int, *, more: bool, fragment: str = "", **query: str) -> Markup:
    """Return the links to the pages before and after page `page`, counted from 0."""
    if not page and not more:
        return Markup()
    before = link("Earlier", fragment, page=str(page - 1), **query) if page else element("span")
    after = link("Further", fragment, page=str(page + 1), **query) if more else element("span")
    return element("div", before, after, class_="pages")


def when(text: str) -> str:
    """Return an ISO time to the second, as people read it."""
    return text[:19].replace("T", " ")


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
        "div",
        element("table", element("thead", element("tr", head)), element("tbody", body)),
        class_="wide",
        # It may be wider than the screen: the keyboard must be able to move it, too.
        tabindex="0",
        role="group",
        aria_label=", ".join(heads),
    )
