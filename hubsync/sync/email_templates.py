"""E-mails that a draft can be copied from, as they were last pulled."""

from __future__ import annotations

from hubsync.mirror import contents
from hubsync.store.workspace import Workspace


def templates(workspace: Workspace, portal_id: str) -> dict[str, str]:
    """Return the portal's e-mails, id → name, by name; empty where none were read."""
    import duckdb  # noqa: PLC0415 - the command line starts without it

    mirror = contents.newest(workspace, portal_id)
    if mirror is None:
        return {}
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as con:
        rows = con.execute(
            "select email_id, name from read_parquet($file) order by name, email_id",
            {"file": str(mirror.file("emails.parquet"))},
        ).fetchall()
    return dict(rows)
