"""Who asks and what they may do: bearer tokens, each with a set of scopes."""

from __future__ import annotations

import uuid

from hubsync.sandbox import errors
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
    "content",
    "marketing.email.read",
    "communication_preferences.read",
    "communication_preferences.read_write",
)
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


def authorize(token: Token, scopes: tuple[str, ...]) -> None:
    """Raise Refused (403) unless the token holds any one of `scopes`; none asked means free to all."""
    if scopes and not set(scopes) & set(token.scopes):
        raise errors.missing_scopes(scopes)
