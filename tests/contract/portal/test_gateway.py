"""The gateway repeats what may be repeated, ends what takes too long, and says when an outcome is not known."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from hubsync.core.errors import BadInput
from hubsync.portal.errors import Garbled, PortalError, RateLimited, Refused, Unclear, Unreachable
from hubsync.portal.gateway import Gateway
from hubsync.portal.tries import Patience

READ, SET, CREATE = "contacts.read", "contacts.update", "contacts.create"
OK = {"results": []}


def test_a_call_carries_token_and_json(hubspot, gateway) -> None:
    hubspot.replies = [hubspot.answer(200, OK)]
    gateway.call(SET, body={"inputs": [{"id": "1"}]})
    head, _, body = hubspot.asked[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /crm/objects/2026-03/contacts/batch/update HTTP/1.1")
    assert f"authorization: Bearer {gateway._token.secret}".lower().encode() in head.lower()
    assert body == b'{"inputs": [{"id": "1"}]}'


@pytest.mark.parametrize(
    ("version", "path"),
    [
        ("v3", b"/crm/v3/lists/object-type-id/0-1/name/a%2Fb%20c"),
        ("2026-03", b"/crm/lists/2026-03/object-type-id/0-1/name/a%2Fb%20c"),
        ("2026-09", b"/crm/lists/2026-09/object-type-id/0-1/name/a%2Fb%20c"),
    ],
)
def test_paths_follow_the_version_and_names_are_quoted(hubspot, pacer, version: str, path: bytes) -> None:
    hubspot.replies = [hubspot.answer(200, OK)]
    gateway = Gateway(base_url=hubspot.base_url, token="pat-na1-x", pacer=pacer, api_version=version)
    gateway.call("lists.by_name", path={"name": "a/b c"})
    assert hubspot.asked[0].startswith(b"GET " + path + b" ")


def test_one_connection_serves_many_calls(hubspot, gateway) -> None:
    ports = set()
    original = hubspot._converse

    def counting(connection) -> None:  # type: ignore[no-untyped-def]
        ports.add(connection.getpeername())
        original(connection)

    hubspot._converse = counting
    hubspot.replies = [hubspot.answer(200, OK)]
    for _ in range(5):
        gateway.call(READ, body={})
    assert len(ports) == 1


@pytest.mark.parametrize("status", [423, 429, 500, 502, 503, 504, 521, 523, 524])
@pytest.mark.parametrize("name", [READ, SET])
def test_what_may_be_repeated_is(hubspot, gateway, status: int, name: str) -> None:
    hubspot.replies = [hubspot.answer(status), hubspot.answer(status), hubspot.answer(200, OK)]
    assert gateway.call(name, body={}).status == 200
    assert gateway.requests == 3
    assert gateway.throttled == (2 if status == 429 else 0)


@pytest.mark.parametrize("status", [423, 429])
def test_a_refusal_that_did_nothing_is_repeated_even_for_a_creation(hubspot, gateway, status: int) -> None:
    hubspot.replies = [hubspot.answer(status), hubspot.answer(200, OK)]
    assert gateway.call(CREATE, body={}).status == 200


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_creation_that_may_have_been_done_is_not_sent_again(hubspot, gateway, status: int) -> None:
    hubspot.replies = [hubspot.answer(status, {"correlationId": "c1"}), hubspot.answer(200, OK)]
    with pytest.raises(Unclear) as caught:
        gateway.call(CREATE, body={})
    assert len(hubspot.asked) == 1
    assert (caught.value.status, caught.value.correlation_id) == (status, "c1")


def test_a_lost_answer_to_a_creation_is_unclear_and_not_sent_again(hubspot, gateway) -> None:
    hubspot.replies = [None]
    with pytest.raises(Unclear):
        gateway.call(CREATE, body={})
    assert len(hubspot.asked) == 1


def test_a_lost_answer_to_a_write_that_sets_is_sent_again(hubspot, gateway) -> None:
    hubspot.replies = [None, hubspot.reset, hubspot.answer(200, OK)]
    assert gateway.call(SET, body={}).status == 200


@pytest.mark.parametrize(("name", "expected"), [(READ, Unreachable), (SET, Unclear)])
def test_after_all_tries_a_write_is_unclear_and_a_read_unreachable(hubspot, gateway, name: str, expected: type) -> None:
    hubspot.replies = [None]
    with pytest.raises(PortalError) as caught:
        gateway.call(name, body={})
    assert type(caught.value) is expected
    assert len(hubspot.asked) == 5


def test_a_server_that_is_not_there_is_unreachable_even_for_a_creation(hubspot, gateway) -> None:
    hubspot.close()
    with pytest.raises(Unreachable) as caught:
        gateway.call(CREATE, body={})
    assert type(caught.value) is Unreachable, "the request never left, so that its outcome is clear"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 414])
def test_what_repeating_does_not_change_is_sent_once(hubspot, gateway, status: int) -> None:
    hubspot.replies = [hubspot.answer(status)]
    with pytest.raises(PortalError):
        gateway.call(READ, body={})
    assert len(hubspot.asked) == 1


def test_a_long_wait_that_hubspot_asks_for_is_left_to_the_caller(hubspot, gateway) -> None:
    hubspot.replies = [hubspot.answer(477, None, Retry_After="86400")]
    with pytest.raises(Unreachable):
        gateway.call(READ, body={})
    assert len(hubspot.asked) == 1


@pytest.mark.parametrize(
    "broken",
    [
        b'HTTP/1.1 200 X\r\nContent-Length: 20\r\n\r\n{"results": [tru',
        b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"HTTP/1.1 200 X\r\nContent-Length: 500\r\n\r\n{",
        b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\nDate: Mon",
        b"not HTTP at all\r\n\r\n",
    ],
)
def test_an_answer_that_breaks_off_is_asked_for_again(hubspot, gateway, broken: bytes) -> None:
    def send(connection) -> None:  # type: ignore[no-untyped-def]
        connection.sendall(broken)

    hubspot.replies = [send, hubspot.answer(200, OK)]
    assert gateway.call(READ, body={}).status == 200


@pytest.mark.parametrize(
    "body", ["<html>a login page</html>", "42", '{"a": NaN}', '"text"', "[" * 100_000, '{"a": ' + "9" * 5000 + "}"]
)
def test_a_success_nobody_can_read_is_garbled(hubspot, gateway, body: str) -> None:
    hubspot.replies = [hubspot.answer(200, body)]
    with pytest.raises(Garbled):
        gateway.call(READ, body={})


def test_a_success_nobody_can_read_leaves_a_creation_unclear(hubspot, gateway) -> None:
    hubspot.replies = [hubspot.answer(201, "<html>a proxy</html>")]
    with pytest.raises(Unclear):
        gateway.call(CREATE, body={})
    assert len(hubspot.asked) == 1


def test_an_answer_without_end_is_cut_off(hubspot, gateway) -> None:
    def flood(connection) -> None:  # type: ignore[no-untyped-def]
        connection.sendall(b"HTTP/1.1 200 X\r\n\r\n")
        try:
            while True:
                connection.sendall(b" " * 1_048_576)
        except OSError:
            return

    hubspot.replies = [flood]
    with pytest.raises(Garbled, match="longer"):
        gateway.call(READ, body={})


@pytest.mark.parametrize(
    "drop", [b"H", b"HTTP/1.1 200 X\r\nA: b\r\n", b"HTTP/1.1 200 X\r\nContent-Length: 9999\r\n\r\n"]
)
def test_a_server_that_sends_a_byte_now_and_then_is_left_at_the_deadline(hubspot, pacer, drop: bytes) -> None:
    def drip(connection) -> None:  # type: ignore[no-untyped-def]
        connection.sendall(drop)
        connection.settimeout(0.02)
        while True:  # until the other side hangs up, which is what is tested
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                connection.sendall(b" ")
            except OSError:
                return

    hubspot.replies = [drip]
    gateway = Gateway(
        base_url=hubspot.base_url, token="pat-na1-x", pacer=pacer, deadline=0.2, patience=Patience(failures=1)
    )
    with pytest.raises(Unreachable, match=r"within 0\.2 s"):
        gateway.call(READ, body={})


def test_all_deadlines_share_one_thread_which_ends_with_the_gateway(hubspot, gateway) -> None:
    hubspot.replies = [hubspot.answer(200, OK)]
    before = set(threading.enumerate())
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: gateway.call(READ, body={}), range(20)))
    watching = [one for one in set(threading.enumerate()) - before if one.name == "hubspot-deadlines"]
    assert len(watching) == 1
    gateway.close()
    watching[0].join(timeout=10)
    assert not watching[0].is_alive()


def test_a_redirect_is_not_followed(hubspot, gateway) -> None:
    hubspot.replies = [hubspot.answer(302, None, Location="http://localhost:1/steal")]
    with pytest.raises(Garbled, match="302"):
        gateway.call(READ, body={})
    assert len(hubspot.asked) == 1


def test_every_request_is_counted_as_it_is_sent(hubspot, pacer) -> None:
    seen = []
    gateway = Gateway(
        base_url=hubspot.base_url, token="pat-na1-x", pacer=pacer, on_request=lambda: seen.append(len(hubspot.asked))
    )
    hubspot.replies = [hubspot.answer(500), hubspot.answer(200, OK)]
    gateway.call(READ, body={})
    assert seen == [0, 1]


def test_limits_are_learnt_from_the_headers(hubspot, gateway) -> None:
    hubspot.replies = [
        hubspot.answer(
            200,
            OK,
            X_HubSpot_RateLimit_Max="190",
            X_HubSpot_RateLimit_Interval_Milliseconds="10000",
            X_HubSpot_RateLimit_Daily="650000",
            X_HubSpot_RateLimit_Daily_Remaining="649000",
        )
    ]
    gateway.call(READ, body={})
    quota = gateway.pacer.quota
    assert (quota.per_10s, quota.daily, quota.remaining) == (190, 650_000, 649_000)


def test_a_429_is_raised_once_the_tries_are_used_up(hubspot, gateway) -> None:
    hubspot.replies = [hubspot.answer(429, {"policyName": "TEN_SECONDLY_ROLLING"})]
    with pytest.raises(RateLimited) as caught:
        gateway.call(READ, body={})
    assert not caught.value.daily
    assert gateway.throttled == Patience().refusals


def test_refusals_for_the_pace_do_not_use_up_the_tries_for_failures(hubspot, gateway) -> None:
    busy, broken = hubspot.answer(429), hubspot.answer(503)
    hubspot.replies = [*[busy] * 8, *[broken] * 4, busy, hubspot.answer(200, OK)]
    assert gateway.call(READ, body={}).status == 200
    hubspot.replies = [*[busy] * 8, broken]
    with pytest.raises(Unreachable):
        gateway.call(READ, body={})
    assert gateway.requests == 14 + 8 + Patience().failures


@pytest.mark.parametrize("token", ["", "  ", "two words", "pat-na1-ü", "a\nb"])
def test_what_cannot_be_a_token_is_refused_without_being_sent(hubspot, pacer, token: str) -> None:
    with pytest.raises(BadInput, match="not a token"):
        Gateway(base_url=hubspot.base_url, token=token, pacer=pacer)
    assert not hubspot.asked


def test_a_refused_request_can_be_sent_again_by_hand(hubspot, gateway) -> None:
    hubspot.replies = [hubspot.answer(400), hubspot.answer(200, OK)]
    with pytest.raises(Refused):
        gateway.call(READ, body={})
    assert gateway.call(READ, body={}).status == 200


def test_one_gateway_serves_several_threads(sandbox, pacer) -> None:
    with Gateway(base_url=sandbox.base_url, token=sandbox.token, pacer=pacer) as gateway:
        before = gateway.requests
        with ThreadPoolExecutor(8) as threads:
            pages = list(threads.map(lambda _: gateway.call("contacts.page", query={"limit": 2}), range(64)))
        assert gateway.requests - before == 64
    assert len({tuple(row["id"] for row in page.rows()) for page in pages}) == 1
