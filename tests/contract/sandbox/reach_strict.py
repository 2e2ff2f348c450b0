"""The wider operations with HubSpot's newer client (hubspot-sdk), which speaks 2026-03 and checks every answer."""

from __future__ import annotations

from typing import Any

from hubspot_sdk import HubSpot

from tests.contract.sandbox.reach import FILE, IMPORT, ROWS, SCORE_MOVED, export


class StrictReach:
    """Every model is validated; nothing is retried."""

    def __init__(self, base_url: str, token: str) -> None:
        self._hubspot = HubSpot(access_token=token, base_url=base_url, max_retries=0, _strict_response_validation=True)

    def close(self) -> None:
        self._hubspot.close()

    def merge(self, primary: str, other: str) -> str:
        contacts = self._hubspot.crm.objects.contacts
        return contacts.merge(primary_object_id=primary, object_id_to_merge=other).id

    def erase(self, key: str, by: str | None = None) -> None:
        more = {"id_property": by} if by else {}
        self._hubspot.crm.objects.contacts.gdpr_delete(object_id=key, **more)

    def history(self, contact_id: str, name: str) -> list[tuple[str, str]]:
        found = self._hubspot.crm.objects.contacts.get(contact_id, properties=["email"], properties_with_history=[name])
        assert found.properties_with_history is not None
        return [(row.value, row.source_type) for row in found.properties_with_history[name]]

    def archived(self) -> list[str]:
        page = self._hubspot.crm.objects.contacts.list(archived=True, properties=["email"])
        return [row.id for row in page]

    def make_folder(self, name: str) -> str:
        return self._hubspot.crm.lists.create_folder(name=name).folder.id

    def rename_folder(self, folder_id: str, name: str) -> None:
        self._hubspot.crm.lists.rename_folder(folder_id, new_folder_name=name)

    def move_folder(self, folder_id: str, parent: str) -> None:
        self._hubspot.crm.lists.move_folder(parent, folder_id=folder_id)

    def file_list(self, list_id: str, folder_id: str) -> None:
        self._hubspot.crm.lists.move_list(list_id=list_id, new_folder_id=folder_id)

    def folder(self, folder_id: str) -> tuple[str, list[int], list[str]]:
        row = self._hubspot.crm.lists.list_folders(folder_id=folder_id).folder
        return row.name or "", row.child_lists, [child.id for child in row.child_nodes]

    def drop_folder(self, folder_id: str) -> None:
        self._hubspot.crm.lists.delete_folder(folder_id)

    def lists_of(self, contact_id: str) -> list[str]:
        rows = [{"object_type_id": "0-1", "record_id": contact_id}]
        answer = self._hubspot.crm.lists.batch_read_memberships(inputs=rows)
        return [row.list_id for row in answer.results[0].record_list_memberships]

    def archive_properties(self, names: list[str]) -> None:
        self._hubspot.crm.properties.batch.delete("contacts", inputs=[{"name": name} for name in names])

    def read_properties(self, names: list[str], *, archived: bool) -> set[str]:
        answer = self._hubspot.crm.properties.batch.get(
            "contacts", archived=archived, inputs=[{"name": name} for name in names], data_sensitivity="non_sensitive"
        )
        return {row.name for row in answer.results}

    def clone_email(self, email_id: str, name: str) -> str:
        return self._hubspot.marketing.emails.clone(id=email_id, clone_name=name).id or ""

    def aim_email(self, email_id: str, lists: dict[str, list[str]]) -> None:
        self._hubspot.marketing.emails.update_draft(email_id, to={"contact_ils_lists": lists})

    def audience(self, email_id: str) -> list[str]:
        to = self._hubspot.marketing.emails.get_draft(email_id).to
        assert to is not None
        assert to.contact_ils_lists is not None
        return to.contact_ils_lists.include or []

    def publish_email(self, email_id: str) -> None:
        self._hubspot.marketing.emails.publish(email_id)

    def opens_by_day(self, start: str, end: str) -> list[int]:
        found = self._hubspot.marketing.emails.get_histogram(interval="DAY", start_timestamp=start, end_timestamp=end)
        return [row.aggregations.counters["open"] for row in found.results]

    def campaigns(self) -> dict[str, str]:
        rows = self._hubspot.marketing.campaigns.list(properties=["hs_name"])
        return {row.properties["hs_name"]: row.id for row in rows}

    def campaign_emails(self, guid: str) -> list[str]:
        answer = self._hubspot.marketing.campaigns.batch.get(inputs=[{"id": guid}])
        return [row.id for row in answer.results[0].assets["MARKETING_EMAIL"].results]

    def start_import(self) -> str:
        file = (FILE, ROWS.encode(), "text/csv")
        return self._hubspot.crm.imports.create(files=file, import_request=IMPORT).id

    def import_state(self, import_id: str) -> tuple[str, dict[str, int]]:
        row = self._hubspot.crm.imports.get(int(import_id))
        return row.state, row.metadata.counters

    def import_failures(self, import_id: str) -> list[str]:
        return [row.error_type for row in self._hubspot.crm.imports.list_errors(int(import_id))]

    def start_export(self, list_id: str) -> str:
        names = {
            "exportType": "export_type",
            "exportName": "export_name",
            "objectType": "object_type",
            "objectProperties": "object_properties",
            "listId": "list_id",
            "associatedObjectType": "associated_object_type",
            "exportInternalValuesOptions": "export_internal_values_options",
            "includeLabeledAssociations": "include_labeled_associations",
            "includePrimaryDisplayPropertyForAssociatedObjects": (
                "include_primary_display_property_for_associated_objects"
            ),
            "overrideAssociatedObjectsPerDefinitionPerRowLimit": (
                "override_associated_objects_per_definition_per_row_limit"
            ),
        }
        asked: Any = {names.get(key, key): value for key, value in export(list_id).items()}
        return self._hubspot.crm.exports.create_async(**asked).id

    def export_state(self, task_id: str) -> tuple[str, str | None]:
        row = self._hubspot.crm.exports.get_status(int(task_id))
        return row.status, row.result

    def define_event(self) -> str:
        made = self._hubspot.events.definitions.create(
            label=SCORE_MOVED["label"],
            name=SCORE_MOVED["name"],
            include_default_properties=False,
            property_definitions=SCORE_MOVED["propertyDefinitions"],
        )
        return made.fully_qualified_name

    def send_event(self, event: dict[str, Any]) -> None:
        self._hubspot.events.send.send(**_snake(event))

    def send_events(self, events: list[dict[str, Any]]) -> None:
        self._hubspot.events.send.batch_send(inputs=[_snake(event) for event in events])

    def happened(self, contact_id: str) -> list[dict[str, str]]:
        page = self._hubspot.events.occurrences.list(object_type="contact", object_id=int(contact_id))
        return [row.properties for row in page]

    def subscriptions(self) -> dict[str, str]:
        rows = self._hubspot.communication_preferences.definitions.list().results
        return {row.name: row.id for row in rows}

    def set_subscription(self, address: str, number: str, state: str) -> None:
        self._hubspot.communication_preferences.update_status(
            address, channel="EMAIL", status_state=state, subscription_id=int(number)
        )

    def subscribed(self, address: str) -> dict[str, bool]:
        answer = self._hubspot.communication_preferences.get_statuses(address, channel="EMAIL")
        return {row.subscription_name or "": row.status != "UNSUBSCRIBED" for row in answer.results}

    def own_properties(self) -> int:
        return self._hubspot.crm.limits.get_custom_property_limits().overall_usage


def _snake(event: dict[str, Any]) -> dict[str, Any]:
    names = {"eventName": "event_name", "occurredAt": "occurred_at", "objectId": "object_id"}
    return {names.get(key, key): value for key, value in event.items()}
