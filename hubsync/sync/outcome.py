"""What is told of a turn's runs and errors: reasons and figures, none of HubSpot's own words."""

from __future__ import annotations

from collections.abc import Iterable

from hubsync.core.errors import Busy, HubsyncError, NotConnected, Stale
from hubsync.core.run import PausedFor, Run, RunState
from hubsync.core.turn import Health, Part, Reason, Told, TurnState
from hubsync.portal.errors import MissingScope, PortalError, RateLimited, Unauthorized

#: A run that waits for HubSpot says so from its second wait in a row on; one hiccup is nobody's business.
HICCUPS = 1
_PAUSED = {
    PausedFor.DAILY_LIMIT: Reason.DAILY_LIMIT,
    PausedFor.TOKEN: Reason.TOKEN,
    PausedFor.SCOPE: Reason.SCOPE,
    PausedFor.UNREACHABLE: Reason.UNREACHABLE,
    PausedFor.USER: Reason.STOPPED,
    PausedFor.GUARD: Reason.WALL,
}
#: The first that fits.
_ERRORS = (
    (Unauthorized, Reason.TOKEN),
    (MissingScope, Reason.SCOPE),
    (PortalError, Reason.UNREACHABLE),
    (NotConnected, Reason.NOT_CONNECTED),
    (Busy, Reason.BUSY),
    (Stale, Reason.STALE),
)


def of_run(run: Run, *, setbacks: int = 0) -> Told | None:
    """Return what is to be told of a run as it stands; None where nothing is.

    `setbacks` says how many times in a row it has paused.
    """
    reason = _reason(run)
    if reason is None or (reason is Reason.UNREACHABLE and setbacks <= HICCUPS):
        return None
    figures: dict[str, str | int] = {
        "planned": run.counts.planned,
        "confirmed": run.counts.confirmed,
        "rejected": run.counts.rejected,
    }
    if run.resume_at is not None:
        figures["at"] = run.resume_at.isoformat()
    return Told(reason=reason, segment_key=run.segment_key, plan_id=run.plan_id, run_id=run.run_id, figures=figures)


def of_error(error: HubsyncError) -> Told:
    """Return what is to be told of an error; in words only where they are ours: HubSpot's may hold anybody's data."""
    if isinstance(error, RateLimited) and error.daily:
        return Told(reason=Reason.DAILY_LIMIT)
    for kind, reason in _ERRORS:
        if isinstance(error, kind):
            return Told(reason=reason)
    return Told(reason=Reason.UNUSABLE, figures={"what": error.title})


def state_of(parts: Iterable[Part]) -> TurnState:
    """Return how a turn ends whose parts are over."""
    reasons = {part.told.reason for part in parts if part.told}
    failing = {reason for reason in reasons if reason.health is Health.FAILING}
    if failing:
        return TurnState.BLOCKED if failing == {Reason.GUARD} else TurnState.FAILED
    return TurnState.CANCELLED if reasons == {Reason.STOPPED} else TurnState.DONE


def _reason(run: Run) -> Reason | None:
    match run.state:
        case RunState.SUCCEEDED:
            return Reason.DONE
        case RunState.PARTIAL:
            return Reason.FAILED if run.counts.cancelled else Reason.REJECTED
        case RunState.FAILED:
            return Reason.FAILED
        case RunState.CANCELLED:
            return Reason.STOPPED
        case RunState.PAUSED if run.paused_for is not None:
            return _PAUSED[run.paused_for]
    return None
