"""Text from outside, shown as the text it is."""

from __future__ import annotations

import re

#: Everything Streamlit's Markdown reads as markup: CommonMark, tables, maths ($), directives and icons (:).
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:^=&])")


def plain(text: str) -> str:
    """Return `text` so that Markdown shows it letter by letter, on one line."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
