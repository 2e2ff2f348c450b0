"""What came back per segment: who clicked, opened, bounced, left, out of whom, and how sure that is.

HubSpot's counters per contact run over the contact's whole life, and membership is that of the newest feature table:
these figures say how today's members behaved so far, not what a segment's mails did.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from hubsync.core.errors import NotFound
from hubsync.engagement.intervals import wilson
from hubsync.mirror import identity
from hubsync.store import connection as connections
from hubsync.store import snapshot
from hubsync.store.snapshot import Snapshot
from hubsync.store.state import State
from hubsync.store.workspace import Workspace

if TYPE_CHECKING:
    import duckdb

#: Everybody the portal mailed, whom segments are compared with.
EVERYONE = "everyone"
#: Below this many people there is no rate to speak of.
FEWEST = 30
#: Below this many people a rate is shown, greyed.
FEW = 200


class Metric(StrEnum):
    """Unique people over unique people; click rate is the primary one."""

    #: Clicked at least once, of those a mail was delivered to.
    CLICK = "click_rate"
    #: Opened at least once, of those a mail was delivered to; mail programs that open by machine count too.
    OPEN = "open_rate"
    #: Bounced at least once, of those a mail was sent to.
    BOUNCE = "bounce_rate"
    #: Opted out of all mail, of those a mail was delivered to.
    UNSUBSCRIBE = "unsubscribe_rate"


class Note(StrEnum):
    """What a reader must know about a figure."""

    SURE = ""
    #: Fewer than `FEW` people: take it with care.
    FEW = "few"
    #: Fewer than `FEWEST` people: no rate.
    TOO_FEW = "too_few"
    #: HubSpot gave this counter for nobody, which is not the same as zero.
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class SegmentMetric:
    """One metric of one segment."""

    #: A segment's key, or `EVERYONE`.
    segment: str
    metric: Metric
    numerator: int
    denominator: int
    #: Numerator over denominator and its 95 % interval, 0 to 1; None where `note` says why.
    rate: float | None
    low: float | None
    high: float | None
    note: Note


@dataclass(frozen=True, kw_only=True)
class Audience:
    """How many of a segment the figures speak of."""

    members: int
    #: Members that are contacts in the portal, each contact once.
    contacts: int
    #: Contacts that a mail was delivered to.
    delivered: int


@dataclass(frozen=True, kw_only=True)
class Engagement:
    """All metrics of some segments and of everyone, as of one pull."""

    #: When the portal was read.
    as_of: dt.datetime
    #: The time that membership speaks of.
    members_as_of: dt.datetime
    rows: tuple[SegmentMetric, ...]
    audiences: Mapping[str, Audience]


def engagement(workspace: Workspace, state: State, segment_keys: Sequence[str]) -> Engagement:
    """Return the metrics of these segments, each sorted by its lower bound, highest first, and of everyone.

    A contact whose delivery counter HubSpot leaves empty is in no denominator. Beside a known delivery, an empty
    click or open counter is none yet: HubSpot fills a counter with its first event. Where a counter is empty for
    every contact it was not given to us, and there is no rate. Raises NotConnected, or NotFound where the portal was
    not pulled or memberships were not computed yet.
    """
    connection = connections.required(state)
    mirror = _newest(workspace, "mirror", connection.portal_id)
    features = _newest(workspace, "features", None)
    counted = _count(mirror, features, list(segment_keys))
    rows = [
        _metric(key, metric, *_fraction(metric, figures), known=bool(figures[_COUNTER[metric]]))
        for key, figures in counted.items()
        for metric in Metric
    ]
    order = {metric: place for place, metric in enumerate(Metric)}
    rows.sort(key=lambda row: (order[row.metric], -(row.low if row.low is not None else -1), row.segment))
    return Engagement(
        as_of=mirror.made_at,
        members_as_of=dt.datetime.fromisoformat(str(features.meta.get("as_of") or features.made_at.isoformat())),
        rows=tuple(rows),
        audiences={
            key: Audience(members=f["members"], contacts=f["contacts"], delivered=f["delivered"])
            for key, f in counted.items()
        },
    )


_COUNTER = {
    Metric.CLICK: "knows_click",
    Metric.OPEN: "knows_open",
    Metric.BOUNCE: "knows_bounce",
    Metric.UNSUBSCRIBE: "knows_optout",
}


def _fraction(metric: Metric, figures: Mapping[str, int]) -> tuple[int, int]:
    if metric is Metric.BOUNCE:
        return figures["bounced"], figures["sent"]
    return figures[{Metric.CLICK: "clicked", Metric.OPEN: "opened"}.get(metric, "left")], figures["delivered"]


def _metric(key: str, metric: Metric, numerator: int, denominator: int, *, known: bool) -> SegmentMetric:
    note = Note.SURE
    if not known:
        note = Note.UNKNOWN
    elif denominator < FEWEST:
        note = Note.TOO_FEW
    elif denominator < FEW:
        note = Note.FEW
    shown = note in {Note.SURE, Note.FEW}
    interval = wilson(numerator, denominator) if shown else None
    return SegmentMetric(
        segment=key,
        metric=metric,
        numerator=numerator,
        denominator=denominator,
        rate=numerator / denominator if shown else None,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        note=note,
    )


def _newest(workspace: Workspace, kind: str, portal_id: str | None) -> Snapshot:
    found = [
        item
        for item in snapshot.snapshots(workspace, kind)
        if portal_id is None or str(item.meta.get("portal_id")) == portal_id
    ]
    if not found:
        if kind == "mirror":
            raise NotFound(
                "Nothing was fetched from HubSpot yet.",
                "Engagement is counted from our copy of the portal.",
                "Pull it under Settings › Integrations, or run: python -m hubsync pull",
            )
        raise NotFound(
            "Memberships were not computed yet.",
            "Engagement is counted per segment.",
            "Run: python -m hubsync features refresh",
        )
    return found[-1]


def _count(mirror: Snapshot, features: Snapshot, keys: list[str]) -> dict[str, dict[str, int]]:
    """Return, by segment key and for everyone, how many people did what."""
    import duckdb  # noqa: PLC0415 - what is started without figures needs no engine

    con = duckdb.connect(config={"autoinstall_known_extensions": False})
    try:
        con.read_parquet(str(mirror.file("contacts.parquet"))).create_view("mirror_contacts")
        con.read_parquet(str(features.file("features.parquet"))).create_view("features")
        identity.identify(con)
        con.execute(_MEMBERS, [str(features.file("memberships.parquet")), keys])
        counted: dict[str, dict[str, int]] = {row.pop("segment_key"): row for row in _dicts(con.execute(_FIGURES))}
    finally:
        con.close()
    everyone = counted.pop(EVERYONE)
    none = dict.fromkeys(everyone, 0) | {name: everyone[name] for name in _COUNTER.values()}
    return {key: counted.get(key, none) for key in keys} | {EVERYONE: everyone}


def _dicts(result: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


#: Each contact in the segments of the customer it belongs to; a contact that customers share counts for one of them.
_MEMBERS = """
create temp table member as
select m.segment_key, m.customer_id, i.contact_id
from read_parquet($1) m left join found i on i.customer_id = m.customer_id and i.owns
where list_contains($2, m.segment_key);
"""

_FIGURES = """
with person as (
    select distinct segment_key, contact_id from member where contact_id is not null
    union all
    select 'everyone', contact_id from mirror_contacts
), size as (
    select segment_key, count(distinct customer_id) as members from member group by segment_key
    union all
    select 'everyone', count(*) from mirror_contacts
), known as (
    select count(email_click) as knows_click, count(email_open) as knows_open,
           count(email_bounce) as knows_bounce, count(opted_out) as knows_optout
    from mirror_contacts
), figure as (
    select
        segment_key,
        count(*) as contacts,
        count(*) filter (email_delivered >= 1) as delivered,
        count(*) filter (email_delivered >= 1 and email_click >= 1) as clicked,
        count(*) filter (email_delivered >= 1 and email_open >= 1) as opened,
        count(*) filter (email_delivered >= 1 and opted_out) as "left",
        count(*) filter (email_delivered >= 1 or email_bounce >= 1) as sent,
        count(*) filter (email_bounce >= 1) as bounced
    from person join mirror_contacts using (contact_id)
    group by segment_key
)
select s.segment_key, s.members, coalesce(f.contacts, 0) as contacts, coalesce(f.delivered, 0) as delivered,
       coalesce(f.clicked, 0) as clicked, coalesce(f.opened, 0) as opened, coalesce(f."left", 0) as "left",
       coalesce(f.sent, 0) as sent, coalesce(f.bounced, 0) as bounced, k.*
from size s left join figure f using (segment_key) cross join known k
"""
