"""The table of endpoints: method, canonical path, what answers, and the scopes of which any one is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hubsync.sandbox import (
    account,
    batch,
    contact_calls,
    emails,
    errors,
    list_calls,
    memberships,
    properties,
    property_groups,
    search,
)
from hubsync.sandbox import subscriptions as optouts
from hubsync.sandbox.call import Answer
from hubsync.sandbox.paths import Place

Handler = Callable[..., Answer]

_READ = ("crm.objects.contacts.read",)
_WRITE = ("crm.objects.contacts.write",)
_SCHEMA = ("crm.schemas.contacts.read", "crm.objects.contacts.read")
_SCHEMA_WRITE = ("crm.schemas.contacts.write",)
_LISTS = ("crm.lists.read",)
_LISTS_WRITE = ("crm.lists.write",)
_EMAIL = ("marketing.email.read", "content", "marketing-email", "transactional-email")
_OPTOUTS = ("communication_preferences.read", "communication_preferences.read_write")
_OPTOUTS_WRITE = ("communication_preferences.read_write",)
_OWNERS = ("crm.objects.owners.read",)
#: Object types HubSpot has and the sandbox has not: refused for want of a scope, as a real portal would.
_OTHER_TYPES = {
    "calls": "crm.objects.contacts.read",
    "carts": "crm.objects.carts.read",
    "communications": "crm.objects.contacts.read",
    "companies": "crm.objects.companies.read",
    "deals": "crm.objects.deals.read",
    "emails": "sales-email-read",
    "invoices": "crm.objects.invoices.read",
    "leads": "crm.objects.leads.read",
    "line_items": "crm.objects.line_items.read",
    "meetings": "crm.objects.contacts.read",
    "notes": "crm.objects.contacts.read",
    "orders": "crm.objects.orders.read",
    "products": "e-commerce",
    "quotes": "crm.objects.quotes.read",
    "subscriptions": "crm.objects.subscriptions.read",
    "tasks": "crm.objects.contacts.read",
    "tickets": "tickets",
    "users": "crm.objects.users.read",
}
#: What else HubSpot serves, by how the canonical path begins, with the scope it asks for.
_ELSEWHERE: tuple[tuple[tuple[str, ...], str], ...] = (
    (("automation",), "automation"),
    (("events",), "business-intelligence"),
    (("marketing", "campaigns"), "marketing.campaigns.read"),
    (("marketing", "marketing-events"), "crm.objects.marketing_events.read"),
    (("marketing", "forms"), "forms"),
    (("marketing", "transactional"), "transactional-email"),
    (("crm", "imports"), "crm.import"),
    (("crm", "exports"), "crm.export"),
    (("crm", "limits"), "crm.objects.contacts.read.limits"),
    (("crm", "associations"), "crm.objects.companies.read"),
    (("crm", "pipelines"), "crm.pipelines.orders.read"),
    (("crm", "schemas"), "crm.schemas.custom.read"),
    (("crm-object-schemas",), "crm.schemas.custom.read"),
    (("conversations",), "conversations.read"),
    (("cms",), "content"),
    (("content",), "content"),
    (("files",), "files"),
    (("settings",), "settings.users.read"),
    (("business-units",), "business_units_view.read"),
    (("webhooks",), "developer.webhooks_journal.read"),
)
#: Likewise, where something else of the same path is served.
_NOT_SERVED: tuple[tuple[str, str, str], ...] = (
    ("POST", "crm/objects/contacts/merge", "crm.objects.contacts.sensitive.write"),
    ("POST", "crm/objects/contacts/gdpr-delete", "crm.objects.contacts.sensitive.write"),
    ("GET", "crm/lists/folders", "cms.membership.access_groups.write"),
    ("POST", "crm/lists/folders", "cms.membership.access_groups.write"),
    ("PUT", "crm/lists/folders/move-list", "cms.membership.access_groups.write"),
    ("POST", "marketing/emails", "marketing.email.write"),
    ("POST", "marketing/emails/clone", "marketing.email.write"),
    ("PATCH", "marketing/emails/*", "marketing.email.write"),
    ("DELETE", "marketing/emails/*", "marketing.email.write"),
    ("PATCH", "marketing/emails/*/draft", "marketing.email.write"),
    ("POST", "marketing/emails/*/publish", "marketing-email"),
    ("POST", "communication-preferences/statuses/*", "communication_preferences.statuses.batch.write"),
)


@dataclass(frozen=True, kw_only=True)
class Route:
    """One endpoint."""

    method: str
    #: Segments of the canonical path; `*` takes any one.
    path: tuple[str, ...]
    handle: Handler
    scopes: tuple[str, ...] = ()
    #: The versions it exists in; none named is all.
    versions: frozenset[str] = frozenset()
    #: Searches have a limit of their own.
    search: bool = False
    #: Whether it needs a JSON body.
    takes_body: bool = True


def _route(method: str, path: str, handle: Handler, scopes: tuple[str, ...] = (), **more: Any) -> Route:  # noqa: ANN401
    return Route(method=method, path=tuple(path.split("/")), handle=handle, scopes=scopes, **more)


ROUTES = (
    _route("GET", "account-info/details", account.details),
    _route("GET", "account-info/api-usage/daily/private-apps", account.daily_usage),
    _route("POST", "oauth/private-apps/get/access-token-info", account.token_info, versions=frozenset({"v2"})),
    _route("GET", "oauth/access-tokens/*", account.oauth_token_info, versions=frozenset({"v1"})),
    _route("GET", "integrations/me", account.who_am_i, versions=frozenset({"v1"})),
    _route("GET", "crm/owners", account.owners, _OWNERS),
    _route("GET", "crm/owners/*", account.owner, _OWNERS),
    _route("POST", "crm/objects/contacts/batch/read", batch.read, _READ),
    _route("POST", "crm/objects/contacts/batch/create", batch.create, _WRITE),
    _route("POST", "crm/objects/contacts/batch/update", batch.update, _WRITE),
    _route("POST", "crm/objects/contacts/batch/upsert", batch.upsert, _WRITE),
    _route("POST", "crm/objects/contacts/batch/archive", batch.archive, _WRITE),
    _route("POST", "crm/objects/contacts/search", search.search, _READ, search=True),
    _route("GET", "crm/objects/contacts", contact_calls.contact_page, _READ),
    _route("POST", "crm/objects/contacts", contact_calls.create_contact, _WRITE),
    _route("GET", "crm/objects/contacts/*", contact_calls.get_contact, _READ),
    _route("PATCH", "crm/objects/contacts/*", contact_calls.update_contact, _WRITE),
    _route("DELETE", "crm/objects/contacts/*", contact_calls.archive_contact, _WRITE),
    _route("GET", "crm/properties/contacts", properties.list_properties, _SCHEMA),
    _route("POST", "crm/properties/contacts", properties.create_property, _SCHEMA_WRITE),
    _route("GET", "crm/properties/contacts/groups", property_groups.list_all, _SCHEMA),
    _route("POST", "crm/properties/contacts/groups", property_groups.create, _SCHEMA_WRITE),
    _route("GET", "crm/properties/contacts/groups/*", property_groups.get, _SCHEMA),
    _route("PATCH", "crm/properties/contacts/groups/*", property_groups.update, _SCHEMA_WRITE),
    _route("DELETE", "crm/properties/contacts/groups/*", property_groups.archive, _SCHEMA_WRITE),
    _route("POST", "crm/properties/contacts/batch/create", properties.batch_create, _SCHEMA_WRITE),
    _route("POST", "crm/properties/contacts/batch/read", properties.batch_read, _SCHEMA),
    _route("POST", "crm/properties/contacts/batch/archive", properties.batch_archive, _SCHEMA_WRITE),
    _route("GET", "crm/properties/contacts/*", properties.get_property, _SCHEMA),
    _route("PATCH", "crm/properties/contacts/*", properties.update_property, _SCHEMA_WRITE),
    _route("DELETE", "crm/properties/contacts/*", properties.archive_property, _SCHEMA_WRITE),
    _route("GET", "crm/lists", list_calls.get_many, _LISTS),
    _route("POST", "crm/lists", list_calls.create, _LISTS_WRITE),
    _route("POST", "crm/lists/search", list_calls.search, _LISTS),
    _route("POST", "crm/lists/all", list_calls.all_lists, _LISTS, versions=frozenset({"2026-09"})),
    _route("GET", "crm/lists/object-type-id/*/name/*", list_calls.get_named, _LISTS),
    _route("GET", "crm/lists/records/*/*/memberships", memberships.lists_of, _LISTS),
    _route("POST", "crm/lists/records/memberships/batch/read", memberships.lists_of_many, _LISTS),
    _route("GET", "crm/lists/*", list_calls.get, _LISTS),
    _route("DELETE", "crm/lists/*", list_calls.delete, _LISTS_WRITE),
    _route("PUT", "crm/lists/*/restore", list_calls.restore, _LISTS_WRITE, takes_body=False),
    _route("PUT", "crm/lists/*/update-list-name", list_calls.rename, _LISTS_WRITE, takes_body=False),
    _route("PUT", "crm/lists/*/update-list-filters", list_calls.refilter, _LISTS_WRITE),
    _route("GET", "crm/lists/*/memberships", memberships.page, _LISTS),
    _route("DELETE", "crm/lists/*/memberships", memberships.remove_all, _LISTS_WRITE),
    _route("GET", "crm/lists/*/memberships/join-order", memberships.page_by_joining, _LISTS),
    _route("PUT", "crm/lists/*/memberships/add", memberships.add, _LISTS_WRITE),
    _route("PUT", "crm/lists/*/memberships/remove", memberships.remove, _LISTS_WRITE),
    _route("PUT", "crm/lists/*/memberships/add-and-remove", memberships.add_and_remove, _LISTS_WRITE),
    _route("PUT", "crm/lists/*/memberships/add-from/*", memberships.add_from, _LISTS_WRITE, takes_body=False),
    _route("GET", "marketing/emails", emails.email_page, _EMAIL),
    _route("GET", "marketing/emails/statistics/list", emails.statistics, _EMAIL),
    _route("GET", "marketing/emails/*", emails.get_email, _EMAIL),
    _route("GET", "communication-preferences/statuses/*", optouts.statuses, _OPTOUTS),
    _route(
        "POST",
        "communication-preferences/statuses/*/unsubscribe-all",
        optouts.unsubscribe_all,
        _OPTOUTS_WRITE,
        takes_body=False,
    ),
    _route(
        "GET", "communication-preferences/status/email/*", optouts.legacy_statuses, _OPTOUTS, versions=frozenset({"v3"})
    ),
)


def find(method: str, place: Place) -> tuple[Route, list[str]]:
    """Return the endpoint for a request and what its `*` stand for; raises Refused where there is none.

    403 for what HubSpot serves and the sandbox does not, 405 for another method, HTML 404 for the rest.
    """
    for method_elsewhere, path, scope in _NOT_SERVED:
        if method == method_elsewhere and _matches(tuple(path.split("/")), place.segments):
            raise errors.missing_scopes([scope])
    others = False
    for route in ROUTES:
        if _matches(route.path, place.segments) and (not route.versions or place.version in route.versions):
            if route.method == method:
                taken = [part for part, wanted in zip(place.segments, route.path, strict=True) if wanted == "*"]
                return route, taken
            others = True
    if others:
        raise errors.html(405, "Method Not Allowed")
    raise _absent(place)


def _matches(path: tuple[str, ...], segments: tuple[str, ...]) -> bool:
    return len(path) == len(segments) and all(
        wanted in {"*", part} for part, wanted in zip(segments, path, strict=True)
    )


def _absent(place: Place) -> errors.Refused:
    segments = place.segments
    if len(segments) > 2 and segments[:2] in {("crm", "objects"), ("crm", "properties")}:  # noqa: PLR2004
        kind = segments[2].lower()
        if kind in _OTHER_TYPES:
            return errors.missing_scopes([_OTHER_TYPES[kind]])
        if kind != "contacts":
            return errors.refused(400, f"Unable to infer object type from: {segments[2]}")
    for start, scope in _ELSEWHERE:
        if segments[: len(start)] == start:
            return errors.missing_scopes([scope])
    return errors.html(404, "Not Found")
