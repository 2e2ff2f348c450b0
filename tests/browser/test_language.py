"""The dashboard in Portuguese: by the switch, by the browser's own wish, and by a link that was copied."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.app import App
from tests.browser.screen import Screen

MENU = ["Início", "Segmentos", "Engajamento", "Exportação", "Histórico", "Integrações"]
BEHAVIOURS = [
    "Buscadores de conforto",
    "Clientes regulares fiéis",
    "Caçadores de ofertas",
    "Entusiastas de qualidade",
]


def test_the_switch_speaks_portuguese_everywhere_and_its_link_does_too(screen: Screen, shown: App) -> None:
    screen.open(shown.page("segments"), "Segments")
    english = screen.menu_items()
    screen.page.get_by_role("radio", name="Português").click()
    screen.shows("Segmentos")
    assert screen.address("lang") == "pt"
    menu = screen.menu_items()
    assert set(MENU) <= set(menu)
    assert list(menu.values()) == list(english.values())
    expect(screen.main.get_by_role("columnheader", include_hidden=True).first).to_have_text("Segmento")
    assert [row["Segmento"] for row in screen.table("Segmentos").rows] == BEHAVIOURS
    for name in menu:
        screen.menu(name)
    again = Screen(page=screen.page.context.new_page())
    again.open(screen.page.url, name)
    assert again.menu_items() == menu


@pytest.mark.browser_context_args(locale="pt-BR")
def test_a_browser_that_asks_for_portuguese_gets_it(screen: Screen, shown: App) -> None:
    screen.open(shown.page("export", segment="bargain_hunters"), "Exportação")
    expect(screen.main.get_by_role("combobox", name="Segmento")).to_have_value("Caçadores de ofertas")
    screen.page.get_by_role("radio", name="English").click()
    screen.shows("Export")
    assert screen.address("lang") == "en"
