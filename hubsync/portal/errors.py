"""What HubSpot answers when it does not do as asked, below our one root.

PortalError               anything that went wrong between HubSpot and us
├── Unauthorized          401: the token is wrong, revoked or expired
├── MissingScope          403: the token may not do this
├── RateLimited           429: too many requests; `daily` until `resume_at`
├── NotThere              404: what was named does not exist
├── Conflict              409, or a list's name that is taken: it exists already
├── Archived              a property of that name lies in the bin
├── Refused               400 and other answers that repeating will not change
├── Garbled               an answer nobody can read: wrong JSON, an HTML page, too long
└── Unreachable           no answer, or a server error, after all the tries that are allowed
    └── Unclear           ... to a write: it may or may not have been done
"""

from __future__ import annotations

import datetime as dt

from hubsync.core.errors import HubsyncError


class PortalError(HubsyncError):
    """Anything that went wrong between HubSpot and us; keeps what HubSpot said about it."""

    code = "portal"

    def __init__(
        self,
        title: str,
        detail: str = "",
        hint: str = "",
        *,
        status: int = 0,
        category: str = "",
        sub_category: str = "",
        correlation_id: str = "",
        policy: str = "",
    ) -> None:
        super().__init__(title, detail, hint)
        #: HTTP status; 0 where there was no answer.
        self.status = status
        #: HubSpot's own words, "" where it gave none.
        self.category = category
        self.sub_category = sub_category
        self.correlation_id = correlation_id
        #: Which rate limit was met ("DAILY", "TEN_SECONDLY_ROLLING", ...).
        self.policy = policy
        #: HubSpot's message, as it came (without tokens).
        self.message = ""
        #: HubSpot's list of single faults, each a mapping.
        self.errors: tuple[dict[str, object], ...] = ()


class Unauthorized(PortalError):  # noqa: N818 - the tree reads better without a suffix
    """The token is wrong, revoked or expired."""

    code = "unauthorized"


class MissingScope(PortalError):  # noqa: N818
    """The token may not do this; any one of `scopes` would allow it (HubSpot may leave them out)."""

    code = "missing_scope"
    scopes: tuple[str, ...] = ()


class RateLimited(PortalError):  # noqa: N818
    """Too many requests; nothing was done."""

    code = "rate_limited"
    #: The whole day's requests are used up, not only this moment's.
    daily: bool = False
    #: When to go on, if known.
    resume_at: dt.datetime | None = None


class NotThere(PortalError):  # noqa: N818
    """What was named does not exist in the portal (or not any more)."""

    code = "not_there"


class Conflict(PortalError):  # noqa: N818
    """It exists already; `existing_id` is its record id, "" where HubSpot did not say."""

    code = "conflict"
    existing_id: str = ""


class Archived(PortalError):  # noqa: N818
    """A property of that name lies in the bin; creating it would bring the old one back with its values."""

    code = "archived"


class Refused(PortalError):  # noqa: N818
    """HubSpot will not do this, however often it is asked."""

    code = "refused"


class Garbled(PortalError):  # noqa: N818
    """An answer nobody can read."""

    code = "garbled"


class Unreachable(PortalError):  # noqa: N818
    """No answer, or a server error, after all the tries that are allowed."""

    code = "unreachable"
    #: When HubSpot said to come back, if it did.
    resume_at: dt.datetime | None = None


class Unclear(Unreachable):
    """A write whose answer was lost: it may or may not have been done. Read before writing again."""

    code = "unclear"
