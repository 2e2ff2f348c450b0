from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from hubsync.behaviour.tables import counts
from hubsync.sandbox.server import Sandbox
from hubsync.store import connection as connections
from hubsync.store import snapshot
from hubsync.store.state import State
from pages.parts.job import jobs
from tests.pages.shop import Made, opened, shown


@pytest.fixture
def sandbox(made: Made, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The portal of the shop, for a workspace that is not connected to it yet."""
    monkeypatch.setenv("HUBSYNC_SANDBOX", "1")
    monkeypatch.setenv("HUBSPOT_BASE_URL", made.sandbox.base_url)
    return made.sandbox


def verified(token: str, portal_id: str) -> AppTest:
    app = opened("integrations.py")
    app.text_input(key="token").set_value(token)
    app.text_input(key="portal_id").set_value(portal_id)
    app.button(key="verify").click().run()
    return app


def test_verify_shows_a_line_per_check_and_save_keeps_the_connection(empty: State, sandbox: Sandbox) -> None:
    app = verified(sandbox.token, str(sandbox.portal_id))
    text = shown(app)
    assert text.count("check_circle") >= 5
    assert ":red[" not in text
    assert connections.active(empty) is None
    app.button(key="save").click().run()
    assert not app.error
    saved = connections.active(empty)
    assert saved is not None
    assert saved.portal_id == str(sandbox.portal_id)
    assert connections.token(empty, saved) == sandbox.token


def test_a_wrong_portal_is_never_saved(empty: State, sandbox: Sandbox) -> None:
    app = verified(sandbox.token, "12345")
    text = shown(app)
    assert "not to 12345" in text
    assert "Not saved" in text
    assert "save" not in {button.key for button in app.button}


def test_a_token_that_is_refused_says_what_to_do(empty: State, sandbox: Sandbox) -> None:
    app = verified("pat-na1-00000000-0000-0000-0000-000000000000", str(sandbox.portal_id))
    assert ":red[" in shown(app)
    assert "arrow_forward" in shown(app)
    assert "save" not in {button.key for button in app.button}


@pytest.mark.parametrize(("token", "portal_id"), [("", "123"), ("pat-na1-x", "")])
def test_nothing_is_asked_without_both_fields(empty: State, sandbox: Sandbox, token: str, portal_id: str) -> None:
    app = verified(token, portal_id)
    assert "Token and portal id are needed" in app.error[0].value


def test_the_token_is_nowhere_once_it_was_sent(
    empty: State, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app = verified(sandbox.token, str(sandbox.portal_id))
    assert app.text_input(key="token").value == ""
    assert sandbox.token not in repr(app.session_state.to_dict())
    assert sandbox.token not in json.dumps({key: str(value) for key, value in app.query_params.items()})
    assert sandbox.token not in shown(app)
    app.button(key="save").click().run()
    assert sandbox.token not in repr(app.session_state.to_dict())
    assert sandbox.token not in caplog.text
    held = [path for path in Path(empty.workspace.home).rglob("*") if path.is_file()]
    assert held
    assert not [path for path in held if sandbox.token.encode() in path.read_bytes()]


def test_a_verified_token_is_saved_once(empty: State, sandbox: Sandbox) -> None:
    app = verified(sandbox.token, str(sandbox.portal_id))
    waiting = app.session_state["_verified"]
    app.button(key="save").click().run()
    app.session_state["_verified"] = waiting
    app.run()
    app.button(key="save").click().run()
    assert "no longer here" in app.error[0].value


def test_the_guide_names_the_exact_scopes(empty: State) -> None:
    scopes = " ".join(opened("integrations.py").dataframe[0].value["scopes"])
    for scope in ("crm.objects.contacts.read", "crm.objects.contacts.write", "crm.lists.read", "crm.lists.write"):
        assert scope in scopes


def test_pull_now_brings_a_newer_copy_and_says_what_it_did(shop: State) -> None:
    before = snapshot.snapshots(shop.workspace, "mirror")
    app = opened("integrations.py")
    app.button(key="pull").click().run()
    finished("pull")
    app.run()
    assert "contacts" in app.success[0].value
    assert len(snapshot.snapshots(shop.workspace, "mirror")) == len(before) + 1
    app.button(key="close pull").click().run()
    assert not app.success


def test_a_pull_that_fails_says_why(shop: State) -> None:
    shop.connection.execute(
        "update connection set definition = replace(definition, 'http://127.0.0.1:', 'http://127.0.0.1:1')"
    )
    app = opened("integrations.py")
    app.button(key="pull").click().run()
    finished("pull")
    app.run()
    assert app.error
    assert not app.exception


def finished(name: str) -> None:
    """Wait for a job's thread: it is the server's, not the page's."""
    jobs().wait(name)


def test_recompute_makes_new_members(shop: State) -> None:
    app = opened("integrations.py")
    app.button(key="refresh").click().run()
    finished("refresh")
    app.run()
    assert "300 customers measured" in app.success[0].value
    assert len(snapshot.snapshots(shop.workspace, "features")) == 2


def test_a_file_is_loaded_with_the_mapping_that_was_guessed_and_bad_rows_are_told(empty: State) -> None:
    app = opened("integrations.py")
    app.file_uploader[0].upload("clients.csv", b"id_cliente,email\n1,a@example.com\n,b@example.com\n1,c@example.com\n")
    app.run()
    assert app.selectbox(key="map customers customer_id").value == "id_cliente"
    app.button(key="load").click().run()
    assert "1 of 3 rows loaded, 2 rejected" in app.warning[0].value
    assert counts(empty.workspace)["customers"] == 1


def test_a_file_that_cannot_be_used_says_why(empty: State) -> None:
    app = opened("integrations.py")
    app.file_uploader[0].upload("empty.csv", b"")
    app.run()
    assert app.error
    assert not app.exception
