"""What HubSpot serves and the sandbox does not: refused for want of a scope, as a portal does whose token may not."""

from __future__ import annotations

from hubsync.sandbox import errors

#: Object types, by the scope HubSpot asks for.
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
#: By how the canonical path begins, with the scope HubSpot asks for.
_BEGINNINGS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("automation", "actions"), "automation"),
    (("automation", "sequences"), "automation.sequences.read"),
    (("automation", "workflows"), "automation"),
    (("marketing", "marketing-events"), "crm.objects.marketing_events.read"),
    (("marketing", "forms"), "forms"),
    (("marketing", "transactional"), "transactional-email"),
    (("marketing", "emails", "ab-test"), "content"),
    (("crm", "lists", "idmapping"), "crm.lists.read.mapping"),
    (("crm", "limits"), "crm.objects.custom.read"),
    (("crm", "associations"), "crm.objects.companies.read"),
    (("crm", "pipelines"), "crm.pipelines.orders.read"),
    (("crm", "schemas"), "crm.schemas.custom.read"),
    (("crm", "extensions"), "crm.extensions_calling_transcripts.read"),
    (("conversations",), "conversations.read"),
    (("cms",), "content"),
    (("content",), "content"),
    (("files",), "files"),
    (("settings",), "settings.users.read"),
    # The legacy paths of other objects, which older clients still look at first.
    (("companies",), "crm.objects.companies.read"),
    (("deals",), "crm.objects.deals.read"),
    (("email",), "content"),
    (("engagements",), "crm.objects.contacts.read"),
    (("form-integrations",), "forms"),
    (("forms",), "forms"),
    (("properties",), "crm.schemas.deals.read"),
    (("business-units",), "business_units_view.read"),
    (("webhooks",), "developer.webhooks_journal.read"),
)
#: Only under objects and properties does a third segment name a type.
_TYPED = {("crm", "objects"), ("crm", "properties")}


def refusal(segments: tuple[str, ...]) -> errors.Refused:
    """Return how a canonical path that no endpoint serves is refused: 403, 400 or HTML 404."""
    if segments[0] == "crm-object-schemas":
        return errors.missing_scopes_above(["custom-object-read"])
    if len(segments) > 2 and segments[:2] in _TYPED:  # noqa: PLR2004
        kind = segments[2].lower()
        if kind in _OTHER_TYPES:
            return errors.missing_scopes([_OTHER_TYPES[kind]])
        if kind != "contacts":
            return errors.refused(400, f"Unable to infer object type from: {segments[2]}")
    for start, scope in _BEGINNINGS:
        if segments[: len(start)] == start:
            return errors.missing_scopes([scope])
    return errors.html(404, "Not Found")
