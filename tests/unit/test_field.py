from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubsync.core.field import FieldType, normalise


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (3.0, FieldType.NUMBER, "3"),
        (Decimal("1.50"), FieldType.NUMBER, "1.5"),
        (1 / 3, FieldType.NUMBER, "0.333333"),
        (-0.0000001, FieldType.NUMBER, "0"),
        ("1e3", FieldType.NUMBER, "1000"),
        (True, FieldType.BOOL, "true"),
        ("FALSE", FieldType.BOOL, "false"),
        (dt.date(2026, 3, 1), FieldType.DATE, "2026-03-01"),
        ("1772323200000", FieldType.DATE, "2026-03-01"),
        ("-86400000", FieldType.DATE, "1969-12-31"),
        (dt.datetime(2026, 3, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=3))), FieldType.DATE, "2026-02-28"),
        (dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC), FieldType.DATETIME, "2026-03-01T12:00:00.000Z"),
        ("2026-03-01T12:00:00Z", FieldType.DATETIME, "2026-03-01T12:00:00.000Z"),
        (None, FieldType.NUMBER, ""),
        ("", FieldType.DATE, ""),
        ("As it is", FieldType.STRING, "As it is"),
    ],
)
def test_values_take_the_form_hubspot_keeps(value: object, kind: FieldType, text: str) -> None:
    assert normalise(value, kind) == text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "kind"),
    [("many", FieldType.NUMBER), (float("nan"), FieldType.NUMBER), (float("inf"), FieldType.NUMBER),
     ("maybe", FieldType.BOOL), ("someday", FieldType.DATE)],
)  # fmt: skip
def test_a_value_its_type_cannot_hold_is_an_error(value: object, kind: FieldType) -> None:
    with pytest.raises(ValueError, match=r".+"):
        normalise(value, kind)  # type: ignore[arg-type]


@given(st.one_of(st.integers(-(10**15), 10**15), st.floats(-1e9, 1e9)))
def test_a_normalised_number_stays_as_it_is(value: float) -> None:
    text = normalise(value, FieldType.NUMBER)
    assert normalise(text, FieldType.NUMBER) == text


def test_every_type_has_a_control() -> None:
    assert {kind: kind.control for kind in FieldType} == {
        FieldType.STRING: "text",
        FieldType.NUMBER: "number",
        FieldType.DATE: "date",
        FieldType.DATETIME: "date",
        FieldType.BOOL: "booleancheckbox",
        FieldType.ENUMERATION: "select",
    }
