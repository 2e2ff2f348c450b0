"""Properties over HTTP, at every version of the paths: made once, never taken from anybody."""

from __future__ import annotations

import httpx
import pytest

from hubsync.core.field import GROUP, Field, FieldType
from hubsync.portal.contacts import Contacts
from hubsync.portal.errors import Archived, Conflict
from hubsync.portal.properties import Properties

SEGMENT = Field(
    name="hubsync_segment",
    label="Behaviour",
    type=FieldType.ENUMERATION,
    options=(("loyal", "Loyal"), ("lapsed", "Lapsed")),
)
EVERY_TYPE = [
    Field(name=f"hubsync_{kind}", label=kind.title(), type=kind, unique=kind == "string") for kind in FieldType
]


@pytest.fixture
def properties(portal) -> Properties:  # type: ignore[no-untyped-def]
    found = Properties(portal)
    found.ensure_group()
    return found


def test_a_group_is_made_once(properties: Properties) -> None:
    assert GROUP in properties.groups()
    assert not properties.ensure_group()


@pytest.mark.parametrize("field", EVERY_TYPE, ids=lambda field: field.type.value)
def test_a_property_of_each_type_is_made_once(properties: Properties, field: Field) -> None:
    made, sent = properties.ensure(field)
    assert sent
    assert (made.name, made.type, made.group_name, made.unique) == (field.name, field.type.value, GROUP, field.unique)
    again, sent_again = properties.ensure(field)
    assert not sent_again
    assert again.name == made.name
    assert field.name in {found.name for found in properties.all()}


def test_options_that_are_missing_are_added_and_others_stay(properties: Properties) -> None:
    properties.ensure(SEGMENT)
    more = Field(
        name=SEGMENT.name, label="Behaviour", type=FieldType.ENUMERATION, options=(("new", "New"), ("loyal", "Loyal"))
    )
    found, sent = properties.ensure(more)
    assert sent
    assert found.options == (("loyal", "Loyal"), ("lapsed", "Lapsed"), ("new", "New"))
    assert not properties.ensure(SEGMENT)[1]


def test_a_property_of_another_type_is_left_alone(properties: Properties) -> None:
    properties.ensure(SEGMENT)
    with pytest.raises(Conflict, match="another kind"):
        properties.ensure(Field(name=SEGMENT.name, label="x", type=FieldType.NUMBER))


def test_a_property_that_is_not_unique_does_not_do_for_one_that_must_be(properties: Properties) -> None:
    properties.ensure(Field(name="hubsync_id", label="Id", type=FieldType.STRING))
    with pytest.raises(Conflict, match="unique"):
        properties.ensure(Field(name="hubsync_id", label="Id", type=FieldType.STRING, unique=True))


def test_a_property_in_the_bin_is_restored_only_when_agreed(properties: Properties, sandbox, portal) -> None:  # type: ignore[no-untyped-def]
    properties.ensure(SEGMENT)
    path = f"/crm/v3/properties/contacts/{SEGMENT.name}"
    done = httpx.delete(sandbox.base_url + path, headers={"Authorization": f"Bearer {sandbox.token}"})
    assert done.status_code == 204
    assert properties.get(SEGMENT.name) is None
    assert SEGMENT.name in {found.name for found in properties.all(archived=True)}
    with pytest.raises(Archived, match="bin"):
        properties.ensure(SEGMENT)
    assert properties.get(SEGMENT.name) is None
    restored, sent = properties.ensure(SEGMENT, restore=True)
    assert sent
    assert not restored.archived


def test_hubspots_own_properties_are_known_as_read_only(properties: Properties) -> None:
    found = {one.name: one.read_only for one in properties.all()}
    assert found["hs_email_delivered"]
    assert not found["firstname"]


def test_one_customer_id_belongs_to_one_contact(properties: Properties, portal) -> None:  # type: ignore[no-untyped-def]
    properties.ensure(Field(name="hubsync_customer_id", label="Id", type=FieldType.STRING, unique=True))
    contacts = Contacts(portal)
    one, other, *_ = [contact.id for contact in contacts.all()]
    contacts.update([("1", one, {"hubsync_customer_id": "c1"})])
    outcome = contacts.update([("1", other, {"hubsync_customer_id": "c1"})])
    assert outcome.failed["1"].message
    assert contacts.read([one])[one].properties["hubsync_customer_id"] == "c1"
