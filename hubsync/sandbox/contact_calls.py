"""The endpoints of single contacts: list, get, create, change, archive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hubsync.sandbox import demands, errors, shape, values
from hubsync.sandbox.call import Answer, Call
from hubsync.sandbox.contacts import Conflict
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Contact, Json

#: What a read gives when no properties are asked for.
DEFAULT_PROPERTIES = ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname")
#: What every answer about a contact carries.
_ALWAYS = ("createdate", "hs_object_id", "lastmodifieddate")
_PAGE = 100
#: The most contacts that come at once with their properties' history.
HISTORIC_PAGE = 50


def wire(portal: Portal, contact: Contact, asked: Sequence[str] = (), historic: Sequence[str] = ()) -> Json:
    """Return a contact as a read gives it: the properties asked for, null where it has none.

    `historic` names those to come with their versions as well.
    """
    names = dict.fromkeys((*_ALWAYS, *(name.lower() for name in asked))) if asked else DEFAULT_PROPERTIES
    known = {name for name in names if name in portal.state.properties}
    record = _record(portal, contact, {name: contact.properties.get(name) for name in sorted(known)})
    if historic:
        listed = [name.lower() for name in historic if name.lower() in portal.state.properties]
        record["propertiesWithHistory"] = {name: portal.contacts.history.versions(contact, name) for name in listed}
    return record


def written(portal: Portal, contact: Contact, names: Iterable[str]) -> Json:
    """Return a contact as a write gives it: what was written plus a few of HubSpot's own, never null."""
    listed = sorted({*_ALWAYS, "hs_email_domain", *names})
    return _record(portal, contact, {name: contact.properties[name] for name in listed if name in contact.properties})


def _record(portal: Portal, contact: Contact, properties: dict[str, str | None]) -> Json:
    record: Json = {
        "id": contact.id,
        "properties": properties,
        "createdAt": contact.properties["createdate"],
        "updatedAt": contact.properties["lastmodifieddate"],
        "archived": contact.archived_at is not None,
        "url": f"https://app.hubspot.com/contacts/{portal.portal_id}/record/0-1/{contact.id}",
    }
    if contact.archived_at is not None:
        record["archivedAt"] = contact.archived_at
    return record


def located(portal: Portal, call: Call, key: str) -> Contact:
    """Return the contact a path names, by record id or by the `idProperty` of the query; raises Refused (404)."""
    by = call.query.get("idProperty")
    if by and by != "hs_object_id":
        if not portal.contacts.unique(by):
            raise errors.invalid(f"Unable to find by non-unique 0-1 property {by} in portal ID {portal.portal_id}")
        contact = portal.contacts.find(by, key)
    else:
        contact = portal.contacts.get(key)
        if contact is None and call.flag("archived"):
            contact = portal.state.contacts.get(key)
    if contact is None:
        raise errors.not_found(_absent(key), id=[key])
    return contact


def _absent(key: str) -> str:
    if key == "0":
        return "Object not found. objectId is usually positive."
    return "resource not found" if key.isdigit() else "Object not found. objectId are usually numeric."


def collision(portal: Portal, conflict: Conflict, own_id: str | None) -> errors.Refused:
    """Return the refusal for a value that another contact holds: 409 for addresses, 400 for other unique properties."""
    if not conflict.holder:
        message = f"Email address {conflict.value} was deleted for privacy reasons and cannot be used"
        return errors.bad_values([errors.Problem(name=conflict.name, code="GDPR_BLACKLISTED_EMAIL", message=message)])
    if conflict.name in {"email", "hs_additional_emails"}:
        return errors.refused(409, f"Contact already exists. Existing ID: {conflict.holder}", "CONFLICT")
    own = f" on {own_id}" if own_id else ""
    coordinates = f"portalId={portal.portal_id}, objectTypeId=0-1, propertyName={conflict.name}, value={conflict.value}"
    return errors.bad_values(
        [
            errors.Problem(
                name=conflict.name,
                code="CONFLICTING_UNIQUE_VALUE",
                message=f"Cannot set PropertyValueCoordinates{{{coordinates}}}{own}."
                f" {conflict.holder} already has that value.",
            )
        ]
    )


def contact_page(portal: Portal, call: Call) -> Answer:
    """GET objects/contacts: all contacts by ascending id, up to 100 a page."""
    asked, historic = _asked(call)
    limit = call.number("limit", 10, HISTORIC_PAGE if historic else _PAGE)
    contacts, rest = portal.contacts.page(call.cursor(), limit, archived=call.flag("archived"))
    body: Json = {"results": [wire(portal, contact, asked, historic) for contact in contacts]}
    if rest:
        body["paging"] = call.onward(rest)
    return Answer(body=body)


def get_contact(portal: Portal, call: Call, key: str) -> Answer:
    """GET objects/contacts/{id}."""
    return Answer(body=wire(portal, located(portal, call, key), *_asked(call)))


def _asked(call: Call) -> tuple[list[str], list[str]]:
    return call.names("properties"), call.names("propertiesWithHistory")


def create_contact(portal: Portal, call: Call) -> Answer:
    """POST objects/contacts."""
    properties = call.document(shape.CONTACT).get("properties") or {}
    (kept,) = values.check([properties], portal.state.properties)
    demands.check(portal, call.version, kept)
    conflict = portal.contacts.conflict(kept)
    if conflict:
        raise collision(portal, conflict, None)
    contact = portal.contacts.create(kept, portal.now(), source=call.source)
    portal.settle_later(contact)
    return Answer(status=201, body=written(portal, contact, kept))


def update_contact(portal: Portal, call: Call, key: str) -> Answer:
    """PATCH objects/contacts/{id}."""
    properties = call.document(shape.CONTACT).get("properties") or {}
    if not properties:
        raise errors.invalid("No properties found to update, please provide at least one.")
    contact = located(portal, call, key)
    (kept,) = values.check([properties], portal.state.properties)
    demands.check(portal, call.version, kept, contact.properties)
    conflict = portal.contacts.conflict(kept, contact.id)
    if conflict:
        raise collision(portal, conflict, contact.id)
    changed = portal.contacts.update(contact, kept, portal.now(), call.source)
    return Answer(body=written(portal, changed, kept))


def archive_contact(portal: Portal, call: Call, key: str) -> Answer:
    """DELETE objects/contacts/{id}: 204 also where there is none."""
    del call
    contact = portal.contacts.get(key)
    if contact is not None:
        portal.contacts.archive(contact, portal.now())
    return Answer(status=204)
