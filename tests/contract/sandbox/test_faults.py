"""Faults as clients meet them: httpx and urllib3 over real sockets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import urllib3

from hubsync.sandbox.faults import BadFault, Kind, read
from hubsync.sandbox.server import Sandbox
from tests.contract.sandbox.caller import Caller

CONTACTS = "/crm/v3/objects/contacts"
NEW = {"properties": {"email": "new@example.com"}}
#: Long enough to be sure that nothing came, short enough to wait for.
BRIEF = 0.15


@pytest.fixture
def client(ask: Caller) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {ask.token}"}
    with httpx.Client(base_url=ask.sandbox.base_url, headers=headers, timeout=10, trust_env=False) as client:
        yield client


@pytest.fixture
def spoil(ask: Caller) -> Callable[[str], dict[str, Any]]:
    """Switch a fault on and return how it stands."""

    def switch_on(spec: str) -> dict[str, Any]:
        reply = ask("POST", "/__sandbox__/faults", {"spec": spec})
        assert reply.status == 200, reply.text
        armed: dict[str, Any] = reply.json
        return armed

    return switch_on


def exists(ask: Caller, address: str = "new@example.com") -> bool:
    """Return whether a contact is there; asked by a path that no test spoils."""
    return ask("GET", f"{CONTACTS}/{address}?idProperty=email").status == 200


REFUSALS = {
    "429": (429, {"errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}),
    "429-daily": (429, {"errorType": "RATE_LIMIT", "policyName": "DAILY"}),
    "429-secondly": (429, {"category": "RATE_LIMITS"}),
    "401": (401, {"category": "INVALID_AUTHENTICATION"}),
    "403": (403, {"category": "MISSING_SCOPES"}),
    "423": (423, {}),
    "477": (477, {}),
    "500": (500, {}),
}
PAGES = ["502", "503", "504", "520", "521", "522", "523", "524", "525", "526", "530"]


@pytest.mark.parametrize(("kind", "status", "told"), [(kind, *rest) for kind, rest in REFUSALS.items()])
def test_a_refusal_comes_in_hubspots_shape_and_nothing_is_done(
    ask: Caller, client: httpx.Client, spoil: Callable[[str], Any], kind: str, status: int, told: dict[str, str]
) -> None:
    spoil(f"{kind} method=POST times=1")
    refused = client.post(CONTACTS, json=NEW)
    assert refused.status_code == status
    body = refused.json()
    assert body["status"] == "error"
    assert body["message"]
    assert body["correlationId"] == refused.headers["x-hubspot-correlation-id"]
    assert told.items() <= body.items()
    assert not exists(ask)
    assert client.post(CONTACTS, json=NEW).status_code == 201


@pytest.mark.parametrize("kind", PAGES)
def test_the_front_answers_with_a_page(client: httpx.Client, spoil: Callable[[str], Any], kind: str) -> None:
    spoil(f"{kind} times=1")
    refused = client.get(CONTACTS)
    assert refused.status_code == int(kind)
    assert refused.headers["content-type"].startswith("text/html")
    assert "<html>" in refused.text
    assert "x-hubspot-correlation-id" not in refused.headers
    assert client.get(CONTACTS).status_code == 200


def test_every_status_is_covered() -> None:
    assert {kind.value for kind in Kind if kind.status} == {*REFUSALS, *PAGES}


def test_only_what_says_so_tells_when_to_come_back(client: httpx.Client, spoil: Callable[[str], Any]) -> None:
    for spec, told in (("429", None), ("429-daily", None), ("477", "5"), ("503 seconds=7", "7"), ("502", None)):
        spoil(f"{spec} times=1")
        assert client.get(CONTACTS).headers.get("retry-after") == told


def test_rate_headers_show_what_is_used_up(client: httpx.Client, spoil: Callable[[str], Any]) -> None:
    spoil("429 times=1")
    headers = client.get(CONTACTS).headers
    assert headers["x-hubspot-ratelimit-remaining"] == "0"
    assert int(headers["x-hubspot-ratelimit-daily-remaining"]) > 0
    spoil("429-daily times=1")
    assert client.get(CONTACTS).headers["x-hubspot-ratelimit-daily-remaining"] == "0"
    spoil("429-secondly times=1")
    assert "x-hubspot-ratelimit-max" not in client.get(CONTACTS).headers


def test_a_missing_scope_is_named(client: httpx.Client, spoil: Callable[[str], Any]) -> None:
    spoil("403 times=1")
    refused = client.post("/crm/lists/2026-03", json={"name": "L", "objectTypeId": "0-1", "processingType": "MANUAL"})
    assert refused.json()["errors"][0]["context"]["requiredGranularScopes"] == ["crm.lists.write"]


def test_a_gateway_may_give_up_on_what_was_done(ask: Caller, client: httpx.Client, spoil: Callable[[str], Any]) -> None:
    spoil("504 method=POST after_write=true times=1")
    assert client.post(CONTACTS, json=NEW).status_code == 504
    assert exists(ask)


def test_a_page_may_come_in_place_of_json(client: httpx.Client, spoil: Callable[[str], Any]) -> None:
    spoil("html times=1")
    reply = client.get(CONTACTS)
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/html")
    with pytest.raises(json.JSONDecodeError):
        reply.json()


def test_a_reset_reaches_the_client_before_anything_is_done(
    ask: Caller, client: httpx.Client, spoil: Callable[[str], Any]
) -> None:
    spoil("reset method=POST times=1")
    with pytest.raises(httpx.ReadError, match="reset by peer"):
        client.post(CONTACTS, json=NEW)
    assert not exists(ask)


def test_an_answer_may_be_lost_after_the_write(ask: Caller, client: httpx.Client, spoil: Callable[[str], Any]) -> None:
    spoil("lost method=POST times=1")
    with pytest.raises(httpx.ReadError, match="reset by peer"):
        client.post(CONTACTS, json=NEW)
    assert exists(ask)
    assert client.post(CONTACTS, json=NEW).status_code == 409


def test_a_reset_may_come_in_the_middle_of_the_body(
    ask: Caller, client: httpx.Client, spoil: Callable[[str], Any]
) -> None:
    spoil("reset-mid-body method=POST times=1")
    with client.stream("POST", CONTACTS, json=NEW) as reply:
        assert reply.status_code == 201
        promised = int(reply.headers["content-length"])
        got: list[bytes] = []
        with pytest.raises(httpx.ReadError, match="reset by peer"):
            got.extend(reply.iter_raw())
    assert len(b"".join(got)) == promised // 2
    assert exists(ask)


def test_a_body_may_end_too_early(ask: Caller, client: httpx.Client, spoil: Callable[[str], Any]) -> None:
    spoil("cut method=POST times=1")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        client.post(CONTACTS, json=NEW)
    assert exists(ask)


def test_an_answer_without_a_body_is_cut_in_its_head(
    ask: Caller, client: httpx.Client, spoil: Callable[[str], Any]
) -> None:
    spoil("cut method=DELETE times=1")
    with pytest.raises(httpx.RemoteProtocolError):
        client.delete("/crm/v3/lists/1")
    assert ask("GET", "/crm/v3/lists/1").status == 404


def test_an_answer_may_never_come_though_all_is_done(
    ask: Caller, client: httpx.Client, spoil: Callable[[str], Any]
) -> None:
    spoil("hang method=POST times=1")
    with pytest.raises(httpx.ReadTimeout):
        client.post(CONTACTS, json=NEW, timeout=BRIEF)
    assert exists(ask)


def test_an_answer_may_come_late(ask: Caller, client: httpx.Client, spoil: Callable[[str], Any]) -> None:
    spoil("latency method=POST seconds=60 times=1")
    with pytest.raises(httpx.ReadTimeout):
        client.post(CONTACTS, json=NEW, timeout=BRIEF)
    assert not exists(ask)
    spoil("latency method=POST seconds=0.001 times=1")
    assert client.post(CONTACTS, json=NEW).status_code == 201


def test_json_may_end_halfway(ask: Caller, client: httpx.Client, spoil: Callable[[str], Any]) -> None:
    spoil("truncated method=POST times=1")
    reply = client.post(CONTACTS, json=NEW)
    assert reply.status_code == 201
    assert reply.text.startswith('{"id":')
    with pytest.raises(json.JSONDecodeError):
        reply.json()
    assert exists(ask)


def test_json_may_be_of_another_shape(ask: Caller, client: httpx.Client, spoil: Callable[[str], Any]) -> None:
    spoil("wrong-json method=POST times=1")
    assert client.post(CONTACTS, json=NEW).json() == {"unexpected": True}
    assert exists(ask)


def test_a_drip_arrives_byte_by_byte(client: httpx.Client, spoil: Callable[[str], Any]) -> None:
    whole = client.get(CONTACTS).content
    spoil("drip seconds=0 times=1")
    assert client.get(CONTACTS).content == whole
    spoil("drip seconds=60 times=1")
    with client.stream("GET", CONTACTS) as reply:
        assert int(reply.headers["content-length"]) == len(whole)
        assert next(reply.iter_raw()) == whole[:1]


def test_urllib3_sees_the_same(ask: Caller, spoil: Callable[[str], Any]) -> None:
    pool = urllib3.PoolManager(retries=False)
    url, headers = ask.sandbox.base_url + CONTACTS, {"Authorization": f"Bearer {ask.token}"}
    for kind, error, words in (
        ("reset", urllib3.exceptions.ProtocolError, "Connection aborted.*reset by peer"),
        ("lost", urllib3.exceptions.ProtocolError, "Connection aborted.*reset by peer"),
        ("reset-mid-body", urllib3.exceptions.ProtocolError, "Connection broken.*reset by peer"),
        ("cut", urllib3.exceptions.ProtocolError, "Connection broken: IncompleteRead"),
        ("hang", urllib3.exceptions.ReadTimeoutError, "timed out"),
    ):
        spoil(f"{kind} path={CONTACTS} times=1")
        with pytest.raises(error, match=words):
            pool.request("GET", url, headers=headers, timeout=BRIEF)
        assert pool.request("GET", url, headers=headers, timeout=10).status == 200
    pool.clear()


def test_a_kept_connection_goes_on_after_a_refusal(ask: Caller, spoil: Callable[[str], Any]) -> None:
    for kind in ("502", "429", "truncated", "wrong-json", "drip seconds=0"):
        spoil(f"{kind} path={CONTACTS} times=1")
        spoilt = ask("GET", CONTACTS)
        assert spoilt.headers.get("connection") != "close"
        assert ask("GET", CONTACTS).json["results"]


def statuses(client: httpx.Client, path: str = CONTACTS, times: int = 8) -> list[int]:
    return [client.get(path).status_code for _ in range(times)]


def test_it_happens_to_the_first_or_after_the_first(client: httpx.Client, spoil: Callable[[str], Any]) -> None:
    spoil("503 times=2")
    assert statuses(client, times=4) == [503, 503, 200, 200]
    spoil("502 after=2 times=1")
    assert statuses(client, times=4) == [200, 200, 502, 200]


def test_faults_take_their_turn_in_the_order_they_were_switched_on(
    client: httpx.Client, spoil: Callable[[str], Any]
) -> None:
    spoil("429 times=2")
    spoil("500 times=1")
    assert statuses(client, times=4) == [429, 429, 500, 200]


def test_chance_is_repeated_by_its_seed(ask: Caller, client: httpx.Client, spoil: Callable[[str], Any]) -> None:
    seen: dict[int, list[int]] = {}
    for seed in (1, 1, 2):
        spoil(f"500 probability=0.5 seed={seed}")
        drawn = statuses(client, times=40)
        assert set(drawn) == {200, 500}
        assert seen.setdefault(seed, drawn) == drawn
        ask("DELETE", "/__sandbox__/faults")
    assert seen[1] != seen[2]


@pytest.mark.parametrize(
    ("pattern", "path", "status"),
    [
        ("/crm/objects/contacts", "/crm/v3/objects/contacts", 500),
        ("/crm/objects/contacts", "/crm/objects/2026-09/0-1/", 500),
        ("/crm/v3/objects/contacts", "/crm/v3/objects/contacts", 500),
        ("/crm/v3/objects/contacts", "/crm/objects/2026-03/contacts", 200),
        ("*/memberships", "/crm/lists/2026-03/1/memberships", 500),
        ("/crm/lists/*", "/crm/v3/objects/contacts", 200),
    ],
)
def test_a_path_is_matched_as_sent_or_without_its_version(
    client: httpx.Client, spoil: Callable[[str], Any], pattern: str, path: str, status: int
) -> None:
    spoil(f"500 path={pattern}")
    assert client.get(path).status_code == status


def test_a_method_is_matched(client: httpx.Client, spoil: Callable[[str], Any]) -> None:
    spoil("500 method=patch")
    assert client.get(CONTACTS).status_code == 200
    assert client.patch(f"{CONTACTS}/1", json=NEW).status_code == 500


def test_the_page_and_the_side_door_stay_as_they_are(ask: Caller, spoil: Callable[[str], Any]) -> None:
    spoil("reset")
    assert ask("GET", "/").status == 200
    assert ask("GET", "/__sandbox__/state").json["faults"] == ["reset"]


def test_faults_are_counted_listed_and_ended(ask: Caller, client: httpx.Client, spoil: Callable[[str], Any]) -> None:
    first = spoil("502 path=*/lists/* times=1")
    second = ask("POST", "/__sandbox__/faults", {"kind": "503", "after": 1, "probability": 1, "path": CONTACTS}).json
    statuses(client, "/crm/v3/lists/1", 2)
    statuses(client, CONTACTS, 3)
    told = {row["id"]: row for row in ask("GET", "/__sandbox__/faults").json["faults"]}
    assert (told[first["id"]]["met"], told[first["id"]]["happened"], told[first["id"]]["spent"]) == (1, 1, True)
    assert (told[second["id"]]["met"], told[second["id"]]["happened"], told[second["id"]]["spent"]) == (3, 2, False)
    assert read(told[second["id"]]["spec"]) == read("503 after=1 path=/crm/v3/objects/contacts")
    left = ask("DELETE", f"/__sandbox__/faults/{second['id']}").json["faults"]
    assert [row["id"] for row in left] == [first["id"]]
    assert ask("DELETE", f"/__sandbox__/faults/{second['id']}").status == 400
    assert ask("DELETE", "/__sandbox__/faults").json == {"faults": []}
    assert statuses(client, times=1) == [200]


def test_a_reset_of_the_portal_ends_all_faults(ask: Caller, spoil: Callable[[str], Any]) -> None:
    spoil("500")
    assert ask("POST", "/__sandbox__/reset", {}).json["faults"] == []


def test_the_log_of_requests_tells_what_was_spoilt(
    ask: Caller, client: httpx.Client, spoil: Callable[[str], Any]
) -> None:
    spoil("lost method=POST times=1")
    spoil("reset method=GET times=1")
    for method in ("POST", "GET"):
        with pytest.raises(httpx.ReadError):
            client.request(method, CONTACTS, json=NEW)
    logged = [
        (row["method"], row["status"], row["fault"]) for row in ask("GET", "/__sandbox__/requests").json["requests"]
    ]
    assert ("POST", 201, "lost method=POST times=1") in logged
    assert ("GET", 0, "reset method=GET times=1") in logged


def test_refused_requests_do_not_count_towards_the_day(
    ask: Caller, client: httpx.Client, spoil: Callable[[str], Any]
) -> None:
    before = ask("GET", "/__sandbox__/state").json["requests_today"]
    spoil("429 times=3")
    statuses(client, times=4)
    assert ask("GET", "/__sandbox__/state").json["requests_today"] == before + 1


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "418",
        "502 path",
        "502 colour=red",
        "502 times=0",
        "502 times=often",
        "502 after=-1",
        "502 probability=0",
        "502 probability=1.1",
        "502 method=FETCH",
        "latency seconds=nan",
        "latency seconds=-1",
        "lost after_write=true",
        "502 after_write=maybe",
        "502 path='",
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(ask: Caller, spec: str) -> None:
    with pytest.raises(BadFault):
        read(spec)
    with pytest.raises(BadFault):
        Sandbox(faults=[spec])
    assert ask("POST", "/__sandbox__/faults", {"spec": spec}).status == 400
    assert ask("GET", "/__sandbox__/faults").json == {"faults": []}


@pytest.mark.parametrize("kind", Kind)
def test_a_fault_reads_back_as_it_is_written(kind: Kind) -> None:
    fault = read(f"{kind.value} path='/crm/v3/a b*' method=PUT times=3 after=1 probability=0.25 seed=9 seconds=2.5")
    assert read(str(fault)) == fault


def test_faults_may_be_on_from_the_start(serve: Callable[..., Caller]) -> None:
    ask = serve(faults=["503 times=1", "500 times=1"])
    assert [ask("GET", CONTACTS).status for _ in range(3)] == [503, 500, 200]
