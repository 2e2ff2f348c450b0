"""What a sandbox holds, read with plain HTTP: what other clients must find."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Contacts by id with every value, lists by id with name, and memberships as (list id, contact id)."""

    contacts: dict[str, Json]
    lists: dict[str, str]
    memberships: set[tuple[str, str]]


def held(base_url: str, token: str) -> Truth:
    """Return what the sandbox at `base_url` holds, checked against its own count."""
    with httpx.Client(base_url=base_url, headers={"Authorization": f"Bearer {token}"}) as client:
        names = [row["name"] for row in _get(client, "/crm/v3/properties/contacts")["results"]]
        contacts: dict[str, Json] = {row["id"]: {} for row in _pages(client, "/crm/v3/objects/contacts", limit="100")}
        ids = list(contacts)
        for start in range(0, len(ids), 100):
            body = {"inputs": [{"id": one} for one in ids[start : start + 100]], "properties": names}
            answer = client.post("/crm/v3/objects/contacts/batch/read", json=body).raise_for_status().json()
            contacts |= {row["id"]: row["properties"] for row in answer["results"]}
        found = client.post("/crm/v3/lists/search", json={"count": 500, "offset": 0}).raise_for_status().json()
        lists = {row["listId"]: row["name"] for row in found["lists"]}
        memberships = {
            (list_id, row["recordId"])
            for list_id in lists
            for row in _pages(client, f"/crm/v3/lists/{list_id}/memberships", limit="250")
        }
        state = _get(client, "/__sandbox__/state")
    assert state["contacts"] == len(contacts), "every contact was read"
    assert {row["id"]: row["size"] for row in state["lists"]} == {
        one: sum(list_id == one for list_id, _ in memberships) for one in lists
    }, "every list and membership was read"
    return Truth(contacts=contacts, lists=lists, memberships=memberships)


def _get(client: httpx.Client, path: str, **query: str) -> Json:
    found: Json = client.get(path, params=query).raise_for_status().json()
    return found


def _pages(client: httpx.Client, path: str, **query: str) -> Iterator[Json]:
    while True:
        answer = _get(client, path, **query)
        yield from answer["results"]
        following = answer.get("paging", {}).get("next")
        if following is None:
            return
        query["after"] = following["after"]
