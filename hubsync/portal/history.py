"""What a contact's properties were, since when, and who said so, as far as HubSpot tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hubsync.portal.answer import as_moment, text
from hubsync.portal.gateway import Gateway

#: Contacts of one request with history (HubSpot's API reference).
PAGE = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """One value that a property had."""

    value: str
    #: Since when; None where HubSpot did not say.
    at: dt.datetime | None
    #: HubSpot's `sourceType` and `sourceId`: "CRM_UI userId:1", "INTEGRATION", "IMPORT"; "" unknown.
    source: str


def versions(gateway: Gateway, ids: Iterable[str], names: Sequence[str]) -> dict[tuple[str, str], list[Version]]:
    """Return the versions, newest first, by record id and property; who HubSpot does not know is left out.

    Fifty contacts a request. Raises what `hubsync.portal.errors` says.
    """
    asked = list(dict.fromkeys(ids))
    found: dict[tuple[str, str], list[Version]] = {}
    for start in range(0, len(asked), PAGE):
        body = {
            "properties": [],
            "propertiesWithHistory": list(names),
            "inputs": [{"id": one} for one in asked[start : start + PAGE]],
        }
        for row in gateway.call("contacts.read", body=body).rows():
            held = row.get("propertiesWithHistory")
            for name, told in held.items() if isinstance(held, dict) else ():
                if isinstance(told, list):
                    found[text(row, "id"), name] = [
                        Version(
                            value=text(one, "value"),
                            at=as_moment(text(one, "timestamp")),
                            source=f"{text(one, 'sourceType')} {text(one, 'sourceId')}".strip(),
                        )
                        for one in told
                        if isinstance(one, dict)
                    ]
    return found
