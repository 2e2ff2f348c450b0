"""Alerts by e-mail: one plain text to everybody who is to know."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from enum import StrEnum

from hubsync.core.notice import Message
from hubsync.sync.alerts_channel import DEADLINE, TIMEOUT, NotDelivered, within


class Security(StrEnum):
    """How the way to the mail server is sealed."""

    #: A plain connection that turns to TLS before anything is said (port 587).
    STARTTLS = "starttls"
    #: TLS from the first byte (port 465).
    TLS = "tls"
    #: Not at all; to a server on this machine only.
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail server and who hears from it."""

    host: str
    port: int
    security: Security
    sender: str
    to: tuple[str, ...]
    user: str = ""
    password: str = field(default="", repr=False)
    deadline: float = DEADLINE
    name: str = "e-mail"

    def send(self, message: Message) -> str:
        """See `Channel`; a server that refuses some of the receivers is a remark, as the others have it."""
        smtp = self._server()
        try:
            with within(self.deadline, lambda: smtp.sock):
                smtp.connect(self.host, self.port)
                if self.security is Security.STARTTLS:
                    smtp.starttls(context=ssl.create_default_context())
                if self.user:
                    smtp.login(self.user, self.password)
                refused = smtp.send_message(self._letter(message), self.sender, list(self.to))
                smtp.quit()
        except (smtplib.SMTPException, OSError) as error:
            raise NotDelivered(
                f"The mail server {self.host}:{self.port} did not take the notice.",
                f"{_why(error)} The notice is kept and tried again.",
                "Check HUBSYNC_SMTP_HOST, _SECURITY, _USER and _PASSWORD, then: python -m hubsync alerts --test",
            ) from error
        finally:
            smtp.close()
        return f"{len(refused)} of {len(self.to)} receivers were refused." if refused else ""

    def _server(self) -> smtplib.SMTP:
        server = smtplib.SMTP(timeout=TIMEOUT)
        if self.security is Security.TLS:
            server = smtplib.SMTP_SSL(timeout=TIMEOUT, context=ssl.create_default_context())
        server._host = self.host  # type: ignore[attr-defined]  # noqa: SLF001 - what TLS is checked against; only the constructor sets it, and it connects at once
        return server

    def _letter(self, message: Message) -> EmailMessage:
        letter = EmailMessage()
        letter["Subject"] = " ".join(f"[hubsync] {message.words.subject}".split())
        letter["From"] = self.sender
        letter["To"] = ", ".join(self.to)
        letter["Date"] = format_datetime(message.sent_at)
        letter["Message-ID"] = f"<{message.id}.{message.at:%Y%m%d%H%M%S}@hubsync.invalid>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.text)
        return letter


#: The first that fits; in our own words, as a server's may repeat what it was sent.
_WHY: tuple[tuple[type[OSError], str], ...] = (
    (smtplib.SMTPAuthenticationError, "It refuses user and password ({code})."),
    (smtplib.SMTPRecipientsRefused, "It refuses every receiver."),
    (smtplib.SMTPSenderRefused, "It refuses the sender ({code})."),
    (smtplib.SMTPResponseException, "It answered {code}."),
    (smtplib.SMTPNotSupportedError, "It does not offer what the settings ask for: STARTTLS, or to log in."),
    (smtplib.SMTPServerDisconnected, "It stopped answering."),
    (ssl.SSLError, "Its certificate or TLS is not trusted: {reason}."),
    (TimeoutError, "It stopped answering."),
)


def _why(error: smtplib.SMTPException | OSError) -> str:
    text = next((text for kind, text in _WHY if isinstance(error, kind)), "It cannot be reached: {why}.")
    return text.format(
        code=getattr(error, "smtp_code", ""),
        reason=getattr(error, "reason", None) or "no reason given",
        why=error.strerror or type(error).__name__,
    )
