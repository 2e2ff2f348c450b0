"""Who asks and what they may do: bearer tokens, each with a set of scopes."""

from __future__ import annotations

import uuid

from hubsync.sandbox import errors
from hubsync.sandbox.pace import Tier
from hubsync.sandbox.state import State, Token

#: What a token needs for everything the sandbox serves.
ALL_SCOPES = (
    "oauth",
    "crm.lists.read",
    "crm.lists.write",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.owners.read",
    "crm.schemas.contacts.read",
    "crm.schemas.contacts.write",
    "crm.import",
    "crm.export",
    "content",
    "marketing.email.read",
    "marketing.email.write",
    "marketing-email",
    "transactional-email",
    "marketing.campaigns.read",
    "automation",
    "analytics.behavioral_events.send",
    "behavioral_events.event_definitions.read_write",
    "business-intelligence",
    "communication_preferences.read",
    "communication_preferences.read_write",
    "communication_preferences.statuses.batch.read",
    "communication_preferences.statuses.batch.write",
)
#: The least subscription that has what a scope opens; an account below it cannot give the scope to a token.
_FROM = {
    "automation": Tier.PROFESSIONAL,
    "marketing.campaigns.read": Tier.PROFESSIONAL,
    "marketing-email": Tier.ENTERPRISE,
    "transactional-email": Tier.ENTERPRISE,
    "analytics.behavioral_events.send": Tier.ENTERPRISE,
    "behavioral_events.event_definitions.read_write": Tier.ENTERPRISE,
    "business-intelligence": Tier.ENTERPRISE,
    "communication_preferences.statuses.batch.read": Tier.ENTERPRISE,
    "communication_preferences.statuses.batch.write": Tier.ENTERPRISE,
}
_FIRST_APP = 19083857


def issue(state: State, scopes: tuple[str, ...] = ALL_SCOPES) -> Token:
    """Return a new token of a new private app with these scopes."""
    app_id = int(state.next_id("app_id", _FIRST_APP))
    token = Token(text=f"pat-na1-{uuid.uuid4()}", scopes=scopes, app_id=app_id)
    state.tokens.put(token.text, token)
    return token


def authenticate(state: State, header: str | None) -> Token:
    """Return the token of an Authorization header; raises Refused (401) without a known one."""
    kind, _, text = (header or "").partition(" ")
    token = state.tokens.get(text.strip()) if kind.lower() == "bearer" else None
    if token is None:
        raise errors.unauthenticated()
    return token


def granted(token: Token, tier: Tier) -> list[str]:
    """Return what a token may do under a subscription, in order."""
    return [scope for scope in token.scopes if tier.at_least(_FROM.get(scope, Tier.FREE))]


def authorize(token: Token, scopes: tuple[str, ...], tier: Tier) -> None:
    """Raise Refused (403) unless the token holds any one of `scopes`; none asked means free to all."""
    if scopes and not set(scopes) & set(granted(token, tier)):
        raise errors.missing_scopes(scopes)
