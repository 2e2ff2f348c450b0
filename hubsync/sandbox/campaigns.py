"""The endpoints that read campaigns and what belongs to them."""

from __future__ import annotations

import uuid

from hubsync.sandbox import errors, shape
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.clock import iso
from hubsync.sandbox.envelope import failure, wrapped
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Json

_PAGE, _DEFAULT_PAGE = 100, 50
_BATCH = 50
_ASSETS = ("MARKETING_EMAIL", "OBJECT_LIST")


def make(portal: Portal, row: Json) -> Json:
    """Put in a campaign of a name, its properties and `assets`: ids by type."""
    now = iso(portal.now())
    made = str(row.get("createdAt") or now)
    campaign: Json = {
        "id": str(row.get("id") or uuid.uuid5(uuid.NAMESPACE_OID, f"{portal.portal_id}/{row['name']}")),
        "properties": {"hs_name": str(row["name"]), **row.get("properties", {})},
        "assets": {kind: [str(key) for key in row.get("assets", {}).get(kind, ())] for kind in _ASSETS},
        "createdAt": made,
        "updatedAt": str(row.get("updatedAt") or made),
    }
    portal.state.campaigns.put(campaign["id"], campaign)
    return campaign


def page(portal: Portal, call: Call) -> Answer:
    """GET marketing/campaigns: only the properties asked for, none without."""
    name = call.query.get("name", "").lower()
    rows = [row for row in portal.state.campaigns.values() if name in row["properties"]["hs_name"].lower()]
    sort = call.query.get("sort", "hs_name")
    field = sort.lstrip("-")
    rows.sort(key=lambda row: str(row.get(field) or row["properties"].get(field, "")), reverse=sort.startswith("-"))
    limit, start = call.number("limit", _DEFAULT_PAGE, _PAGE), call.position()
    body: Json = {"total": len(rows), "results": [_wire(call, row) for row in rows[start : start + limit]]}
    if start + limit < len(rows):
        body["paging"] = call.onward_to(start + limit)
    return Answer(body=body)


def get(portal: Portal, call: Call, guid: str) -> Answer:
    """GET marketing/campaigns/{guid}."""
    return Answer(body=_whole(portal, call, _existing(portal, guid)))


def assets(portal: Portal, call: Call, guid: str, kind: str) -> Answer:
    """GET marketing/campaigns/{guid}/assets/{type}."""
    del call
    return Answer(body={"results": _assets(portal, _existing(portal, guid), kind)})


def batch_read(portal: Portal, call: Call) -> Answer:
    """POST marketing/campaigns/batch/read."""
    inputs = call.document(shape.IDS, "inputs")["inputs"]
    if not 1 <= len(inputs) <= _BATCH:
        raise errors.invalid(f"A batch takes from 1 to {_BATCH} inputs, received {len(inputs)}.")
    results: list[Json] = []
    failed: list[Json] = []
    for row in inputs:
        guid = str(row.get("id", ""))
        try:
            results.append(_whole(portal, call, _existing(portal, guid)))
        except errors.Refused as refusal:
            said = refusal.body["context"]["message"][0] if isinstance(refusal.body, dict) else ""
            category, sub = ("VALIDATION_ERROR", "CampaignApiError.INVALID_REQUEST")
            if refusal.status == 404:  # noqa: PLR2004 - the other is 400
                category, sub = ("OBJECT_NOT_FOUND", "CampaignApiError.CAMPAIGN_NOT_FOUND")
            failed.append(failure(category, f"Invalid request: '{said}'", sub, message=[said]))
    return wrapped(portal, results, failed)


def _existing(portal: Portal, guid: str) -> Json:
    row = portal.state.campaigns.get(guid)
    if row is not None:
        return row
    try:
        uuid.UUID(guid)
    except ValueError as error:
        said = f"Invalid campaign GUID format: {guid}"
        raise errors.invalid(
            f"Invalid request: '{said}'", "CampaignApiError.INVALID_REQUEST", context={"message": [said]}
        ) from error
    raise errors.not_found(f"Campaign {guid} does not exist", message=[f"Campaign {guid} does not exist"])


def _wire(call: Call, row: Json) -> Json:
    asked = call.names("properties")
    return {
        "id": row["id"],
        "properties": {name: value for name, value in row["properties"].items() if name in asked},
        "createdAt": row["createdAt"],
        "updatedAt": row["updatedAt"],
        "businessUnits": [{"id": 0}],
    }


def _whole(portal: Portal, call: Call, row: Json) -> Json:
    held = {kind: {"results": _assets(portal, row, kind)} for kind in _ASSETS if row["assets"][kind]}
    return _wire(call, row) | {"assets": held}


def _assets(portal: Portal, row: Json, kind: str) -> list[Json]:
    if kind not in _ASSETS:
        raise errors.invalid(f"Asset type {kind} is not supported", "CampaignApiError.INVALID_REQUEST")
    names = {
        "MARKETING_EMAIL": {email["id"]: email["name"] for email in portal.state.emails.values()},
        "OBJECT_LIST": {held.id: held.name for held in portal.lists.all()},
    }[kind]
    return [{"id": key, "name": names[key]} for key in row["assets"][kind] if key in names]
