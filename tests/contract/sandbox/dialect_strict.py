"""The operations of the suite with HubSpot's newer client (hubspot-sdk), which speaks 2026-03 and checks every answer.

Where real answers do not fit the client's own models the raw answer is read: HubSpot leaves empty parts out of a
membership change, and sends `additionalProperties` where the client expects another name.
"""

from __future__ import annotations

from typing import Any

from hubspot_sdk import HubSpot

from tests.contract.sandbox.dialect_raw import parts


class Strict:
    """Every model is validated; nothing is retried."""

    def __init__(self, base_url: str, token: str) -> None:
        self._hubspot = HubSpot(access_token=token, base_url=base_url, max_retries=0, _strict_response_validation=True)

    def close(self) -> None:
        self._hubspot.close()

    def portal_id(self) -> int:
        return self._hubspot.account.get().portal_id

    def used_today(self) -> int:
        return self._hubspot.account.get_daily_private_apps_usage().results[0].current_usage

    def owner_addresses(self) -> list[str]:
        return [row.email or "" for row in self._hubspot.crm.owners.list()]

    def make_group(self, name: str) -> str:
        return self._hubspot.crm.properties.groups.create("contacts", name=name, label=name).name

    def group_names(self) -> set[str]:
        return {row.name for row in self._hubspot.crm.properties.groups.list("contacts").results}

    def make_property(self, definition: dict[str, Any]) -> str:
        return self._hubspot.crm.properties.create("contacts", **_snake(definition)).name

    def make_properties(self, definitions: list[dict[str, Any]]) -> set[str]:
        made = self._hubspot.crm.properties.batch.create("contacts", inputs=[_snake(row) for row in definitions])
        return {row.name for row in made.results}

    def property_options(self, name: str) -> list[str]:
        return [row.value for row in self._hubspot.crm.properties.get(name, object_type="contacts").options]

    def set_options(self, name: str, options: list[dict[str, Any]]) -> None:
        rows = [_snake({"hidden": False, **row}) for row in options]
        self._hubspot.crm.properties.update(name, object_type="contacts", options=rows)

    def property_names(self) -> set[str]:
        return {row.name for row in self._hubspot.crm.properties.list("contacts").results}

    def drop_property(self, name: str) -> None:
        self._hubspot.crm.properties.delete(name, object_type="contacts")

    def create_one(self, properties: dict[str, str]) -> str:
        return self._hubspot.crm.objects.contacts.create(properties=properties, associations=[]).id

    def get_one(self, key: str, by: str, names: list[str]) -> dict[str, str]:
        return self._hubspot.crm.objects.contacts.get(key, id_property=by, properties=names).properties

    def change_one(self, contact_id: str, properties: dict[str, str]) -> None:
        self._hubspot.crm.objects.contacts.update(contact_id, properties=properties)

    def archive_one(self, contact_id: str) -> None:
        self._hubspot.crm.objects.contacts.delete(contact_id)

    def page_ids(self, limit: int) -> list[str]:
        return [row.id for row in self._hubspot.crm.objects.contacts.list(limit=limit, properties=["email"])]

    def create(self, rows: list[dict[str, Any]]) -> set[str]:
        made = self._hubspot.crm.objects.contacts.batch.create(
            inputs=[{"associations": [], **_row(row)} for row in rows]
        )
        return {row.id for row in made.results}

    def update(self, rows: list[dict[str, Any]]) -> set[str]:
        changed = self._hubspot.crm.objects.contacts.batch.update(inputs=[_row(row) for row in rows])
        return {row.id for row in changed.results}

    def upsert(self, rows: list[dict[str, Any]]) -> dict[str, bool]:
        answer = self._hubspot.crm.objects.contacts.batch.upsert(inputs=[_row(row) for row in rows])
        return {row.properties["email"]: row.new for row in answer.results}

    def read(self, addresses: list[str], names: list[str]) -> dict[str, dict[str, str]]:
        answer = self._hubspot.crm.objects.contacts.batch.get(
            id_property="email", inputs=[{"id": key} for key in addresses], properties=names, properties_with_history=[]
        )
        return {row.id: row.properties for row in answer.results}

    def archive(self, ids: list[str]) -> None:
        self._hubspot.crm.objects.contacts.batch.delete(inputs=[{"id": key} for key in ids])

    def search(self, query: dict[str, Any]) -> list[str]:
        answer = self._hubspot.crm.objects.contacts.search(
            filter_groups=query["filterGroups"],
            limit=query.get("limit", 10),
            after=query.get("after", "0"),
            properties=query.get("properties", ["email"]),
            sorts=query.get("sorts", []),
        )
        return [row.id for row in answer.results]

    def make_list(self, name: str, processing: str, branch: dict[str, Any] | None = None) -> str:
        more = {"filter_branch": branch} if branch else {}
        made = self._hubspot.crm.lists.create(name=name, object_type_id="0-1", processing_type=processing, **more)
        return made.list.list_id

    def list_named(self, name: str) -> str:
        return self._hubspot.crm.lists.get_by_object_type_and_name(name, object_type_id="0-1").list.list_id

    def list_size(self, list_id: str) -> int:
        return self._hubspot.crm.lists.get(list_id).list.size or 0

    def find_lists(self, query: str) -> dict[str, str]:
        asked = {"query": query, "offset": 0, "count": 20, "list_ids": [], "processing_types": []}
        self._hubspot.crm.lists.list_by_search(**asked)
        answer = self._hubspot.crm.lists.with_raw_response.list_by_search(**asked).http_response.json()
        return {row["name"]: row["additionalProperties"]["hs_list_size"] for row in answer["lists"]}

    def rename_list(self, list_id: str, name: str) -> str:
        changed = self._hubspot.crm.lists.update_list_name(list_id, list_name=name).updated_list
        assert changed is not None
        return changed.name

    def refilter(self, list_id: str, branch: dict[str, Any]) -> None:
        self._hubspot.crm.lists.update_list_filters(list_id, filter_branch=branch)

    def delete_list(self, list_id: str) -> None:
        self._hubspot.crm.lists.delete(list_id)

    def restore_list(self, list_id: str) -> None:
        self._hubspot.crm.lists.restore(list_id)

    def members(self, list_id: str, limit: int) -> list[str]:
        return [row.record_id for row in self._hubspot.crm.lists.list_memberships(list_id, limit=limit)]

    def members_by_joining(self, list_id: str, limit: int) -> list[str]:
        return [row.record_id for row in self._hubspot.crm.lists.get_memberships_join_order(list_id, limit=limit)]

    def change_members(self, list_id: str, add: list[str], remove: list[str]) -> tuple[set[str], set[str], set[str]]:
        answer = self._hubspot.crm.lists.with_raw_response.add_and_remove_memberships(
            list_id, record_ids_to_add=add, record_ids_to_remove=remove
        )
        return parts(answer.http_response.json())

    def empty_list(self, list_id: str) -> None:
        self._hubspot.crm.lists.delete_memberships(list_id)

    def published(self) -> dict[str, int]:
        page = self._hubspot.marketing.emails.list(include_stats=True, is_published=True, limit=10)
        return {row.name or "": row.stats.counters["sent"] for row in page if row.stats is not None}

    def statistics(self, start: str, end: str) -> dict[str, int]:
        found = self._hubspot.marketing.emails.get(start_timestamp=start, end_timestamp=end)
        return found.aggregate.counters

    def opted_out(self, address: str) -> bool:
        answer = self._hubspot.communication_preferences.get_statuses(address, channel="EMAIL")
        return answer.results[0].status == "UNSUBSCRIBED"


def _snake(row: dict[str, Any]) -> dict[str, Any]:
    names = {"fieldType": "field_type", "groupName": "group_name", "displayOrder": "display_order"}
    return {names.get(key, key): value for key, value in row.items()}


def _row(row: dict[str, Any]) -> dict[str, Any]:
    names = {"idProperty": "id_property", "objectWriteTraceId": "object_write_trace_id"}
    return {names.get(key, key): value for key, value in row.items()}
