"""The contact properties a new portal already has, with HubSpot's read-only marks."""

from __future__ import annotations

from typing import Any

GROUPS = (
    ("contactinformation", "Contact information"),
    ("emailinformation", "Email information"),
    ("analyticsinformation", "Analytics history"),
    ("conversioninformation", "Conversion information"),
    ("deal_information", "Deal information"),
)
#: The life-cycle stages, in their order.
STAGES = (
    ("subscriber", "Subscriber"),
    ("lead", "Lead"),
    ("marketingqualifiedlead", "Marketing Qualified Lead"),
    ("salesqualifiedlead", "Sales Qualified Lead"),
    ("opportunity", "Opportunity"),
    ("customer", "Customer"),
    ("evangelist", "Evangelist"),
    ("other", "Other"),
)
_BOUNCES = tuple(
    (name, name.replace("_", " ").title())
    for name in ("OTHER", "UNKNOWN_USER", "MAILBOX_FULL", "POLICY", "SPAM", "CONTENT", "FILTERED")
)
_TRUTH = (("true", "True"), ("false", "False"))

#: name, label, type, group; what HubSpot lets an integration write.
_WRITABLE = (
    ("email", "Email", "string", "contactinformation"),
    ("firstname", "First Name", "string", "contactinformation"),
    ("lastname", "Last Name", "string", "contactinformation"),
    ("phone", "Phone Number", "string", "contactinformation"),
    ("company", "Company Name", "string", "contactinformation"),
    ("website", "Website URL", "string", "contactinformation"),
    ("city", "City", "string", "contactinformation"),
    ("state", "State/Region", "string", "contactinformation"),
    ("zip", "Postal Code", "string", "contactinformation"),
    ("country", "Country/Region", "string", "contactinformation"),
    ("jobtitle", "Job Title", "string", "contactinformation"),
    ("lifecyclestage", "Lifecycle Stage", "enumeration", "contactinformation"),
    ("hs_additional_emails", "Additional email addresses", "enumeration", "contactinformation"),
    ("hubspot_owner_id", "Contact owner", "string", "contactinformation"),
)
#: name, label, type, group; computed by HubSpot, refused when written.
_READ_ONLY = (
    ("hs_object_id", "Record ID", "number", "contactinformation"),
    ("createdate", "Create Date", "datetime", "contactinformation"),
    ("lastmodifieddate", "Last Modified Date", "datetime", "contactinformation"),
    ("hs_email_domain", "Email Domain", "string", "contactinformation"),
    ("hs_merged_object_ids", "Merged record IDs", "string", "contactinformation"),
    ("hs_email_delivered", "Marketing emails delivered", "number", "emailinformation"),
    ("hs_email_open", "Marketing emails opened", "number", "emailinformation"),
    ("hs_email_click", "Marketing emails clicked", "number", "emailinformation"),
    ("hs_email_bounce", "Marketing emails bounced", "number", "emailinformation"),
    ("hs_email_replied", "Marketing emails replied", "number", "emailinformation"),
    ("hs_email_optout", "Unsubscribed from all email", "bool", "emailinformation"),
    ("hs_email_quarantined", "Email address quarantined", "bool", "emailinformation"),
    ("hs_email_hard_bounce_reason_enum", "Email hard bounce reason", "enumeration", "emailinformation"),
    ("hs_email_first_send_date", "First marketing email send date", "datetime", "emailinformation"),
    ("hs_email_first_open_date", "First marketing email open date", "datetime", "emailinformation"),
    ("hs_email_first_click_date", "First marketing email click date", "datetime", "emailinformation"),
    ("hs_email_first_reply_date", "First marketing email reply date", "datetime", "emailinformation"),
    ("hs_email_last_send_date", "Last marketing email send date", "datetime", "emailinformation"),
    ("hs_email_last_open_date", "Last marketing email open date", "datetime", "emailinformation"),
    ("hs_email_last_click_date", "Last marketing email click date", "datetime", "emailinformation"),
    ("hs_email_last_reply_date", "Last marketing email reply date", "datetime", "emailinformation"),
    ("hs_email_last_email_name", "Last marketing email name", "string", "emailinformation"),
    ("hs_email_sends_since_last_engagement", "Sends since last engagement", "number", "emailinformation"),
    ("hs_analytics_num_page_views", "Number of pageviews", "number", "analyticsinformation"),
    ("hs_analytics_num_visits", "Number of sessions", "number", "analyticsinformation"),
    ("hs_analytics_first_timestamp", "Time first seen", "datetime", "analyticsinformation"),
    ("hs_analytics_last_timestamp", "Time last seen", "datetime", "analyticsinformation"),
    ("hs_analytics_last_visit_timestamp", "Time of last session", "datetime", "analyticsinformation"),
    ("hs_analytics_source", "Original traffic source", "string", "analyticsinformation"),
    ("num_conversion_events", "Number of form submissions", "number", "conversioninformation"),
    ("recent_conversion_date", "Recent conversion date", "datetime", "conversioninformation"),
    ("num_associated_deals", "Number of associated deals", "number", "deal_information"),
    ("total_revenue", "Total revenue", "number", "deal_information"),
    ("recent_deal_amount", "Recent deal amount", "number", "deal_information"),
    ("recent_deal_close_date", "Recent deal close date", "datetime", "deal_information"),
)
_OPTIONS = {"lifecyclestage": STAGES, "hs_email_hard_bounce_reason_enum": _BOUNCES}
_CONTROLS = {"number": "number", "datetime": "date", "bool": "booleancheckbox", "enumeration": "select"}


def properties() -> list[dict[str, Any]]:
    """Return the definitions, each as HubSpot writes a property it defined itself."""
    return [_definition(*row, read_only=False) for row in _WRITABLE] + [
        _definition(*row, read_only=True) for row in _READ_ONLY
    ]


def _definition(name: str, label: str, kind: str, group: str, *, read_only: bool) -> dict[str, Any]:
    options = _OPTIONS.get(name, _TRUTH if kind == "bool" else ())
    return {
        "updatedAt": "2024-01-15T09:00:00.000Z",
        "createdAt": "2019-08-06T02:41:08.029Z",
        "name": name,
        "label": label,
        "type": kind,
        "fieldType": "checkbox" if name == "hs_additional_emails" else _CONTROLS.get(kind, "text"),
        "description": f"{label}.",
        "groupName": group,
        "options": [
            {"label": text, "value": value, "displayOrder": at, "hidden": False}
            for at, (value, text) in enumerate(options)
        ],
        "displayOrder": -1,
        "calculated": read_only,
        "externalOptions": name == "hs_additional_emails",
        "archived": False,
        "hasUniqueValue": name == "email",
        "hidden": False,
        "hubspotDefined": True,
        "modificationMetadata": {
            "archivable": False,
            "readOnlyDefinition": True,
            "readOnlyOptions": name != "lifecyclestage",
            "readOnlyValue": read_only,
        },
        "formField": not read_only,
        "dataSensitivity": "non_sensitive",
    }
