"""The wider operations over bare HTTP, with the paths of 2026-09; where a path has no date, the last it had."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx

from tests.contract.sandbox.reach import FILE, IMPORT, ROWS, SCORE_MOVED, export


class RawReach:
    """Every answer is read as JSON; a refusal raises."""

    def __init__(self, base_url: str, token: str) -> None:
        self._http = httpx.Client(base_url=base_url, headers={"Authorization": f"Bearer {token}"}, trust_env=False)

    def _ask(self, method: str, path: str, body: object = None, **more: Any) -> Any:
        answer = self._http.request(method, path, json=body, **more)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def close(self) -> None:
        self._http.close()

    def merge(self, primary: str, other: str) -> str:
        body = {"primaryObjectId": primary, "objectIdToMerge": other}
        return self._ask("POST", "/crm/objects/2026-09/contacts/merge", body)["id"]

    def erase(self, key: str, by: str | None = None) -> None:
        body = {"objectId": key} | ({"idProperty": by} if by else {})
        self._ask("POST", "/crm/objects/2026-09/contacts/gdpr-delete", body)

    def history(self, contact_id: str, name: str) -> list[tuple[str, str]]:
        path = f"/crm/objects/2026-09/contacts/{contact_id}?propertiesWithHistory={name}"
        rows = self._ask("GET", path)["propertiesWithHistory"][name]
        return [(row["value"], row["sourceType"]) for row in rows]

    def archived(self) -> list[str]:
        return [row["id"] for row in self._ask("GET", "/crm/objects/2026-09/contacts?archived=true")["results"]]

    def make_folder(self, name: str) -> str:
        return self._ask("POST", "/crm/lists/2026-09/folders", {"name": name})["folder"]["id"]

    def rename_folder(self, folder_id: str, name: str) -> None:
        self._ask("PUT", f"/crm/lists/2026-09/folders/{folder_id}/rename?newFolderName={quote(name)}")

    def move_folder(self, folder_id: str, parent: str) -> None:
        self._ask("PUT", f"/crm/lists/2026-09/folders/{folder_id}/move/{parent}")

    def file_list(self, list_id: str, folder_id: str) -> None:
        self._ask("PUT", "/crm/lists/2026-09/folders/move-list", {"listId": list_id, "newFolderId": folder_id})

    def folder(self, folder_id: str) -> tuple[str, list[int], list[str]]:
        row = self._ask("GET", f"/crm/lists/2026-09/folders?folderId={folder_id}")["folder"]
        return row["name"], row["childLists"], [child["id"] for child in row["childNodes"]]

    def drop_folder(self, folder_id: str) -> None:
        self._ask("DELETE", f"/crm/lists/2026-09/folders/{folder_id}")

    def lists_of(self, contact_id: str) -> list[str]:
        body = {"inputs": [{"objectTypeId": "0-1", "recordId": contact_id}]}
        answer = self._ask("POST", "/crm/lists/2026-09/records/memberships/batch/read", body)
        return [row["listId"] for row in answer["results"][0]["recordListMemberships"]]

    def archive_properties(self, names: list[str]) -> None:
        body = {"inputs": [{"name": name} for name in names]}
        self._ask("POST", "/crm/properties/2026-09/contacts/batch/archive", body)

    def read_properties(self, names: list[str], *, archived: bool) -> set[str]:
        body = {"archived": archived, "inputs": [{"name": name} for name in names]}
        answer = self._ask("POST", "/crm/properties/2026-09/contacts/batch/read", body)
        return {row["name"] for row in answer["results"]}

    def clone_email(self, email_id: str, name: str) -> str:
        return self._ask("POST", "/marketing/emails/2026-09/clone", {"id": email_id, "cloneName": name})["id"]

    def aim_email(self, email_id: str, lists: dict[str, list[str]]) -> None:
        self._ask("PATCH", f"/marketing/emails/2026-09/{email_id}/draft", {"to": {"contactIlsLists": lists}})

    def audience(self, email_id: str) -> list[str]:
        return self._ask("GET", f"/marketing/emails/2026-09/{email_id}/draft")["to"]["contactIlsLists"]["include"]

    def publish_email(self, email_id: str) -> None:
        self._ask("POST", f"/marketing/emails/2026-09/{email_id}/publish")

    def opens_by_day(self, start: str, end: str) -> list[int]:
        path = "/marketing/emails/2026-09/statistics/histogram"
        found = self._ask("GET", f"{path}?interval=DAY&startTimestamp={start}&endTimestamp={end}")
        return [row["aggregations"]["counters"]["open"] for row in found["results"]]

    def campaigns(self) -> dict[str, str]:
        rows = self._ask("GET", "/marketing/campaigns/2026-09?properties=hs_name")["results"]
        return {row["properties"]["hs_name"]: row["id"] for row in rows}

    def campaign_emails(self, guid: str) -> list[str]:
        answer = self._ask("POST", "/marketing/campaigns/2026-09/batch/read", {"inputs": [{"id": guid}]})
        return [row["id"] for row in answer["results"][0]["assets"]["MARKETING_EMAIL"]["results"]]

    def start_import(self) -> str:
        parts = {"importRequest": (None, IMPORT), "files": (FILE, ROWS, "text/csv")}
        return self._ask("POST", "/crm/imports/2026-09", files=parts)["id"]

    def import_state(self, import_id: str) -> tuple[str, dict[str, int]]:
        row = self._ask("GET", f"/crm/imports/2026-09/{import_id}")
        return row["state"], row["metadata"]["counters"]

    def import_failures(self, import_id: str) -> list[str]:
        return [row["errorType"] for row in self._ask("GET", f"/crm/imports/2026-09/{import_id}/errors")["results"]]

    def start_export(self, list_id: str) -> str:
        return self._ask("POST", "/crm/exports/2026-09/export/async", export(list_id))["id"]

    def export_state(self, task_id: str) -> tuple[str, str | None]:
        row = self._ask("GET", f"/crm/exports/2026-09/export/async/tasks/{task_id}/status")
        return row["status"], row.get("result")

    def define_event(self) -> str:
        return self._ask("POST", "/events/custom/2026-09/event-definitions", SCORE_MOVED)["fullyQualifiedName"]

    def send_event(self, event: dict[str, Any]) -> None:
        self._ask("POST", "/events/custom/2026-09/send", event)

    def send_events(self, events: list[dict[str, Any]]) -> None:
        self._ask("POST", "/events/custom/2026-09/send/batch", {"inputs": events})

    def happened(self, contact_id: str) -> list[dict[str, str]]:
        path = f"/events/event-occurrences/2026-09?objectType=contact&objectId={contact_id}"
        return [row["properties"] for row in self._ask("GET", path)["results"]]

    def subscriptions(self) -> dict[str, str]:
        rows = self._ask("GET", "/communication-preferences/2026-09/definitions")["results"]
        return {row["name"]: row["id"] for row in rows}

    def set_subscription(self, address: str, number: str, state: str) -> None:
        body = {"subscriptionId": int(number), "statusState": state, "channel": "EMAIL"}
        self._ask("POST", f"/communication-preferences/2026-09/statuses/{quote(address)}", body)

    def subscribed(self, address: str) -> dict[str, bool]:
        answer = self._ask("GET", f"/communication-preferences/2026-09/statuses/{quote(address)}?channel=EMAIL")
        return {row["subscriptionName"]: row["status"] != "UNSUBSCRIBED" for row in answer["results"]}

    def own_properties(self) -> int:
        return self._ask("GET", "/crm/limits/2026-09/custom-properties")["overallUsage"]
