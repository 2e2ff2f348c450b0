"""Which feature goes into which property, and as what type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from hubsync.core.errors import BadInput
from hubsync.core.field import CUSTOMER_ID, Field, FieldType
from hubsync.core.segment import Segment, conditions

if TYPE_CHECKING:
    import duckdb

PREFIX = "hubsync_"
#: HubSpot documents no longest name; this much is known to work.
LONGEST = 100
NAME = re.compile(r"[a-z][a-z0-9_]*")
_NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*")


@dataclass(frozen=True, kw_only=True)
class Mapped:
    """One column of the feature table and the property it fills."""

    column: str
    field: Field

    def document(self) -> dict[str, Any]:
        """Return it as plain data, to be kept with a plan."""
        return {"column": self.column, **asdict(self.field)}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Mapped:
        """Return what `document()` was made from."""
        rest = {name: value for name, value in document.items() if name not in {"column", "options", "type"}}
        options = tuple((value, label) for value, label in document["options"])
        return cls(column=document["column"], field=Field(**rest, type=FieldType(document["type"]), options=options))


def mapped(con: duckdb.DuckDBPyConnection, segment: Segment, mapping: Mapping[str, str] | None) -> list[Mapped]:
    """Return what fills what.

    Our customer id always; then `mapping` (column → property), or else the measures of the segment's rule, each into
    a property named after its column.
    Raises BadInput for a column the feature table lacks, a name HubSpot does not take, or one property filled twice.
    """
    types = {str(row[0]): str(row[1]) for row in con.execute("describe features").fetchall()}
    labels = {}
    for condition in conditions(segment.rule) if segment.rule else ():
        labels[condition.column] = condition.label.get("en", "")
    if mapping is None:
        mapping = {name: property_name(name) for name in labels if name in types}
    found = [Mapped(column="customer_id", field=CUSTOMER_ID)]
    for name, target in mapping.items():
        if name not in types:
            known = ", ".join(sorted(types.keys() - {"customer_id", "email"}))
            raise BadInput(f"There is no measure '{name}'.", f"Measures here: {known}.", "Map one of these.")
        if not NAME.fullmatch(target) or len(target) > LONGEST:
            raise BadInput(
                f"HubSpot takes no property named '{target}'.",
                "Names are lower-case letters, digits and underscores, and start with a letter.",
                f"Try: {property_name(target)}",
            )
        label = labels.get(name) or name.replace("_", " ").capitalize()
        found.append(Mapped(column=name, field=Field(name=target, label=label, type=field_type(types[name]))))
    names = [each.field.name for each in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadInput(f"'{twice[0]}' would be filled twice.", "Nothing was planned.", "Map it once.")
    return found


def property_name(name: str) -> str:
    """Return the property's name for a column: prefixed, and short enough without two becoming one."""
    name = PREFIX + re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_").removeprefix(PREFIX)
    if len(name) <= LONGEST:
        return name
    return f"{name[: LONGEST - 9]}_{sha256(name.encode()).hexdigest()[:8]}"


def field_type(kind: str) -> FieldType:
    """Return the property type that holds a column of this DuckDB type."""
    if _NUMBER.fullmatch(kind):
        return FieldType.NUMBER
    if kind.startswith("TIMESTAMP"):
        return FieldType.DATETIME
    return {"BOOLEAN": FieldType.BOOL, "DATE": FieldType.DATE}.get(kind, FieldType.STRING)
