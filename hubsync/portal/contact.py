"""A contact as HubSpot holds it, and what became of each row of a batch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hubsync.core.email import normalise
from hubsync.portal.answer import Json, moment, required, text


@dataclass(frozen=True, kw_only=True)
class Contact:
    """One contact, with the properties that were asked for."""

    #: HubSpot's record id; of a merged contact, the id it lives on under.
    id: str
    #: Values as HubSpot stores them; one without a value is left out.
    properties: Mapping[str, str] = field(default_factory=dict)
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    archived: bool = False
    archived_at: dt.datetime | None = None

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
    return tuple(clean(part) for part in value.split(";") if part.strip())


def contact_of(row: Json) -> Contact:
    """Return the contact in one object of an answer; Garbled where it has no id."""
    properties = row.get("properties")
    held = properties if isinstance(properties, dict) else {}
    return Contact(
        id=required(row, "id"),
        properties={name: value for name in held if (value := text(held, name))},
        created_at=moment(row, "createdAt") or moment(held, "createdate"),
        updated_at=moment(row, "updatedAt") or moment(held, "lastmodifieddate"),
        archived=row.get("archived") is True,
        archived_at=moment(row, "archivedAt"),
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
