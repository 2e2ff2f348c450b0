"""The endpoints of how a list changes over time: its sizes, its edits, turning an active list into a static one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hubsync.sandbox import errors, shape
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.clock import instant, iso
from hubsync.sandbox.list_calls import existing
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import ContactList, Json

_UNITS = {"DAY": 1, "WEEK": 7, "MONTH": 30}


def history(portal: Portal, call: Call, list_id: str) -> Answer:
    """GET lists/{id}/size-and-edits-history/between?startDate&endDate."""
    row = existing(portal, list_id)
    portal.lists.roster(row)
    start, end = call.span("startDate", "endDate")
    kept = portal.state.sizes.get(list_id) or {"sizes": [], "edits": []}
    return Answer(
        body={
            "editHistory": [at for at in kept["edits"] if start <= at <= end],
            "sizeHistory": [{"size": size, "timestamp": at} for at, size in kept["sizes"] if start <= at <= end],
        }
    )


def conversion(portal: Portal, call: Call, list_id: str) -> Answer:
    """GET lists/{id}/schedule-conversion."""
    del call
    existing(portal, list_id)
    planned = portal.state.conversions.get(list_id)
    if planned is None:
        raise errors.not_found(f"No conversion is scheduled for list {list_id}.", listId=[list_id])
    return Answer(body=planned)


def plan_conversion(portal: Portal, call: Call, list_id: str) -> Answer:
    """PUT lists/{id}/schedule-conversion: on a day, or once nobody has joined for a time."""
    row = existing(portal, list_id)
    body = call.document(shape.CONVERSION, "conversionType")
    if row.processing != "DYNAMIC":
        raise errors.invalid(
            f"Cannot convert a list of processing type {row.processing}", "ListError.INVALID_PROCESSING_TYPE"
        )
    if body["conversionType"] == "CONVERSION_DATE":
        call.require(body, "year", "month", "day")
        _day(body)
    elif body["conversionType"] == "INACTIVITY":
        call.require(body, "offset", "timeUnit")
        if body["timeUnit"] not in _UNITS:
            raise errors.invalid(f"Unable to convert {body['timeUnit']} to one of [{', '.join(_UNITS)}]")
    else:
        raise errors.invalid("conversionType must be CONVERSION_DATE or INACTIVITY")
    planned: Json = {"listId": list_id, "requestedConversionTime": body}
    portal.state.conversions.put(list_id, planned)
    return Answer(body=planned)


def cancel_conversion(portal: Portal, call: Call, list_id: str) -> Answer:
    """DELETE lists/{id}/schedule-conversion."""
    del call
    existing(portal, list_id)
    portal.state.conversions.drop(list_id)
    return Answer(status=204)


def convert_due(portal: Portal) -> None:
    """Turn active lists whose time has come into static ones; they keep their members."""
    now = portal.now()
    for list_id, planned in list(portal.state.conversions.items()):
        row = portal.lists.get(list_id)
        if row is not None and "convertedAt" not in planned and _due(portal, row, planned) <= now:
            portal.lists.roster(row)
            current = portal.lists.get(list_id) or row
            portal.state.lists.put(list_id, replace(current, processing="SNAPSHOT", updated_at=iso(now)))
            portal.state.conversions.put(list_id, planned | {"convertedAt": iso(now)})


def _due(portal: Portal, row: ContactList, planned: Json) -> dt.datetime:
    wanted = planned["requestedConversionTime"]
    if wanted["conversionType"] == "CONVERSION_DATE":
        return dt.datetime.combine(_day(wanted), dt.time(), tzinfo=portal.zone)
    quiet_since = instant(row.last_added_at or row.created_at)
    return quiet_since + dt.timedelta(days=int(wanted["offset"]) * _UNITS[wanted["timeUnit"]])


def _day(body: Json) -> dt.date:
    try:
        return dt.date(int(body["year"]), int(body["month"]), int(body["day"]))
    except ValueError as error:
        raise errors.invalid(f"The conversion date is not valid: {error}") from error
