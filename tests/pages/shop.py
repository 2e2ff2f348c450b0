"""A small shop made by the real services: customers who order, a portal over HTTP that knows most of them."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from hubsync.behaviour.features import refresh
from hubsync.behaviour.load import load
from hubsync.core.connection import Method
from hubsync.core.segment import parse_segment
from hubsync.portal.connection import open_gateway
from hubsync.portal.verify import verify
from hubsync.sandbox.server import Sandbox
from hubsync.store import connection as connections
from hubsync.store import segment as segments
from hubsync.store.state import State
from hubsync.store.workspace import Workspace
from hubsync.sync.refresh import refresh_mirror
from hubsync.worker import Worker

MAIN = Path(__file__).parents[2] / "pages" / "main.py"
#: Customers; of these, one in ten is not in the portal, and every third orders often.
PEOPLE = 300
OFTEN = {n for n in range(PEOPLE) if n % 3 == 0}
KNOWN = {n for n in range(PEOPLE) if n % 10}
OPTED_OUT = {3, 33}


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def email(number: int) -> str:
    return f"c{number}@example.com"


def seed() -> dict[str, Any]:
    """The portal: who is known there got a mail, every fourth of them clicked."""
    events = []
    for n in sorted(KNOWN):
        kinds = ["SENT", "DELIVERED", *(["OPEN", "CLICK"] if n % 4 == 0 else [])]
        kinds += ["UNSUBSCRIBED"] if n in OPTED_OUT else []
        events += [
            {"email_id": "1", "contact": email(n), "type": kind, "at": f"2026-01-0{place + 1}T00:00:00Z"}
            for place, kind in enumerate(kinds)
        ]
    return {
        "contacts": [{"properties": {"email": email(n)}} for n in sorted(KNOWN)],
        "emails": [
            {"id": "1", "name": "News", "subject": "News", "publishDate": "2026-01-01T00:00:00Z", "state": "PUBLISHED"}
        ],
        "email_events": events,
    }


SEGMENT: dict[str, Any] = {
    "key": "regulars",
    "name": {"en": "Loyal regulars", "pt": "Clientes fiéis"},
    "description": {"en": "They order often.", "pt": "Compram com frequência."},
    "rule": {
        "all": [
            {
                "feature": {"kind": "measure", "agg": "count", "within_days": 90},
                "op": ">=",
                "value": 3,
                "label": {"en": "orders in 90 days", "pt": "pedidos em 90 dias"},
            }
        ]
    },
}
FEW: dict[str, Any] = {
    "key": "few",
    "name": {"en": "Heavy <b>buyers</b> *few*", "pt": "Grandes compradores"},
    "rule": {"feature": {"kind": "measure", "agg": "count"}, "op": ">", "value": 99},
}


def make(home: Path, sandbox: Sandbox, folder: Path) -> None:
    """Fill a workspace: data, two segments, members, a verified connection, a pull."""
    workspace = Workspace.open(home)
    state = State(workspace)
    customers, events = folder / "customers.csv", folder / "events.csv"
    customers.write_text("customer_id,email\n" + "".join(f"k{n},{email(n)}\n" for n in range(PEOPLE)))
    day = (now() - dt.timedelta(days=5)).isoformat()
    orders = [n for n in range(PEOPLE) for _ in range(4 if n in OFTEN else 1)]
    lines = [f"k{n},purchase,{day},o{place}\n" for place, n in enumerate(orders)]
    events.write_text("customer_id,event_type,occurred_at,order_id\n" + "".join(lines))
    load(workspace, "customers", [customers], clock=now)
    load(workspace, "events", [events], clock=now)
    for definition in (SEGMENT, FEW):
        segments.save(state, parse_segment(definition), by="maker", at=now())
    compute(state)
    found = verify(sandbox.base_url, sandbox.token, str(sandbox.portal_id), workspace=workspace, embedded=True)
    assert found.ok, found
    connection = found.connection(method=Method.PRIVATE_APP, at=now(), embedded=True)
    connections.save(state, connection, sandbox.token, by="maker", at=now())
    pull(state)
    state.close()


def compute(state: State) -> None:
    current = segments.all_current(state)
    versions = {one.segment.key: one.version for one in current}
    refresh(state.workspace, [one.segment for one in current], versions=versions, clock=now)


def pull(state: State) -> None:
    connection = connections.required(state)
    gateway = open_gateway(connection, connections.token(state, connection), state.workspace)
    refresh_mirror(state.workspace, state, connection, gateway, full=True, clock=now)


def work(state: State) -> None:
    """Do what is queued, as the worker does."""
    connection = connections.required(state)
    gateway = open_gateway(connection, connections.token(state, connection), state.workspace)
    Worker(state.workspace, state, gateways=lambda _: gateway, clock=now).run_due()


@dataclass(frozen=True)
class Made:
    """A filled workspace to copy from, and the key its token is sealed with."""

    home: Path
    config: Path
    sandbox: Sandbox


def copied(made: Made, to: Path) -> Path:
    shutil.copytree(made.home, to)
    return to


def opened(page: str = "home.py", **query: str) -> AppTest:
    """Open the app, then one of its pages, as a link with this query would."""
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    app.context = {"locale": "en-US", "timezone": "Europe/Berlin"}
    app.run()
    for name, value in query.items():
        app.query_params[name] = value
    if page != "home.py":
        app.switch_page(page)
    return app.run()


def shown(app: AppTest) -> str:
    """Everything a page says, in one text."""
    kinds = ("title", "subheader", "markdown", "caption", "error", "warning", "info", "success", "metric")
    parts: list[str] = []
    for kind in kinds:
        for element in app.get(kind):
            label = getattr(element, "label", "")
            parts += [str(label or ""), str(getattr(element, "value", "") or "")]
    parts += [button.label for button in app.button]
    parts += [str(getattr(link, "label", "")) for link in app.get("page_link")]
    return "\n".join(parts)
