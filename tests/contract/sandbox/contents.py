"""What the sandboxes of these tests hold, and how they behave unless a test says otherwise."""

from __future__ import annotations

from typing import Any

from hubsync.sandbox.portal import Settings

#: Nothing lags, nothing moves by itself.
PROMPT = Settings(search_lag=0, processing_seconds=0, settle_seconds=0)
SEED: dict[str, Any] = {
    "groups": [{"name": "hubsync", "label": "Behaviour"}],
    "properties": [
        {"name": "score", "label": "Score", "type": "number", "fieldType": "number", "groupName": "hubsync"},
        {"name": "seen_on", "label": "Seen on", "type": "date", "fieldType": "date", "groupName": "hubsync"},
        {"name": "seen_at", "label": "Seen at", "type": "datetime", "fieldType": "date", "groupName": "hubsync"},
        {
            "name": "loyal",
            "label": "Loyal",
            "type": "bool",
            "fieldType": "booleancheckbox",
            "groupName": "hubsync",
        },
        {
            "name": "behaviour",
            "label": "Behaviour",
            "type": "enumeration",
            "fieldType": "checkbox",
            "groupName": "hubsync",
            "options": [{"label": name.title(), "value": name} for name in ("bargain", "lapsed", "weekend")],
        },
        {
            "name": "band",
            "label": "Band",
            "type": "enumeration",
            "fieldType": "select",
            "groupName": "hubsync",
            "options": [{"label": "High", "value": "high"}, {"label": "Low", "value": "low"}],
        },
        {
            "name": "customer_id",
            "label": "Customer id",
            "type": "string",
            "fieldType": "text",
            "groupName": "hubsync",
            "hasUniqueValue": True,
        },
    ],
    "contacts": [
        {
            "properties": {
                "email": "ana@example.com",
                "hs_additional_emails": "ana@work.example",
                "firstname": "Ana",
                "lastname": "Alves",
                "customer_id": "c-1",
                "score": 80,
                "behaviour": "bargain;weekend",
            }
        },
        {
            "properties": {
                "email": "bo@example.com",
                "firstname": "Bo",
                "lastname": "Berg",
                "customer_id": "c-2",
                "score": 20,
                "behaviour": "lapsed",
            }
        },
        {"properties": {"email": "cy@example.com", "firstname": "Cy", "lastname": "Cole"}},
    ],
    "emails": [
        {"id": "701", "name": "Spring sale", "subject": "Spring", "publishDate": "2026-03-01T09:00:00Z"},
        {"id": "702", "name": "Summer sale", "subject": "Summer", "publishDate": "2026-06-01T09:00:00Z"},
        {"id": "703", "name": "Unsent", "subject": "Later", "isPublished": False, "state": "DRAFT"},
    ],
    "email_events": [
        {"email_id": "701", "contact": contact, "type": kind, "at": at}
        for contact, kind, at in (
            ("ana@example.com", "SENT", "2026-03-01T09:00:00Z"),
            ("ana@example.com", "DELIVERED", "2026-03-01T09:00:05Z"),
            ("ana@example.com", "OPEN", "2026-03-01T10:00:00Z"),
            ("ana@example.com", "OPEN", "2026-03-02T10:00:00Z"),
            ("ana@example.com", "CLICK", "2026-03-01T10:01:00Z"),
            ("bo@example.com", "SENT", "2026-03-01T09:00:00Z"),
            ("bo@example.com", "DELIVERED", "2026-03-01T09:00:06Z"),
            ("bo@example.com", "UNSUBSCRIBED", "2026-03-03T08:00:00Z"),
            ("cy@example.com", "SENT", "2026-03-01T09:00:00Z"),
            ("cy@example.com", "BOUNCE", "2026-03-01T09:00:09Z"),
        )
    ],
    "lists": [{"name": "Newsletter", "processingType": "MANUAL", "members": ["ana@example.com", "bo@example.com"]}],
}
