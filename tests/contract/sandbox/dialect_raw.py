"""The operations of the suite over bare HTTP with the paths of one version."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx


class Raw:
    """Paths as the documentation of the dated version 2026-09 gives them."""

    def __init__(self, base_url: str, token: str) -> None:
        self._http = httpx.Client(base_url=base_url, headers={"Authorization": f"Bearer {token}"}, trust_env=False)

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        answer = self._http.request(method, path, json=body) if body is not None else self._http.request(method, path)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def close(self) -> None:
        self._http.close()

    def portal_id(self) -> int:
        return self._ask("GET", "/account-info/2026-09/details")["portalId"]

    def used_today(self) -> int:
        usage = self._ask("GET", "/account-info/2026-09/api-usage/daily/private-apps")
        return usage["results"][0]["currentUsage"]

    def owner_addresses(self) -> list[str]:
        return [row["email"] for row in self._ask("GET", "/crm/owners/2026-09?limit=10")["results"]]

    def make_group(self, name: str) -> str:
        return self._ask("POST", "/crm/properties/2026-09/contacts/groups", {"name": name, "label": name})["name"]

    def group_names(self) -> set[str]:
        return {row["name"] for row in self._ask("GET", "/crm/properties/2026-09/contacts/groups")["results"]}

    def make_property(self, definition: dict[str, Any]) -> str:
        return self._ask("POST", "/crm/properties/2026-09/contacts", definition)["name"]

    def make_properties(self, definitions: list[dict[str, Any]]) -> set[str]:
        made = self._ask("POST", "/crm/properties/2026-09/contacts/batch/create", {"inputs": definitions})
        return {row["name"] for row in made["results"]}

    def property_options(self, name: str) -> list[str]:
        return [row["value"] for row in self._ask("GET", f"/crm/properties/2026-09/contacts/{name}")["options"]]

    def set_options(self, name: str, options: list[dict[str, Any]]) -> None:
        self._ask("PATCH", f"/crm/properties/2026-09/contacts/{name}", {"options": options})

    def property_names(self) -> set[str]:
        return {row["name"] for row in self._ask("GET", "/crm/properties/2026-09/contacts")["results"]}

    def drop_property(self, name: str) -> None:
        self._ask("DELETE", f"/crm/properties/2026-09/contacts/{name}")

    def create_one(self, properties: dict[str, str]) -> str:
        return self._ask("POST", "/crm/objects/2026-09/contacts", {"properties": properties})["id"]

    def get_one(self, key: str, by: str, names: list[str]) -> dict[str, str]:
        path = f"/crm/objects/2026-09/contacts/{quote(key)}?idProperty={by}&properties={','.join(names)}"
        return self._ask("GET", path)["properties"]

    def change_one(self, contact_id: str, properties: dict[str, str]) -> None:
        self._ask("PATCH", f"/crm/objects/2026-09/contacts/{contact_id}", {"properties": properties})

    def archive_one(self, contact_id: str) -> None:
        self._ask("DELETE", f"/crm/objects/2026-09/contacts/{contact_id}")

    def page_ids(self, limit: int) -> list[str]:
        found: list[str] = []
        path = f"/crm/objects/2026-09/contacts?limit={limit}&properties=email"
        while path:
            page = self._ask("GET", path)
            found += [row["id"] for row in page["results"]]
            path = page.get("paging", {}).get("next", {}).get("link", "")
        return found

    def create(self, rows: list[dict[str, Any]]) -> set[str]:
        return self._batch("create", rows)

    def update(self, rows: list[dict[str, Any]]) -> set[str]:
        return self._batch("update", rows)

    def upsert(self, rows: list[dict[str, Any]]) -> dict[str, bool]:
        answer = self._ask("POST", "/crm/objects/2026-09/contacts/batch/upsert", {"inputs": rows})
        return {row["properties"]["email"]: row["new"] for row in answer["results"]}

    def read(self, addresses: list[str], names: list[str]) -> dict[str, dict[str, str]]:
        body = {"idProperty": "email", "properties": names, "inputs": [{"id": key} for key in addresses]}
        answer = self._ask("POST", "/crm/objects/2026-09/contacts/batch/read", body)
        return {row["id"]: row["properties"] for row in answer["results"]}

    def archive(self, ids: list[str]) -> None:
        body = {"inputs": [{"id": key} for key in ids]}
        self._ask("POST", "/crm/objects/2026-09/contacts/batch/archive", body)

    def _batch(self, kind: str, rows: list[dict[str, Any]]) -> set[str]:
        answer = self._ask("POST", f"/crm/objects/2026-09/contacts/batch/{kind}", {"inputs": rows})
        return {row["id"] for row in answer["results"]}

    def search(self, query: dict[str, Any]) -> list[str]:
        return [row["id"] for row in self._ask("POST", "/crm/objects/2026-09/contacts/search", query)["results"]]

    def make_list(self, name: str, processing: str, branch: dict[str, Any] | None = None) -> str:
        body = {"name": name, "objectTypeId": "0-1", "processingType": processing}
        body |= {"filterBranch": branch} if branch else {}
        return self._ask("POST", "/crm/lists/2026-09/", body)["list"]["listId"]

    def list_named(self, name: str) -> str:
        return self._ask("GET", f"/crm/lists/2026-09/object-type-id/0-1/name/{quote(name, safe='')}")["list"]["listId"]

    def list_size(self, list_id: str) -> int:
        return self._ask("GET", f"/crm/lists/2026-09/{list_id}")["list"]["size"]

    def find_lists(self, query: str) -> dict[str, str]:
        answer = self._ask("POST", "/crm/lists/2026-09/search", {"query": query, "offset": 0, "count": 20})
        return {row["name"]: row["additionalProperties"]["hs_list_size"] for row in answer["lists"]}

    def rename_list(self, list_id: str, name: str) -> str:
        path = f"/crm/lists/2026-09/{list_id}/update-list-name?listName={quote(name)}"
        return self._ask("PUT", path)["updatedList"]["name"]

    def refilter(self, list_id: str, branch: dict[str, Any]) -> None:
        self._ask("PUT", f"/crm/lists/2026-09/{list_id}/update-list-filters", {"filterBranch": branch})

    def delete_list(self, list_id: str) -> None:
        self._ask("DELETE", f"/crm/lists/2026-09/{list_id}")

    def restore_list(self, list_id: str) -> None:
        self._ask("PUT", f"/crm/lists/2026-09/{list_id}/restore")

    def members(self, list_id: str, limit: int, order: str = "") -> list[str]:
        found: list[str] = []
        path = f"/crm/lists/2026-09/{list_id}/memberships{order}?limit={limit}"
        while path:
            page = self._ask("GET", path)
            found += [row["recordId"] for row in page["results"]]
            path = page.get("paging", {}).get("next", {}).get("link", "")
        return found

    def members_by_joining(self, list_id: str, limit: int) -> list[str]:
        return self.members(list_id, limit, "/join-order")

    def change_members(self, list_id: str, add: list[str], remove: list[str]) -> tuple[set[str], set[str], set[str]]:
        body = {"recordIdsToAdd": add, "recordIdsToRemove": remove}
        return parts(self._ask("PUT", f"/crm/lists/2026-09/{list_id}/memberships/add-and-remove", body))

    def empty_list(self, list_id: str) -> None:
        self._ask("DELETE", f"/crm/lists/2026-09/{list_id}/memberships")

    def published(self) -> dict[str, int]:
        answer = self._ask("GET", "/marketing/emails/2026-09?includeStats=true&isPublished=true&limit=10")
        return {row["name"]: row["stats"]["counters"]["sent"] for row in answer["results"]}

    def statistics(self, start: str, end: str) -> dict[str, int]:
        path = f"/marketing/emails/2026-09/statistics/list?startTimestamp={quote(start)}&endTimestamp={quote(end)}"
        return self._ask("GET", path)["aggregate"]["counters"]

    def opted_out(self, address: str) -> bool:
        answer = self._ask("GET", f"/communication-preferences/2026-09/statuses/{quote(address)}?channel=EMAIL")
        return answer["results"][0]["status"] == "UNSUBSCRIBED"


def parts(answer: dict[str, list[str]]) -> tuple[set[str], set[str], set[str]]:
    """Empty parts are left out of the answer."""
    return (
        set(answer.get("recordsIdsAdded", [])),
        set(answer.get("recordIdsRemoved", [])),
        set(answer.get("recordIdsMissing", [])),
    )
