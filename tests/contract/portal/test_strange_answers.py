"""Whatever an answer of success holds, it is taken in, or it is an error of ours: never a crash, never a guess."""

from __future__ import annotations

import copy
import datetime as dt
import itertools
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from hubsync.core.field import CUSTOMER_ID
from hubsync.portal.account import details, token_info, usage
from hubsync.portal.changes import changed_since
from hubsync.portal.contacts import Contacts
from hubsync.portal.emails import Emails
from hubsync.portal.errors import Conflict, Garbled, Unclear
from hubsync.portal.flows import Flows
from hubsync.portal.folders import Folders
from hubsync.portal.gateway import Gateway
from hubsync.portal.lists import Lists
from hubsync.portal.pace import Pacer
from hubsync.portal.properties import Properties
from hubsync.portal.subscriptions import Subscriptions

RECORD = {
    "id": "1",
    "properties": {"email": "a@example.com", "lastmodifieddate": "2026-11-23T12:00:00.000Z", "firstname": None},
    "createdAt": "2026-11-23T12:00:00.000Z",
    "updatedAt": "2026-11-23T12:00:00.000Z",
    "archived": False,
}
FAULT = {"category": "CONFLICT", "message": "m", "context": {"objectWriteTraceId": ["2"], "existingId": ["5"]}}
LIST = {"listId": "7", "name": "n", "processingType": "MANUAL", "objectTypeId": "0-1", "size": 3}
PROPERTY = {
    "name": CUSTOMER_ID.name,
    "type": "string",
    "fieldType": "text",
    "hasUniqueValue": True,
    "options": [{"value": "a", "label": "A"}],
    "modificationMetadata": {"readOnlyValue": False},
}
EMAIL = {"id": "5", "name": "n", "stats": {"counters": {"sent": 3}}, "to": {"contactIlsLists": {"include": ["7"]}}}
FLOW = {
    "id": "3",
    "name": "n",
    "isEnabled": True,
    "objectTypeId": "0-1",
    "actions": [],
    "enrollmentCriteria": {
        "type": "LIST_BASED",
        "listFilterBranch": {
            "filters": [{"filterType": "PROPERTY", "property": "hs_name", "operation": {"value": "x"}}]
        },
    },
}
FOLDER = {"id": "1", "name": "b", "parentFolderId": "0", "childLists": [3], "childNodes": []}
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)

#: What is called, and a sound answer to it.
CALLS: dict[str, tuple[Callable[[Gateway], object], dict[str, Any]]] = {
    "read": (lambda gateway: Contacts(gateway).read(["1"]), {"results": [RECORD], "errors": [FAULT]}),
    "resolve": (lambda gateway: Contacts(gateway).resolve(["a@example.com"]), {"results": [RECORD]}),
    "update": (
        lambda gateway: Contacts(gateway).update([("1", "1", {"x": "y"}), ("2", "2", {"x": "y"})]),
        {"results": [RECORD], "errors": [FAULT], "numErrors": 1},
    ),
    "create": (
        lambda gateway: Contacts(gateway).create([("1", {"email": "a@example.com"}), ("2", {"email": "b@e.com"})]),
        {"results": [RECORD], "errors": [FAULT]},
    ),
    "all": (lambda gateway: list(Contacts(gateway).all()), {"results": [RECORD]}),
    "changes": (lambda gateway: list(changed_since(gateway, LONG_AGO)), {"total": 1, "results": [RECORD]}),
    "list": (lambda gateway: Lists(gateway).get("7"), {"list": LIST}),
    "lists": (lambda gateway: list(Lists(gateway).search()), {"lists": [LIST], "hasMore": False, "offset": 1}),
    "members": (lambda gateway: list(Lists(gateway).members("7")), {"results": [{"recordId": "1"}]}),
    "membership": (
        lambda gateway: Lists(gateway).add_and_remove("7", ["1"], ["2"]),
        {"recordsIdsAdded": ["1"], "recordIdsRemoved": ["2"], "recordIdsMissing": ["3"]},
    ),
    "properties": (lambda gateway: Properties(gateway).all(), {"results": [PROPERTY]}),
    "property": (lambda gateway: Properties(gateway).ensure(CUSTOMER_ID), PROPERTY),
    "emails": (lambda gateway: list(Emails(gateway).all()), {"results": [EMAIL]}),
    "flow": (lambda gateway: Flows(gateway).get("3"), FLOW),
    "flows": (lambda gateway: list(Flows(gateway).all()), {"results": [FLOW]} | FLOW),
    "draft": (lambda gateway: Flows(gateway).create_draft("n", list_id="7"), FLOW),
    "workflow ids": (
        lambda gateway: Flows(gateway).workflow_ids(["1"]),
        {"results": [{"flowId": 1, "workflowId": 2}]},
    ),
    "folders": (
        lambda gateway: Folders(gateway).all(),
        {"folder": {"id": "0", "childNodes": [FOLDER | {"childNodes": [FOLDER]}], "childLists": []}},
    ),
    "subscriptions": (
        lambda gateway: Subscriptions(gateway).of("a@example.com"),
        {
            "results": [
                {"subscriptionId": 5, "subscriptionName": "n", "status": "SUBSCRIBED", "timestamp": "2026-11-23"}
            ]
        },
    ),
    "details": (details, {"portalId": 1, "timeZone": "US/Eastern", "accountType": "STANDARD"}),
    "token": (lambda gateway: token_info(gateway, "t"), {"hubId": 1, "scopes": ["a"]}),
    "usage": (usage, {"results": [{"usageLimit": 5, "currentUsage": 1, "resetsAt": "2026-11-24T05:00:00Z"}]}),
}
ODD: tuple[object, ...] = (None, 0, -1, 1e300, "", "x", "9" * 400, True, [], {}, [None], [[]], {"id": {}}, ["a", 1])


def mutated(sound: dict[str, Any], dice: random.Random) -> Any:
    """Return the answer with some of its parts left out, replaced by something odd, or doubled."""
    answer: Any = copy.deepcopy(sound)
    for _ in range(dice.randint(1, 3)):
        place: Any = answer
        while isinstance(place, dict | list) and place:
            key = dice.choice(list(place) if isinstance(place, dict) else list(range(len(place))))
            if isinstance(place[key], dict | list) and place[key] and dice.random() < 0.7:
                place = place[key]
                continue
            if isinstance(place, dict) and dice.random() < 0.3:
                del place[key]
            elif isinstance(place, list) and dice.random() < 0.3:
                place.append(copy.deepcopy(place[key]))
            else:
                place[key] = copy.deepcopy(dice.choice(ODD))
            break
    return answer


def test_sound_answers_are_taken_in(hubspot, gateway) -> None:
    for call, sound in CALLS.values():
        hubspot.replies = [hubspot.answer(200, sound)]
        call(gateway)


@pytest.mark.parametrize("name", CALLS)
def test_answers_that_are_not_sound_are_errors_of_ours_at_worst(hubspot, name: str) -> None:
    seconds = itertools.count()  # time flies, so that nothing here waits for the pace
    pacer = Pacer(file=None, portal_id="1", clock=lambda: LONG_AGO + dt.timedelta(seconds=next(seconds)))
    gateway = Gateway(base_url=hubspot.base_url, token="pat-na1-x", pacer=pacer)
    call, sound = CALLS[name]
    dice = random.Random(name)  # noqa: S311 - the same every time
    for _ in range(80):
        hubspot.replies = [hubspot.answer(200, mutated(sound, dice))]
        with suppress(Garbled, Unclear, Conflict):
            call(gateway)
    assert len(hubspot.asked) >= 80


def test_a_page_that_has_itself_for_the_next_does_not_go_on_for_ever(hubspot, gateway) -> None:
    hubspot.replies = [hubspot.answer(200, {"results": [RECORD], "paging": {"next": {"after": "5"}}})]
    with pytest.raises(Garbled, match="itself"):
        list(Contacts(gateway).all())
    assert len(hubspot.asked) == 2


@pytest.mark.parametrize("name", ["read", "all", "lists", "members", "properties", "emails"])
@pytest.mark.parametrize("answer", [{}, {"results": None}, {"results": {}}, {"results": [1]}, {"lists": "x"}])
def test_an_answer_without_its_rows_is_not_taken_for_an_empty_one(hubspot, gateway, name: str, answer: object) -> None:
    hubspot.replies = [hubspot.answer(200, answer)]
    with pytest.raises(Garbled):
        CALLS[name][0](gateway)
