"""Why a person changes, in words a marketer reads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any

from hubsync.core.diff import Turn, Why
from hubsync.core.segment import Segment, conditions
from hubsync.core.why import Change, sentence

_SAID: dict[Turn, Change] = {Turn.JOINED: "joined", Turn.MOVED: "in", Turn.LEFT: "left"}
#: Sentences remembered: a person's fields share theirs, and so do people with the same values.
REMEMBERED = 20_000


class Teller:
    """Tells the reasons of one segment; reads the features its rule looks at."""

    def __init__(self, segment: Segment, available: Sequence[str]) -> None:
        wanted = [each.column for each in conditions(segment.rule)] if segment.rule else []
        #: The columns whose values `why` takes, in this order.
        self.columns = [name for name in dict.fromkeys(wanted) if name in available]
        self._segment = segment
        self._told = lru_cache(maxsize=REMEMBERED)(self._tell)

    def why(self, customer_id: str, values: Sequence[Any]) -> Why:
        """Return the teller for a person with these values of `columns`; "" is nobody's customer id."""
        return partial(self._told, bool(customer_id), tuple(values))

    def _tell(self, known: bool, values: tuple[Any, ...], turn: Turn) -> str:  # noqa: FBT001 - a cache's key has no names
        segment, verb = self._segment, _SAID[turn]
        if not known:
            return f"{verb} {segment.title()}: no longer among the customers"
        if segment.rule is None:
            return f"{verb} {segment.title()}"
        return sentence(segment, segment.rule, dict(zip(self.columns, values, strict=True)), "en", verb)
