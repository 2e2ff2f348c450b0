"""State, snapshots and secrets keep what they were given."""

from __future__ import annotations

import datetime as dt
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from hubsync.core.connection import Connection, Method
from hubsync.core.errors import BadInput, HubsyncError, NotConnected, NotFound
from hubsync.core.segment import parse_segment
from hubsync.store import audit, connection, secret, segment, snapshot
from hubsync.store.state import State
from hubsync.store.workspace import Workspace

EVERYONE = parse_segment({"key": "everyone", "name": {"en": "Everyone"}, "rule": {"all": []}})
NOBODY = parse_segment({"key": "everyone", "name": {"en": "Everyone"}, "rule": {"any": []}})


def portal(number: int) -> Connection:
    return Connection(
        portal_id=str(number),
        base_url="https://api.hubapi.com",
        api_version="2026-03",
        method=Method.SERVICE_KEY,
        scopes=("crm.lists.read",),
        missing_scopes=(),
        account_type="STANDARD",
        ui_domain="app.hubspot.com",
        time_zone="US/Eastern",
        verified_at=dt.datetime(2026, 11, 23, tzinfo=dt.UTC),
    )


def test_a_changed_segment_is_a_new_version_and_the_same_again_is_none(state: State, now: dt.datetime) -> None:
    assert segment.save(state, EVERYONE, by="ana", at=now) == 1
    assert segment.save(state, EVERYONE, by="ana", at=now) == 1
    assert segment.save(state, NOBODY, by="bob", at=now) == 2
    assert [(v.version, v.changed_by) for v in segment.versions(state, "everyone")] == [(1, "ana"), (2, "bob")]
    assert segment.current(state, "everyone").segment == NOBODY


def test_an_archived_segment_is_gone_from_lists_and_comes_back_when_applied(state: State, now: dt.datetime) -> None:
    segment.save(state, EVERYONE, by="ana", at=now)
    segment.archive(state, "everyone")
    assert segment.all_current(state) == []
    with pytest.raises(NotFound):
        segment.current(state, "everyone")
    segment.save(state, EVERYONE, by="ana", at=now)
    assert [v.segment.key for v in segment.all_current(state)] == ["everyone"]


def test_an_unknown_segment_error_names_the_known_ones(state: State, now: dt.datetime) -> None:
    segment.save(state, EVERYONE, by="ana", at=now)
    with pytest.raises(NotFound, match="everyone"):
        segment.current(state, "somebody")


def test_a_connection_comes_back_as_it_was_saved_and_its_token_only_sealed(state: State, now: dt.datetime) -> None:
    assert connection.active(state) is None
    with pytest.raises(NotConnected):
        connection.required(state)
    token = "pat-na1-11111111-2222-3333-4444-555555555555"
    connection.save(state, portal(1), token, by="ana", at=now)
    assert connection.active(state) == portal(1)
    assert connection.token(state, portal(1)) == token
    state.close()
    assert all(token.encode() not in file.read_bytes() for file in state.workspace.home.rglob("*") if file.is_file())


def test_the_newest_connection_is_the_one_in_use(state: State, now: dt.datetime) -> None:
    connection.save(state, portal(1), "one", by="ana", at=now)
    connection.save(state, portal(2), "two", by="ana", at=now)
    assert connection.required(state).portal_id == "2"
    connection.save(state, portal(1), "three", by="ana", at=now)
    assert (connection.required(state).portal_id, connection.token(state, portal(1))) == ("1", "three")


def test_the_environment_s_token_comes_first(state: State, now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    connection.save(state, portal(1), "sealed", by="ana", at=now)
    monkeypatch.setenv("HUBSPOT_TOKEN", "from-environment")
    assert connection.token(state, portal(1)) == "from-environment"


def test_a_key_that_others_may_read_is_refused(state: State, now: dt.datetime) -> None:
    connection.save(state, portal(1), "sealed", by="ana", at=now)
    secret.key_file().chmod(0o644)
    with pytest.raises(HubsyncError, match="chmod 600"):
        connection.token(state, portal(1))


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"x" * 44)])
def test_a_lost_key_says_how_to_go_on(state: State, now: dt.datetime, spoil) -> None:
    connection.save(state, portal(1), "sealed", by="ana", at=now)
    spoil(secret.key_file())
    with pytest.raises(HubsyncError, match="Connect again"):
        connection.token(state, portal(1))


def test_the_audit_log_refuses_changes_and_notices_a_forged_one(state: State, now: dt.datetime) -> None:
    for act in ("load", "connect", "run"):
        audit.record(state, at=now, actor="ana", act=act, subject="x")
    assert audit.first_broken(state) is None
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        state.connection.execute("update audit set actor = 'eve' where number = 2")
    state.connection.execute("drop trigger audit_is_not_changed")
    state.connection.execute("update audit set actor = 'eve' where number = 2")
    assert audit.first_broken(state) == 2


def test_a_transaction_that_raises_keeps_nothing(state: State, now: dt.datetime) -> None:
    def fail_halfway() -> None:
        with state.transaction():
            segment.save(state, EVERYONE, by="ana", at=now)
            raise BadInput("halfway")

    with pytest.raises(BadInput):
        fail_halfway()
    assert segment.all_current(state) == []


WRITER = """
import datetime as dt, sys
from hubsync.store import audit
from hubsync.store.state import State
from hubsync.store.workspace import Workspace
state = State(Workspace.open(sys.argv[1]))
for _ in range(25):
    audit.record(state, at=dt.datetime.now(dt.UTC), actor=sys.argv[2], act="run", subject="x")
"""


def test_processes_that_open_and_write_at_once_lose_nothing(workspace: Workspace) -> None:
    command = [sys.executable, "-c", WRITER, str(workspace.home)]
    writers = [subprocess.Popen([*command, str(number)], stderr=subprocess.PIPE, text=True) for number in range(4)]
    assert [(writer.communicate()[1], writer.returncode) for writer in writers] == [("", 0)] * 4
    state = State(workspace)
    assert len(audit.acts(state)) == 100
    assert audit.first_broken(state) is None


def test_a_workspace_of_a_newer_program_is_left_alone(workspace: Workspace, state: State) -> None:
    state.connection.execute("pragma user_version = 9999")
    with pytest.raises(HubsyncError, match="newer version"):
        State(workspace)


def test_a_snapshot_appears_whole_or_not_at_all(workspace: Workspace, now: dt.datetime) -> None:
    with snapshot.write(workspace, "features", now) as folder:
        snapshot.note(folder, as_of=now)
        assert snapshot.latest(workspace, "features") is None
    found = snapshot.latest(workspace, "features")
    assert found is not None
    assert (found.made_at, found.meta["as_of"]) == (now, str(now))

    def fail_halfway() -> None:
        with snapshot.write(workspace, "features", now + dt.timedelta(seconds=1)) as folder:
            (folder / "part").write_text("half")
            raise BadInput("halfway")

    with pytest.raises(BadInput):
        fail_halfway()
    assert snapshot.snapshots(workspace, "features") == [found]
    assert [path.name for path in found.folder.parent.iterdir()] == [found.id]


def test_a_workspace_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="HUBSYNC_HOME"):
        Workspace.open(tmp_path / "file" / "workspace")
