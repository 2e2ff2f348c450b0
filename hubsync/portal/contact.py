"""A contact as HubSpot holds it, and what became of each row of a batch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hubsync.core.email import normalise
from hubsync.portal.answer import Json, as_moment, plain, required, text


@dataclass(frozen=True, kw_only=True)
class Contact:
    """One contact, with the properties that were asked for."""

    #: HubSpot's record id; of a merged contact, the id it lives on under.
    id: str
    #: Values as HubSpot stores them; one without a value is left out.
    properties: Mapping[str, str] = field(default_factory=dict)
    #: Times as HubSpot writes them, "" where it did not: most are never looked at, and reading them costs the most.
    created: str = ""
    updated: str = ""
    archived: bool = False
    binned: str = ""

    @property
    def created_at(self) -> dt.datetime | None:
        """When it was created; None where HubSpot did not say."""
        return as_moment(self.created) or as_moment(self.properties.get("createdate", ""))

    @property
    def updated_at(self) -> dt.datetime | None:
        """When it last changed; None where HubSpot did not say."""
        return as_moment(self.updated) or as_moment(self.properties.get("lastmodifieddate", ""))

    @property
    def archived_at(self) -> dt.datetime | None:
        """When it was deleted; None if it was not, or HubSpot did not say."""
        return as_moment(self.binned)

    @property
    def email(self) -> str:
        """Its primary e-mail address, "" if it has none or it was not asked for."""
        return normalise(self.properties.get("email", ""))

    @property
    def additional_emails(self) -> tuple[str, ...]:
        """Its secondary addresses (`hs_additional_emails`)."""
        return _listed(self.properties.get("hs_additional_emails", ""), normalise)

    @property
    def merged_ids(self) -> tuple[str, ...]:
        """Record ids that were merged into it and live on under its own (`hs_merged_object_ids`)."""
        return _listed(self.properties.get("hs_merged_object_ids", ""), str.strip)


def _listed(value: str, clean: Callable[[str], str]) -> tuple[str, ...]:
    return tuple(clean(part) for part in value.split(";") if part.strip()) if value else ()


def contact_of(row: Json) -> Contact:
    """Return the contact in one object of an answer; Garbled where it has no id."""
    properties = row.get("properties")
    held = properties if isinstance(properties, dict) else {}
    return Contact(
        id=required(row, "id"),
        # A hundred contacts hold some thousand values, all of them text: what costs here costs most.
        properties={
            name: value
            for name, given in held.items()
            if given is not None and (value := given if type(given) is str else plain(given))
        },
        created=text(row, "createdAt"),
        updated=text(row, "updatedAt"),
        archived=row.get("archived") is True,
        binned=text(row, "archivedAt"),
    )


@dataclass(frozen=True, kw_only=True)
class RowError:
    """Why HubSpot left one row of a batch out."""

    category: str
    message: str
    correlation_id: str
    #: Of a contact that exists already, its record id.
    existing_id: str = ""


@dataclass(frozen=True, kw_only=True)
class BatchOutcome:
    """What became of a batch; every trace id that was sent is in exactly one of the two."""

    written: Mapping[str, Contact]
    failed: Mapping[str, RowError]
