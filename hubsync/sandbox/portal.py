"""The HubSpot account that the sandbox plays: its settings, its state, and the books kept over it."""

from __future__ import annotations

import datetime as dt
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from hubsync.sandbox import auth, standard
from hubsync.sandbox.clock import Clock, iso, utc_now
from hubsync.sandbox.contacts import Contacts
from hubsync.sandbox.faults import Faults
from hubsync.sandbox.lists import Lists
from hubsync.sandbox.mail import Mail
from hubsync.sandbox.pace import Pace, Tier
from hubsync.sandbox.state import Contact, State, Token

#: The portal id where none is asked for.
DEFAULT_PORTAL = 48120935
_LOG_LENGTH = 500


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a portal behaves."""

    portal_id: int = DEFAULT_PORTAL
    tier: Tier = Tier.PROFESSIONAL
    #: Whether the tier's rate limits are enforced.
    limits: bool = True
    time_zone: str = "US/Eastern"
    #: Seconds during which search does not see a new contact (6 to 36 were seen on a live portal).
    search_lag: float = 6.0
    #: Seconds an active list needs to work through its filters.
    processing_seconds: float = 2.0
    #: Seconds after its creation at which a contact's `lastmodifieddate` moves by itself; 0 for never.
    settle_seconds: float = 5.0
    #: Whether a merged contact keeps the primary's id, as accounts in HubSpot's preview of that do.
    merge_keeps_id: bool = False
    #: Decides the order in which batches answer.
    shuffle: int = 1


@dataclass(frozen=True, kw_only=True)
class KeptFile:
    """A file to be fetched until it expires; not kept over a restart."""

    content: bytes
    expires: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Logged:
    """One request that was answered."""

    at: str
    method: str
    path: str
    status: int
    ms: float
    #: The last four characters of its token.
    token: str
    #: What was made to go wrong with it.
    fault: str = ""


class Portal:
    """One account with everything in it."""

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        path: Path | None = None,
        clock: Callable[[], dt.datetime] = utc_now,
    ) -> None:
        self.settings = settings or Settings()
        self.state = State(path)
        self.clock = Clock(clock, dt.timedelta(seconds=float(self.state.meta.get("clock_ahead") or 0)))
        self.faults = Faults()
        self.portal_id = int(self.state.meta.get("portal_id") or self.settings.portal_id)
        if "portal_id" not in self.state.meta:
            self.state.meta.put("portal_id", str(self.portal_id))
            self._furnish()
        self._open_books()
        self.state.flush()

    @property
    def zone(self) -> ZoneInfo:
        """The portal's time zone: its day, and so its daily limit, ends at midnight there."""
        return ZoneInfo(self.settings.time_zone)

    @property
    def token(self) -> Token:
        """The token that may do everything; the same for as long as the state is kept."""
        text = self.state.meta.get("token")
        token = self.state.tokens.get(text) if text else None
        if token is None:
            token = auth.issue(self.state)
            self.state.meta.put("token", token.text)
        elif token.scopes != auth.ALL_SCOPES:
            # Kept since the sandbox served less.
            token = replace(token, scopes=auth.ALL_SCOPES)
            self.state.tokens.put(token.text, token)
        return token

    def reset(self) -> None:
        """Return to a new account at the time it is; its id and its tokens stay good."""
        self.state.clear()
        self.clock.reset()
        self.keep_time()
        self.faults.clear()
        self._furnish()
        self._open_books()

    def now(self) -> dt.datetime:
        """Return the portal's time in UTC."""
        return self.clock.now()

    def keep_time(self) -> None:
        """Remember how far the clock is ahead: after a restart nothing may lie in the future."""
        ahead = str(self.clock.ahead.total_seconds())
        if ahead != (self.state.meta.get("clock_ahead") or "0.0"):
            self.state.meta.put("clock_ahead", ahead)

    def keep_file(self, name: str, content: bytes, expires: dt.datetime) -> None:
        """Offer a file; those that expired are let go."""
        now = self.now()
        for old in [key for key, held in self.files.items() if held.expires < now]:
            del self.files[old]
        self.files[name] = KeptFile(content=content, expires=expires)

    def settle_later(self, contact: Contact) -> None:
        """Remember that a new contact will be touched by HubSpot's own computing."""
        if self.settings.settle_seconds:
            due = self.now() + dt.timedelta(seconds=self.settings.settle_seconds)
            self._settling.append((due, contact.id))

    def settle(self) -> None:
        """Do what HubSpot does by itself: touch contacts a few seconds after they were made."""
        now = self.now()
        while self._settling and self._settling[0][0] <= now:
            due, contact_id = self._settling.popleft()
            contact = self.contacts.get(contact_id)
            if contact is not None and contact.properties["lastmodifieddate"] < iso(due):
                self.contacts.update(contact, {}, due)

    def _furnish(self) -> None:
        """Put in what a new account has: HubSpot's own properties and groups."""
        for at, (name, label) in enumerate(standard.GROUPS):
            self.state.groups.put(name, {"name": name, "label": label, "displayOrder": at, "archived": False})
        for definition in standard.properties():
            self.state.properties.put(definition["name"], definition)

    def _open_books(self) -> None:
        self.random = random.Random(self.settings.shuffle)  # noqa: S311 - an order, not a secret
        self.log: deque[Logged] = deque(maxlen=_LOG_LENGTH)
        self.pace = Pace(self.settings.tier, self.zone, enforced=self.settings.limits)
        #: When a new contact's own computing will touch it, and its id.
        self._settling: deque[tuple[dt.datetime, str]] = deque()
        #: Exports to be fetched, by name.
        self.files: dict[str, KeptFile] = {}
        self.contacts = Contacts(self.state)
        self.lists = Lists(self.state, self.contacts, self.clock, self.settings.processing_seconds)
        self.mail = Mail(self.state, self.contacts)
