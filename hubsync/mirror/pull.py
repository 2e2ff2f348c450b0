"""The pull: what changed in the portal since last time, made into a new mirror."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubsync.mirror import contents
from hubsync.portal.changes import changed_since, count_since
from hubsync.portal.contacts import Contacts
from hubsync.portal.emails import Emails
from hubsync.portal.errors import MissingScope, NotThere, Refused
from hubsync.portal.gateway import Gateway
from hubsync.portal.lists import Lists
from hubsync.portal.properties import Properties, Property
from hubsync.store import snapshot
from hubsync.store.snapshot import Snapshot
from hubsync.store.workspace import Workspace

if TYPE_CHECKING:
    import duckdb

#: Search does not show a new contact at once (6 to 36 s seen), and clocks differ: read a little twice.
OVERLAP = dt.timedelta(minutes=5)
#: Deleted contacts are listed for 90 days; a mirror older than this is made anew.
OLDEST = dt.timedelta(days=60)
#: Listing brings 100 contacts a request at 19 requests a second, search 200 at 4: above this share of all contacts,
#: listing everybody is quicker than searching for those who changed.
MOST = 0.4


@dataclass(frozen=True, kw_only=True)
class PullReport:
    """What a pull did."""

    #: Contacts in the mirror now.
    contacts: int
    #: Of these and of those that are gone, how many differ from the mirror before.
    changed: int
    requests: int
    seconds: float
    snapshot_id: str
    #: Whether everything was read anew.
    full: bool
    #: What could not be read and why, in words.
    unreadable: tuple[str, ...]


@dataclass(kw_only=True)
class _Pull:
    """One pull under way."""

    gateway: Gateway
    folder: Path
    owned: tuple[str, ...]
    unreadable: list[str] = field(default_factory=list)
    merged: set[str] = field(default_factory=set)

    def rows(self, contacts: Iterable[Any]) -> Iterator[dict[str, Any]]:
        for contact in contacts:
            self.merged.update(contact.merged_ids)
            yield contents.contact_row(contact, self.owned)


def pull(
    workspace: Workspace,
    gateway: Gateway,
    portal_id: str,
    *,
    properties: Sequence[str] = (),
    list_ids: Sequence[str] | None = None,
    full: bool = False,
    clock: Callable[[], dt.datetime],
) -> PullReport:
    """Bring contacts, owned properties, lists, their members and e-mails here; return what was done.

    `properties` are kept besides those of ours; `list_ids` says whose members are read (None: of every list).
    Reads only what changed since the last mirror, unless `full`, or there is none that could be built upon.
    Raises what `hubsync.portal.errors` says; then the mirror before stays the newest.
    """
    started, sent = clock(), gateway.requests
    known = Properties(gateway).all()
    theirs = gateway.server_time or started
    asked_at = min(theirs, started)
    owned = _owned(known, properties)
    before = contents.newest(workspace, portal_id)
    base = None if full or before is None else _base(gateway, before, owned, started)
    with snapshot.write(workspace, contents.KIND, clock()) as folder:
        work = _Pull(gateway=gateway, folder=folder, owned=owned)
        if base is None:
            contents.write(folder / "contacts.parquet", work.rows(Contacts(gateway).all((*contents.READ, *owned))))
        else:
            _contacts_since(work, base)
        _lists(work, list_ids)
        archived = Properties(gateway).all(archived=True)
        contents.write(folder / "properties.parquet", map(contents.property_row, (*known, *archived)))
        _emails(work)
        held, changed, last = _compare(folder, before)
        cursor = min(asked_at, last or asked_at)
        meta = {
            "portal_id": portal_id,
            "pulled_at": started.isoformat(),
            "cursor": cursor.isoformat(),
            "clock_ahead": _ahead(started, theirs),
            "owned": owned,
            "requests": gateway.requests - sent,
            "contacts": held,
            "full": base is None,
            "unreadable": work.unreadable,
        }
        snapshot.note(folder, **meta)
    made = contents.newest(workspace, portal_id)
    assert made is not None, "it was just written"
    return PullReport(
        contacts=held,
        changed=changed,
        requests=gateway.requests - sent,
        seconds=(clock() - started).total_seconds(),
        snapshot_id=made.id,
        full=base is None,
        unreadable=tuple(work.unreadable),
    )


def _ahead(ours: dt.datetime, theirs: dt.datetime) -> float:
    """Return by how many seconds our clock is ahead of HubSpot's, which tells whole seconds only; 0 for less than 2."""
    seconds = (ours - theirs).total_seconds()
    return seconds if abs(seconds) >= 2 else 0.0  # noqa: PLR2004


def _owned(known: Sequence[Property], asked: Sequence[str]) -> tuple[str, ...]:
    """Return, in order, the properties to keep: ours, and those asked for that exist."""
    names = {found.name for found in known}
    ours = {name for name in names if name.startswith(contents.OWNED)}
    return tuple(sorted(ours | (names & set(asked))))


def _base(gateway: Gateway, before: Snapshot, owned: Sequence[str], now: dt.datetime) -> Snapshot | None:
    """Return the mirror to build upon; None where it lacks a property, is too old, or hardly anything of it is left."""
    meta = before.meta
    if not set(owned) <= set(meta.get("owned", ())) or now - dt.datetime.fromisoformat(meta["cursor"]) > OLDEST:
        return None
    changed = count_since(gateway, _since(before))
    return None if changed is not None and changed > MOST * meta["contacts"] else before


def _since(base: Snapshot) -> dt.datetime:
    return dt.datetime.fromisoformat(base.meta["cursor"]) - OVERLAP


def _contacts_since(work: _Pull, base: Snapshot) -> None:
    """Write the contacts of the mirror before, with what changed, and without who is gone."""
    since = _since(base)
    found = changed_since(work.gateway, since, (*contents.READ, *work.owned))
    changed = work.folder / "contacts-changed.parquet"
    contents.write(changed, work.rows(found))
    gone = {
        contact.id
        for contact in Contacts(work.gateway).archived()
        if contact.archived_at is None or contact.archived_at >= since
    }
    with closing(_duckdb()) as con:
        con.read_parquet(str(changed)).create_view("read")
        con.read_parquet(str(base.file("contacts.parquet"))).create_view("before")
        con.execute("create table gone (contact_id varchar)")
        con.execute("insert into gone select unnest(?::varchar[])", [sorted(gone | work.merged)])
        con.sql(_OVERLAID).write_parquet(str(work.folder / "contacts.parquet"), compression="zstd")
    changed.unlink()


_OVERLAID = """
with changed as (
    from read qualify row_number() over (partition by contact_id order by updated_at desc) = 1
)
from (from changed union all by name from before anti join changed using (contact_id)) anti join gone using (contact_id)
order by try_cast(contact_id as hugeint), contact_id
"""


def _lists(work: _Pull, list_ids: Sequence[str] | None) -> None:
    lists = Lists(work.gateway)
    found = list(lists.search())
    names = {one.id: one.name for one in found}
    wanted = [one for one in dict.fromkeys(names if list_ids is None else list_ids) if one in names]
    kept = set(list_ids or ())
    filters = {one.id: lists.filters(one.id) for one in found if one.id in kept and one.processing_type == "DYNAMIC"}
    contents.write(work.folder / "lists.parquet", (contents.list_row(one, filters.get(one.id)) for one in found))
    contents.write(work.folder / "members.parquet", _members(work, lists, wanted, names))


def _members(work: _Pull, lists: Lists, wanted: Sequence[str], names: dict[str, str]) -> Iterator[dict[str, Any]]:
    for list_id in wanted:
        try:
            yield from ({"list_id": list_id, "contact_id": member} for member in lists.members(list_id))
        except NotThere:
            continue  # deleted since it was found
        except Refused as error:  # one list of a strange kind must not end a pull
            work.unreadable.append(f"The members of list '{names[list_id]}': {error.message or error.title}")


def _emails(work: _Pull) -> None:
    try:
        rows = [contents.email_row(email) for email in Emails(work.gateway).all()]
    except MissingScope as error:
        rows = []
        work.unreadable.append(f"E-mails: {error.detail}")
    contents.write(work.folder / "emails.parquet", rows)


def _compare(folder: Path, before: Snapshot | None) -> tuple[int, int, dt.datetime | None]:
    """Return how many contacts there are, how many differ from before, and when the last of them changed."""
    with closing(_duckdb()) as con:
        con.read_parquet(str(folder / "contacts.parquet")).create_view("after")
        held, last = con.execute("select count(*), epoch_us(max(updated_at)) from after").fetchall()[0]
        changed = held
        if before is not None:
            con.read_parquet(str(before.file("contacts.parquet"))).create_view("before")
            changed = con.execute(_CHANGED).fetchall()[0][0]
    return held, changed, None if last is None else dt.datetime.fromtimestamp(last / 1_000_000, tz=dt.UTC)


#: HubSpot moves `updated_at` by itself, some seconds after a contact is created.
_CHANGED = """
with was as (select * exclude (updated_at) from before), now as (select * exclude (updated_at) from after)
select count(distinct contact_id) from (
    select contact_id from (from was except from now) union all select contact_id from (from now except from was)
)
"""


def _duckdb() -> duckdb.DuckDBPyConnection:
    import duckdb  # noqa: PLC0415 - the command line starts without it

    con = duckdb.connect(config={"autoinstall_known_extensions": False, "threads": 2})
    con.execute("set timezone = 'UTC'")
    return con
