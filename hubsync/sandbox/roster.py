"""Who is in one list and since when, in the two orders in which HubSpot tells it."""

from __future__ import annotations

from bisect import bisect_left


class Roster:
    """Contact ids with the time each joined; sorts only after it changed."""

    def __init__(self) -> None:
        self._joined: dict[str, str] = {}
        self._by_id: list[int] | None = None
        self._by_joining: list[str] | None = None

    def __len__(self) -> int:
        return len(self._joined)

    def __contains__(self, contact_id: object) -> bool:
        return contact_id in self._joined

    def joined(self, contact_id: str) -> str:
        """Return when a member joined, as ISO text."""
        return self._joined[contact_id]

    def join(self, contact_id: str, at: str) -> None:
        """Take a contact in."""
        self._joined[contact_id] = at
        self._by_id = self._by_joining = None

    def leave(self, contact_id: str) -> None:
        """Let a contact go; fine where it is not in."""
        if self._joined.pop(contact_id, None) is not None:
            self._by_id = self._by_joining = None

    def ids(self) -> list[str]:
        """Return all members, in no order."""
        return list(self._joined)

    def page_by_id(self, after: int, limit: int) -> tuple[list[str], str | None]:
        """Return up to `limit` ids greater than `after`, ascending, and the cursor of the rest."""
        if self._by_id is None:
            self._by_id = sorted(map(int, self._joined))
        start = bisect_left(self._by_id, after + 1)
        part = [str(number) for number in self._by_id[start : start + limit]]
        return part, part[-1] if start + limit < len(self._by_id) else None

    def page_by_joining(self, start: int, limit: int) -> tuple[list[str], str | None]:
        """Return up to `limit` ids from position `start` on, first joined first, and the cursor of the rest."""
        if self._by_joining is None:
            self._by_joining = sorted(self._joined, key=lambda key: (self._joined[key], int(key)))
        part = self._by_joining[start : start + limit]
        return part, str(start + limit) if start + limit < len(self._by_joining) else None
