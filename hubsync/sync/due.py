"""Taking a sync's turn: portal pulled, members computed, and for each segment a plan, its guards, its run.

A turn that is interrupted anywhere is gone on with by the next worker: computing, pulling and planning may be done
twice, a plan is run once, and what was noted of a segment stays noted.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from hubsync.core.connection import Connection
from hubsync.core.errors import Busy, HubsyncError, NotFound
from hubsync.core.plan import Guard, Plan
from hubsync.core.run import Run, RunState
from hubsync.core.schedule import After
from hubsync.core.turn import SCHEDULE, Part, Reason, Told, Turn, TurnState, worst
from hubsync.portal.errors import RateLimited
from hubsync.portal.gateway import Gateway
from hubsync.store import alert, turn
from hubsync.store import connection as connections
from hubsync.store import plan as plans
from hubsync.store import run as runs
from hubsync.store import schedule as waits
from hubsync.store import segment as segments
from hubsync.store import sync as syncs
from hubsync.store.lease import Overtaken
from hubsync.store.state import State
from hubsync.store.turn import Claim
from hubsync.store.workspace import Workspace
from hubsync.sync import freshness
from hubsync.sync.outcome import of_error, of_run, state_of
from hubsync.sync.preview import preview
from hubsync.sync.proposal import EmailAsk
from hubsync.sync.run import enqueue

log = logging.getLogger(__name__)
#: Waits after one try in vain, two, ...; after the last a person is asked.
WAITS = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What turns are taken with."""

    workspace: Workspace
    state: State
    #: Opens the way to a portal.
    gateways: Callable[[Connection], Gateway]
    #: Goes on with one run and returns how it stands; raises Busy where another worker is at its target.
    run: Callable[[str], Run]
    clock: Callable[[], dt.datetime]
    #: Names this worker to others.
    holder: str
    #: Set, it ends the turn's stretch between two steps; another worker goes on.
    stop: threading.Event | None = None
    #: Hears what goes on.
    doing: Callable[[str], None] = log.debug


#: Tried again by itself; everything else ends the turn.
_RETRIED = frozenset({Reason.DAILY_LIMIT, Reason.UNREACHABLE, Reason.BUSY, Reason.STALE, Reason.UNFORESEEN})


class _Ends(Exception):  # noqa: N818 - never leaves this file
    def __init__(self, told: Told) -> None:
        super().__init__()
        self.told = told


class _Waits(Exception):  # noqa: N818 - never leaves this file
    def __init__(self, run_id: str, told: Told | None) -> None:
        super().__init__()
        self.run_id, self.told = run_id, told


class _Stopped(Exception):  # noqa: N818 - never leaves this file
    pass


def take_turn(bench: Bench, number: int) -> Turn:
    """Go on with a turn until it is over or must wait; return how it stands then.

    How the sync stands is noted, and a change of it makes a notice. A turn that another worker is at is left alone.
    """
    held = turn.claim(bench.state, number, worker=bench.holder, now=bench.clock())
    if held is not None:
        try:
            _Taking(bench, held).go()
        except (Overtaken, NotFound):
            log.info("Turn %d was taken over, or ended elsewhere.", number)
        except _Stopped:
            turn.release(bench.state, held)
        except BaseException:
            turn.release(bench.state, held)
            raise
    return turn.get(bench.state, number)


def unforeseen(bench: Bench, number: int) -> Turn:
    """Note that a turn met an error nobody foresaw, so that it is tried again later; return how it stands then."""
    held = turn.claim(bench.state, number, worker=bench.holder, now=bench.clock())
    if held is not None:
        _Taking(bench, held).setback(Told(reason=Reason.UNFORESEEN))
    return turn.get(bench.state, number)


class _Taking:
    """One worker's stretch of one turn."""

    def __init__(self, bench: Bench, held: Claim) -> None:
        self._bench, self._held = bench, held
        self._workspace, self._state, self._clock = bench.workspace, bench.state, bench.clock
        self._turn = turn.get(bench.state, held.number)
        self._sync = syncs.current(bench.state, self._turn.sync_key).sync
        self._parts = list(self._turn.parts or (Part(segment_key=key) for key in self._sync.segments))

    def go(self) -> None:
        """Take the turn, and note how it went."""
        try:
            self._work()
        except (Overtaken, _Stopped):
            raise
        except _Ends as ends:
            self._end(TurnState.FAILED, ends.told)
        except _Waits as waits_for:
            self._wait(waits_for)
        except HubsyncError as error:
            log.warning("Sync %s: %s", self._sync.key, error.title)
            self.setback(of_error(error), error.resume_at if isinstance(error, RateLimited) else None)

    def _work(self) -> None:
        portal = connections.required(self._state)
        if self._turn.portal_id not in {"", portal.portal_id}:
            figures = {"meant": self._turn.portal_id, "connected": portal.portal_id}
            raise _Ends(Told(reason=Reason.OTHER_PORTAL, figures=figures))
        if any(not part.run_id and part.told is None for part in self._parts):
            self._prepare(portal)
        for place, part in enumerate(self._parts):
            if part.told is None:
                self._step(f"plans {part.segment_key}")
                self._parts[place] = self._segment(place, portal)
        told = worst(tuple(self._parts))
        self._end(state_of(self._parts), told)

    def _prepare(self, portal: Connection) -> None:
        """Pull and compute members, where what there is was made before this turn was asked for.

        First the pull, as members may depend on what comes back with it.
        """
        schedule, since = self._sync.schedule, self._turn.asked_at
        by_event = isinstance(schedule, After) and self._turn.asked_by == SCHEDULE
        self._step("pulls from HubSpot")
        gateway = self._bench.gateways(portal)
        freshness.refresh_mirror_since(self._workspace, self._state, portal, gateway, since=since, clock=self._clock)
        self._step("computes members")
        news = freshness.data(self._workspace)
        made = freshness.refresh_features(
            self._workspace, self._state, since=None if by_event else since, clock=self._clock
        )
        if isinstance(schedule, After):
            with turn.step(self._state, self._held, self._clock()) as connection:
                waits.see(connection, self._sync.key, news if schedule.after == "load" else made)

    def _segment(self, place: int, portal: Connection) -> Part:
        part = self._parts[place]
        if not part.run_id:
            plan = self._plan(part.segment_key, portal)
            standing = tuple(guard for guard in plan.blocked if not self._allowed(plan, guard))
            if standing:
                blocked = Told(
                    reason=Reason.GUARD,
                    segment_key=part.segment_key,
                    plan_id=plan.plan_id,
                    figures={"guards": ",".join(guard.code for guard in standing)},
                )
                return self._keep(place, replace(part, plan_id=plan.plan_id, told=blocked))
            part = self._enqueue(place, plan)
        run = self._run(part.run_id)
        told = of_run(run, setbacks=runs.setbacks(self._state, run.run_id))
        if not run.state.finished:
            raise _Waits(run.run_id, told)
        return self._keep(place, replace(part, told=told))

    def _plan(self, segment_key: str, portal: Connection) -> Plan:
        segment = segments.current(self._state, segment_key).segment
        return preview(
            self._workspace,
            self._state,
            portal,
            segment_key=segment_key,
            target=self._sync.target,
            list_name=self._sync.list_for(segment, self._clock().date()),
            create_contacts=self._sync.create_contacts,
            mapping=self._sync.mapping,
            email=self._email,
            by=self._by,
            clock=self._clock,
        )

    @property
    def _email(self) -> EmailAsk | None:
        asked = self._sync.email
        return (
            EmailAsk(template_id=asked.template, name=asked.name, subject=asked.subject, exclude=asked.exclude)
            if asked
            else None
        )

    def _enqueue(self, place: int, plan: Plan) -> Part:
        """Ask for the run and note it in one transaction: a plan of this turn is run once."""
        with turn.step(self._state, self._held, self._clock()) as connection:
            run_id = enqueue(
                self._workspace,
                self._state,
                plan.plan_id,
                by=self._by,
                override=tuple(guard.override for guard in plan.blocked),
                clock=self._clock,
            )
            part = replace(self._parts[place], plan_id=plan.plan_id, run_id=run_id)
            self._parts[place] = part
            turn.keep_parts(connection, self._held, self._parts)
        return part

    def _run(self, run_id: str) -> Run:
        """Go on with the run unless it must wait, or another worker is at it; return how it stands."""
        run = runs.get(self._state, run_id)
        now = self._clock()
        if run.state.finished or (run.state is RunState.PAUSED and (run.resume_at is None or run.resume_at > now)):
            return run
        self._step(f"run {run_id}")
        try:
            run = self._bench.run(run_id)
        except Busy:
            return runs.get(self._state, run_id)
        if run.state is RunState.RUNNING:
            self._check_stop()
        return run

    def _allowed(self, plan: Plan, guard: Guard) -> bool:
        """Whether the sync allows what a guard stands for; its figure is what a person would have to type."""
        allow = self._sync.allow
        if guard.code == "many_creates":
            return allow.creates is not None and int(guard.override) <= allow.creates
        if guard.code == "large_removal":
            return allow.removals is not None and int(guard.override) <= allow.removals
        if guard.code == "size_change":
            last = plans.last_run(self._state, plan.portal_id, plan.target).get((plan.segment_key, plan.list_name))
            moved = abs(sum(plan.reach.values()) - sum(last.reach.values())) if last else 0
            return allow.size_change is not None and moved <= allow.size_change
        return False

    @property
    def _by(self) -> str:
        asked = self._turn.asked_by
        return f"schedule {self._sync.key}" if asked == SCHEDULE else f"{asked}, sync {self._sync.key}"

    def _keep(self, place: int, part: Part) -> Part:
        self._parts[place] = part
        with turn.step(self._state, self._held, self._clock()) as connection:
            turn.keep_parts(connection, self._held, self._parts)
        return part

    def _step(self, what: str) -> None:
        self._check_stop()
        self._bench.doing(f"sync {self._sync.key}: {what}")
        with turn.step(self._state, self._held, self._clock()):
            pass

    def _check_stop(self) -> None:
        if self._bench.stop is not None and self._bench.stop.is_set():
            raise _Stopped

    def _end(self, state: TurnState, told: Told) -> None:
        at = self._clock()
        with turn.step(self._state, self._held, at) as connection:
            turn.end(connection, self._held, state, told=told, at=at)
            alert.note(self._state, self._sync.key, told, at)

    def _wait(self, waiting: _Waits) -> None:
        at = self._clock()
        with turn.step(self._state, self._held, at) as connection:
            turn.wait(connection, self._held, until=at, told=waiting.told, waits_for=waiting.run_id)
            if waiting.told is not None:
                alert.note(self._state, self._sync.key, waiting.told, at)

    def setback(self, told: Told, resume_at: dt.datetime | None = None) -> None:
        """Try again later, or end the turn where that does not help; a single hiccup is nobody's business."""
        at, tries = self._clock(), self._turn.tries
        if told.reason not in _RETRIED:
            self._end(TurnState.FAILED, told)
            return
        if tries >= len(WAITS):
            self._end(
                TurnState.FAILED, replace(told, reason=Reason.GAVE_UP, figures={"because": told.reason, "tries": tries})
            )
            return
        until = resume_at or at + WAITS[tries]
        told = replace(told, figures={**told.figures, "at": until.isoformat()})
        with turn.step(self._state, self._held, at) as connection:
            turn.wait(connection, self._held, until=until, told=told)
            if tries or told.reason is Reason.DAILY_LIMIT:
                alert.note(self._state, self._sync.key, told, at)
