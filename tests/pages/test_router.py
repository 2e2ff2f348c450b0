from __future__ import annotations

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from hubsync.store.state import State
from pages.parts.access import Role, is_loopback, person, require
from tests.pages.shop import MAIN, opened

SCREENS = ["home.py", "segments.py", "engagement.py", "export.py", "history.py", "integrations.py", "schedules.py"]


@pytest.mark.parametrize("page", SCREENS)
def test_every_page_opens_in_an_empty_workspace_and_says_what_to_do(empty: State, page: str) -> None:
    app = opened(page)
    assert not app.exception
    assert not app.error
    assert len(app.title) == 1
    assert [button for button in app.button if button.proto.type == "primary"]


@pytest.mark.parametrize("page", SCREENS)
def test_every_page_opens_in_a_filled_workspace(shop: State, page: str) -> None:
    app = opened(page)
    assert not app.exception
    assert not app.error
    assert "Sandbox on this machine" in app.sidebar.markdown[0].value


@pytest.mark.parametrize(
    ("address", "account", "badge"),
    [
        ("http://127.0.0.1:8501", "STANDARD", "Sandbox on this machine"),
        ("http://localhost:8501", "DEVELOPER_TEST", "Sandbox on this machine"),
        ("https://api.hubapi.com", "DEVELOPER_TEST", "Test portal"),
        ("https://api.hubapi.com", "STANDARD", "Real portal"),
    ],
)
def test_a_portal_is_called_what_it_is_whoever_started_it(shop: State, address: str, account: str, badge: str) -> None:
    shop.connection.execute(
        "update connection set definition = json_set(definition, '$.embedded', json('false'),"
        " '$.account_type', ?, '$.base_url', ?)",
        (account, address),
    )
    assert badge in opened().sidebar.markdown[0].value


@pytest.mark.parametrize("page", SCREENS)
def test_a_store_that_fails_is_said_with_an_id_and_no_detail(
    shop: State, page: str, caplog: pytest.LogCaptureFixture
) -> None:
    for table in ("run", "segment"):
        shop.connection.execute(f"alter table {table} rename to gone_{table}")
    app = opened(page)
    assert not app.exception
    told = [error.value for error in app.error]
    assert told
    assert all("no such table" not in text for text in told)
    code = told[-1].rpartition("unexpected ")[2].strip(" ]")
    assert code
    assert f"unexpected error {code}" in caplog.text
    assert "Try again" in [button.label for button in app.button]


def test_the_menu_and_the_page_speak_the_browsers_language(shop: State) -> None:
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    app.context = {"locale": "pt-BR", "timezone": "America/Sao_Paulo"}
    app.run()
    assert app.title[0].value == "Início"


def test_the_switch_changes_the_language_and_puts_it_into_the_address(shop: State) -> None:
    app = opened()
    app.button_group(key="lang").set_value("pt").run()
    assert app.title[0].value == "Início"
    assert app.query_params["lang"] == "pt"
    app.switch_page("segments.py").run()
    assert app.title[0].value == "Segmentos"


def test_a_link_opens_in_its_language_whatever_the_browser_asks_for(shop: State) -> None:
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    app.context = {"locale": "en-US"}
    app.query_params["lang"] = "pt"
    app.run()
    assert app.title[0].value == "Início"


@pytest.mark.parametrize(
    ("address", "alone"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104 - the case
        ("192.168.1.4", False),
        ("example.com", False),
        ("", False),
        (None, False),
    ],
)
def test_only_a_loopback_address_counts_as_this_machine(address: str | None, *, alone: bool) -> None:
    assert is_loopback(address) is alone


def test_nobody_is_let_in_where_others_can_reach_the_server(empty: State, monkeypatch: pytest.MonkeyPatch) -> None:
    before = st.get_option("server.address")
    st.config.set_option("server.address", "0.0.0.0")  # noqa: S104 - the case
    try:
        assert person().role is Role.NONE
        for page in SCREENS:
            app = opened(page)
            assert "You may not open this page" in app.error[0].value
            assert not app.title
    finally:
        st.config.set_option("server.address", before)


def test_whoever_sits_at_this_machine_is_admin(empty: State) -> None:
    assert require(Role.ADMIN).role is Role.ADMIN
