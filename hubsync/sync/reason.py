"""Why a person changes, in words a marketer reads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from hubsync.core.diff import Turn, Why
from hubsync.core.measure import column
from hubsync.core.segment import Segment, conditions


class Teller:
    """Tells the reasons of one segment; reads the features its rule looks at."""

    def __init__(self, segment: Segment, available: Sequence[str]) -> None:
        wanted = [column(each.feature) for each in conditions(segment.rule)] if segment.rule else []
        #: The columns whose values `why` takes, in this order.
        self.columns = [name for name in dict.fromkeys(wanted) if name in available]
        self._segment = segment

    def why(self, values: Sequence[object]) -> Why:
        """Return the teller for a person with these values of `columns`."""
        return partial(self._tell, values)

    def _tell(self, values: Sequence[object], turn: Turn) -> str:
        del values
        name = self._segment.title()
        return {Turn.JOINED: f"joined {name}", Turn.LEFT: f"left {name}", Turn.MOVED: f"measured anew for {name}"}[turn]
