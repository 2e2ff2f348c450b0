"""Every spelling of an address leads to one place."""

from __future__ import annotations

import pytest

from hubsync.sandbox.paths import Place, place
from tests.contract.sandbox.caller import Caller


@pytest.mark.parametrize(
    ("path", "segments", "version"),
    [
        ("/crm/v3/objects/contacts", ("crm", "objects", "contacts"), "v3"),
        ("/crm/v3/objects/CONTACT/", ("crm", "objects", "contacts"), "v3"),
        ("/crm/objects/2025-09/0-1", ("crm", "objects", "contacts"), "2025-09"),
        ("/crm/objects/2026-03/contact/1", ("crm", "objects", "contacts", "1"), "2026-03"),
        ("/crm/2026-09/objects/contacts", ("crm", "objects", "contacts"), "2026-09"),
        ("/crm/v3/lists/", ("crm", "lists"), "v3"),
        ("/crm/lists/2026-09/all", ("crm", "lists", "all"), "2026-09"),
        ("/crm/v3/properties/Contact/batch/read", ("crm", "properties", "contacts", "batch", "read"), "v3"),
        ("/marketing/v3/emails/", ("marketing", "emails"), "v3"),
        ("/marketing/emails/2026-03/7", ("marketing", "emails", "7"), "2026-03"),
        ("/account-info/v3/details", ("account-info", "details"), "v3"),
        ("/account-info/2026-09/details", ("account-info", "details"), "2026-09"),
        (
            "/crm/v3/lists/object-type-id/0-1/name/a%2Fb%20c",
            ("crm", "lists", "object-type-id", "0-1", "name", "a/b c"),
            "v3",
        ),
    ],
)
def test_a_path_leads_to_its_place(path: str, segments: tuple[str, ...], version: str) -> None:
    assert place(path) == Place(segments=segments, version=version)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/crm",
        "/crm/objects/contacts",
        "/crm/objects/v3/contacts",
        "/crm/v5/objects/contacts",
        "/contacts/v1/lists",
    ],
)
def test_a_path_hubspot_has_not_leads_nowhere(path: str) -> None:
    assert place(path) is None


def test_paging_links_lead_back_to_where_one_asked(ask: Caller) -> None:
    first = ask("GET", "/crm/objects/2026-09/contacts?limit=2&properties=email").json
    link = first["paging"]["next"]["link"]
    assert link.startswith(f"{ask.sandbox.base_url}/crm/objects/2026-09/contacts?limit=2&properties=email&after=")
    rest = ask("GET", link.removeprefix(ask.sandbox.base_url)).json
    assert len(rest["results"]) == 1
    assert "paging" not in rest
