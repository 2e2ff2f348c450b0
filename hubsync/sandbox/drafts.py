"""The endpoints that write marketing e-mails: create, clone, change a draft, publish, delete."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from hubsync.sandbox import errors, shape
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.clock import iso
from hubsync.sandbox.emails import existing, wire
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import EmailEvent, Json

_USER = "76070032"
_FIRST_ID = 212_476_546_342
#: Kept beside a published e-mail until it is published again.
_DRAFT = "draft"
#: What a request may set.
_WRITABLE = (
    "activeDomain",
    "businessUnitId",
    "campaign",
    "content",
    "feedbackSurveyId",
    "from",
    "jitterSendTime",
    "language",
    "name",
    "publishDate",
    "rssData",
    "sendOnPublish",
    "subcategory",
    "subject",
    "subscriptionDetails",
    "testing",
    "to",
    "webversion",
)


def blank(portal: Portal, email_id: str, moment: str) -> Json:
    """Return what every e-mail has."""
    return {
        "activeDomain": f"{portal.portal_id}.hs-sites.com",
        "archived": False,
        "businessUnitId": "0",
        "content": {},
        "createdAt": moment,
        "createdById": _USER,
        "emailTemplateMode": "DRAG_AND_DROP",
        "from": {},
        "id": email_id,
        "isAb": False,
        "isPublished": False,
        "isTransactional": False,
        "jitterSendTime": True,
        "language": "en",
        "previewKey": base64.b32encode(hashlib.sha256(email_id.encode()).digest())[:8].decode(),
        "publishDate": moment,
        "sendOnPublish": True,
        "state": "DRAFT",
        "subcategory": "batch",
        "subscriptionDetails": {},
        "to": {},
        "type": "BATCH_EMAIL",
        "updatedAt": moment,
        "updatedById": _USER,
        "webversion": {},
    }


def published(moment: str) -> Json:
    """Return what publishing sets."""
    return {
        "isPublished": True,
        "state": "PUBLISHED",
        "publishDate": moment,
        "publishedAt": moment,
        "publishedById": _USER,
        "publishedByName": "Olive Owner",
    }


def create(portal: Portal, call: Call) -> Answer:
    """POST emails."""
    body = call.document(shape.EMAIL, "name")
    row = blank(portal, _new_id(portal), iso(portal.now()))
    return _kept(portal, call, row | _settable(portal, row, body), 201)


def clone(portal: Portal, call: Call) -> Answer:
    """POST emails/clone: a draft like the other, under `cloneName`."""
    body = call.document(shape.EMAIL_CLONE, "id")
    source = existing(portal, str(body["id"]))
    name = str(body.get("cloneName") or f"{source['name']} (copy)")
    row = source | blank(portal, _new_id(portal), iso(portal.now()))
    row |= {part: source[part] for part in _WRITABLE if part in source and part != "publishDate"}
    row |= {"name": name, "clonedFrom": source["id"], "isAb": source.get("isAb", False)}
    row |= {"language": str(body["language"])} if body.get("language") else {}
    row.pop(_DRAFT, None)
    return _kept(portal, call, row)


def get_draft(portal: Portal, call: Call, email_id: str) -> Answer:
    """GET emails/{id}/draft: the e-mail as it would be published."""
    row = existing(portal, email_id)
    return Answer(body=wire(portal, call, row | row.get(_DRAFT, {})))


def update(portal: Portal, call: Call, email_id: str) -> Answer:
    """PATCH emails/{id}."""
    row = existing(portal, email_id)
    return _kept(portal, call, row | _settable(portal, row, call.document(shape.EMAIL)))


def update_draft(portal: Portal, call: Call, email_id: str) -> Answer:
    """PATCH emails/{id}/draft: of a published e-mail the draft only, until it is published again."""
    row = existing(portal, email_id)
    draft = row.get(_DRAFT, {})
    changes = _settable(portal, row | draft, call.document(shape.EMAIL))
    if not row["isPublished"]:
        return _kept(portal, call, row | changes)
    portal.state.emails.put(email_id, row | {_DRAFT: draft | changes})
    return Answer(body=wire(portal, call, row | draft | changes))


def reset_draft(portal: Portal, call: Call, email_id: str) -> Answer:
    """POST emails/{id}/draft/reset: the draft is again what is published."""
    del call
    row = dict(existing(portal, email_id))
    row.pop(_DRAFT, None)
    portal.state.emails.put(email_id, row)
    return Answer(status=204)


def publish(portal: Portal, call: Call, email_id: str) -> Answer:
    """POST emails/{id}/publish: sends it to the people of its lists."""
    del call
    row = dict(existing(portal, email_id))
    row |= row.pop(_DRAFT, {})
    if row["type"] == "BATCH_EMAIL" and not _lists(row, "include"):
        raise errors.invalid(f"Email {email_id} cannot be published: no recipients are set")
    if not row.get("subject"):
        raise errors.invalid(f"Email {email_id} cannot be published: the subject is empty")
    send(portal, row)
    return Answer(status=204)


def send(portal: Portal, row: Json) -> list[str]:
    """Publish an e-mail and send it to everybody who may get it; returns their contact ids."""
    now = portal.now()
    portal.state.emails.put(row["id"], row | published(iso(now)) | {"updatedAt": iso(now)})
    ids = recipients(portal, row)
    kinds = ("SENT", "DELIVERED")
    portal.mail.append(
        (EmailEvent(email_id=row["id"], contact_id=key, type=kind, at=iso(now)) for key in ids for kind in kinds), now
    )
    return ids


def unpublish(portal: Portal, call: Call, email_id: str) -> Answer:
    """POST emails/{id}/unpublish."""
    row = existing(portal, email_id)
    _kept(portal, call, row | {"isPublished": False, "state": "DRAFT", "unpublishedAt": iso(portal.now())})
    return Answer(status=204)


def delete(portal: Portal, call: Call, email_id: str) -> Answer:
    """DELETE emails/{id}: into the archive."""
    row = existing(portal, email_id)
    _kept(portal, call, row | {"archived": True, "deletedAt": iso(portal.now())})
    return Answer(status=204)


def recipients(portal: Portal, row: Json) -> list[str]:
    """Return whom an e-mail goes to: each once, not who is on a list left out, opted out, bounced or has no address."""
    chosen = dict.fromkeys(key for list_id in _lists(row, "include") for key in _members(portal, list_id))
    left_out = {key for list_id in _lists(row, "exclude") for key in _members(portal, list_id)}
    return [key for key in chosen if key not in left_out and _reachable(portal, key)]


def _reachable(portal: Portal, contact_id: str) -> bool:
    contact = portal.contacts.get(contact_id)
    return (
        contact is not None
        and "email" in contact.properties
        and contact.properties.get("hs_email_optout") != "true"
        and "hs_email_hard_bounce_reason_enum" not in contact.properties
    )


def _members(portal: Portal, list_id: str) -> Sequence[str]:
    row = portal.lists.get(list_id)
    return portal.lists.roster(row).ids() if row is not None else ()


def _lists(row: Json, part: str) -> list[str]:
    return [str(key) for key in (row["to"].get("contactIlsLists") or {}).get(part) or ()]


def _settable(portal: Portal, row: Json, body: Json) -> Json:
    changes = {part: body[part] for part in _WRITABLE if body.get(part) is not None}
    to = changes.get("to")
    if to is None:
        return changes
    if to.get("contactLists"):
        # The ids of the old lists: HubSpot answers as if all were well and leaves the recipients as they were.
        return changes | {"to": row["to"]}
    lists = to.get("contactIlsLists") or {}
    ids = [str(key) for part in ("include", "exclude") for key in lists.get(part) or ()]
    unknown = [key for key in ids if portal.lists.get(key) is None]
    if unknown:
        raise errors.invalid(f"Lists do not exist: {', '.join(unknown)}", context={"listId": unknown})
    return changes | {"to": row["to"] | to}


def _new_id(portal: Portal) -> str:
    while (email_id := portal.state.next_id("email_id", _FIRST_ID)) in portal.state.emails:
        pass
    return email_id


def _kept(portal: Portal, call: Call, row: Json, status: int = 200) -> Answer:
    changed = row | {"updatedAt": iso(portal.now()), "updatedById": _USER}
    portal.state.emails.put(row["id"], changed)
    return Answer(status=status, body=wire(portal, call, changed))
