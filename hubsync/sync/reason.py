"""Why a person changes, in words a marketer reads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from hubsync.core.diff import Turn, Why
from hubsync.core.segment import Segment, conditions
from hubsync.core.why import Change, sentence

_SAID: dict[Turn, Change] = {Turn.JOINED: "joined", Turn.MOVED: "in", Turn.LEFT: "left"}


class Teller:
    """Tells the reasons of one segment; reads the features its rule looks at."""

    def __init__(self, segment: Segment, available: Sequence[str]) -> None:
        wanted = [each.column for each in conditions(segment.rule)] if segment.rule else []
        #: The columns whose values `why` takes, in this order.
        self.columns = [name for name in dict.fromkeys(wanted) if name in available]
        self._segment = segment

    def why(self, customer_id: str, values: Sequence[Any]) -> Why:
        """Return the teller for a person with these values of `columns`; "" is nobody's customer id."""
        return partial(self._tell, customer_id, values)

    def _tell(self, customer_id: str, values: Sequence[Any], turn: Turn) -> str:
        segment, verb = self._segment, _SAID[turn]
        if not customer_id:
            return f"{verb} {segment.title()}: no longer among the customers"
        if segment.rule is None:
            return f"{verb} {segment.title()}"
        return sentence(segment, segment.rule, dict(zip(self.columns, values, strict=True)), "en", verb)
