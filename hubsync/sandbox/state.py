"""Everything a portal remembers: contacts and their history, properties, lists, e-mails, flows, events, tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hubsync.sandbox.shelf import Change, Shelf, StateFile

#: What a reset does not start anew.
_LASTING = frozenset({"portal_id", "app_id"})
#: A JSON object as it goes over the wire.
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """A contact; `createdate`, `lastmodifieddate` and `hs_object_id` are among its properties, as in HubSpot."""

    id: str
    properties: Mapping[str, str]
    archived_at: str | None = None

    @property
    def addresses(self) -> tuple[str, ...]:
        """Its primary e-mail address, then the additional ones."""
        own = self.properties.get("email", "")
        more = self.properties.get("hs_additional_emails", "")
        return tuple(part for part in (own, *more.split(";")) if part)


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactList:
    """A list; times are ISO texts in UTC."""

    id: str
    name: str
    #: MANUAL, DYNAMIC or SNAPSHOT.
    processing: str
    created_at: str
    updated_at: str
    filters_updated_at: str
    #: When the filters will have been worked through.
    ready_at: str
    filter_branch: Json | None = None
    version: int = 1
    deleted_at: str | None = None
    last_added_at: str | None = None
    last_removed_at: str | None = None
    folder_id: str = "0"


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """A bearer token with what it may do."""

    text: str
    scopes: tuple[str, ...]
    app_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EmailEvent:
    """One thing that happened to one marketing e-mail sent to one contact."""

    email_id: str
    contact_id: str
    #: SENT, DELIVERED, OPEN, CLICK, BOUNCE or UNSUBSCRIBED.
    type: str
    at: str


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _contact(key: str, body: str) -> Contact:
    return Contact(id=key, **json.loads(body))


def _list(key: str, body: str) -> ContactList:
    return ContactList(id=key, **json.loads(body))


def _token(key: str, body: str) -> Token:
    row = json.loads(body)
    return Token(text=key, scopes=tuple(row["scopes"]), app_id=row["app_id"])


def _list_text(value: ContactList) -> str:
    return _text({name: getattr(value, name) for name in ContactList.__dataclass_fields__ if name != "id"})


def _document(_key: str, body: str) -> Json:
    document: Json = json.loads(body)
    return document


def _documents(kind: str) -> Shelf[Json]:
    return Shelf(kind, _text, _document)


def _texts(kind: str) -> Shelf[str]:
    return Shelf(kind, str, lambda _key, body: body)


class State:
    """All shelves of one portal and the file behind them."""

    def __init__(self, path: Path | None = None) -> None:
        self._file = StateFile(path)
        self.contacts: Shelf[Contact] = Shelf(
            "contact", lambda c: _text({"properties": c.properties, "archived_at": c.archived_at}), _contact
        )
        #: contact id -> its properties' versions.
        self.history = _documents("history")
        #: Id of a contact that was merged away -> the id it lives on under.
        self.forwards = _texts("forward")
        #: Addresses that may not come back -> when they were erased.
        self.blocked = _texts("blocked")
        self.properties = _documents("property")
        self.groups = _documents("group")
        self.lists: Shelf[ContactList] = Shelf("list", _list_text, _list)
        #: `list id:contact id` -> when the contact joined.
        self.members = _texts("member")
        self.folders = _documents("folder")
        #: list id -> when it will be converted to a static list.
        self.conversions = _documents("conversion")
        #: list id -> its sizes over time and when its filters were edited.
        self.sizes = _documents("size")
        self.emails = _documents("email")
        self.events: Shelf[EmailEvent] = Shelf(
            "event",
            lambda e: _text([e.email_id, e.contact_id, e.type, e.at]),
            lambda _key, body: EmailEvent(**dict(zip(EmailEvent.__slots__, json.loads(body), strict=True))),
        )
        self.campaigns = _documents("campaign")
        self.flows = _documents("flow")
        #: `workflow id:contact id` -> when the contact was enrolled.
        self.enrolments = _texts("enrolment")
        #: Address -> its subscriptions' statuses.
        self.consents = _documents("consent")
        #: Fully qualified name -> the definition of a custom event.
        self.event_types = _documents("event_type")
        self.occurrences = _documents("occurrence")
        self.imports = _documents("import")
        self.exports = _documents("export")
        #: `*` or a property's name -> what the account's administrator demands of it.
        self.rules = _documents("rule")
        #: What will happen in a life and what has, by number; and how far it is planned.
        self.upcoming = _documents("upcoming")
        self.diary = _documents("diary")
        self.life = _texts("life")
        self.tokens: Shelf[Token] = Shelf("token", lambda t: _text({"scopes": t.scopes, "app_id": t.app_id}), _token)
        #: Counters and settings, each a number or a text.
        self.meta = _texts("meta")
        self._shelves: dict[str, Shelf[Any]] = {
            shelf.kind: shelf for shelf in vars(self).values() if isinstance(shelf, Shelf)
        }
        for kind, key, body in self._file.rows():
            self._shelves[kind].load(key, body)

    def next_id(self, counter: str, first: int) -> str:
        """Return the next number of a counter that starts at `first`, as text."""
        number = int(self.meta.get(counter) or first)
        self.meta.put(counter, str(number + 1))
        return str(number)

    def clear(self) -> None:
        """Forget everything but tokens and what the account is; numbers are counted from the start again."""
        for kind, shelf in self._shelves.items():
            if kind not in {"token", "meta"}:
                shelf.clear()
        for counter in [key for key in dict(self.meta.items()) if key.endswith("_id") and key not in _LASTING]:
            self.meta.drop(counter)

    def flush(self) -> None:
        """Write what changed, in one transaction."""
        if any(shelf.dirty for shelf in self._shelves.values()):
            self._file.write(self._changes())

    def close(self) -> None:
        """Write what changed and let go of the file."""
        self.flush()
        self._file.close()

    def _changes(self) -> Iterator[Change]:
        for shelf in self._shelves.values():
            yield from shelf.changes()
