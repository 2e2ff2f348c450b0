"""Syncs on the command line: from files and back, run by hand, by cron and by a worker of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hubsync.cli.commands import app
from hubsync.core.errors import BadInput, NotFound
from hubsync.store import connection as connections
from hubsync.store import sync as syncs
from hubsync.sync import schedule
from tests.sync.desk import Desk, email, now
from tests.sync.receivers import doorbell

ROOT = Path(__file__).parents[2]
LIST = "[Behaviour] Loyal regulars - Active"
FILE = """\
syncs:
- key: regulars_daily
  segments:
  - regulars
  target: static_list
  list_pattern: short
  language: pt
  allow:
    removals: 20
  schedule:
    zone: America/Sao_Paulo
    daily: 06:30
- key: regulars_facts
  segments:
  - regulars
  target: properties
  schedule:
    after: load
  enabled: false
"""


@pytest.fixture
def connected(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    connections.save(desk.state, desk.connection, desk.token, by="test", at=now())
    monkeypatch.setenv("HUBSYNC_HOME", str(desk.workspace.home))
    return desk


def cli(*arguments: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(app, [*map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.stdout


def document(*arguments: str | Path, code: int = 0) -> Any:
    return json.loads(cli(*arguments, "--json", code=code))


def test_what_is_exported_is_what_was_applied_to_the_letter(connected: Desk, tmp_path: Path) -> None:
    file, again = tmp_path / "syncs.yaml", tmp_path / "again.yaml"
    file.write_text(FILE)
    assert document("syncs", "apply", file)["syncs"] == [
        {"key": "regulars_daily", "version": 1},
        {"key": "regulars_facts", "version": 1},
    ]
    again.write_text(cli("syncs", "export"))
    assert again.read_text() == FILE
    assert {row["version"] for row in document("syncs", "apply", again)["syncs"]} == {1}


def test_segments_too_come_back_to_the_letter(connected: Desk, tmp_path: Path) -> None:
    file = tmp_path / "segments.yaml"
    file.write_text(cli("segments", "export"))
    assert {row["version"] for row in document("segments", "apply", file)["segments"]} == {1}
    assert cli("segments", "export") == file.read_text()


def test_a_file_with_one_wrong_sync_changes_nothing(connected: Desk, tmp_path: Path) -> None:
    file = tmp_path / "syncs.yaml"
    file.write_text(FILE.replace("06:30", "noon"))
    with pytest.raises(BadInput, match="Sync 'regulars_daily' cannot be read"):
        cli("syncs", "apply", file)
    assert syncs.all_current(connected.state) == []
    file.write_text(FILE)
    with pytest.raises(BadInput, match="hold 'regulars_daily' twice"):
        cli("syncs", "apply", file, file)
    assert syncs.all_current(connected.state) == []


def test_a_segment_that_is_not_there_yet_is_told(connected: Desk, tmp_path: Path) -> None:
    file = tmp_path / "syncs.yaml"
    file.write_text(FILE.replace("- regulars\n", "- irregulars\n"))
    done = CliRunner().invoke(app, ["syncs", "apply", str(file)])
    assert "names the segment 'irregulars', which is not here yet" in done.stderr


def test_a_list_says_when_each_sync_comes_next_and_how_it_stands(connected: Desk, tmp_path: Path) -> None:
    (tmp_path / "syncs.yaml").write_text(FILE)
    cli("syncs", "apply", tmp_path / "syncs.yaml")
    daily, facts = document("syncs", "list")["syncs"]
    assert (daily["when"], daily["health"]) == ("every day at 06:30 (America/Sao_Paulo)", None)
    assert daily["next_at"] > now().isoformat()[:10]
    assert (facts["enabled"], facts["next_at"], facts["portal_id"]) == (False, None, "")
    assert "regulars_daily" in cli("syncs", "list")


def test_a_sync_run_by_hand_waits_for_its_end_and_shows_in_its_turns(connected: Desk, tmp_path: Path) -> None:
    (tmp_path / "syncs.yaml").write_text(FILE)
    cli("syncs", "apply", tmp_path / "syncs.yaml")
    turn = document("syncs", "run", "regulars_daily")
    assert (turn["state"], turn["reason"]) == ("done", "done")
    assert turn["figures"] == {"planned": 13, "confirmed": 13, "rejected": 0}
    assert connected.members("COMP - Loyal regulars") == {email(number) for number in range(12)}
    shown = document("syncs", "show", "regulars_daily")
    assert (shown["health"], shown["turns"][0]["runs"]) == ("fine", turn["runs"])
    assert "regulars_daily: done. 0 of 0 changes" in cli("syncs", "run", "regulars_daily")


def test_a_sync_that_is_blocked_leaves_with_1_and_says_what_to_do(connected: Desk, tmp_path: Path) -> None:
    connected.call("POST", "/crm/v3/lists/", {"name": LIST, "objectTypeId": "0-1", "processingType": "MANUAL"})
    (tmp_path / "sync.yaml").write_text("{key: taken, segments: [regulars], target: static_list}")
    cli("syncs", "apply", tmp_path / "sync.yaml")
    said = cli("syncs", "run", "taken", code=1)
    assert "taken: blocked." in said
    assert "a list of this name is there already" in said
    assert "→ Look at the plan." in said
    (notice,) = document("alerts")["notices"]
    assert (notice["sync"], notice["before"], notice["after"], notice["reason"]) == (
        "taken",
        "fine",
        "failing",
        "guard",
    )


def test_switching_off_on_and_away(connected: Desk, tmp_path: Path) -> None:
    (tmp_path / "syncs.yaml").write_text(FILE)
    cli("syncs", "apply", tmp_path / "syncs.yaml")
    assert document("syncs", "enable", "regulars_facts") == {"key": "regulars_facts", "enabled": True, "version": 2}
    assert document("syncs", "disable", "regulars_daily")["enabled"] is False
    assert [row["enabled"] for row in document("syncs", "list")["syncs"]] == [False, True]
    cli("syncs", "remove", "regulars_daily")
    with pytest.raises(NotFound, match="Syncs here: regulars_facts"):
        cli("syncs", "show", "regulars_daily")


def test_testing_alerts_tries_every_channel_and_none_is_no_success(
    connected: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "nothing; see HUBSYNC_ALERT_EMAIL" in cli("alerts", "--test", code=1)
    with doorbell() as bell:
        monkeypatch.setenv("HUBSYNC_ALERT_WEBHOOK", bell.url)
        monkeypatch.setenv("HUBSYNC_ALERT_SECRET", "sixteen characters and more")
        assert document("alerts", "--test")["tested"] == {"webhook": ""}
        assert bell.posts[0].json["sync"] == "test"
        bell.status = 500
        assert "✗ webhook" in cli("alerts", "--test", code=1)


def asked(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "sync.yaml").write_text("{key: asked, segments: [regulars], target: static_list}")
    cli("syncs", "apply", tmp_path / "sync.yaml")
    schedule.ask(desk.state, "asked", by="ana", clock=now)


def test_cron_takes_what_is_due_and_leaves(connected: Desk, tmp_path: Path) -> None:
    asked(connected, tmp_path)
    done = document("run", "--due")
    assert [(turn["sync"], turn["state"]) for turn in done["syncs"]] == [("asked", "done")]
    assert len(connected.members(LIST)) == 12
    assert document("run", "--due") == {"runs": [], "syncs": [], "alerts_sent": 0}


def test_a_worker_of_its_own_takes_turns_sends_alerts_and_stops_when_told(connected: Desk, tmp_path: Path) -> None:
    connected.call("POST", "/crm/v3/lists/", {"name": LIST, "objectTypeId": "0-1", "processingType": "MANUAL"})
    asked(connected, tmp_path)
    with doorbell() as bell:
        settings = {"HUBSYNC_ALERT_WEBHOOK": bell.url, "HUBSYNC_ALERT_SECRET": "sixteen characters and more"}
        worker = subprocess.Popen([sys.executable, "-m", "hubsync", "worker"], cwd=ROOT, env={**os.environ, **settings})
        try:
            assert bell.rung.wait(60)
        finally:
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(60) == 0
    assert bell.posts[0].json["reason"] == "guard"


def test_the_doctor_tells_that_nobody_runs_the_schedules(connected: Desk, tmp_path: Path) -> None:
    (tmp_path / "syncs.yaml").write_text(FILE)
    cli("syncs", "apply", tmp_path / "syncs.yaml")
    assert schedules()["ok"]
    connected.state.connection.execute("update schedule set next_at = '2026-01-01T00:00:00+00:00' where next_at <> ''")
    assert "regulars_daily should have run by now" in schedules(code=1)["detail"]


def schedules(code: int = 0) -> Any:
    return next(check for check in document("doctor", code=code)["checks"] if check["name"] == "schedules")
