"""Chance that can be repeated: the same seed and the same question give the same answer, whatever was asked before."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")
_BYTES = 7  # as many bits as a float holds


class Chance:
    """Answers by a seed: what one asks first does not change what one is told next."""

    def __init__(self, seed: int) -> None:
        self._seed = str(seed).encode()

    def of(self, *question: object) -> float:
        """Return a number from 0 up to, not including, 1."""
        text = "|".join(map(str, question)).encode()
        digest = blake2b(text, digest_size=_BYTES, key=self._seed).digest()
        return (int.from_bytes(digest) >> 3) / 2**53

    def whole(self, low: int, high: int, *question: object) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + int(self.of(*question) * (high - low + 1))

    def pick(self, choices: Sequence[T], *question: object) -> T:
        """Return one of some choices."""
        return choices[self.whole(0, len(choices) - 1, *question)]
