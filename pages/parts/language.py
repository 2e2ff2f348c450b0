"""The reader's language: what a page says, in English or Brazilian Portuguese."""

from __future__ import annotations

import functools
import gettext
import io
from pathlib import Path

import streamlit as st
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from hubsync.core.segment import Language
from pages.parts import address

CATALOGUES = Path(__file__).parent.parent / "locale"
#: How each language calls itself.
LANGUAGES: dict[Language, str] = {"en": "English", "pt": "Português"}
#: Babel's and gettext's name for each language.
LOCALES: dict[Language, str] = {"en": "en", "pt": "pt_BR"}
#: The switch's key, in the session and in the address.
KEY = "lang"


def language() -> Language:
    """Return the language chosen with the switch, else the browser's, else English."""
    address.follow(KEY, LANGUAGES, sticky=True)
    chosen = st.session_state.get(KEY)
    return chosen if chosen in LANGUAGES else preferred()


def preferred() -> Language:
    """Return the language the browser asks for; English where we do not have it."""
    return "pt" if (st.context.locale or "").lower().startswith("pt") else "en"


def locale() -> str:
    """Return the name by which Babel formats numbers and dates for the reader."""
    return LOCALES[language()]


def switch() -> None:
    """Draw the switch; the choice goes into the address, so a link opens in the language it was copied in."""
    st.session_state.setdefault(KEY, preferred())
    chosen = st.segmented_control(
        _("Language"),
        list(LANGUAGES),
        required=True,
        format_func=lambda code: LANGUAGES[code],
        key=KEY,
        label_visibility="collapsed",
    )
    address.tell(KEY, chosen, default=preferred())


def _(text: str) -> str:
    """Return `text`, which is English, in the reader's language."""
    return catalogue(language()).gettext(text)


def n_(one: str, many: str, count: int) -> str:
    """Return `one` or `many` for a count, in the reader's language; the caller fills in the figure."""
    return catalogue(language()).ngettext(one, many, count)


@functools.cache
def catalogue(code: Language) -> gettext.NullTranslations:
    """Return a language's texts, compiled in memory from its .po file; English is its own."""
    path = CATALOGUES / LOCALES[code] / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=LOCALES[code]))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
