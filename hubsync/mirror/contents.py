"""What a mirror holds: a snapshot of Parquet files, and how an answer of HubSpot's becomes a row of one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubsync.core.field import CUSTOMER_ID
from hubsync.portal.answer import Json, as_moment
from hubsync.portal.contact import Contact
from hubsync.portal.emails import Email
from hubsync.portal.lists import ContactList
from hubsync.portal.properties import Property
from hubsync.store import snapshot
from hubsync.store.snapshot import Snapshot
from hubsync.store.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

KIND = "mirror"
#: Properties of ours begin so.
OWNED = "hubsync_"
#: Counters of a contact, by HubSpot's name: lifetime sums, unknown (null) until there is something to count.
COUNTERS = {
    "email_delivered": "hs_email_delivered",
    "email_open": "hs_email_open",
    "email_click": "hs_email_click",
    "email_bounce": "hs_email_bounce",
    "email_replied": "hs_email_replied",
    "page_views": "hs_analytics_num_page_views",
    "visits": "hs_analytics_num_visits",
}
TIMES = {
    "last_send": "hs_email_last_send_date",
    "last_open": "hs_email_last_open_date",
    "last_click": "hs_email_last_click_date",
}
OPTED_OUT, BOUNCED, QUARANTINED = "hs_email_optout", "hs_email_hard_bounce_reason_enum", "hs_email_quarantined"
REVENUE = "total_revenue"
#: Everything read of each contact besides the properties we own.
READ = (*COUNTERS.values(), *TIMES.values(), OPTED_OUT, BOUNCED, QUARANTINED, REVENUE)

_ROWS_AT_ONCE = 5_000


def newest(workspace: Workspace, portal_id: str) -> Snapshot | None:
    """Return the newest mirror of a portal, or None."""
    for found in reversed(snapshot.snapshots(workspace, KIND)):
        if str(found.meta.get("portal_id")) == portal_id:
            return found
    return None


def schema(name: str) -> pa.Schema:
    """Return the columns of one of the files: contacts, members, lists, properties, emails."""
    import pyarrow as pa  # noqa: PLC0415 - what only looks at paths needs no Arrow

    text, time, count = pa.string(), pa.timestamp("us", tz="UTC"), pa.int64()
    columns: dict[str, list[tuple[str, Any]]] = {
        "contacts": [
            ("contact_id", text),
            ("email", text),
            ("additional_emails", pa.list_(text)),
            ("merged_ids", pa.list_(text)),
            ("customer_id", text),
            ("opted_out", pa.bool_()),
            ("hard_bounced", pa.bool_()),
            ("quarantined", pa.bool_()),
            ("created_at", time),
            ("updated_at", time),
            *((name, count) for name in COUNTERS),
            (REVENUE, pa.float64()),
            *((name, time) for name in TIMES),
            ("properties", pa.map_(text, text)),
        ],
        "members": [("list_id", text), ("contact_id", text)],
        "lists": [
            ("list_id", text),
            ("name", text),
            ("processing_type", text),
            ("size", count),
            ("updated_at", time),
            # Of active lists that are kept from here, as JSON.
            ("processing_status", text),
            ("filters", text),
        ],
        "properties": [
            ("name", text),
            ("label", text),
            ("type", text),
            ("field_type", text),
            ("group_name", text),
            ("options", pa.map_(text, text)),
            ("unique", pa.bool_()),
            ("read_only", pa.bool_()),
            ("archived", pa.bool_()),
            ("updated_at", time),
        ],
        "emails": [
            ("email_id", text),
            ("name", text),
            ("subject", text),
            ("state", text),
            ("published_at", time),
            *((name, count) for name in ("sent", "delivered", "open", "click", "bounce", "unsubscribed")),
            ("list_ids", pa.list_(text)),
        ],
    }
    return pa.schema(columns[name])


def write(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write the rows of a file named after its schema, some thousand at a time; return how many there were."""
    import pyarrow as pa  # noqa: PLC0415 - see above
    import pyarrow.parquet as pq  # noqa: PLC0415

    columns, count, source = schema(path.stem.partition("-")[0]), 0, iter(rows)
    with pq.ParquetWriter(path, columns, compression="zstd") as writer:
        while page := list(islice(source, _ROWS_AT_ONCE)):
            writer.write_table(pa.Table.from_pylist(page, schema=columns))
            count += len(page)
    return count


def contact_row(contact: Contact, owned: Sequence[str]) -> dict[str, Any]:
    """Return a contact's row; `owned` names the properties that go into its map."""
    held = contact.properties
    return {
        "contact_id": contact.id,
        "email": contact.email or None,
        "additional_emails": list(contact.additional_emails),
        "merged_ids": list(contact.merged_ids),
        "customer_id": held.get(CUSTOMER_ID.name),
        "opted_out": _truth(held.get(OPTED_OUT)),
        "hard_bounced": bool(held.get(BOUNCED)),
        "quarantined": _truth(held.get(QUARANTINED)),
        "created_at": contact.created_at,
        "updated_at": contact.updated_at,
        **{name: _count(held.get(source)) for name, source in COUNTERS.items()},
        REVENUE: _number(held.get(REVENUE)),
        **{name: as_moment(held.get(source, "")) for name, source in TIMES.items()},
        "properties": [(name, held[name]) for name in owned if name in held],
    }


def list_row(found: ContactList, filters: Json | None = None) -> dict[str, Any]:
    """Return a list's row; `filters` where they were read."""
    return {
        "list_id": found.id,
        "name": found.name,
        "processing_type": found.processing_type,
        "size": found.size,
        "updated_at": found.updated_at,
        "processing_status": found.processing_status,
        "filters": json.dumps(filters) if filters else None,
    }


def property_row(found: Property) -> dict[str, Any]:
    """Return a property's row."""
    names = ("name", "label", "type", "field_type", "group_name", "unique", "read_only", "archived", "updated_at")
    return {name: getattr(found, name) for name in names} | {"options": list(dict(found.options).items())}


def email_row(email: Email) -> dict[str, Any]:
    """Return an e-mail's row."""
    stats = email.statistics
    return {
        "email_id": email.id,
        "name": email.name,
        "subject": email.subject,
        "state": email.state,
        "published_at": email.published_at,
        "sent": stats.sent,
        "delivered": stats.delivered,
        "open": stats.open,
        "click": stats.click,
        "bounce": stats.bounce,
        "unsubscribed": stats.unsubscribed,
        "list_ids": list(email.list_ids),
    }


def _truth(value: str | None) -> bool | None:
    return {"true": True, "false": False}.get((value or "").lower())


def _number(value: str | None) -> float | None:
    try:
        return float(value) if value else None
    except ValueError:
        return None


def _count(value: str | None) -> int | None:
    number = _number(value)
    return int(number) if number is not None and abs(number) < 2**53 else None
