"""Where alerts go: settings from the environment, checked before anything is sent."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from hubsync.core.errors import BadInput
from hubsync.core.segment import Language
from hubsync.sync.alerts_channel import Channel
from hubsync.sync.alerts_mail import Mail, Security
from hubsync.sync.alerts_webhook import Webhook

#: Every setting and what it means; the documentation lists them.
SETTINGS: Mapping[str, str] = {
    "HUBSYNC_ALERT_EMAIL": "who gets alerts by e-mail, separated by commas",
    "HUBSYNC_ALERT_FROM": "their sender; by default the first receiver",
    "HUBSYNC_ALERT_WEBHOOK": "an https address that gets alerts as JSON (http on this machine only)",
    "HUBSYNC_ALERT_SECRET": "what webhooks are signed with, 16 characters or more",
    "HUBSYNC_ALERT_LANGUAGE": "en (default) or pt",
    "HUBSYNC_APP_URL": "where links in alerts lead (default http://127.0.0.1:8501)",
    "HUBSYNC_SMTP_HOST": "the mail server, with its port if it is not the usual one: mail.example.com:587",
    "HUBSYNC_SMTP_SECURITY": "starttls (default), tls, or none (on this machine only)",
    "HUBSYNC_SMTP_USER": "who logs in there; empty for nobody",
    "HUBSYNC_SMTP_PASSWORD": "with which password",
}
APP_URL = "http://127.0.0.1:8501"
SHORTEST_SECRET = 16
_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where alerts go and how they read."""

    channels: tuple[Channel, ...] = ()
    language: Language = "en"
    #: Without a slash at the end.
    app_url: str = APP_URL


def settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return where alerts go; no channel where nothing is set. BadInput names the setting that is wrong."""
    given = {name: environment.get(name, "").strip() for name in SETTINGS}
    language = given["HUBSYNC_ALERT_LANGUAGE"] or "en"
    if language not in {"en", "pt"}:
        raise _wrong("HUBSYNC_ALERT_LANGUAGE", "it is neither en nor pt")
    app_url = (given["HUBSYNC_APP_URL"] or APP_URL).rstrip("/")
    if urlsplit(app_url).scheme not in {"http", "https"}:
        raise _wrong("HUBSYNC_APP_URL", "it does not begin with http:// or https://")
    channels = (_mail(given), _webhook(given))
    return Settings(
        channels=tuple(channel for channel in channels if channel is not None),
        language="pt" if language == "pt" else "en",
        app_url=app_url,
    )


def _mail(given: Mapping[str, str]) -> Mail | None:
    to = tuple(part.strip() for part in given["HUBSYNC_ALERT_EMAIL"].split(",") if part.strip())
    if not to:
        return None
    for address in to:
        _check_address("HUBSYNC_ALERT_EMAIL", address)
    sender = given["HUBSYNC_ALERT_FROM"] or to[0]
    _check_address("HUBSYNC_ALERT_FROM", sender)
    if not given["HUBSYNC_SMTP_HOST"]:
        raise _wrong("HUBSYNC_SMTP_HOST", "it is empty, and HUBSYNC_ALERT_EMAIL needs a mail server")
    word = given["HUBSYNC_SMTP_SECURITY"] or Security.STARTTLS.value
    if word not in tuple(Security):
        raise _wrong("HUBSYNC_SMTP_SECURITY", f"it is none of {', '.join(Security)}")
    security = Security(word)
    try:
        server = urlsplit("//" + given["HUBSYNC_SMTP_HOST"])
        host, port = server.hostname or "", server.port
    except ValueError:
        server, host, port = urlsplit(""), "", None
    if not host or server.path or server.username is not None:
        raise _wrong("HUBSYNC_SMTP_HOST", "it is no host, or host:port")
    if security is Security.NONE and not is_loopback(host):
        raise _wrong("HUBSYNC_SMTP_SECURITY", "'none' is for a mail server on this machine only")
    return Mail(
        host=host,
        port=port or _PORTS[security],
        security=security,
        sender=sender,
        to=to,
        user=given["HUBSYNC_SMTP_USER"],
        password=given["HUBSYNC_SMTP_PASSWORD"],
    )


def _webhook(given: Mapping[str, str]) -> Webhook | None:
    url, secret = given["HUBSYNC_ALERT_WEBHOOK"], given["HUBSYNC_ALERT_SECRET"]
    if not url:
        return None
    try:
        address = urlsplit(url)
        port_is_right = address.port != 0
    except ValueError:
        address, port_is_right = urlsplit(""), False
    if not address.hostname or not port_is_right or any(ord(sign) <= ord(" ") or ord(sign) > ord("~") for sign in url):
        raise _wrong("HUBSYNC_ALERT_WEBHOOK", "it is no web address")
    if address.username is not None:
        raise _wrong("HUBSYNC_ALERT_WEBHOOK", "it holds a user or password; the signature proves who sends")
    if not (address.scheme == "https" or (address.scheme == "http" and is_loopback(address.hostname))):
        raise _wrong("HUBSYNC_ALERT_WEBHOOK", "it is not https, and does not lead to this machine")
    if len(secret) < SHORTEST_SECRET:
        raise _wrong("HUBSYNC_ALERT_SECRET", f"it has fewer than {SHORTEST_SECRET} characters")
    return Webhook(url=url, secret=secret)


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_address(name: str, address: str) -> None:
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise _wrong(name, f"'{address}' is no e-mail address") from error


def _wrong(name: str, why: str) -> BadInput:
    return BadInput(
        f"The setting {name} cannot be used: {why}.",
        "No alert is sent until it is right; notices of the last day are kept and go out then.",
        "Correct it in the environment or .env and start again.",
    )
