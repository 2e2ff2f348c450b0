"""What people said about each kind of e-mail, at every version of the paths."""

from __future__ import annotations

import datetime as dt

import httpx
import pytest

from hubsync.portal.errors import Garbled
from hubsync.portal.subscriptions import Subscriptions


def test_nobody_who_said_nothing_is_taken_to_want_it_or_not(portal) -> None:
    assert {one.wanted for one in Subscriptions(portal).of("bo@example.com")} == {None}


def test_somebody_who_opted_out_is_known_by_any_spelling_of_the_address(portal, sandbox) -> None:
    httpx.post(
        f"{sandbox.base_url}/communication-preferences/v4/statuses/ana@example.com/unsubscribe-all?channel=EMAIL",
        headers={"Authorization": f"Bearer {sandbox.token}"},
    ).raise_for_status()
    found = Subscriptions(portal).of(" Ana@Example.com")
    assert [one.wanted for one in found] == [False] * len(found)
    assert found
    assert all(one.id and one.name and one.source and one.changed_at for one in found)


def test_what_hubspot_leaves_out_stays_unknown(hubspot, gateway) -> None:
    rows = [{"subscriptionId": 5, "status": "SUBSCRIBED", "timestamp": 0}, {"subscriptionId": 6, "status": "LATER"}]
    hubspot.replies = [hubspot.answer(200, {"results": rows})]
    found = Subscriptions(gateway).of("a@example.com")
    assert [(one.id, one.wanted) for one in found] == [("5", True), ("6", None)]
    assert [one.changed_at for one in found] == [dt.datetime(1970, 1, 1, tzinfo=dt.UTC), None]
    hubspot.replies = [hubspot.answer(200, {"results": [{"status": "SUBSCRIBED"}]})]
    with pytest.raises(Garbled, match="subscriptionId"):
        Subscriptions(gateway).of("a@example.com")
