"""Alerts: one notice for each change of how a sync stands, to a real mail server and a real web server."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator

import pytest
import stamina

from hubsync.core.run import Outcome
from hubsync.core.turn import Health, Reason, Told
from hubsync.store import alert, receipt
from hubsync.sync.alerts import deliver
from hubsync.sync.alerts_settings import Settings, settings
from tests.sync.clockwork import Clockwork
from tests.sync.desk import Desk, email
from tests.sync.receivers import Doorbell, Letterbox, doorbell, letterbox

SECRET = "sixteen characters and more"
DAILY = {"daily": "06:00"}


@pytest.fixture(autouse=True)
def _retries_do_not_wait() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2, cap=True):
        yield


@pytest.fixture
def box() -> Iterator[Letterbox]:
    with letterbox() as served:
        yield served


@pytest.fixture
def bell() -> Iterator[Doorbell]:
    with doorbell() as served:
        yield served


def environment(box: Letterbox, bell: Doorbell, **more: str) -> dict[str, str]:
    return {
        "HUBSYNC_ALERT_EMAIL": "crm@example.com, lead@example.com",
        "HUBSYNC_SMTP_HOST": f"127.0.0.1:{box.port}",
        "HUBSYNC_SMTP_SECURITY": "none",
        "HUBSYNC_ALERT_WEBHOOK": bell.url,
        "HUBSYNC_ALERT_SECRET": SECRET,
        "HUBSYNC_APP_URL": "https://dashboard.example.com/",
        **more,
    }


@pytest.fixture
def clockwork(desk: Desk, box: Letterbox, bell: Doorbell) -> Clockwork:
    made = Clockwork.wind(desk)
    made.alerts = settings(environment(box, bell))
    return made


def subjects(box: Letterbox) -> list[str]:
    return [str(letter["Subject"]) for letter in box.letters]


def test_each_change_is_told_once_and_recovery_once(clockwork: Clockwork, box: Letterbox, bell: Doorbell) -> None:
    clockwork.keep(schedule=DAILY)
    clockwork.pass_(days=1)
    clockwork.look()
    assert box.letters == bell.posts == []
    clockwork.desk.orders |= dict.fromkeys(range(4), 0)
    for _ in range(3):
        clockwork.desk.refresh()
        clockwork.pass_(days=1)
        clockwork.look()
    assert subjects(box) == ["[hubsync] Sync “daily” is failing (fine)"]
    clockwork.desk.orders |= dict.fromkeys(range(4), 5)
    for _ in range(2):
        clockwork.desk.refresh()
        clockwork.pass_(days=1)
        clockwork.look()
    assert subjects(box)[1:] == ["[hubsync] Sync “daily” is fine (failing)"]
    assert [(post.json["before"], post.json["after"]) for post in bell.posts] == [
        ("fine", "failing"),
        ("failing", "fine"),
    ]
    assert {way.state for way in alert.deliveries(clockwork.desk.state)} == {"sent"}


def test_a_notice_says_what_happened_what_was_kept_what_to_do_and_where(
    clockwork: Clockwork, box: Letterbox, bell: Doorbell
) -> None:
    clockwork.keep(schedule=DAILY)
    clockwork.pass_(days=1)
    clockwork.fault("401", path="/crm/lists/*", method="PUT")
    clockwork.look()
    (turn,) = clockwork.turns()
    (letter,), (post,) = box.letters, bell.posts
    link = f"https://dashboard.example.com/history?run={turn.waits_for}"
    assert box.texts == [
        "Sync “daily” is failing (fine)\n\n"
        "What happened: HubSpot refuses the token.\n"
        "What was kept: What was sent is recorded; the rest waits and is not lost.\n"
        "What to do: Connect again under Settings › Integrations, then let the run go on.\n"
        f"See: {link}\n"
    ]
    assert (letter["From"], letter["To"]) == ("crm@example.com", "crm@example.com, lead@example.com")
    assert letter["Auto-Submitted"] == "auto-generated"
    document = post.json
    assert document["text"] == box.texts[0]
    assert (document["sync"], document["reason"], document["run_id"], document["link"]) == (
        "daily",
        "token",
        turn.waits_for,
        link,
    )
    assert document["portal_id"] == clockwork.desk.connection.portal_id
    assert document["id"] in str(letter["Message-ID"])


def test_a_blocked_plan_is_named_with_its_segment_and_guard_and_linked(clockwork: Clockwork, box: Letterbox) -> None:
    clockwork.keep(schedule=DAILY)
    clockwork.pass_(days=1)
    clockwork.look()
    clockwork.desk.orders |= dict.fromkeys(range(4), 0)
    clockwork.desk.refresh()
    clockwork.pass_(days=1)
    clockwork.look()
    (text,) = box.texts
    assert "The plan for “Loyal regulars” is blocked: more people would be taken off than is allowed." in text
    assert "Nothing was sent" in text
    assert f"/export?plan={clockwork.turns()[-1].parts[0].plan_id}" in text


def test_notices_come_in_the_language_that_is_set(clockwork: Clockwork, box: Letterbox, bell: Doorbell) -> None:
    clockwork.alerts = settings(environment(box, bell, HUBSYNC_ALERT_LANGUAGE="pt"))
    clockwork.keep(schedule=DAILY)
    clockwork.pass_(days=1)
    clockwork.fault("401")
    clockwork.look()
    assert subjects(box) == ["[hubsync] Sincronização “daily”: parada (em ordem)"]
    assert "O que fazer: Conecte de novo" in box.texts[0]


def test_the_receiver_can_tell_a_signed_document_from_a_forged_one(clockwork: Clockwork, bell: Doorbell) -> None:
    clockwork.keep(schedule=DAILY)
    clockwork.pass_(days=1)
    clockwork.fault("401")
    clockwork.look()
    (post,) = bell.posts
    assert post.path == "/hooks/alerts?team=crm"
    signed = post.headers["X-Hubsync-Timestamp"].encode() + b"." + post.body
    expected = "sha256=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(post.headers["X-Hubsync-Signature"], expected)


def test_no_notice_holds_a_persons_data_or_the_token(clockwork: Clockwork, box: Letterbox, bell: Doorbell) -> None:
    desk = clockwork.desk
    desk.ids[7] = "Maria Silva " * 6_000  # HubSpot holds 65,536 characters, and repeats a part of what it refuses
    desk.refresh()
    clockwork.keep(target="properties", schedule=DAILY)
    clockwork.pass_(days=1)
    turn = clockwork.look()[0]
    (row,) = receipt.told(desk.state, turn.parts[0].run_id, (Outcome.REJECTED,))
    assert clockwork.health() == (Health.WARNING, Reason.REJECTED)
    clockwork.fault("401")
    clockwork.pass_(days=1)
    clockwork.look()
    assert len(box.letters) == len(bell.posts) == 2
    said = "".join(map(str, box.letters)) + "".join(box.texts)
    said += "".join(post.body.decode() + str(post.headers) for post in bell.posts)
    assert "HubSpot rejected 1 of 27 changes" in said
    for secret in ("Maria", email(7), row.contact_id, row.message, desk.token, desk.token[-8:], SECRET):
        assert secret not in said


def test_a_hiccup_is_nobodys_business_and_a_wait_is_told_with_its_end(clockwork: Clockwork, box: Letterbox) -> None:
    clockwork.keep(schedule=DAILY)
    clockwork.pass_(days=1)
    clockwork.fault("503", path="/crm/lists/*", method="PUT")
    clockwork.look()
    assert clockwork.health() is None
    clockwork.pass_(minutes=1)
    clockwork.look()
    assert subjects(box) == ["[hubsync] Sync “daily” is not all right (fine)"]
    assert "it is tried again at 2030-01-08 12:03 UTC" in box.texts[0]
    clockwork.mend()
    clockwork.pass_(minutes=2)
    clockwork.look()
    assert subjects(box)[1:] == ["[hubsync] Sync “daily” is fine (not all right)"]


def test_a_day_that_is_used_up_is_told_with_the_time_it_goes_on(clockwork: Clockwork, box: Letterbox) -> None:
    clockwork.keep(schedule=DAILY)
    clockwork.pass_(days=1)
    clockwork.fault("429-daily", path="/crm/lists/*", method="PUT")
    clockwork.look()
    assert clockwork.health() == (Health.WARNING, Reason.DAILY_LIMIT)
    assert "it goes on by itself at 20" in box.texts[0]


def test_a_notice_that_does_not_arrive_is_tried_again_and_the_next_does_not_overtake_it(
    clockwork: Clockwork, box: Letterbox, bell: Doorbell
) -> None:
    state = clockwork.desk.state
    clockwork.keep(schedule=DAILY)
    box.away, bell.status = True, 500
    alert.note(state, "daily", Told(reason=Reason.TOKEN), clockwork.now())
    clockwork.look()
    alert.note(state, "daily", Told(reason=Reason.DONE), clockwork.now())
    clockwork.look()
    assert [post.json["after"] for post in bell.posts] == ["failing"]
    assert {(way.channel, way.state, way.tries) for way in alert.deliveries(state)} == {
        ("e-mail", "pending", 1),
        ("webhook", "pending", 1),
    }
    assert all("did not take the notice" in way.problem for way in alert.deliveries(state))
    box.away, bell.status = False, 200
    clockwork.pass_(minutes=1)
    clockwork.look()
    assert [post.json["after"] for post in bell.posts] == ["failing", "failing", "fine"]
    assert bell.posts[0].json["id"] == bell.posts[1].json["id"]
    sent = [int(post.headers["X-Hubsync-Timestamp"]) for post in bell.posts]
    assert sent[1] - sent[0] == 60
    assert [letter["Subject"].split("is ")[1] for letter in box.letters] == ["failing (fine)", "fine (failing)"]


def test_a_notice_that_never_arrives_is_given_up_and_the_next_goes_out(
    clockwork: Clockwork, box: Letterbox, bell: Doorbell
) -> None:
    state = clockwork.desk.state
    clockwork.keep(schedule=DAILY)
    bell.status = 500
    alert.note(state, "daily", Told(reason=Reason.TOKEN), clockwork.now())
    for wait in (*alert.WAITS, alert.WAITS[-1]):
        clockwork.look()
        clockwork.at += wait
    assert {way.channel: way.state for way in alert.deliveries(state)} == {"e-mail": "sent", "webhook": "failed"}
    assert len(bell.posts) == len(alert.WAITS) + 1
    bell.status = 200
    alert.note(state, "daily", Told(reason=Reason.DONE), clockwork.now())
    clockwork.look()
    assert bell.posts[-1].json["after"] == "fine"


def test_a_worker_that_died_while_sending_has_it_sent_again_under_the_same_id(
    clockwork: Clockwork, bell: Doorbell
) -> None:
    state = clockwork.desk.state
    clockwork.keep(schedule=DAILY)
    alert.note(state, "daily", Told(reason=Reason.TOKEN), clockwork.now())
    (notice,) = alert.notices(state)
    assert alert.begin(state, notice, "webhook", clockwork.now())  # ... and nothing is heard of it again
    clockwork.look()
    assert bell.posts == []
    clockwork.pass_(minutes=1)
    clockwork.look()
    assert [post.json["id"] for post in bell.posts] == ["notice-1"]


def test_two_workers_send_a_notice_once(clockwork: Clockwork, bell: Doorbell) -> None:
    state = clockwork.desk.state
    clockwork.keep(schedule=DAILY)
    alert.note(state, "daily", Told(reason=Reason.TOKEN), clockwork.now())
    (notice,) = alert.notices(state)
    assert [alert.begin(state, notice, "webhook", clockwork.now()) for _ in range(2)] == [True, False]


def test_a_channel_set_up_later_starts_with_what_is_new(clockwork: Clockwork, bell: Doorbell) -> None:
    channels, clockwork.alerts = clockwork.alerts, Settings()
    state = clockwork.desk.state
    clockwork.keep(schedule=DAILY)
    alert.note(state, "daily", Told(reason=Reason.TOKEN), clockwork.now())
    clockwork.pass_(days=2)
    alert.note(state, "daily", Told(reason=Reason.DONE), clockwork.now())
    assert deliver(state, channels, clockwork.now) == 2
    assert [post.json["after"] for post in bell.posts] == ["fine"]


def test_receivers_that_are_refused_are_told_and_the_others_have_it_once(clockwork: Clockwork, box: Letterbox) -> None:
    state = clockwork.desk.state
    box.refuses.add("lead@example.com")
    clockwork.keep(schedule=DAILY)
    alert.note(state, "daily", Told(reason=Reason.TOKEN), clockwork.now())
    for _ in range(2):
        clockwork.look()
        clockwork.pass_(minutes=5)
    assert len(box.letters) == 1
    (mail,) = [way for way in alert.deliveries(state) if way.channel == "e-mail"]
    assert (mail.state, mail.problem) == ("sent", "1 of 2 receivers were refused.")


def test_wrong_settings_are_logged_once_and_stop_no_sync(
    clockwork: Clockwork, caplog: pytest.LogCaptureFixture
) -> None:
    worker = clockwork.worker()
    worker._alerts = lambda: settings({"HUBSYNC_ALERT_WEBHOOK": "http://elsewhere.example.com"})
    assert [worker.tell(), worker.tell()] == [0, 0]
    assert caplog.text.count("HUBSYNC_ALERT_WEBHOOK cannot be used") == 1
