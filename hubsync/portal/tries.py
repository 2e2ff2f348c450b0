"""The tries of one call: after which errors there is another, after how long, and how many there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hubsync.portal.errors import PortalError, RateLimited
from hubsync.portal.refusal import LOCKED, MIGRATING, TOO_MANY
from hubsync.portal.versions import Effect

#: HubSpot may ask for a wait of up to a day; a longer one than this ends the call instead.
LONGEST_WAIT = 30.0
#: HubSpot's advice for 423.
_LOCKED_WAIT = 2.0


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How often one call is tried, the first time included."""

    #: Where it fails.
    failures: int = 5
    #: Where it is refused for its pace: nothing was done, and the pace shrinks each time.
    refusals: int = 20


class Again(Exception):  # noqa: N818 - never leaves the gateway
    """An error after which another try may be allowed."""

    def __init__(self, error: PortalError, *, sent: bool, wait: float | None = None) -> None:
        super().__init__()
        self.error = error
        #: The request may have been carried out.
        self.sent = sent
        #: Seconds; None for the usual backoff.
        self.wait = wait


class Tries:
    """Decides after each error of one call whether it is tried again."""

    def __init__(self, effect: Effect, patience: Patience) -> None:
        self._effect = effect
        self._patience = patience
        self._failures = 0
        #: The most tries there can be.
        self.most = max(patience.failures, patience.refusals)

    def wait(self, error: Exception) -> bool | float:
        """Return whether to try again, and after how many seconds where it is not the usual backoff."""
        if not isinstance(error, Again):
            return False
        self._failures += not isinstance(error.error, RateLimited)
        if self._failures >= self._patience.failures or (error.sent and self._effect is Effect.CREATE):
            return False
        if error.wait is None:
            return True
        return error.wait if error.wait <= LONGEST_WAIT else False


def asked_wait(error: PortalError, headers: Mapping[str, str]) -> float | None:
    """Return the seconds HubSpot asks for; Retry-After is documented for 477 only, and honoured wherever it comes."""
    asked = headers.get("retry-after", "")
    if asked.isdigit():
        return float(asked)
    if error.status == LOCKED:
        return _LOCKED_WAIT
    if error.status == MIGRATING:
        return LONGEST_WAIT + 1  # says nothing, and lasts up to a day
    return 1.0 if error.status == TOO_MANY and error.policy in {"", "SECONDLY"} else None
