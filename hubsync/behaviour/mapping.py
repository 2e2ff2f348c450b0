"""Which column of a file is which field of ours: guessed from its name, correctable by the user."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Literal

from hubsync.core.errors import BadInput

Kind = Literal["customers", "events"]

#: Our fields with the column names they are guessed from, the likeliest first; English and Portuguese.
FIELDS: Mapping[Kind, Mapping[str, str]] = {
    "customers": {
        "customer_id": "customer_id customer client_id client user_id household_id id_cliente cliente_id cliente "
        "codigo_cliente contact_id person_id id",
        "email": "email e_mail email_address mail endereco_de_email",
    },
    "events": {
        "customer_id": "customer_id customer client_id client user_id household_id id_cliente cliente_id cliente "
        "codigo_cliente contact_id person_id",
        "event_type": "event_type event_name event type action evento tipo_evento tipo",
        "occurred_at": "occurred_at event_time timestamp event_timestamp transaction_timestamp created_at order_date "
        "datetime time date ocorrido_em data_hora data_pedido data",
        "order_id": "order_id order basket_id transaction_id invoice pedido_id id_pedido pedido",
        "product_id": "product_id product sku item_id produto_id id_produto produto",
        "category": "category product_category categoria",
        "brand": "brand marca",
        "quantity": "quantity qty units quantidade qtd",
        "amount": "amount revenue sales_value total price value valor valor_total receita",
        "discount": "discount disc discount_amount desconto",
    },
}
REQUIRED: Mapping[Kind, tuple[str, ...]] = {
    "customers": ("customer_id",),
    "events": ("customer_id", "event_type", "occurred_at"),
}
TIMES = frozenset({"occurred_at"})
NUMBERS = frozenset({"quantity", "amount", "discount"})


def guess_fields(columns: Sequence[str], kind: Kind) -> dict[str, str]:
    """Return column → field for the columns whose names say what they are."""
    by_name: dict[str, str] = {}
    for name in columns:
        by_name.setdefault(plain(name), name)
    found: dict[str, str] = {}
    for field, names in FIELDS[kind].items():
        for name in names.split():
            if name in by_name and by_name[name] not in found:
                found[by_name[name]] = field
                break
    return found


def settle(columns: Sequence[str], kind: Kind, given: Mapping[str, str] | None) -> dict[str, str]:
    """Return column → field: what the user says, and guesses for what they leave open.

    A field of "" keeps the column as an extra one under its own name. Raises BadInput for a column that the file does
    not have, a field that we do not know, a field given twice, or a required field that no column holds.
    """
    given = given or {}
    fields = FIELDS[kind]
    listing = f"Columns of the file: {', '.join(columns) or 'none'}. Fields: {', '.join(fields)}."
    for name, field in given.items():
        if name not in columns:
            raise BadInput(f"There is no column '{name}'.", listing, "Correct the mapping; nothing was loaded.")
        if field and field not in fields:
            raise BadInput(f"There is no field '{field}'.", listing, "Correct the mapping; nothing was loaded.")
    taken = [field for field in given.values() if field]
    if doubled := sorted({field for field in taken if taken.count(field) > 1}):
        raise BadInput(f"Two columns are mapped to '{doubled[0]}'.", listing, "Keep one of them; nothing was loaded.")
    mapping = {name: field for name, field in given.items() if field}
    guesses = guess_fields([name for name in columns if name not in given], kind)
    mapping |= {name: field for name, field in guesses.items() if field not in taken}
    for field in REQUIRED[kind]:
        if field not in mapping.values():
            raise BadInput(
                f"No column holds '{field}'.",
                listing,
                f"Say which one does, e.g. --map COLUMN={field}; nothing was loaded.",
            )
    return mapping


def extra_names(columns: Sequence[str], mapping: Mapping[str, str], kind: Kind) -> dict[str, str]:
    """Return the names under which the columns without a field are kept; none clashes with a field or another."""
    taken = set(FIELDS[kind])
    names: dict[str, str] = {}
    for column in columns:
        if column in mapping:
            continue
        name = base = plain(column) or "column"
        number = 2
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        taken.add(name)
        names[column] = name
    return names


def plain(name: str) -> str:
    """Return a column name in lower-case ASCII letters, digits and underscores."""
    text = unicodedata.normalize("NFKD", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
