"""For every route that the gateway uses: something in a portal to use it on, the call, and how to see what it did."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from hubsync.core.field import Field, FieldType
from hubsync.portal.account import details, token_info, usage
from hubsync.portal.changes import changed_since
from hubsync.portal.contacts import Contacts
from hubsync.portal.emails import Emails
from hubsync.portal.enrolments import Enrolments
from hubsync.portal.flows import Flows
from hubsync.portal.folders import Folders
from hubsync.portal.gateway import Gateway
from hubsync.portal.lists import Lists
from hubsync.portal.properties import Properties
from hubsync.portal.subscriptions import Subscriptions
from hubsync.sandbox.server import Sandbox

LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
MAIL = {"id": "5", "name": "News", "subject": "Hello"}


@dataclass
class World:
    """A portal, reached without the gateway, and what is made in it for one call."""

    sandbox: Sandbox
    client: httpx.Client
    #: Record ids by the name in the address; and the list of everybody.
    ids: dict[str, str] = field(default_factory=dict)
    everybody: str = ""
    _number: itertools.count[int] = field(default_factory=itertools.count)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        answer = self.client.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def holds(self, path: str) -> bool:
        return self.client.get(path).status_code == 200

    def mark(self) -> str:
        """Leave a mark in the log of requests; return its path."""
        path = f"/crm/v3/objects/contacts/{self.name()}"
        self.client.get(path)
        return path

    def name(self) -> str:
        """Return one that nothing has yet."""
        return f"thing{next(self._number)}"

    def list(self, **more: object) -> str:
        body = {"name": self.name(), "objectTypeId": "0-1", "processingType": "MANUAL", **more}
        return str(self.ask("POST", "/crm/v3/lists", body)["list"]["listId"])

    def dynamic(self) -> str:
        return self.list(processingType="DYNAMIC", filterBranch=called("Nobody"))

    def deleted(self) -> str:
        found = self.list()
        self.ask("DELETE", f"/crm/v3/lists/{found}")
        return found

    def property(self) -> str:
        name = self.name()
        option = {"value": "a", "label": "A", "displayOrder": 0, "hidden": False}
        body = {"name": name, "label": name, "type": "enumeration", "fieldType": "select", "options": [option]}
        self.ask("POST", "/crm/v3/properties/contacts", body | {"groupName": "contactinformation"})
        return name

    def email(self) -> str:
        return str(self.ask("POST", "/marketing/v3/emails", {"name": self.name()})["id"])

    def flow(self) -> str:
        body = {"type": "CONTACT_FLOW", "objectTypeId": "0-1", "name": self.name(), "actions": []}
        return str(self.ask("POST", "/automation/v4/flows", body)["id"])

    def workflow(self) -> str:
        inputs = [{"type": "FLOW_ID", "flowId": self.flow()}]
        rows = self.ask("POST", "/automation/v4/workflow-id-mappings/batch/read", {"inputs": inputs})["results"]
        return str(rows[0]["workflowId"])

    def members(self, list_id: str) -> set[str]:
        return {row["recordId"] for row in self.ask("GET", f"/crm/v3/lists/{list_id}/memberships")["results"]}


def called(name: str) -> dict[str, Any]:
    operation = {"operationType": "MULTISTRING", "operator": "IS_EQUAL_TO", "values": [name]}
    leaf = {"filterType": "PROPERTY", "property": "firstname", "operation": operation}
    both = {"filterBranchType": "AND", "filterBranchOperator": "AND", "filterBranches": [], "filters": [leaf]}
    return {"filterBranchType": "OR", "filterBranchOperator": "OR", "filterBranches": [both], "filters": []}


def choice(name: str, *options: str) -> Field:
    return Field(name=name, label=name, type=FieldType.ENUMERATION, options=tuple((one, one) for one in options))


@dataclass(frozen=True, kw_only=True)
class Use:
    """How a route is used; `key` is what `make` returned."""

    make: Callable[[World], str] = World.name
    do: Callable[[Gateway, World, str], object]
    #: Whether what a call returned is right; of writes, `did` tells it.
    right: Callable[[Any, World, str], bool] = lambda _found, _world, _key: True
    #: Whether the portal is as a write wants it; None where it can be seen in its log only.
    did: Callable[[World, str], bool] | None = None
    #: An answer of another shape is nothing to stumble over: it is not looked at, or taken for unknown.
    tolerant: bool = False


def _in_folder(world: World, key: str) -> bool:
    list_id, _, folder = key.partition(" ")
    found = world.ask("GET", f"/crm/v3/lists/folders?folderId={folder}")["folder"]
    return int(list_id) in found["childLists"]


def _folder(world: World) -> str:
    return str(world.ask("POST", "/crm/v3/lists/folders", {"name": world.name()})["folder"]["id"])


USES: dict[str, Use] = {
    "token.info": Use(
        do=lambda gateway, world, _key: token_info(gateway, world.sandbox.token),
        right=lambda found, world, _key: found.portal_id == str(world.sandbox.portal_id),
    ),
    "account.details": Use(
        do=lambda gateway, _world, _key: details(gateway),
        right=lambda found, world, _key: found.portal_id == str(world.sandbox.portal_id),
    ),
    "account.usage": Use(do=lambda gateway, _world, _key: usage(gateway), tolerant=True),
    "contacts.page": Use(
        do=lambda gateway, _world, _key: [contact.id for contact in Contacts(gateway).all()],
        right=lambda found, world, _key: set(world.ids.values()) <= set(found),
    ),
    "contacts.read": Use(
        do=lambda gateway, world, _key: Contacts(gateway).read(world.ids.values()),
        right=lambda found, world, _key: found.keys() == set(world.ids.values()),
    ),
    "contacts.update": Use(
        do=lambda gateway, world, key: Contacts(gateway).update([("t", world.ids["bo"], {"firstname": key})]),
        right=lambda found, world, _key: found.written["t"].id == world.ids["bo"] and not found.failed,
        did=lambda world, key: (
            world.ask("GET", f"/crm/v3/objects/contacts/{world.ids['bo']}?properties=firstname")["properties"][
                "firstname"
            ]
            == key
        ),
    ),
    "contacts.create": Use(
        do=lambda gateway, _world, key: Contacts(gateway).create([("t", {"email": f"{key}@example.com"})]),
        right=lambda found, _world, key: found.written["t"].email == f"{key}@example.com" and not found.failed,
        did=lambda world, key: world.holds(f"/crm/v3/objects/contacts/{key}@example.com?idProperty=email"),
    ),
    "contacts.search": Use(
        do=lambda gateway, _world, _key: [contact.id for contact in changed_since(gateway, LONG_AGO)],
        right=lambda found, world, _key: set(world.ids.values()) <= set(found),
    ),
    "lists.create": Use(
        do=lambda gateway, _world, key: Lists(gateway).create(key),
        right=lambda found, _world, key: found.name == key,
        did=lambda world, key: world.holds(f"/crm/v3/lists/object-type-id/0-1/name/{key}"),
    ),
    "lists.get": Use(
        make=World.list,
        do=lambda gateway, _world, key: Lists(gateway).get(key),
        right=lambda found, _world, key: found.id == key,
    ),
    "lists.by_name": Use(
        do=lambda gateway, _world, _key: Lists(gateway).by_name("Everybody"),
        right=lambda found, _world, _key: found.size == 2,
    ),
    "lists.search": Use(
        do=lambda gateway, _world, _key: [found.name for found in Lists(gateway).search("Everybody")],
        right=lambda found, _world, _key: found == ["Everybody"],
    ),
    "lists.members": Use(
        do=lambda gateway, world, _key: list(Lists(gateway).members(world.everybody)),
        right=lambda found, world, _key: set(found) == {world.ids["ana"], world.ids["bo"]},
    ),
    "lists.add_and_remove": Use(
        make=World.list,
        do=lambda gateway, world, key: Lists(gateway).add_and_remove(key, [world.ids["cy"]]),
        did=lambda world, key: world.members(key) == {world.ids["cy"]},
    ),
    "lists.set_filters": Use(
        make=World.dynamic,
        do=lambda gateway, _world, key: Lists(gateway).set_filters(key, called("Ana")),
        did=lambda world, key: world.members(key) == {world.ids["ana"]},
        tolerant=True,
    ),
    "lists.rename": Use(
        make=World.list,
        do=lambda gateway, _world, key: Lists(gateway).rename(key, f"New name of {key}"),
        did=lambda world, key: world.holds(f"/crm/v3/lists/object-type-id/0-1/name/New name of {key}"),
        tolerant=True,
    ),
    "lists.delete": Use(
        make=World.list,
        do=lambda gateway, _world, key: Lists(gateway).delete(key),
        did=lambda world, key: not world.holds(f"/crm/v3/lists/{key}"),
        tolerant=True,
    ),
    "lists.restore": Use(
        make=World.deleted,
        do=lambda gateway, _world, key: Lists(gateway).restore(key),
        did=lambda world, key: world.holds(f"/crm/v3/lists/{key}"),
        tolerant=True,
    ),
    "lists.folders": Use(do=lambda gateway, _world, _key: Folders(gateway).all()),
    "lists.create_folder": Use(
        do=lambda gateway, _world, key: Folders(gateway).ensure(key),
        right=lambda found, _world, key: found[0].name == key and found[1],
        did=lambda world, key: key in str(world.ask("GET", "/crm/v3/lists/folders")),
    ),
    "lists.move": Use(
        make=lambda world: f"{world.list()} {_folder(world)}",
        do=lambda gateway, _world, key: Folders(gateway).move(*key.split()),
        did=_in_folder,
        tolerant=True,
    ),
    "properties.all": Use(
        do=lambda gateway, _world, _key: {found.name for found in Properties(gateway).all()},
        right=lambda found, _world, _key: "email" in found,
    ),
    "properties.get": Use(
        do=lambda gateway, _world, _key: Properties(gateway).get("email"),
        right=lambda found, _world, _key: found.name == "email",
    ),
    "properties.create": Use(
        do=lambda gateway, _world, key: Properties(gateway).ensure(choice(key, "a"), group="contactinformation"),
        right=lambda found, _world, key: found[0].name == key and found[1],
        did=lambda world, key: world.holds(f"/crm/v3/properties/contacts/{key}"),
    ),
    "properties.update": Use(
        make=World.property,
        do=lambda gateway, _world, key: Properties(gateway).ensure(choice(key, "b")),
        right=lambda found, _world, _key: [value for value, _ in found[0].options] == ["a", "b"],
        did=lambda world, key: len(world.ask("GET", f"/crm/v3/properties/contacts/{key}")["options"]) == 2,
    ),
    "properties.groups": Use(
        do=lambda gateway, _world, _key: Properties(gateway).groups(),
        right=lambda found, _world, _key: "contactinformation" in found,
    ),
    "properties.create_group": Use(
        do=lambda gateway, _world, key: Properties(gateway).ensure_group(key, key),
        right=lambda found, _world, _key: found is True,
        did=lambda world, key: world.holds(f"/crm/v3/properties/contacts/groups/{key}"),
        tolerant=True,
    ),
    "emails.page": Use(
        do=lambda gateway, _world, _key: [found.id for found in Emails(gateway).all()],
        right=lambda found, _world, _key: MAIL["id"] in found,
    ),
    "emails.get": Use(
        do=lambda gateway, _world, _key: Emails(gateway).get(MAIL["id"]),
        right=lambda found, _world, _key: found.name == MAIL["name"],
    ),
    "emails.statistics": Use(
        do=lambda gateway, _world, _key: Emails(gateway).statistics(LONG_AGO, LONG_AGO + dt.timedelta(days=1)),
        tolerant=True,
    ),
    "emails.clone": Use(
        do=lambda gateway, _world, key: Emails(gateway).clone(MAIL["id"], key),
        right=lambda found, _world, key: found.name == key and found.state == "DRAFT",
        did=lambda world, key: key in {row["name"] for row in world.ask("GET", "/marketing/v3/emails")["results"]},
    ),
    "emails.draft": Use(
        make=World.email,
        do=lambda gateway, world, key: Emails(gateway).set_audience(key, [world.everybody]),
        right=lambda found, world, _key: found.list_ids == (world.everybody,),
        did=lambda world, key: world.everybody in str(world.ask("GET", f"/marketing/v3/emails/{key}")["to"]),
    ),
    "flows.page": Use(do=lambda gateway, _world, _key: [found.id for found in Flows(gateway).all()]),
    "flows.get": Use(
        make=World.flow,
        do=lambda gateway, _world, key: Flows(gateway).get(key),
        right=lambda found, _world, key: found.id == key,
    ),
    "flows.create": Use(
        do=lambda gateway, world, key: Flows(gateway).create_draft(key, list_id=world.everybody),
        right=lambda found, world, key: found.name == key and found.list_ids == {world.everybody},
        did=lambda world, key: key in {row["name"] for row in world.ask("GET", "/automation/v4/flows")["results"]},
    ),
    "flows.workflow_ids": Use(
        make=World.flow,
        do=lambda gateway, _world, key: Flows(gateway).workflow_ids([key]),
        right=lambda found, _world, key: found.keys() == {key},
    ),
    "workflows.enrol": Use(
        make=World.workflow,
        do=lambda gateway, _world, key: Enrolments(gateway).enrol(key, "ana@example.com"),
        tolerant=True,
    ),
    "workflows.unenrol": Use(
        make=World.workflow,
        do=lambda gateway, _world, key: Enrolments(gateway).unenrol(key, "ana@example.com"),
        tolerant=True,
    ),
    "subscriptions.get": Use(
        do=lambda gateway, _world, _key: Subscriptions(gateway).of("ana@example.com"),
        right=lambda found, _world, _key: bool(found),
    ),
}
