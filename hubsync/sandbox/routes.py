"""The table of endpoints: method, canonical path, what answers, and the scopes of which any one is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hubsync.sandbox import (
    account,
    batch,
    campaigns,
    contact_calls,
    drafts,
    elsewhere,
    emails,
    enrolments,
    erasure,
    errors,
    event_types,
    exports,
    flows,
    folders,
    imports,
    limits,
    list_calls,
    list_changes,
    memberships,
    merging,
    occurrences,
    properties,
    property_groups,
    search,
)
from hubsync.sandbox import subscriptions as optouts
from hubsync.sandbox.call import Answer
from hubsync.sandbox.pace import Limit
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
_OPTOUTS_MANY = ("communication_preferences.statuses.batch.read",)
_OPTOUTS_MANY_WRITE = ("communication_preferences.statuses.batch.write",)
_CAMPAIGNS = ("marketing.campaigns.read",)
_EVENTS = ("analytics.behavioral_events.send",)
_EVENTS_READ = ("business-intelligence",)
_EVENT_TYPES = ("behavioral_events.event_definitions.read_write",)
_IMPORT = ("crm.import",)
_EXPORT = ("crm.export",)
_AUTOMATION = ("automation",)
_EMAIL_WRITE = ("marketing.email.write", "content")
_EMAIL_SEND = ("marketing-email", "transactional-email")
_V2, _V3, _V4 = frozenset({"v2"}), frozenset({"v3"}), frozenset({"v4"})
_DATED = frozenset({"2026-03", "2026-09"})


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
    #: What it counts against.
    limit: Limit = Limit.BURST
    #: Whether it needs a JSON body.
    takes_body: bool = True


def _route(method: str, path: str, handle: Handler, scopes: tuple[str, ...] = (), **more: Any) -> Route:  # noqa: ANN401
    return Route(method=method, path=tuple(path.split("/")), handle=handle, scopes=scopes, **more)


ROUTES = (
    _route("GET", "account-info/details", account.details),
    _route("GET", "account-info/api-usage/daily/private-apps", account.daily_usage),
    _route("POST", "oauth/private-apps/get/access-token-info", account.token_info, versions=_V2),
    _route("GET", "oauth/access-tokens/*", account.oauth_token_info, versions=frozenset({"v1"})),
    _route("GET", "integrations/me", account.who_am_i, versions=frozenset({"v1"})),
    _route("GET", "crm/owners", account.owners, _OWNERS),
    _route("GET", "crm/owners/*", account.owner, _OWNERS),
    _route("POST", "crm/objects/contacts/batch/read", batch.read, _READ),
    _route("POST", "crm/objects/contacts/batch/create", batch.create, _WRITE),
    _route("POST", "crm/objects/contacts/batch/update", batch.update, _WRITE),
    _route("POST", "crm/objects/contacts/batch/upsert", batch.upsert, _WRITE),
    _route("POST", "crm/objects/contacts/batch/archive", batch.archive, _WRITE),
    _route("POST", "crm/objects/contacts/merge", merging.merge, _WRITE),
    _route("POST", "crm/objects/contacts/gdpr-delete", erasure.erase, _WRITE),
    _route("POST", "crm/objects/contacts/search", search.search, _READ, limit=Limit.SEARCH),
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
    _route("GET", "crm/lists/folders", folders.get, _LISTS),
    _route("POST", "crm/lists/folders", folders.create, _LISTS_WRITE),
    _route("PUT", "crm/lists/folders/move-list", folders.move_list, _LISTS_WRITE),
    _route("PUT", "crm/lists/folders/*/rename", folders.rename, _LISTS_WRITE, takes_body=False),
    _route("PUT", "crm/lists/folders/*/move/*", folders.move, _LISTS_WRITE, takes_body=False),
    _route("DELETE", "crm/lists/folders/*", folders.delete, _LISTS_WRITE),
    _route("GET", "crm/lists/*", list_calls.get, _LISTS),
    _route("DELETE", "crm/lists/*", list_calls.delete, _LISTS_WRITE),
    _route("PUT", "crm/lists/*/restore", list_calls.restore, _LISTS_WRITE, takes_body=False),
    _route("PUT", "crm/lists/*/update-list-name", list_calls.rename, _LISTS_WRITE, takes_body=False),
    _route("PUT", "crm/lists/*/update-list-filters", list_calls.refilter, _LISTS_WRITE),
    _route("GET", "crm/lists/*/size-and-edits-history/between", list_changes.history, _LISTS, versions=_DATED),
    _route("GET", "crm/lists/*/schedule-conversion", list_changes.conversion, _LISTS),
    _route("PUT", "crm/lists/*/schedule-conversion", list_changes.plan_conversion, _LISTS_WRITE),
    _route("DELETE", "crm/lists/*/schedule-conversion", list_changes.cancel_conversion, _LISTS_WRITE),
    _route("GET", "crm/lists/*/memberships", memberships.page, _LISTS),
    _route("DELETE", "crm/lists/*/memberships", memberships.remove_all, _LISTS_WRITE),
    _route("GET", "crm/lists/*/memberships/join-order", memberships.page_by_joining, _LISTS),
    _route("PUT", "crm/lists/*/memberships/add", memberships.add, _LISTS_WRITE),
    _route("PUT", "crm/lists/*/memberships/remove", memberships.remove, _LISTS_WRITE),
    _route("PUT", "crm/lists/*/memberships/add-and-remove", memberships.add_and_remove, _LISTS_WRITE),
    _route("PUT", "crm/lists/*/memberships/add-from/*", memberships.add_from, _LISTS_WRITE, takes_body=False),
    _route("GET", "marketing/emails", emails.email_page, _EMAIL),
    _route("GET", "marketing/emails/statistics/list", emails.statistics, _EMAIL),
    _route("GET", "marketing/emails/statistics/histogram", emails.histogram, _EMAIL),
    _route("POST", "marketing/emails", drafts.create, _EMAIL_WRITE),
    _route("POST", "marketing/emails/clone", drafts.clone, _EMAIL_WRITE),
    _route("GET", "marketing/emails/*", emails.get_email, _EMAIL),
    _route("PATCH", "marketing/emails/*", drafts.update, _EMAIL_WRITE),
    _route("DELETE", "marketing/emails/*", drafts.delete, _EMAIL_WRITE),
    _route("GET", "marketing/emails/*/draft", drafts.get_draft, _EMAIL),
    _route("PATCH", "marketing/emails/*/draft", drafts.update_draft, _EMAIL_WRITE),
    _route("POST", "marketing/emails/*/draft/reset", drafts.reset_draft, _EMAIL_WRITE, takes_body=False),
    _route("POST", "marketing/emails/*/publish", drafts.publish, _EMAIL_SEND, takes_body=False, limit=Limit.DAY),
    _route("POST", "marketing/emails/*/unpublish", drafts.unpublish, _EMAIL_SEND, takes_body=False, limit=Limit.DAY),
    _route("GET", "automation/flows", flows.page, _AUTOMATION, versions=_V4),
    _route("POST", "automation/flows", flows.create, _AUTOMATION, versions=_V4, limit=Limit.DAY),
    _route("POST", "automation/flows/batch/read", flows.batch_read, _AUTOMATION, versions=_V4),
    _route("GET", "automation/flows/*", flows.get, _AUTOMATION, versions=_V4),
    _route("PUT", "automation/flows/*", flows.replace, _AUTOMATION, versions=_V4, limit=Limit.DAY),
    _route("DELETE", "automation/flows/*", flows.delete, _AUTOMATION, versions=_V4),
    _route("POST", "automation/workflow-id-mappings/batch/read", flows.workflow_ids, _AUTOMATION, versions=_V4),
    _route(
        "POST",
        "automation/workflows/*/enrollments/contacts/*",
        enrolments.enrol,
        _AUTOMATION,
        versions=_V2,
        takes_body=False,
    ),
    _route("DELETE", "automation/workflows/*/enrollments/contacts/*", enrolments.leave, _AUTOMATION, versions=_V2),
    _route("GET", "marketing/campaigns", campaigns.page, _CAMPAIGNS),
    _route("POST", "marketing/campaigns/batch/read", campaigns.batch_read, _CAMPAIGNS),
    _route("GET", "marketing/campaigns/*", campaigns.get, _CAMPAIGNS),
    _route("GET", "marketing/campaigns/*/assets/*", campaigns.assets, _CAMPAIGNS),
    _route("GET", "communication-preferences/definitions", optouts.definitions, _OPTOUTS),
    _route("POST", "communication-preferences/statuses/batch/read", optouts.read_many, _OPTOUTS_MANY),
    _route("POST", "communication-preferences/statuses/batch/write", optouts.write_many, _OPTOUTS_MANY_WRITE),
    _route(
        "POST",
        "communication-preferences/statuses/batch/unsubscribe-all",
        optouts.unsubscribe_many,
        _OPTOUTS_MANY_WRITE,
    ),
    _route(
        "POST",
        "communication-preferences/statuses/batch/unsubscribe-all/read",
        optouts.wide_statuses,
        _OPTOUTS_MANY,
    ),
    _route("GET", "communication-preferences/statuses/*", optouts.statuses, _OPTOUTS),
    _route("POST", "communication-preferences/statuses/*", optouts.set_status, _OPTOUTS_WRITE),
    _route("GET", "communication-preferences/statuses/*/unsubscribe-all", optouts.wide_status, _OPTOUTS),
    _route(
        "POST",
        "communication-preferences/statuses/*/unsubscribe-all",
        optouts.unsubscribe_all,
        _OPTOUTS_WRITE,
        takes_body=False,
    ),
    _route("GET", "communication-preferences/status/email/*", optouts.legacy_statuses, _OPTOUTS, versions=_V3),
    _route("POST", "communication-preferences/subscribe", optouts.subscribe, _OPTOUTS_WRITE, versions=_V3),
    _route("POST", "communication-preferences/unsubscribe", optouts.unsubscribe, _OPTOUTS_WRITE, versions=_V3),
    _route("POST", "events/send", occurrences.send, _EVENTS, limit=Limit.NONE),
    _route("POST", "events/send/batch", occurrences.send_many, _EVENTS, limit=Limit.NONE),
    _route("GET", "events/event-definitions", event_types.page, _EVENT_TYPES),
    _route("POST", "events/event-definitions", event_types.create, _EVENT_TYPES),
    _route("GET", "events/event-definitions/*", event_types.get, _EVENT_TYPES),
    _route("PATCH", "events/event-definitions/*", event_types.update, _EVENT_TYPES),
    _route("DELETE", "events/event-definitions/*", event_types.delete, _EVENT_TYPES),
    _route("POST", "events/event-definitions/*/property", event_types.create_property, _EVENT_TYPES),
    _route("DELETE", "events/event-definitions/*/property/*", event_types.delete_property, _EVENT_TYPES),
    _route("GET", "events/event-occurrences", occurrences.page, _EVENTS_READ),
    _route("GET", "events/event-occurrences/event-types", occurrences.kinds, _EVENTS_READ),
    _route("GET", "events/events", occurrences.page, _EVENTS_READ, versions=_V3),
    _route("GET", "events/events/event-types", occurrences.kinds, _EVENTS_READ, versions=_V3),
    _route("GET", "crm/imports", imports.page, _IMPORT),
    _route("POST", "crm/imports", imports.create, _IMPORT, takes_body=False),
    _route("GET", "crm/imports/*", imports.get, _IMPORT),
    _route("GET", "crm/imports/*/errors", imports.failures, _IMPORT),
    _route("POST", "crm/imports/*/cancel", imports.cancel, _IMPORT, takes_body=False),
    _route("POST", "crm/exports/export/async", exports.create, _EXPORT),
    _route("GET", "crm/exports/export/async/tasks/*/status", exports.status, _EXPORT),
    _route("GET", "crm/exports/export/*", exports.get, _EXPORT),
    _route("GET", "crm/limits/custom-properties", limits.custom_properties, _READ),
    _route("GET", "crm/limits/calculated-properties", limits.calculated_properties, _READ),
    _route("GET", "crm/limits/records", limits.records, _READ),
)


def find(method: str, place: Place) -> tuple[Route, list[str]]:
    """Return the endpoint for a request and what its `*` stand for; raises Refused where there is none.

    403 for what HubSpot serves and the sandbox does not, 405 for another method, HTML 404 for the rest.
    """
    others = False
    for route in ROUTES:
        if _matches(route.path, place.segments) and (not route.versions or place.version in route.versions):
            if route.method == method:
                taken = [part for part, wanted in zip(place.segments, route.path, strict=True) if wanted == "*"]
                return route, taken
            others = True
    if others:
        raise errors.html(405, "Method Not Allowed")
    raise elsewhere.refusal(place.segments)


def _matches(path: tuple[str, ...], segments: tuple[str, ...]) -> bool:
    return len(path) == len(segments) and all(
        wanted in {"*", part} for part, wanted in zip(segments, path, strict=True)
    )
