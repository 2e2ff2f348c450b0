"""Every path of HubSpot's that we use, by API version, and the day each version lapses.

HubSpot's versions are on a clock: v1 to v3 and 2026-03 are unsupported from September 2027, v4 from 30 March 2027,
2026-09 from March 2028 (HubSpot's developer changelog, 2026). Dates announced as a month count from its first day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hubsync.core.errors import BadInput

DEFAULT = "2026-03"
#: Unsupported from this day on, by the version of the path.
EXPIRES: Mapping[str, dt.date] = {
    "v3": dt.date(2027, 9, 1),
    "2026-03": dt.date(2027, 9, 1),
    "2026-09": dt.date(2028, 3, 1),
    "v4": dt.date(2027, 3, 30),
    "v2": dt.date(2027, 9, 1),
}
#: What HUBSPOT_API_VERSION may be.
VERSIONS = ("2026-03", "2026-09", "v3")
WARN_WITHIN = dt.timedelta(days=90)


class Effect(StrEnum):
    """What a request does there, and so whether it may be sent twice."""

    #: Changes nothing.
    READ = "read"
    #: Sets what is given; sent twice, the second changes nothing.
    SET = "set"
    #: Makes something new each time; must not be repeated when its answer was lost.
    CREATE = "create"


class Bucket(StrEnum):
    """Which limit a request counts against."""

    BURST = "burst"
    #: Five a second for the whole account, outside the burst limit.
    SEARCH = "search"


@dataclass(frozen=True, kw_only=True)
class Route:
    """One call of HubSpot's."""

    name: str
    method: str
    #: Key of `FAMILIES`.
    family: str
    #: What follows the family's path; `{...}` is filled in, quoted.
    rest: str = ""
    effect: Effect = Effect.READ
    bucket: Bucket = Bucket.BURST

    def path(self, version: str) -> str:
        """Return the path for a version, its own placeholders left in."""
        v3, dated = FAMILIES[self.family]
        return (v3 if version == "v3" else dated.format(v=version)) + self.rest

    def expires(self, version: str) -> dt.date | None:
        """Return the day from which HubSpot does not support this path, or None where none is announced."""
        return next((EXPIRES[part] for part in self.path(version).split("/") if part in EXPIRES), None)


#: The words move when a path gets its date, so that both forms are spelled out: (v3, dated).
FAMILIES: Mapping[str, tuple[str, str]] = {
    "contacts": ("/crm/v3/objects/contacts", "/crm/objects/{v}/contacts"),
    "lists": ("/crm/v3/lists", "/crm/lists/{v}"),
    "properties": ("/crm/v3/properties/contacts", "/crm/properties/{v}/contacts"),
    "account": ("/account-info/v3", "/account-info/{v}"),
    "emails": ("/marketing/v3/emails", "/marketing/emails/{v}"),
    "subscriptions": ("/communication-preferences/v4/statuses", "/communication-preferences/{v}/statuses"),
    # Their dated forms are in beta.
    "flows": ("/automation/v4/flows", "/automation/v4/flows"),
    "mappings": ("/automation/v4/workflow-id-mappings", "/automation/v4/workflow-id-mappings"),
    # The only call that enrols a contact; it has no successor.
    "workflows": ("/automation/v2/workflows", "/automation/v2/workflows"),
    # No dated form is announced; it is the one call that tells what a token may do.
    "token": ("/oauth/v2/private-apps/get/access-token-info", "/oauth/v2/private-apps/get/access-token-info"),
}

_ROWS = (
    ("token.info", "POST", "token", "", Effect.READ),
    ("account.details", "GET", "account", "/details", Effect.READ),
    ("account.usage", "GET", "account", "/api-usage/daily/private-apps", Effect.READ),
    ("contacts.page", "GET", "contacts", "", Effect.READ),
    ("contacts.read", "POST", "contacts", "/batch/read", Effect.READ),
    ("contacts.update", "POST", "contacts", "/batch/update", Effect.SET),
    ("contacts.create", "POST", "contacts", "/batch/create", Effect.CREATE),
    ("contacts.search", "POST", "contacts", "/search", Effect.READ),
    ("lists.create", "POST", "lists", "", Effect.CREATE),
    ("lists.get", "GET", "lists", "/{list_id}", Effect.READ),
    ("lists.by_name", "GET", "lists", "/object-type-id/0-1/name/{name}", Effect.READ),
    ("lists.search", "POST", "lists", "/search", Effect.READ),
    ("lists.members", "GET", "lists", "/{list_id}/memberships", Effect.READ),
    ("lists.add_and_remove", "PUT", "lists", "/{list_id}/memberships/add-and-remove", Effect.SET),
    ("lists.set_filters", "PUT", "lists", "/{list_id}/update-list-filters", Effect.SET),
    ("lists.rename", "PUT", "lists", "/{list_id}/update-list-name", Effect.SET),
    ("lists.delete", "DELETE", "lists", "/{list_id}", Effect.SET),
    ("lists.restore", "PUT", "lists", "/{list_id}/restore", Effect.SET),
    ("lists.folders", "GET", "lists", "/folders", Effect.READ),
    ("lists.create_folder", "POST", "lists", "/folders", Effect.CREATE),
    ("lists.move", "PUT", "lists", "/folders/move-list", Effect.SET),
    ("properties.all", "GET", "properties", "", Effect.READ),
    ("properties.get", "GET", "properties", "/{name}", Effect.READ),
    ("properties.create", "POST", "properties", "", Effect.CREATE),
    ("properties.update", "PATCH", "properties", "/{name}", Effect.SET),
    ("properties.groups", "GET", "properties", "/groups", Effect.READ),
    ("properties.create_group", "POST", "properties", "/groups", Effect.CREATE),
    ("emails.page", "GET", "emails", "", Effect.READ),
    ("emails.get", "GET", "emails", "/{email_id}", Effect.READ),
    ("emails.statistics", "GET", "emails", "/statistics/list", Effect.READ),
    ("emails.clone", "POST", "emails", "/clone", Effect.CREATE),
    ("emails.draft", "PATCH", "emails", "/{email_id}/draft", Effect.SET),
    ("flows.page", "GET", "flows", "", Effect.READ),
    ("flows.get", "GET", "flows", "/{flow_id}", Effect.READ),
    ("flows.create", "POST", "flows", "", Effect.CREATE),
    ("flows.workflow_ids", "POST", "mappings", "/batch/read", Effect.READ),
    ("workflows.enrol", "POST", "workflows", "/{workflow_id}/enrollments/contacts/{email}", Effect.CREATE),
    ("workflows.unenrol", "DELETE", "workflows", "/{workflow_id}/enrollments/contacts/{email}", Effect.SET),
    ("subscriptions.get", "GET", "subscriptions", "/{email}", Effect.READ),
)

#: By name, e.g. ROUTES["contacts.update"].
ROUTES: Mapping[str, Route] = {
    name: Route(
        name=name,
        method=method,
        family=family,
        rest=rest,
        effect=effect,
        bucket=Bucket.SEARCH if name == "contacts.search" else Bucket.BURST,
    )
    for name, method, family, rest, effect in _ROWS
}


def check(version: str) -> str:
    """Return the version, or raise BadInput where this product does not speak it."""
    if version in VERSIONS:
        return version
    raise BadInput(
        f"HubSpot API version '{version}' is not known.",
        "Nothing was sent.",
        f"Set HUBSPOT_API_VERSION to one of {', '.join(VERSIONS)}.",
    )


def warning(version: str, today: dt.date) -> str:
    """Return what to tell people about a version that lapses within 90 days or has lapsed; "" otherwise."""
    expires = EXPIRES[check(version)]
    if expires - today > WARN_WITHIN:
        return ""
    later = [other for other in VERSIONS if EXPIRES[other] > expires]
    way_on = f"Set HUBSPOT_API_VERSION={max(later, key=EXPIRES.__getitem__)}." if later else "Update this product."
    if today >= expires:
        return f"HubSpot has not supported API version {version} since {expires:%Y-%m-%d}. {way_on}"
    return f"HubSpot supports API version {version} until {expires:%Y-%m-%d} ({(expires - today).days} days). {way_on}"


def pinned_warning(version: str, today: dt.date) -> str:
    """Return the same for those of our paths that HUBSPOT_API_VERSION does not change, all of them together."""
    ending = {
        route.family: expires
        for route in ROUTES.values()
        if (expires := route.expires(version)) not in {None, EXPIRES[version]} and expires - today <= WARN_WITHIN
    }
    if not ending:
        return ""
    named = " and ".join(FAMILIES[family][0] for family in ending)
    return f"HubSpot supports {named} until {min(ending.values()):%Y-%m-%d}. Update this product."
