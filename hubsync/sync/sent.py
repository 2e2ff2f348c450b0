"""What came of a batch: how each row ended, what HubSpot now is known to hold, and what is to be sent again."""

from __future__ import annotations

from dataclasses import dataclass, field

from hubsync.core.plan import Change
from hubsync.core.run import Outcome, RowResult
from hubsync.portal.contact import RowError
from hubsync.store.receipt import Acknowledged


@dataclass(kw_only=True)
class Sent:
    """What came of a batch."""

    results: list[RowResult] = field(default_factory=list)
    acknowledged: list[Acknowledged] = field(default_factory=list)
    #: What the confirmed rows replaced, by row.
    prior: list[tuple[int, str]] = field(default_factory=list)
    #: People of several rows of which one was refused: to be sent again in parts.
    again: list[list[Change]] = field(default_factory=list)

    def end(self, change: Change, outcome: Outcome, *, contact_id: str = "", error: RowError | None = None) -> None:
        """Note how a row ended; what it set is acknowledged where HubSpot confirmed it."""
        self.results.append(
            RowResult(
                row=change.row,
                outcome=outcome,
                customer_id=change.customer_id,
                contact_id=contact_id or change.contact_id,
                category=error.category if error else "",
                message=error.message if error else "",
                correlation_id=error.correlation_id if error else "",
            )
        )
        if outcome is Outcome.CONFIRMED:
            self.prior.append((change.row, change.old))

    def know(self, contact_id: str, name: str, value: str) -> None:
        """Note what HubSpot now is known to hold."""
        self.acknowledged.append(Acknowledged(contact_id=contact_id, field=name, value=value))


def ours(category: str, message: str) -> RowError:
    """Return a reason of our own, for a row that HubSpot did not refuse."""
    return RowError(category=category, message=message, correlation_id="")
