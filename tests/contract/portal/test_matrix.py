"""Every fault of the sandbox on every route the gateway uses: the right end in the right words, and nothing twice."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import httpx
import pytest

from hubsync.portal.errors import (
    Garbled,
    MissingScope,
    PortalError,
    RateLimited,
    Unauthorized,
    Unclear,
    Unreachable,
)
from hubsync.portal.gateway import Gateway
from hubsync.portal.pace import Pacer
from hubsync.portal.tries import Patience
from hubsync.portal.versions import DEFAULT, ROUTES, Effect, Route
from hubsync.sandbox.faults import Kind
from hubsync.sandbox.portal import Settings
from hubsync.sandbox.server import Sandbox
from tests.contract.portal.routes import MAIL, USES, Use, World

ATTEMPTS, REFUSALS = Patience().failures, Patience().refusals
NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
SEED = {
    "contacts": [
        {"properties": {"email": "ana@example.com", "firstname": "Ana"}},
        {"properties": {"email": "bo@example.com", "firstname": "Bo"}},
        {"properties": {"email": "cy@example.com"}},
    ],
    "lists": [{"name": "Everybody", "processingType": "MANUAL", "members": ["ana@example.com", "bo@example.com"]}],
    "emails": [MAIL],
}


FAILING = [kind for kind in Kind if kind.status is not None and kind.status >= 500]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One way of the sandbox to go wrong, and what it comes to."""

    kind: Kind
    #: What the gateway meets: a refusal by that name, a "failing" server, "nothing" whole, something "unreadable",
    #: JSON of "another" shape, or all "fine".
    met: str
    #: Whether what was asked for is done all the same.
    done: bool = False
    seconds: float | None = None
    after_write: bool = False
    #: It has no end but the deadline's.
    endless: bool = False

    @property
    def is_page(self) -> bool:
        """It is a page of whatever stands before HubSpot, which knows no correlation ids."""
        return self.kind is Kind.HTML or (self.kind in FAILING and self.kind is not Kind.INTERNAL)

    def __str__(self) -> str:
        more = f"-{self.seconds:g}s" if self.seconds is not None else ""
        return f"{self.kind.value}{more}{'-after-write' if self.after_write else ''}"


FAULTS = (
    Fault(kind=Kind.BURST, met="limited"),
    Fault(kind=Kind.SECONDLY, met="limited"),
    Fault(kind=Kind.DAILY, met="daily"),
    Fault(kind=Kind.REVOKED, met="token"),
    Fault(kind=Kind.SCOPES, met="scope"),
    Fault(kind=Kind.LOCKED, met="locked"),
    Fault(kind=Kind.MIGRATING, met="locked"),
    Fault(kind=Kind.MIGRATING, met="away", seconds=86_400),
    *(Fault(kind=kind, met="failing") for kind in FAILING),
    Fault(kind=Kind.INTERNAL, met="failing", after_write=True, done=True),
    Fault(kind=Kind.BAD_GATEWAY, met="failing", after_write=True, done=True),
    Fault(kind=Kind.HTML, met="unreadable"),
    Fault(kind=Kind.HTML, met="unreadable", after_write=True, done=True),
    Fault(kind=Kind.LATENCY, met="fine", seconds=0, done=True),
    Fault(kind=Kind.LATENCY, met="nothing", seconds=86_400, endless=True),
    Fault(kind=Kind.RESET, met="nothing"),
    Fault(kind=Kind.LOST, met="nothing", done=True),
    Fault(kind=Kind.RESET_MID_BODY, met="nothing", done=True),
    Fault(kind=Kind.CUT, met="nothing", done=True),
    Fault(kind=Kind.HANG, met="nothing", done=True, endless=True),
    Fault(kind=Kind.TRUNCATED, met="unreadable", done=True),
    Fault(kind=Kind.WRONG_JSON, met="another", done=True),
    Fault(kind=Kind.DRIP, met="nothing", done=True, seconds=86_400, endless=True),
)


#: One of each sort goes wrong each time it is tried, the others once.
LASTING = (Kind.BURST, Kind.LOCKED, Kind.INTERNAL, Kind.HTML, Kind.LOST, Kind.HANG)
#: An answer without a body comes through these whole: its status tells all.
IN_THE_BODY = {Kind.TRUNCATED, Kind.WRONG_JSON, Kind.CUT, Kind.DRIP}


def test_no_fault_and_no_route_is_left_out() -> None:
    assert {fault.kind for fault in FAULTS} == set(Kind)
    assert USES.keys() == ROUTES.keys()


@dataclass(frozen=True, kw_only=True)
class End:
    """How a call should end."""

    error: type[PortalError] | None
    requests: int


def expected(fault: Fault, route: Route, use: Use, *, lasting: bool, bodiless: bool) -> End:
    """Return how a call should end that meets a fault once, or each time it tries."""
    met = "fine" if bodiless and fault.kind in IN_THE_BODY else fault.met
    read, create = route.effect is Effect.READ, route.effect is Effect.CREATE
    once = {
        "fine": None,
        "daily": RateLimited,
        "token": Unauthorized,
        "scope": MissingScope,
        "away": Unreachable,
        "another": None if use.tolerant else Garbled if read else Unclear,
    }
    if met in once:
        return End(error=once[met], requests=1)
    refused = {"limited": RateLimited, "locked": Unreachable}
    if create and met not in refused:
        return End(error=Unclear, requests=1)
    if not lasting:
        return End(error=None, requests=2)
    unread = Garbled if met == "unreadable" else Unreachable
    tries = REFUSALS if met == "limited" else ATTEMPTS
    return End(error=refused.get(met) or (unread if read else Unclear), requests=tries)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    settings = Settings(search_lag=0, settle_seconds=0, processing_seconds=0)
    with (
        Sandbox(seed=SEED, tier="enterprise", limits=False, settings=settings) as sandbox,
        httpx.Client(
            base_url=sandbox.base_url, headers={"Authorization": f"Bearer {sandbox.token}"}, trust_env=False
        ) as client,
    ):
        yield World(sandbox=sandbox, client=client)


@pytest.fixture
def clean(world: World) -> None:
    """Begin each route with the portal as it was."""
    world.ask("POST", "/__sandbox__/reset", {"seed": SEED})
    rows = world.ask("GET", "/crm/v3/objects/contacts")["results"]
    world.ids = {row["properties"]["email"].partition("@")[0]: row["id"] for row in rows}
    world.everybody = world.ask("GET", "/crm/v3/lists/object-type-id/0-1/name/Everybody")["list"]["listId"]


class Cell:
    """One fault on one route."""

    def __init__(self, world: World, route: Route, fault: Fault, *, lasting: bool) -> None:
        self.world, self.route, self.fault, self.lasting = world, route, fault, lasting
        self.use = USES[route.name]
        self.pattern = "".join("*" if part.startswith("{") else part for part in _parts(route.path(DEFAULT)))
        self.error: PortalError | None = None
        self.value: object = None

    def run(self) -> list[str]:
        """Return what is not as it should be, in words."""
        key = self.use.make(self.world)
        marker = self.world.mark()
        spec: dict[str, Any] = {"kind": self.fault.kind.value, "path": self.pattern, "method": self.route.method}
        spec |= {"seconds": self.fault.seconds, "after_write": "true" if self.fault.after_write else None}
        armed = self.world.ask("POST", "/__sandbox__/faults", spec | {"times": None if self.lasting else 1})
        ticks = itertools.count()
        pacer = Pacer(file=None, portal_id="1", clock=lambda: NOON + dt.timedelta(seconds=next(ticks)))
        with Gateway(base_url=self.world.sandbox.base_url, token=self.world.sandbox.token, pacer=pacer) as gateway:
            self.call(gateway, key, armed["id"], marker)
            after_midnight = self.refuses_more(gateway) if self.fault.met == "daily" else True
        sent = self.happened(armed["id"])
        self.world.ask("DELETE", "/__sandbox__/faults")
        logged = self.logged(marker)
        sent += sum(not one["fault"] for one in logged)
        carried_out = [one for one in logged if one["status"] in range(200, 300) and not self.in_place(one)]
        bodiless = any(one["status"] == 204 for one in carried_out)
        end = expected(self.fault, self.route, self.use, lasting=self.lasting, bodiless=bodiless)
        told = {
            f"ends in {type(self.error).__name__}: {self.error}": type(self.error) is (end.error or type(None)),
            f"sends {sent} requests, not {end.requests}": sent == end.requests,
            f"is carried out {len(carried_out)} times": self.often_enough(len(carried_out), end),
            f"claims what is not so: {self.value}": self.error is not None
            or (bodiless and self.fault.kind is not Kind.LATENCY)
            or self.route.effect is not Effect.READ
            or self.fault.met == "another"
            or self.use.right(self.value, self.world, key),
            "did not do what it says, or did what it does not say": self.honest(key, len(carried_out)),
            f"loses what HubSpot said: {vars(self.error) if self.error else ''}": self.keeps_words(),
            "lets more through after the day is used up": after_midnight,
        }
        return [f"{self.fault} {'always' if self.lasting else 'once'}: {words}" for words, ok in told.items() if not ok]

    def call(self, gateway: Gateway, key: str, fault_id: str, marker: str) -> None:
        with ThreadPoolExecutor(1) as threads:
            future = threads.submit(self.use.do, gateway, self.world, key)
            if self.fault.endless:
                self.let_time_run_out(gateway, future, fault_id, marker)
            error = future.exception()
        if error is not None and not isinstance(error, PortalError):
            raise error
        self.error = error
        self.value = None if error else future.result()

    def let_time_run_out(self, gateway: Gateway, future: Future[object], fault_id: str, marker: str) -> None:
        """End each exchange as its deadline would, as soon as the sandbox holds it up."""
        rung = 0
        while not future.done():
            held_up = (
                sum(bool(one["fault"]) for one in self.logged(marker)) if self.fault.done else self.happened(fault_id)
            )
            if held_up > rung:
                rung = held_up
                gateway._client.rest_client.pool_manager.watchdog.ring()

    def happened(self, fault_id: str) -> int:
        faults = self.world.ask("GET", "/__sandbox__/faults")["faults"]
        return next(int(one["happened"]) for one in faults if one["id"] == fault_id)

    def logged(self, marker: str) -> list[dict[str, Any]]:
        """Return the requests to this route since the marker."""
        log = self.world.ask("GET", "/__sandbox__/requests?last=80")["requests"]
        start = next(at for at, one in enumerate(log) if one["path"] == marker)
        return [
            one
            for one in log[start + 1 :]
            if one["method"] == self.route.method and fnmatchcase(one["path"], self.pattern)
        ]

    def in_place(self, one: dict[str, Any]) -> bool:
        """Return whether another answer was given in place of carrying it out."""
        return bool(one["fault"]) and self.fault.kind.replaces and not self.fault.after_write

    def often_enough(self, times: int, end: End) -> bool:
        if self.route.effect is Effect.CREATE:
            return times <= 1 and times == (1 if self.fault.done or end.error is None else 0)
        return times > 0 if self.fault.done or end.error is None else times == 0

    def honest(self, key: str, carried_out: int) -> bool:
        return self.use.did is None or self.use.did(self.world, key) == bool(carried_out)

    def refuses_more(self, gateway: Gateway) -> bool:
        before = gateway.requests
        with pytest.raises(RateLimited) as caught:
            gateway.call("account.details")
        midnight = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
        return gateway.requests == before and caught.value.resume_at == midnight

    def keeps_words(self) -> bool:
        error = self.error
        if error is None:
            return True
        words = f"{error.title} {error.detail} {error.hint}"
        said = {
            "limited": (429, {"RATE_LIMIT", "RATE_LIMITS"}),
            "daily": (429, {"RATE_LIMIT"}),
            "token": (401, {"INVALID_AUTHENTICATION"}),
            "scope": (403, {"MISSING_SCOPES"}),
            "locked": (self.fault.kind.status, {""}),
            "away": (self.fault.kind.status, {""}),
            "failing": (self.fault.kind.status, {""}),
            "nothing": (0, {""}),
        }.get(self.fault.met, (error.status, {error.category}))
        return (
            bool(error.title and error.detail and error.hint)
            and self.world.sandbox.token not in words + error.message
            and "<" not in words
            and error.status == said[0]
            and error.category in said[1]
            and bool(error.correlation_id) == (error.status != 0 and not self.fault.is_page)
            and (not isinstance(error, MissingScope) or bool(error.scopes))
            and (not isinstance(error, RateLimited) or error.daily == (self.fault.met == "daily"))
            and (self.fault.met != "away" or getattr(error, "resume_at", None) is not None)
        )


def _parts(path: str) -> list[str]:
    return [part for whole in path.split("/") for part in ("/", whole)][1:]


@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize("name", ROUTES)
def test_each_fault_ends_as_it_should(world: World, name: str) -> None:
    cells = [Cell(world, ROUTES[name], fault, lasting=False) for fault in FAULTS]
    cells += [Cell(world, ROUTES[name], fault, lasting=True) for fault in FAULTS if fault.kind in LASTING]
    wrong = [words for cell in cells for words in cell.run()]
    assert not wrong, "\n" + "\n".join(wrong)
