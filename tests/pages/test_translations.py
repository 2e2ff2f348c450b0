from __future__ import annotations

import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from pages.parts.language import CATALOGUES, catalogue
from tests.pages.texts import PAGES, Text, texts

FILE = CATALOGUES / "pt_BR" / "LC_MESSAGES" / "messages.po"


@pytest.fixture(scope="module")
def portuguese() -> Catalog:
    with FILE.open("rb") as file:
        return read_po(file, locale="pt_BR")


def both(text: Text) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else text


def test_every_text_has_a_portuguese_translation(portuguese: Catalog) -> None:
    missing = {}
    for text, place in texts().items():
        message = portuguese.get(both(text)[0])
        if message is None or message.fuzzy or not all(both(message.string)):
            missing[both(text)[0]] = place
    assert not missing


def test_the_catalogue_holds_no_text_that_no_page_says(portuguese: Catalog) -> None:
    said = {both(text)[0] for text in texts()}
    assert {both(message.id)[0] for message in portuguese if message.id} - said == set()


def test_a_translation_names_the_same_figures(portuguese: Catalog) -> None:
    wrong = []
    for message in portuguese:
        if message.id:
            wanted = names(both(message.id)[-1])
            wrong += [text for text in both(message.string) if names(text) != wanted]
    assert not wrong


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_compiled_catalogue_speaks_portuguese_and_plurals() -> None:
    spoken = catalogue("pt")
    assert spoken.gettext("Segments") == "Segmentos"
    assert spoken.ngettext("{n} request", "{n} requests", 1) == "{n} requisição"
    assert spoken.ngettext("{n} request", "{n} requests", 2) == "{n} requisições"
    assert catalogue("en").gettext("Segments") == "Segments"


def test_texts_are_found_where_pages_say_them() -> None:
    found = texts()
    assert "Segments" in found
    assert ("{n} request", "{n} requests") in found
    assert all(Path(PAGES.parent / place.partition(":")[0]).exists() for place in found.values())
