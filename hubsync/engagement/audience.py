"""How many of a portal's contacts may be mailed, pull by pull."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from hubsync.store import snapshot
from hubsync.store.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Reach:
    """A portal's contacts as of one pull."""

    at: dt.datetime
    contacts: int
    #: With an address, not opted out, not bounced for good, not quarantined.
    reachable: int


def reach(workspace: Workspace, portal_id: str, *, newest: int = 12) -> list[Reach]:
    """Return the newest pulls' counts, oldest first; empty before the first pull."""
    import duckdb  # noqa: PLC0415 - what is started without figures needs no engine

    pulls = [one for one in snapshot.snapshots(workspace, "mirror") if str(one.meta.get("portal_id")) == portal_id]
    found = []
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as con:
        for pull in pulls[-newest:]:
            row = con.execute(_COUNT, [str(pull.file("contacts.parquet"))]).fetchone()
            assert row is not None
            found.append(Reach(at=pull.made_at, contacts=int(row[0]), reachable=int(row[1])))
    return found


_COUNT = """
select count(*), count(*) filter (
    coalesce(email, '') <> '' and not coalesce(opted_out, false)
    and not coalesce(hard_bounced, false) and not coalesce(quarantined, false)
) from read_parquet($1)
"""
