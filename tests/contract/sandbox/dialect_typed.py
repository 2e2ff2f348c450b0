"""The operations of the suite with HubSpot's generated client (hubspot-api-client), which speaks v3."""

from __future__ import annotations

from typing import Any

from hubspot import HubSpot


class Typed:
    """Plain dictionaries go in: the client's own filter models corrupt a branch on its way."""

    def __init__(self, base_url: str, token: str) -> None:
        # Without `base_url` the client's raw calls would go to the real HubSpot.
        self._hubspot = HubSpot(access_token=token, host=base_url, base_url=base_url)

    def close(self) -> None:
        pass

    def _raw(self, path: str) -> Any:
        return self._hubspot.api_request({"path": path}).json()

    def portal_id(self) -> int:
        return self._raw("/account-info/v3/details")["portalId"]

    def used_today(self) -> int:
        return self._raw("/account-info/v3/api-usage/daily/private-apps")["results"][0]["currentUsage"]

    def owner_addresses(self) -> list[str]:
        return [row.email for row in self._hubspot.crm.owners.owners_api.get_page().results]

    def make_group(self, name: str) -> str:
        return self._hubspot.crm.properties.groups_api.create("contacts", {"name": name, "label": name}).name

    def group_names(self) -> set[str]:
        return {row.name for row in self._hubspot.crm.properties.groups_api.get_all("contacts").results}

    def make_property(self, definition: dict[str, Any]) -> str:
        return self._hubspot.crm.properties.core_api.create("contacts", definition).name

    def make_properties(self, definitions: list[dict[str, Any]]) -> set[str]:
        made = self._hubspot.crm.properties.batch_api.create("contacts", {"inputs": definitions})
        return {row.name for row in made.results}

    def property_options(self, name: str) -> list[str]:
        return [row.value for row in self._hubspot.crm.properties.core_api.get_by_name("contacts", name).options]

    def set_options(self, name: str, options: list[dict[str, Any]]) -> None:
        self._hubspot.crm.properties.core_api.update("contacts", name, {"options": options})

    def property_names(self) -> set[str]:
        return {row.name for row in self._hubspot.crm.properties.core_api.get_all("contacts").results}

    def drop_property(self, name: str) -> None:
        self._hubspot.crm.properties.core_api.archive("contacts", name)

    def create_one(self, properties: dict[str, str]) -> str:
        return self._hubspot.crm.contacts.basic_api.create({"properties": properties}).id

    def get_one(self, key: str, by: str, names: list[str]) -> dict[str, str]:
        return self._hubspot.crm.contacts.basic_api.get_by_id(key, id_property=by, properties=names).properties

    def change_one(self, contact_id: str, properties: dict[str, str]) -> None:
        self._hubspot.crm.contacts.basic_api.update(contact_id, {"properties": properties})

    def archive_one(self, contact_id: str) -> None:
        self._hubspot.crm.contacts.basic_api.archive(contact_id)

    def page_ids(self, limit: int) -> list[str]:
        found: list[str] = []
        after = None
        while True:
            page = self._hubspot.crm.contacts.basic_api.get_page(limit=limit, after=after)
            found += [row.id for row in page.results]
            if page.paging is None:
                return found
            after = page.paging.next.after

    def create(self, rows: list[dict[str, Any]]) -> set[str]:
        return {row.id for row in self._hubspot.crm.contacts.batch_api.create({"inputs": rows}).results}

    def update(self, rows: list[dict[str, Any]]) -> set[str]:
        return {row.id for row in self._hubspot.crm.contacts.batch_api.update({"inputs": rows}).results}

    def upsert(self, rows: list[dict[str, Any]]) -> dict[str, bool]:
        answer = self._hubspot.crm.contacts.batch_api.upsert({"inputs": rows})
        return {row.properties["email"]: row.new for row in answer.results}

    def read(self, addresses: list[str], names: list[str]) -> dict[str, dict[str, str]]:
        body = {
            "idProperty": "email",
            "properties": names,
            "propertiesWithHistory": [],
            "inputs": [{"id": key} for key in addresses],
        }
        return {row.id: row.properties for row in self._hubspot.crm.contacts.batch_api.read(body).results}

    def archive(self, ids: list[str]) -> None:
        self._hubspot.crm.contacts.batch_api.archive({"inputs": [{"id": key} for key in ids]})

    def search(self, query: dict[str, Any]) -> list[str]:
        return [row.id for row in self._hubspot.crm.contacts.search_api.do_search(query).results]

    def make_list(self, name: str, processing: str, branch: dict[str, Any] | None = None) -> str:
        body = {"name": name, "objectTypeId": "0-1", "processingType": processing}
        body |= {"filterBranch": branch} if branch else {}
        return self._hubspot.crm.lists.lists_api.create(body).list.list_id

    def list_named(self, name: str) -> str:
        return self._hubspot.crm.lists.lists_api.get_by_name(name, "0-1").list.list_id

    def list_size(self, list_id: str) -> int:
        return self._hubspot.crm.lists.lists_api.get_by_id(list_id).list.size

    def find_lists(self, query: str) -> dict[str, str]:
        body = {"query": query, "offset": 0, "count": 20, "processingTypes": [], "additionalProperties": []}
        found = self._hubspot.crm.lists.lists_api.do_search(body)
        return {row.name: row.additional_properties["hs_list_size"] for row in found.lists}

    def rename_list(self, list_id: str, name: str) -> str:
        return self._hubspot.crm.lists.lists_api.update_name(list_id, list_name=name).updated_list.name

    def refilter(self, list_id: str, branch: dict[str, Any]) -> None:
        self._hubspot.crm.lists.lists_api.update_list_filters(list_id, {"filterBranch": branch})

    def delete_list(self, list_id: str) -> None:
        self._hubspot.crm.lists.lists_api.remove(list_id)

    def restore_list(self, list_id: str) -> None:
        self._hubspot.crm.lists.lists_api.restore(list_id)

    def members(self, list_id: str, limit: int) -> list[str]:
        return self._pages(self._hubspot.crm.lists.memberships_api.get_page, list_id, limit)

    def members_by_joining(self, list_id: str, limit: int) -> list[str]:
        api = self._hubspot.crm.lists.memberships_api
        return self._pages(api.get_page_ordered_by_added_to_list_date, list_id, limit)

    def _pages(self, get: Any, list_id: str, limit: int) -> list[str]:
        found: list[str] = []
        after = None
        while True:
            page = get(list_id, limit=limit, after=after)
            found += [row.record_id for row in page.results]
            if page.paging is None:
                return found
            after = page.paging.next.after

    def change_members(self, list_id: str, add: list[str], remove: list[str]) -> tuple[set[str], set[str], set[str]]:
        body = {"recordIdsToAdd": add, "recordIdsToRemove": remove}
        answer = self._hubspot.crm.lists.memberships_api.add_and_remove(list_id, body)
        parts = (answer.records_ids_added, answer.record_ids_removed, answer.record_ids_missing)
        added, removed, missing = (set(part or []) for part in parts)
        return added, removed, missing

    def empty_list(self, list_id: str) -> None:
        self._hubspot.crm.lists.memberships_api.remove_all(list_id)

    def published(self) -> dict[str, int]:
        api = self._hubspot.marketing.emails.marketing_emails_api
        page = api.get_page(include_stats=True, is_published=True, limit=10)
        return {row.name: row.stats.counters["sent"] for row in page.results}

    def statistics(self, start: str, end: str) -> dict[str, int]:
        api = self._hubspot.marketing.emails.statistics_api
        return api.get_emails_list(start_timestamp=start, end_timestamp=end).aggregate.counters

    def opted_out(self, address: str) -> bool:
        answer = self._hubspot.communication_preferences.status_api.get_email_status(address)
        return answer.subscription_statuses[0].status == "NOT_SUBSCRIBED"
