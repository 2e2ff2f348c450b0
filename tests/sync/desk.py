"""A whole small business for a test: behaviour, a portal over real HTTP, and the syncs between them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import httpx

from hubsync.core.connection import Connection, Method
from hubsync.core.plan import Change, Plan, Target
from hubsync.core.run import Run
from hubsync.core.segment import parse_segment
from hubsync.portal.connection import open_gateway
from hubsync.portal.gateway import Gateway
from hubsync.sandbox.server import Sandbox
from hubsync.store import segment as segments
from hubsync.store import snapshot
from hubsync.store.state import State
from hubsync.store.workspace import Workspace
from hubsync.sync import preview as previews
from hubsync.sync.execute import execute
from hubsync.sync.refresh import refresh_mirror
from hubsync.sync.run import enqueue

ORDERS = {"kind": "measure", "agg": "count", "within_days": 90}
COLUMN = "count_90d"


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def email(number: int) -> str:
    return f"c{number:05}@example.com"


def seed(
    numbers: Iterable[int], *, lists: Iterable[dict[str, Any]] = (), events: Iterable[dict[str, str]] = ()
) -> dict[str, Any]:
    return {
        "contacts": [{"properties": {"email": email(number)}} for number in numbers],
        "lists": list(lists),
        "emails": [{"id": "1", "name": "News", "subject": "News", "publishDate": "2026-01-01T00:00:00Z"}],
        "email_events": list(events),
    }


@dataclass
class Desk:
    """One workspace and one portal; `orders` is the behaviour data, edited by the test."""

    workspace: Workspace
    state: State
    connection: Connection
    token: str
    base_url: str
    #: Orders by customer number.
    orders: dict[int, int] = field(default_factory=dict)
    #: Addresses that are not the usual ones, by customer number.
    emails: dict[int, str | None] = field(default_factory=dict)
    #: Customer ids that are not the usual ones, by customer number.
    ids: dict[int, str] = field(default_factory=dict)
    clock: Callable[[], dt.datetime] = now

    @classmethod
    def open(cls, home: Path, sandbox: Sandbox | SimpleNamespace) -> Desk:
        workspace = Workspace.open(home)
        connection = Connection(
            portal_id=str(sandbox.portal_id),
            base_url=sandbox.base_url,
            api_version="2026-03",
            method=Method.PRIVATE_APP,
            scopes=(),
            missing_scopes=(),
            account_type="SANDBOX",
            ui_domain="app.hubspot.com",
            time_zone="UTC",
            verified_at=now(),
        )
        return cls(workspace, State(workspace), connection, sandbox.token, sandbox.base_url)

    def gateway(self, token: str | None = None) -> Gateway:
        return open_gateway(self.connection, token or self.token, self.workspace)

    def segment(self, key: str = "regulars", *, at_least: int = 3, name: str = "Loyal regulars") -> None:
        condition = {"feature": ORDERS, "op": ">=", "value": at_least, "label": {"en": "orders in 90 days"}}
        segments.save(
            self.state, parse_segment({"key": key, "name": {"en": name}, "rule": condition}), by="test", at=now()
        )

    def refresh(self, members: Mapping[str, Iterable[int]] | None = None) -> None:
        """Write the feature table; members follow the rules unless a test says who they are."""
        current = segments.all_current(self.state)
        rows = [(self.customer(n), self.emails.get(n, email(n)), orders) for n, orders in self.orders.items()]
        belonging = []
        for each in current:
            least = getattr(each.segment.rule, "value", 0)
            chosen = (members or {}).get(each.segment.key)
            numbers = chosen if chosen is not None else [n for n, orders in self.orders.items() if orders >= least]
            belonging += [(each.segment.key, self.customer(n)) for n in numbers]
        with snapshot.write(self.workspace, "features", self.clock()) as folder, duckdb.connect() as con:
            con.execute(f"create table features (customer_id text, email text, {COLUMN} bigint)")
            con.execute("create table memberships (segment_key text, customer_id text, since timestamptz)")
            if rows:
                con.executemany("insert into features values (?, ?, ?)", rows)
            if belonging:
                con.executemany("insert into memberships values (?, ?, now())", belonging)
            for name in ("features", "memberships"):
                con.execute(f"copy {name} to '{folder / name}.parquet' (format parquet)")
            snapshot.note(
                folder, as_of=now().isoformat(), versions={each.segment.key: each.version for each in current}
            )

    def customer(self, number: int) -> str:
        return self.ids.get(number, f"k{number:05}")

    def pull(self, *, full: bool = True) -> None:
        refresh_mirror(self.workspace, self.state, self.connection, self.gateway(), full=full, clock=self.clock)

    def preview(self, target: Target = Target.STATIC_LIST, key: str = "regulars", **options: Any) -> Plan:
        return previews.preview(
            self.workspace,
            self.state,
            self.connection,
            segment_key=key,
            target=target,
            by="test",
            clock=self.clock,
            **options,
        )

    def changes(self, plan: Plan) -> list[Change]:
        return list(previews.changes(self.workspace, plan.plan_id))

    def enqueue(self, plan: Plan, *override: str) -> str:
        return enqueue(self.workspace, self.state, plan.plan_id, by="test", override=override, clock=self.clock)

    def execute(self, run_id: str, gateway: Gateway | None = None) -> Run:
        return execute(self.workspace, self.state, run_id, gateway or self.gateway(), clock=self.clock)

    def run(self, plan: Plan, *override: str) -> Run:
        return self.execute(self.enqueue(plan, *override))

    def sync(self, target: Target = Target.STATIC_LIST, **options: Any) -> Run:
        return self.run(self.preview(target, **options))

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Do something in the portal by hand, as another team would."""
        answer = httpx.request(
            method, self.base_url + path, json=body, headers={"Authorization": f"Bearer {self.token}"}, timeout=30
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def contact_id(self, number: int) -> str:
        return str(self.call("GET", f"/crm/v3/objects/contacts/{email(number)}?idProperty=email")["id"])

    def members(self, name: str) -> set[str]:
        """E-mails of the people on a list."""
        found = self.call("GET", f"/crm/v3/lists/object-type-id/0-1/name/{name}")["list"]["listId"]
        rows = self.call("GET", f"/crm/v3/lists/{found}/memberships?limit=250")["results"]
        return {self.properties(row["recordId"])["email"] for row in rows}

    def properties(self, contact_id: str, *names: str) -> dict[str, str | None]:
        asked = ",".join(("email", *names))
        found: dict[str, str | None] = self.call("GET", f"/crm/v3/objects/contacts/{contact_id}?properties={asked}")[
            "properties"
        ]
        return found

    def writes(self) -> list[str]:
        """Writing requests the portal has seen since the last call of `forget_requests`, newest last."""
        return [f"{row['method']} {row['path']}" for row in self.requests() if _writes(row)]

    def requests(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = httpx.get(f"{self.base_url}/__sandbox__/requests").json()["requests"]
        return rows


def _writes(row: Mapping[str, Any]) -> bool:
    return row["method"] != "GET" and not str(row["path"]).endswith(("/search", "/batch/read", "access-token-info"))
