"""Sending the row that makes a draft e-mail, or puts one of ours right.

HubSpot copies an e-mail each time it is asked to, so that the copy is looked for by its name before: a copy whose
answer was lost is found, not made twice.
"""

from __future__ import annotations

import json
from typing import Any

from hubsync.core.plan import Change, Plan
from hubsync.core.run import Outcome
from hubsync.portal.emails import Email, Emails
from hubsync.sync.sent import Sent, ours


def draft(emails: Emails, plan: Plan, change: Change, list_id: str, *, again: bool) -> Sent:
    """Make sure of the draft and of whom it goes to, and say how the row ended; `again`: it may be there by us."""
    asked: Any = plan.options["email"]
    sent = Sent()
    found = _found(emails, asked["email_id"], change.field)
    if found is None and asked["email_id"]:
        error = ours("EMAIL_GONE", f"“{change.field}” was deleted or sent in HubSpot since the preview.")
        sent.end(change, Outcome.REJECTED, error=error)
        return sent
    if found is not None and not asked["email_id"] and not again:
        error = ours("EMAIL_TAKEN", f"A draft “{change.field}” was made by somebody else since the preview.")
        sent.end(change, Outcome.REJECTED, error=error)
        return sent
    made = found or emails.clone(change.new, change.field)
    audience = emails.set_audience(made.id, [list_id], asked["exclude"], subject=asked["subject"])
    if list_id not in audience.list_ids:
        # HubSpot leaves the audience as it was without a word, and hides that of an A/B test.
        error = ours(
            "EMAIL_AUDIENCE", "HubSpot does not show that the draft goes to the list: choose it there by hand."
        )
        sent.end(change, Outcome.REJECTED, error=error)
        return sent
    sent.end(change, Outcome.CONFIRMED)
    sent.know("", f"email:{change.field}", made.id)
    terms = {name: asked[name] for name in ("template_id", "subject", "list", "exclude")}
    sent.know("", f"email_terms:{change.field}", json.dumps(terms, sort_keys=True))
    return sent


def _found(emails: Emails, email_id: str, name: str) -> Email | None:
    drafts = emails.all(published=False)
    return next((one for one in drafts if (one.id == email_id if email_id else one.name == name)), None)
