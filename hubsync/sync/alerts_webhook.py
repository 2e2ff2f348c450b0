"""Alerts by webhook: a JSON document, signed so that the receiver can tell it from a forged one.

The receiver recomputes `sha256=HMAC-SHA256(secret, timestamp + "." + body)` in hexadecimal, compares it with the header
X-Hubsync-Signature in constant time, and refuses a timestamp (header X-Hubsync-Timestamp, seconds) older than five
minutes. A repeat carries the same `id`.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import ssl
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import hubsync
from hubsync.core.notice import Message
from hubsync.sync.alerts_channel import DEADLINE, TIMEOUT, NotDelivered, within


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """An address that hears of every notice; whoever knows it may write there, so it is not shown."""

    url: str = field(repr=False)
    secret: str = field(repr=False)
    deadline: float = DEADLINE
    name: str = "webhook"

    @property
    def host(self) -> str:
        """Where it goes, without what in the address is nobody's business."""
        return urlsplit(self.url).hostname or ""

    def send(self, message: Message) -> str:
        """See `Channel`; only an answer of 200 to 299 counts, and a redirect is not followed."""
        body = json.dumps(document(message), ensure_ascii=False).encode()
        timestamp = str(int(message.sent_at.timestamp()))
        address = urlsplit(self.url)
        connection = self._connection(address.hostname or "", address.port)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": f"hubsync/{hubsync.__version__}",
            "X-Hubsync-Delivery": message.id,
            "X-Hubsync-Timestamp": timestamp,
            "X-Hubsync-Signature": signature(self.secret, timestamp, body),
        }
        try:
            with within(self.deadline, lambda: connection.sock):
                path = (address.path or "/") + (f"?{address.query}" if address.query else "")
                connection.request("POST", path, body, headers)
                status = connection.getresponse().status
        except (http.client.HTTPException, OSError) as error:
            raise self._failed(_why(error)) from error
        finally:
            connection.close()
        if not 200 <= status < 300:  # noqa: PLR2004 - HTTP's own limits
            raise self._failed(f"It answered {status}.")
        return ""

    def _connection(self, host: str, port: int | None) -> http.client.HTTPConnection:
        if self.url.startswith("https:"):
            return http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=ssl.create_default_context())
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT)

    def _failed(self, why: str) -> NotDelivered:
        return NotDelivered(
            f"The webhook at {self.host} did not take the notice.",
            f"{why} The notice is kept and tried again.",
            "Check HUBSYNC_ALERT_WEBHOOK and its receiver, then: python -m hubsync alerts --test",
        )


def document(message: Message) -> dict[str, str]:
    """Return what is sent."""
    return {
        "id": message.id,
        "at": message.at.isoformat(),
        "sync": message.sync_key,
        "portal_id": message.portal_id,
        "before": message.before.value,
        "after": message.after.value,
        "reason": message.told.reason.value,
        "subject": message.words.subject,
        "happened": message.words.happened,
        "kept": message.words.kept,
        "to_do": message.words.to_do,
        "link": message.link,
        "run_id": message.told.run_id,
        "plan_id": message.told.plan_id,
        "text": message.text,  # chat programs show this
    }


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a body at a time."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"sha256={digest}"


def _why(error: http.client.HTTPException | OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return f"Its certificate or TLS is not trusted: {error.reason or 'no reason given'}."
    if isinstance(error, TimeoutError):
        return "It stopped answering."
    if isinstance(error, OSError):
        return f"It cannot be reached ({error.strerror or type(error).__name__})."
    return "Its answer is not HTTP, or ended early."
