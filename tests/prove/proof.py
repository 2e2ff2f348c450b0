"""What a proof comes to: its figures, its seeds, and what it found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Proof:
    """One proof, carried out."""

    name: str
    #: What is claimed, in a sentence.
    claim: str
    #: Counts and the like, by their names.
    figures: Mapping[str, object]
    #: What contradicts the claim; empty where nothing was found.
    faults: Sequence[str] = field(default_factory=tuple)
    seeds: Sequence[int] = field(default_factory=tuple)
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether the claim stands."""
        return not self.faults
