"""A token: shown only masked, and taken out of any text that may be shown or kept."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from hubsync.core.errors import BadInput

#: How service keys and private app tokens look: HubSpot does not promise it, so that another form only warns.
USUAL = re.compile(r"pat-(na|eu|ap)\d+-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ANY_TOKEN = re.compile(r"pat-[a-z]{2}\d+-[0-9a-zA-Z-]{8,}|(?i:bearer)\s+[\w.~+/=-]{8,}")


@dataclass(frozen=True, kw_only=True)
class Token:
    """A bearer token; its text appears in no repr and no message."""

    secret: str = field(repr=False)

    @classmethod
    def of(cls, text: str) -> Token:
        """Return the token in `text`, trimmed; BadInput where it cannot be one (empty, or not printable ASCII)."""
        text = text.strip()
        if not text or not text.isascii() or not text.isprintable() or " " in text:
            raise BadInput(
                "This is not a token.",
                "It is empty, or holds spaces or signs that no token has. Nothing was sent.",
                "Copy the service key or private app token from HubSpot again, whole.",
            )
        return cls(secret=text)

    @property
    def masked(self) -> str:
        """What may be shown: "pat-na1-****9abc"."""
        head = re.match(r"pat-[a-z]{2}\d+-", self.secret)
        tail = self.secret[-4:] if len(self.secret) >= 12 else ""  # noqa: PLR2004 - of less, a tail would be a third
        return f"{head.group() if head else ''}****{tail}"

    @property
    def is_usual(self) -> bool:
        """Whether it looks like HubSpot's tokens do."""
        return bool(USUAL.fullmatch(self.secret))

    def redact(self, text: str) -> str:
        """Return `text` without this token, or anything that looks like one."""
        return redact(text.replace(self.secret, self.masked))


def redact(text: str) -> str:
    """Return `text` without anything that looks like a token."""
    return _ANY_TOKEN.sub("****", text)
