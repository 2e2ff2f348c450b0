"""The wider operations with HubSpot's generated client (hubspot-api-client), which speaks v3.

It has no calls for campaigns, event definitions, limits and the lists of many contacts: those are asked for bare.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hubspot import HubSpot

from tests.contract.sandbox.reach import FILE, IMPORT, ROWS, SCORE_MOVED, export


class TypedReach:
    """Plain dictionaries go in."""

    def __init__(self, base_url: str, token: str) -> None:
        # Without `base_url` the client's raw calls would go to the real HubSpot.
        self._hubspot = HubSpot(access_token=token, host=base_url, base_url=base_url)

    def close(self) -> None:
        pass

    def _raw(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._hubspot.api_request({"method": method, "path": path, "body": body})
        assert answer.ok, answer.text
        return answer.json()

    def merge(self, primary: str, other: str) -> str:
        body = {"primaryObjectId": primary, "objectIdToMerge": other}
        return self._hubspot.crm.contacts.basic_api.merge(body).id

    def erase(self, key: str, by: str | None = None) -> None:
        self._hubspot.crm.contacts.basic_api.purge({"objectId": key} | ({"idProperty": by} if by else {}))

    def history(self, contact_id: str, name: str) -> list[tuple[str, str]]:
        api = self._hubspot.crm.contacts.basic_api
        found = api.get_by_id(contact_id, properties_with_history=[name])
        return [(row.value, row.source_type) for row in found.properties_with_history[name]]

    def archived(self) -> list[str]:
        return [row.id for row in self._hubspot.crm.contacts.basic_api.get_page(archived=True).results]

    def make_folder(self, name: str) -> str:
        return self._hubspot.crm.lists.folders_api.create({"name": name}).folder.id

    def rename_folder(self, folder_id: str, name: str) -> None:
        self._hubspot.crm.lists.folders_api.rename(folder_id, new_folder_name=name)

    def move_folder(self, folder_id: str, parent: str) -> None:
        self._hubspot.crm.lists.folders_api.move(folder_id, parent)

    def file_list(self, list_id: str, folder_id: str) -> None:
        self._hubspot.crm.lists.folders_api.move_list({"listId": list_id, "newFolderId": folder_id})

    def folder(self, folder_id: str) -> tuple[str, list[int], list[str]]:
        row = self._hubspot.crm.lists.folders_api.get_all(folder_id=folder_id).folder
        return row.name, row.child_lists, [child.id for child in row.child_nodes]

    def drop_folder(self, folder_id: str) -> None:
        self._hubspot.crm.lists.folders_api.remove(folder_id)

    def lists_of(self, contact_id: str) -> list[str]:
        found = self._hubspot.crm.lists.memberships_api.get_lists("0-1", contact_id)
        return [row.list_id for row in found.results]

    def archive_properties(self, names: list[str]) -> None:
        self._hubspot.crm.properties.batch_api.archive("contacts", {"inputs": [{"name": name} for name in names]})

    def read_properties(self, names: list[str], *, archived: bool) -> set[str]:
        body = {"archived": archived, "inputs": [{"name": name} for name in names]}
        return {row.name for row in self._hubspot.crm.properties.batch_api.read("contacts", body).results}

    def clone_email(self, email_id: str, name: str) -> str:
        api = self._hubspot.marketing.emails.marketing_emails_api
        return api.clone({"id": email_id, "cloneName": name}).id

    def aim_email(self, email_id: str, lists: dict[str, list[str]]) -> None:
        api = self._hubspot.marketing.emails.marketing_emails_api
        api.upsert_draft(email_id, {"to": {"contactIlsLists": lists}})

    def audience(self, email_id: str) -> list[str]:
        draft = self._hubspot.marketing.emails.marketing_emails_api.get_draft(email_id)
        return draft.to.contact_ils_lists.include

    def publish_email(self, email_id: str) -> None:
        self._hubspot.marketing.emails.marketing_emails_api.publish_or_send(email_id)

    def opens_by_day(self, start: str, end: str) -> list[int]:
        api = self._hubspot.marketing.emails.statistics_api
        found = api.get_histogram(interval="DAY", start_timestamp=start, end_timestamp=end)
        return [row.aggregations.counters["open"] for row in found.results]

    def campaigns(self) -> dict[str, str]:
        rows = self._raw("GET", "/marketing/v3/campaigns?properties=hs_name")["results"]
        return {row["properties"]["hs_name"]: row["id"] for row in rows}

    def campaign_emails(self, guid: str) -> list[str]:
        answer = self._raw("POST", "/marketing/v3/campaigns/batch/read", {"inputs": [{"id": guid}]})
        return [row["id"] for row in answer["results"][0]["assets"]["MARKETING_EMAIL"]["results"]]

    def start_import(self) -> str:
        # The client takes files by their path only.
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / FILE
            path.write_text(ROWS, encoding="utf-8")
            return self._hubspot.crm.imports.core_api.create(files=str(path), import_request=IMPORT).id

    def import_state(self, import_id: str) -> tuple[str, dict[str, int]]:
        row = self._hubspot.crm.imports.core_api.get_by_id(import_id)
        return row.state, row.metadata.counters

    def import_failures(self, import_id: str) -> list[str]:
        found = self._hubspot.crm.imports.public_imports_api.get_errors(import_id)
        return [row.error_type for row in found.results]

    def start_export(self, list_id: str) -> str:
        return self._hubspot.crm.exports.public_exports_api.start(export(list_id)).id

    def export_state(self, task_id: str) -> tuple[str, str | None]:
        row = self._hubspot.crm.exports.public_exports_api.get_status(task_id)
        return row.status, row.result

    def define_event(self) -> str:
        return self._raw("POST", "/events/v3/event-definitions", SCORE_MOVED)["fullyQualifiedName"]

    def send_event(self, event: dict[str, Any]) -> None:
        self._hubspot.events.send.basic_api.send(event)

    def send_events(self, events: list[dict[str, Any]]) -> None:
        self._hubspot.events.send.batch_api.send({"inputs": events})

    def happened(self, contact_id: str) -> list[dict[str, str]]:
        page = self._hubspot.events.events_api.get_page(object_type="contact", object_id=int(contact_id))
        return [row.properties for row in page.results]

    def subscriptions(self) -> dict[str, str]:
        rows = self._hubspot.communication_preferences.definition_api.get_page().subscription_definitions
        return {row.name: row.id for row in rows}

    def set_subscription(self, address: str, number: str, state: str) -> None:
        api = self._hubspot.communication_preferences.status_api
        change = api.subscribe if state == "SUBSCRIBED" else api.unsubscribe
        change({"emailAddress": address, "subscriptionId": number})

    def subscribed(self, address: str) -> dict[str, bool]:
        answer = self._hubspot.communication_preferences.status_api.get_email_status(address)
        return {row.name: row.status == "SUBSCRIBED" for row in answer.subscription_statuses}

    def own_properties(self) -> int:
        return self._raw("GET", "/crm/v3/limits/custom-properties")["overallUsage"]
