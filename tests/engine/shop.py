"""A small shop for tests: its rows as Python values, as tables, and as a loaded workspace."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from hubsync.behaviour.engine import open_engine
from hubsync.behaviour.load import load
from hubsync.behaviour.measures import AnyFeature, feature_table
from hubsync.core.segment import Segment, parse_segment
from hubsync.store.workspace import Workspace

NOW = dt.datetime(2025, 6, 30, 12, tzinfo=dt.UTC)

Row = Mapping[str, Any]

_CUSTOMERS = pa.schema(
    [("customer_id", pa.string()), ("email", pa.string()), ("city", pa.string()), ("age", pa.int64())],
)
_EVENTS = pa.schema(
    [
        ("customer_id", pa.string()),
        ("event_type", pa.string()),
        ("occurred_at", pa.timestamp("us", tz="UTC")),
        ("order_id", pa.string()),
        ("category", pa.string()),
        ("amount", pa.decimal128(18, 4)),
        ("rating", pa.float64()),
        ("gift", pa.bool_()),
    ],
)


def customer(customer_id: str, **values: Any) -> Row:
    return {"customer_id": customer_id, "email": f"{customer_id}@example.com", "city": None, "age": None, **values}


def event(customer_id: str, days_ago: float, event_type: str | None = "purchase", **values: Any) -> Row:
    """Something that happened so many days before NOW; amounts as text, so that they are exact."""
    amount = values.pop("amount", None)
    row = {"order_id": None, "category": None, "rating": None, "gift": None, **values}
    return {
        "customer_id": customer_id,
        "event_type": event_type,
        "occurred_at": NOW - dt.timedelta(days=days_ago),
        "amount": None if amount is None else Decimal(amount),
        **row,
    }


def computed(customers: Sequence[Row], events: Sequence[Row], features: Iterable[AnyFeature]) -> dict[str, Row]:
    """The engine's feature table as of NOW, by customer id."""
    with open_engine() as engine:
        people = engine.rows("customers", pa.Table.from_pylist(list(customers), _CUSTOMERS))
        happened = engine.rows("events", pa.Table.from_pylist(list(events), _EVENTS))
        rows = engine.run(feature_table(people, happened, features, NOW)).to_pylist()
    return {row["customer_id"]: row for row in rows}


def segment(key: str, rule: object) -> Segment:
    return parse_segment({"key": key, "name": {"en": key.replace("_", " ").capitalize()}, "rule": rule})


def write_csv(path: Path, rows: Sequence[Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@contextmanager
def opened(customers: Sequence[Row], events: Sequence[Row]) -> Iterator[Workspace]:
    """A workspace of its own with these rows loaded from CSV, for tests that make many."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        workspace = Workspace.open(home / "workspace")
        load(workspace, "customers", [write_csv(home / "customers.csv", customers)])
        if events:
            load(workspace, "events", [write_csv(home / "events.csv", events)])
        yield workspace
