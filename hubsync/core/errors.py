"""The root of every error this product raises on purpose, and the kinds any room may raise.

HubsyncError
├── BadInput        what the user gave cannot be used: wrong value, unreadable file, broken rule
│   └── NotFound    what the user named does not exist
├── Blocked         a guard stands in the way; nothing was sent
│   ├── Stale       the plan no longer matches what it was made from
│   └── Busy        the same work is already under way
└── NotConnected    there is no verified connection to a portal
(`hubsync.portal.errors` adds what HubSpot answers, below the same root.)
"""

from __future__ import annotations


class HubsyncError(Exception):
    """Something a person can act on.

    `title` says what happened in a few words, `detail` what was kept and the facts, `hint` what to do next.
    One place can therefore show any error of ours well.
    """

    #: Short machine name, shown beside the title and listed in the documentation.
    code = "error"

    def __init__(self, title: str, detail: str = "", hint: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.detail = detail
        self.hint = hint

    def __str__(self) -> str:
        return " ".join(part for part in (self.title, self.detail, self.hint) if part)


class BadInput(HubsyncError):  # noqa: N818 - the tree reads better without a suffix
    """What the user gave cannot be used."""

    code = "bad_input"


class NotFound(BadInput):
    """What the user named does not exist."""

    code = "not_found"


class Blocked(HubsyncError):  # noqa: N818
    """A guard stands in the way; nothing was sent."""

    code = "blocked"


class Stale(Blocked):
    """The plan no longer matches what it was made from."""

    code = "stale"


class Busy(Blocked):
    """The same work is already under way."""

    code = "busy"


class NotConnected(HubsyncError):  # noqa: N818
    """There is no verified connection to a portal."""

    code = "not_connected"

    def __init__(
        self,
        title: str = "No HubSpot portal is connected.",
        detail: str = "Nothing was read or sent.",
        hint: str = "Connect one under Settings › Integrations, or run: python -m hubsync connect --portal-id N",
    ) -> None:
        super().__init__(title, detail, hint)
