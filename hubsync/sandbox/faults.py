"""Faults on demand: what shall go wrong, for which requests, how often; and the book of those that are on."""

from __future__ import annotations

import math
import random
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

#: Statuses with which HubSpot's front, or Cloudflare before it, answers in HTML; 500 is HubSpot's own, in JSON.
FRONT = {
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    520: "Web Server Returned an Unknown Error",
    521: "Web Server Is Down",
    522: "Connection Timed Out",
    523: "Origin Is Unreachable",
    524: "A Timeout Occurred",
    525: "SSL Handshake Failed",
    526: "Invalid SSL Certificate",
    530: "Origin DNS Error",
}
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_LONGEST_WAIT = 86_400.0


class Kind(StrEnum):
    """What goes wrong."""

    #: Too many requests in ten seconds.
    BURST = "429"
    #: The day's requests are used up.
    DAILY = "429-daily"
    #: The other shape of 429, which searches get.
    SECONDLY = "429-secondly"
    #: The token is good no more.
    REVOKED = "401"
    #: The token may not do this any more.
    SCOPES = "403"
    #: The record is being written by somebody else.
    LOCKED = "423"
    #: The account moves to another data centre; carries Retry-After.
    MIGRATING = "477"
    INTERNAL = "500"
    BAD_GATEWAY = "502"
    UNAVAILABLE = "503"
    GATEWAY_TIMEOUT = "504"
    CLOUDFLARE_UNKNOWN = "520"
    CLOUDFLARE_DOWN = "521"
    CLOUDFLARE_CONNECT = "522"
    CLOUDFLARE_UNREACHABLE = "523"
    CLOUDFLARE_TIMEOUT = "524"
    CLOUDFLARE_HANDSHAKE = "525"
    CLOUDFLARE_CERTIFICATE = "526"
    CLOUDFLARE_DNS = "530"
    #: A page instead of JSON, with status 200: a maintenance notice, or a proxy that wants a log-in.
    HTML = "html"
    #: Nothing for `seconds`, then all as it should be, even where the client has left by then.
    LATENCY = "latency"
    #: The connection is reset before anything is done.
    RESET = "reset"
    #: It is done; the connection is reset before the first byte of the answer.
    LOST = "lost"
    #: It is done; half of the answer's body comes, then the connection is reset.
    RESET_MID_BODY = "reset-mid-body"
    #: It is done; half of the body comes and the connection ends in good order, as if that were all.
    CUT = "cut"
    #: It is done; the answer never comes.
    HANG = "hang"
    #: It is done; the body is JSON that ends halfway, of the length its header says.
    TRUNCATED = "truncated"
    #: It is done; the body is good JSON of another shape.
    WRONG_JSON = "wrong-json"
    #: It is done; the body comes one byte every `seconds`.
    DRIP = "drip"

    @property
    def status(self) -> int | None:
        """The status that is answered; None for those that spoil the way rather than the answer."""
        number = self.value.partition("-")[0]
        return int(number) if number.isdigit() else None

    @property
    def replaces(self) -> bool:
        """Whether the answer is another than the endpoint's."""
        return self.status is not None or self is Kind.HTML


#: Seconds where a fault of the kind does not say: until the answer, between bytes, or in Retry-After.
_SECONDS = {Kind.LATENCY: 1.0, Kind.DRIP: 0.5, Kind.MIGRATING: 5.0}


class BadFault(ValueError):  # noqa: N818 - a word of this package
    """A fault that makes no sense; the message says what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that shall go wrong; raises BadFault where it makes no sense."""

    kind: Kind
    #: Shell pattern over the path, either as sent or without its version: `/crm/objects/contacts/batch/*`.
    path: str = "*"
    #: The method; empty for any.
    method: str = ""
    #: How often it happens at most; None for no end.
    times: int | None = None
    #: How many matching requests pass before it begins.
    after: int = 0
    #: How likely it happens to a matching request, 0 to 1, drawn from `seed`.
    probability: float = 1.0
    seed: int = 1
    #: Seconds of `latency`, between two bytes of `drip`, or of the header Retry-After; None for the kind's own.
    seconds: float | None = None
    #: For an answer that is replaced: whether the request is carried out first.
    after_write: bool = False

    def __post_init__(self) -> None:
        checks = (
            (bool(self.path), "path must not be empty"),
            (self.method in {"", *_METHODS}, f"method must be one of {', '.join(sorted(_METHODS))}"),
            (self.times is None or self.times >= 1, "times must be 1 or more"),
            (self.after >= 0, "after must be 0 or more"),
            (0 < self.probability <= 1, "probability must be above 0 and at most 1"),
            (self.seconds is None or 0 <= self.seconds <= _LONGEST_WAIT, "seconds must be from 0 to 86400"),
            (not self.after_write or self.kind.replaces, f"{self.kind.value} cannot have after_write"),
        )
        for good, complaint in checks:
            if not good:
                raise BadFault(complaint)

    @property
    def wait(self) -> float | None:
        """Its seconds, or the kind's own; None where there are none."""
        return _SECONDS.get(self.kind) if self.seconds is None else self.seconds

    def matches(self, method: str, paths: Iterable[str]) -> bool:
        """Return whether it is for a request that is known by any of `paths`."""
        return self.method in {"", method} and any(fnmatchcase(path, self.path) for path in paths)

    def row(self) -> dict[str, object]:
        """Return its fields as JSON values."""
        return {part.name: getattr(self, part.name) for part in fields(self)} | {"kind": self.kind.value}

    def __str__(self) -> str:
        told = [
            f"{part.name}={shlex.quote(str(value).lower() if isinstance(value, bool) else str(value))}"
            for part in fields(self)
            if part.name != "kind" and (value := getattr(self, part.name)) != part.default
        ]
        return " ".join((self.kind.value, *told))


def read(spec: str) -> Fault:
    """Return the fault of a text like `502 path=*/batch/update method=POST times=2 after_write=true`; or BadFault."""
    try:
        kind, *options = shlex.split(spec)
    except ValueError as error:
        raise BadFault(f"'{spec}' names no kind of fault; kinds are {_kinds()}") from error
    if not all("=" in option for option in options):
        raise BadFault(f"'{spec}' must be a kind and then name=value")
    return make({"kind": kind, **dict(option.split("=", 1) for option in options)})


def make(values: Mapping[str, object]) -> Fault:
    """Return the fault of these fields, each as text or as its own type; raises BadFault."""
    unknown = set(values) - {part.name for part in fields(Fault)}
    if unknown:
        raise BadFault(f"a fault has no {', '.join(sorted(map(str, unknown)))}")
    if str(values.get("kind")) not in set(Kind):
        raise BadFault(f"kind must be one of {_kinds()}")
    read_as: dict[str, Callable[[str], Any]] = {
        "kind": Kind,
        "method": str.upper,
        "times": int,
        "after": int,
        "probability": _number,
        "seed": int,
        "seconds": _number,
        "after_write": _truth,
    }
    parts: dict[str, Any] = {}
    for name, value in values.items():
        if value is None or value == "":
            continue
        try:
            parts[name] = read_as.get(name, str)(str(value))
        except ValueError as error:
            raise BadFault(f"{name} cannot be '{value}'") from error
    return Fault(**parts)


def _kinds() -> str:
    return ", ".join(kind.value for kind in Kind)


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _truth(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()] if text.lower() in {"true", "false"} else bool(int(text))


@dataclass(frozen=True, kw_only=True)
class Armed:
    """A fault that is on, and what it did so far."""

    id: str
    fault: Fault
    #: Matching requests it has met, and how many of them it spoilt.
    met: int = 0
    happened: int = 0

    @property
    def spent(self) -> bool:
        """Whether it has happened as often as it may."""
        return self.fault.times is not None and self.happened >= self.fault.times

    def row(self) -> dict[str, object]:
        """Return it as JSON values."""
        return {
            "id": self.id,
            **self.fault.row(),
            "spec": str(self.fault),
            "met": self.met,
            "happened": self.happened,
            "spent": self.spent,
        }


class Faults:
    """The faults that are on, in the order they were switched on; a request meets the first that wants it."""

    def __init__(self) -> None:
        self._armed: dict[str, Armed] = {}
        self._dice: dict[str, random.Random] = {}
        self._last = 0

    def add(self, fault: Fault) -> Armed:
        """Switch a fault on."""
        self._last += 1
        armed = Armed(id=str(self._last), fault=fault)
        self._armed[armed.id] = armed
        self._dice[armed.id] = random.Random(fault.seed)  # noqa: S311 - reproducible chance, not a secret
        return armed

    def __len__(self) -> int:
        return len(self._armed)

    def all(self) -> list[Armed]:
        """Return those that are on, also the spent ones."""
        return list(self._armed.values())

    def end(self, fault_id: str) -> bool:
        """Switch one off; returns whether there was one."""
        self._dice.pop(fault_id, None)
        return self._armed.pop(fault_id, None) is not None

    def clear(self) -> None:
        """Switch all off."""
        self._armed.clear()
        self._dice.clear()

    def meet(self, method: str, paths: Iterable[str]) -> Fault | None:
        """Return what shall go wrong with a request, known by any of `paths`; None for nothing. Counts it."""
        known = tuple(paths)
        for key, armed in self._armed.items():
            if armed.spent or not armed.fault.matches(method, known):
                continue
            met = replace(armed, met=armed.met + 1)
            chosen = met.met > met.fault.after and self._dice[key].random() < met.fault.probability
            self._armed[key] = replace(met, happened=met.happened + chosen)
            if chosen:
                return met.fault
        return None
