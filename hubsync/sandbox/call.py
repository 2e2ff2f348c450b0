"""One request as the endpoints see it, and one answer as they give it."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlencode

from starlette.datastructures import QueryParams

from hubsync.sandbox import errors, shape
from hubsync.sandbox.clock import instant, iso
from hubsync.sandbox.history import Source
from hubsync.sandbox.shape import Shape
from hubsync.sandbox.state import Json, Token


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request whose token was accepted."""

    #: Absolute address without the query, as the client sent it: paging links are built from it.
    url: str
    version: str
    query: QueryParams
    body: bytes
    token: Token
    content_type: str = "application/json"

    @property
    def source(self) -> Source:
        """Who a change made by this request is noted to be from."""
        return Source(type="INTEGRATION", id=str(self.token.app_id))

    def json(self) -> Any:  # noqa: ANN401 - any JSON document
        """Return the body's JSON document; raises Refused (400) where it is none."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise errors.bad_json(self.body, "Unexpected end-of-input or character") from error

    def document(self, wanted: Shape, *required: str, java_type: str = "java.util.LinkedHashMap") -> Json:
        """Return the body as an object of the `wanted` shape that has the `required` fields.

        Raises Refused (400) in the words of HubSpot's JSON reader. No body is an empty object.
        """
        body = self.json() if self.body else {}
        if not isinstance(body, dict):
            kind = "Array value (token `JsonToken.START_ARRAY`)" if isinstance(body, list) else "a scalar value"
            raise errors.bad_json(self.body, f"Cannot deserialize value of type `{java_type}` from {kind}")
        problem = shape.misfit(wanted, body)
        if problem:
            raise errors.bad_json(self.body, problem)
        self.require(body, *required)
        return body

    def require(self, part: Json, *names: str) -> None:
        """Raise Refused (400) unless a part of the body has all these fields."""
        missing = [name for name in names if part.get(name) is None]
        if missing:
            raise errors.fields_missing(self.body, missing)

    def flag(self, name: str) -> bool:
        """Return whether a query parameter is `true`."""
        return self.query.get(name, "").lower() == "true"

    def names(self, name: str) -> list[str]:
        """Return a query parameter that may be repeated or hold a comma-separated list."""
        return [part for value in self.query.getlist(name) for part in value.split(",") if part]

    def number(self, name: str, default: int, most: int) -> int:
        """Return a whole number from the query between 1 and `most`; raises Refused (400) otherwise."""
        text = self.query.get(name)
        if text is None:
            return default
        number = shape.whole(text)
        if number is None or not 1 <= number <= most:
            raise errors.invalid(f"{name} must be a number from 1 to {most}, was '{text}'")
        return number

    def onward(self, after: str) -> Json:
        """Return the `paging` that leads to the page after this one; its link is absolute."""
        kept = [(name, value) for name, value in self.query.multi_items() if name != "after"]
        return {"next": {"after": after, "link": f"{self.url}?{urlencode([*kept, ('after', after)])}"}}

    def onward_to(self, position: int) -> Json:
        """Return the `paging` that leads to the row at a position; the cursor is base64."""
        after = base64.b64encode(str(position).encode()).decode()
        paging = self.onward(after)
        # HubSpot gives the cursor as it stands in the address.
        paging["next"]["after"] = quote(after, safe="")
        return paging

    def position(self) -> int:
        """Return where the query's base64 `after` stands; 0 where there is none. Raises Refused (400)."""
        after = self.query.get("after")
        if after is None:
            return 0
        try:
            return int(base64.b64decode(unquote(after), validate=True))
        except ValueError as error:
            raise errors.invalid(f"Cursor '{after}' is not valid") from error

    def time(self, name: str) -> dt.datetime | None:
        """Return a time from the query, or None where it is not given; raises Refused (400) for anything else."""
        text = self.query.get(name)
        if not text:
            return None
        try:
            return instant(text)
        except ValueError as error:
            raise errors.invalid(f"{name} is not a time: '{text}'") from error

    def span(self, first: str, last: str) -> tuple[str, str]:
        """Return two times from the query as ISO text, the ends of all time where they are not given."""
        start, end = self.time(first), self.time(last)
        return iso(start) if start else "", iso(end) if end else "9999"

    def cursor(self) -> int:
        """Return the query's `after` where it is a number; 0 where there is none. Raises Refused (400)."""
        text = self.query.get("after", "0")
        number = shape.whole(text)
        if number is None:
            raise errors.invalid(f"Cursor '{text}' is not valid", "INVALID_CURSOR")
        return number


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What goes back: JSON where `body` is a list or an object, HTML where it is text, nothing where it is None."""

    status: int = 200
    body: Json | list[Any] | str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
