"""An answer of HubSpot's, read defensively: every field may be missing, and most may be of another type."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from hubsync.portal.errors import Garbled, PortalError, Unclear

Json = dict[str, Any]
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Status, headers (names in lower case) and the JSON body; {} where there was none."""

    status: int
    headers: Mapping[str, str]
    body: Json = field(repr=False)
    #: What was asked for changed something: where this cannot be read, it is not known what.
    write: bool = False

    def read(self, of: Callable[[Json], _T], key: str = "") -> _T:
        """Return what `of` makes of the body, or of the object under `key`.

        Raises Garbled where it cannot, or, after a write, Unclear.
        """
        row = self.object(key) if key else self.body
        try:
            return of(row)
        except Garbled as fault:
            if self.write:
                raise unclear(fault.detail.partition(". ")[0], self) from None
            raise

    def rows(self, key: str = "results") -> list[Json]:
        """Return the list of objects under `key`; Garbled unless it is one."""
        rows = self.body.get(key)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise garbled(f"'{key}' is not a list of objects", self)
        return rows

    def object(self, key: str) -> Json:
        """Return the object under `key`; Garbled unless it is one."""
        found = self.body.get(key)
        if not isinstance(found, dict):
            raise garbled(f"'{key}' is not an object", self)
        return found

    def optional_rows(self, key: str) -> list[Json]:
        """Return the objects under `key`; none where it is left out, which HubSpot does with empty lists."""
        return self.rows(key) if self.body.get(key) is not None else []

    @property
    def after(self) -> str:
        """Where the next page starts; "" on the last one."""
        paging = self.body.get("paging")
        following = paging.get("next") if isinstance(paging, dict) else None
        return text(following, "after") if isinstance(following, dict) else ""

    @property
    def date(self) -> dt.datetime | None:
        """The server's clock, to the second, if it told."""
        try:
            return parsedate_to_datetime(self.headers.get("date", "")).astimezone(dt.UTC)
        except (ValueError, TypeError):
            return None


def parse(data: bytes) -> Json | list[Any] | None:
    """Return the JSON in `data`, None where there is nothing; ValueError where it is not JSON we could use."""
    if not data.strip():
        return None
    try:
        found = json.loads(data, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except json.JSONDecodeError:
        raise ValueError(
            "it is a web page" if data.lstrip()[:1] == b"<" else "it is not JSON, or not all of it"
        ) from None
    if isinstance(found, dict | list):
        return found
    raise ValueError("it is neither an object nor a list")


def _no_constant(name: str) -> None:
    raise ValueError(f"it holds {name}, which is not JSON")


def text(row: Mapping[str, Any], key: str) -> str:
    """Return a field as text; "" where it is missing, null or no plain value. Ids come as numbers or strings."""
    return plain(row.get(key))


def plain(value: object) -> str:
    """Return a plain value as text; "" for null, lists and objects."""
    if type(value) is str:  # nearly all are
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else ""


def whole(row: Mapping[str, Any], key: str) -> int | None:
    """Return a field as an integer, from a number or a string; None where it is none."""
    try:
        return int(float(text(row, key)))
    except (ValueError, OverflowError):
        return None


def moment(row: Mapping[str, Any], key: str) -> dt.datetime | None:
    """Return a field as aware UTC time, from ISO text or epoch milliseconds; None where it is none."""
    return as_moment(text(row, key))


def as_moment(value: str) -> dt.datetime | None:
    """Return ISO text or epoch milliseconds as aware UTC time; None where it is neither."""
    if not value:
        return None
    try:
        if value.lstrip("-").isdigit():
            return dt.datetime.fromtimestamp(int(value) / 1000, tz=dt.UTC)
        found = dt.datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None


def required(row: Mapping[str, Any], key: str) -> str:
    """Return a field as text; Garbled where it is missing, for without it the row is nobody's."""
    found = text(row, key)
    if not found:
        raise _garbled(f"a row has no '{key}'", 0, "")
    return found


def garbled(what: str, answer: Answer) -> PortalError:
    """Return the error for an answer that is JSON, but not the one promised: Garbled, or after a write Unclear."""
    if answer.write:
        return unclear(f"its answer cannot be read: {what}", answer)
    return _garbled(what, answer.status, answer.headers.get("x-hubspot-correlation-id", ""))


def unclear(reason: str, said: Answer | PortalError | None = None) -> Unclear:
    """Return the error for a write of which it is not known whether it was done."""
    headers = said.headers if isinstance(said, Answer) else {}
    return Unclear(
        "It is not known whether HubSpot did this.",
        f"{reason[:1].upper()}{reason[1:]}.",
        "Before it is sent again, what HubSpot holds is read.",
        status=said.status if said else 0,
        category=said.category if isinstance(said, PortalError) else "",
        correlation_id=said.correlation_id
        if isinstance(said, PortalError)
        else headers.get("x-hubspot-correlation-id", ""),
    )


def _garbled(what: str, status: int, correlation_id: str) -> Garbled:
    return Garbled(
        "HubSpot's answer cannot be read.",
        f"{what[:1].upper()}{what[1:]}. Nothing was taken from it.",
        "Try again; if it lasts, HubSpot may have changed this answer.",
        status=status,
        correlation_id=correlation_id,
    )
