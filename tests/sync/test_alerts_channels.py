"""The ways alerts go out: what seals them, what is refused, and how settings are checked."""

from __future__ import annotations

import dataclasses
import datetime as dt
import string
from pathlib import Path

import pytest

from hubsync.core.errors import BadInput
from hubsync.core.notice import _SENTENCES, Message, words
from hubsync.core.turn import Health, Reason, Told
from hubsync.sync.alerts import try_out
from hubsync.sync.alerts_channel import NotDelivered
from hubsync.sync.alerts_mail import Mail, Security
from hubsync.sync.alerts_settings import SETTINGS, Settings, settings
from hubsync.sync.alerts_webhook import Webhook
from tests.sync.receivers import PASSWORD, USER, certificate, doorbell, letterbox, silence

NOW = dt.datetime(2030, 1, 7, 12, tzinfo=dt.UTC)
TOLD = Told(reason=Reason.TOKEN)
SECRET = "sixteen characters and more"


def message(subject: str = "") -> Message:
    said = words(TOLD, sync_key="daily", before=Health.FINE, after=Health.FAILING)
    return Message(
        id="notice-1",
        at=NOW,
        sent_at=NOW,
        sync_key="daily",
        portal_id="1",
        before=Health.FINE,
        after=Health.FAILING,
        told=TOLD,
        words=dataclasses.replace(said, subject=subject or said.subject),
        link="http://127.0.0.1:8501/history",
    )


def mail(port: int, **more: object) -> Mail:
    given = {"host": "127.0.0.1", "port": port, "security": Security.NONE, "sender": "a@example.com"}
    return Mail(**{**given, "to": ("b@example.com",), **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_sealed_server_that_is_trusted_gets_login_and_letter(
    security: Security, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with letterbox(**{security.value: context}) as box:
        assert mail(box.port, security=security, user=USER, password=PASSWORD).send(message()) == ""
        assert (len(box.letters), box.logins) == (1, [USER])


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_server_that_cannot_prove_itself_hears_no_password(security: Security, tmp_path: Path) -> None:
    context, _ = certificate(tmp_path)
    with letterbox(**{security.value: context}) as box:
        with pytest.raises(NotDelivered, match="not trusted"):
            mail(box.port, security=security, user=USER, password=PASSWORD).send(message())
        assert box.logins == box.letters == []


def test_a_server_without_starttls_hears_no_password() -> None:
    with letterbox() as box:
        with pytest.raises(NotDelivered, match="does not offer"):
            mail(box.port, security=Security.STARTTLS, user=USER, password=PASSWORD).send(message())
        assert box.logins == box.letters == []


def test_a_refused_password_is_told_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, trusted = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with letterbox(starttls=context) as box, pytest.raises(NotDelivered) as refused:
        mail(box.port, security=Security.STARTTLS, user=USER, password="wrong-password").send(message())
    assert "refuses user and password (535)" in str(refused.value)
    assert "wrong-password" not in str(refused.value) + repr(mail(1, password="wrong-password"))


def test_a_subject_of_several_lines_adds_no_header() -> None:
    with letterbox() as box:
        mail(box.port).send(message("Bad\r\nBcc: everybody@example.com"))
    (letter,) = box.letters
    assert letter["Bcc"] is None
    assert letter["Subject"] == "[hubsync] Bad Bcc: everybody@example.com"


def test_a_mail_server_that_falls_silent_is_cut_off() -> None:
    with silence(lambda connection: connection.sendall(b"220 hello\r\n")) as port, pytest.raises(NotDelivered) as lost:
        mail(port, deadline=0.1).send(message())
    assert "stopped answering" in str(lost.value)


def test_a_web_server_that_falls_silent_is_cut_off() -> None:
    with silence(lambda connection: connection.sendall(b"HTTP/1.1 ")) as port, pytest.raises(NotDelivered):
        Webhook(url=f"http://127.0.0.1:{port}/", secret=SECRET, deadline=0.1).send(message())


def test_a_redirect_is_not_followed() -> None:
    with doorbell() as elsewhere, doorbell() as bell:
        bell.status, bell.headers = 307, {"Location": elsewhere.url}
        with pytest.raises(NotDelivered, match=r"answered 307"):
            Webhook(url=bell.url, secret=SECRET).send(message())
        assert (len(bell.posts), elsewhere.posts) == (1, [])


def test_nobody_at_the_address_is_told_without_the_address() -> None:
    webhook = Webhook(url="http://127.0.0.1:9/hooks/very-secret-path", secret=SECRET)
    with pytest.raises(NotDelivered) as lost:
        webhook.send(message())
    assert "127.0.0.1" in str(lost.value)
    assert "very-secret-path" not in str(lost.value) + repr(webhook)
    assert SECRET not in repr(webhook)


def test_trying_out_says_of_each_channel_how_it_went() -> None:
    with letterbox() as box, doorbell() as bell:
        bell.status = 403
        channels = (mail(box.port), Webhook(url=bell.url, secret=SECRET))
        tried = try_out(Settings(channels=channels), lambda: NOW)
    assert tried["e-mail"] == ""
    assert "answered 403" in tried["webhook"]
    assert "“test”" in box.letters[0]["Subject"]


MAIL = {"HUBSYNC_ALERT_EMAIL": "a@example.com", "HUBSYNC_SMTP_HOST": "mail.example.com"}
HOOK = {"HUBSYNC_ALERT_WEBHOOK": "https://hooks.example.com/x", "HUBSYNC_ALERT_SECRET": SECRET}


def test_settings_become_channels() -> None:
    assert settings({}) == Settings()
    found = settings({**MAIL, **HOOK, "HUBSYNC_ALERT_FROM": "me@example.com", "HUBSYNC_APP_URL": "https://d.example/"})
    letter, hook = found.channels
    assert isinstance(letter, Mail)
    assert (letter.port, letter.security, letter.sender) == (587, Security.STARTTLS, "me@example.com")
    assert isinstance(hook, Webhook)
    assert (hook.host, found.app_url) == ("hooks.example.com", "https://d.example")


@pytest.mark.parametrize(
    ("given", "setting"),
    [
        ({**MAIL, "HUBSYNC_ALERT_EMAIL": "nobody"}, "HUBSYNC_ALERT_EMAIL"),
        ({**MAIL, "HUBSYNC_ALERT_FROM": "a@b@c"}, "HUBSYNC_ALERT_FROM"),
        ({**MAIL, "HUBSYNC_SMTP_HOST": ""}, "HUBSYNC_SMTP_HOST"),
        ({**MAIL, "HUBSYNC_SMTP_HOST": "mail.example.com:port"}, "HUBSYNC_SMTP_HOST"),
        ({**MAIL, "HUBSYNC_SMTP_HOST": "smtp://mail.example.com"}, "HUBSYNC_SMTP_HOST"),
        ({**MAIL, "HUBSYNC_SMTP_SECURITY": "rot13"}, "HUBSYNC_SMTP_SECURITY"),
        ({**MAIL, "HUBSYNC_SMTP_SECURITY": "none"}, "HUBSYNC_SMTP_SECURITY"),
        ({**HOOK, "HUBSYNC_ALERT_WEBHOOK": "http://hooks.example.com"}, "HUBSYNC_ALERT_WEBHOOK"),
        ({**HOOK, "HUBSYNC_ALERT_WEBHOOK": "http://127.0.0.1.evil.example"}, "HUBSYNC_ALERT_WEBHOOK"),
        ({**HOOK, "HUBSYNC_ALERT_WEBHOOK": "https://user:pass@hooks.example.com"}, "HUBSYNC_ALERT_WEBHOOK"),
        ({**HOOK, "HUBSYNC_ALERT_WEBHOOK": "https://hooks.example.com/a b"}, "HUBSYNC_ALERT_WEBHOOK"),
        ({**HOOK, "HUBSYNC_ALERT_WEBHOOK": "https://hooks.example.com:99999"}, "HUBSYNC_ALERT_WEBHOOK"),
        ({**HOOK, "HUBSYNC_ALERT_WEBHOOK": "file:///etc/passwd"}, "HUBSYNC_ALERT_WEBHOOK"),
        ({**HOOK, "HUBSYNC_ALERT_SECRET": "short"}, "HUBSYNC_ALERT_SECRET"),
        ({"HUBSYNC_ALERT_LANGUAGE": "fr"}, "HUBSYNC_ALERT_LANGUAGE"),
        ({"HUBSYNC_APP_URL": "javascript:alert(1)"}, "HUBSYNC_APP_URL"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_and_nothing_goes_out(given: dict[str, str], setting: str) -> None:
    with pytest.raises(BadInput, match=f"The setting {setting} cannot be used"):
        settings(given)


def test_every_setting_is_documented() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    assert [name for name in SETTINGS if f"`{name}`" not in readme] == []


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_is_said_in_both_languages_with_the_same_figures(reason: Reason) -> None:
    english, portuguese = (_SENTENCES[language][reason] for language in ("en", "pt"))
    assert [fields(text) for text in english] == [fields(text) for text in portuguese]
    assert english[0] != portuguese[0]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
