"""Scopes: what a token must be allowed to do, by feature (HubSpot's scope reference and API documents, 2026)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One thing this product does, and the scopes it takes."""

    key: str
    name: str
    #: All of these are needed; of the alternatives inside one, any will do, the first being the one to ask for.
    needs: tuple[tuple[str, ...], ...]
    #: Without it nothing can be synced; the others add to it.
    required: bool
    #: For those who want it (some portals cannot have it): its scopes are not pointed out as missing.
    extra: bool = False

    def missing(self, granted: Iterable[str]) -> tuple[str, ...]:
        """Return the scopes to add, of those that `granted` lacks."""
        held = set(granted)
        return tuple(any_of[0] for any_of in self.needs if not held & set(any_of))


FEATURES = (
    Feature(
        key="contacts",
        name="Contacts and their properties",
        needs=(
            ("crm.objects.contacts.read",),
            ("crm.objects.contacts.write",),
            ("crm.schemas.contacts.read",),
            ("crm.schemas.contacts.write",),
        ),
        required=True,
    ),
    Feature(key="lists", name="Lists", needs=(("crm.lists.read",), ("crm.lists.write",)), required=True),
    Feature(
        key="engagement",
        name="E-mails and engagement",
        needs=(("marketing.email.read", "content"),),  # the granular one came with 2026-03
        required=False,
    ),
    Feature(
        key="email",
        name="E-mail drafts",
        needs=(("marketing.email.write", "content"),),
        required=False,
        extra=True,
    ),
    Feature(key="workflows", name="Workflows", needs=(("automation",),), required=False, extra=True),  # Professional
    Feature(
        key="subscriptions",
        name="Opt-outs by kind of e-mail",
        needs=(("communication_preferences.read", "communication_preferences.read_write"),),
        required=False,
        extra=True,
    ),
)


def missing(granted: Iterable[str], *, required: bool | None = None) -> tuple[str, ...]:
    """Return the scopes that are missing, each once, in order; for all features but the extra ones.

    `required` takes only those that are, or are not.
    """
    held = tuple(granted)
    features = (
        feature for feature in FEATURES if not feature.extra and (required is None or feature.required == required)
    )
    return tuple(dict.fromkeys(scope for feature in features for scope in feature.missing(held)))
