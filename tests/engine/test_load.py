"""Files as customers bring them: what is read, what is listed as unusable, and what loading again does."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import gzip
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubsync.behaviour.load import LoadReport, guess, load
from hubsync.behaviour.tables import data_file
from hubsync.core.errors import BadInput
from hubsync.store.workspace import Workspace

PEOPLE = "customer_id,email\n1,ana@example.com\n2,bia@example.com\n"
HEAD = "customer_id,event_type,occurred_at,order_id,amount\n"

Put = Callable[..., Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Write a file of the given name with this text, or these bytes."""

    def write(content: str | bytes, name: str = "rows.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def _rows(workspace: Workspace, kind: Any) -> list[dict[str, Any]]:
    return list(pq.read_table(data_file(workspace, kind)).to_pylist())


def _rejects(report: LoadReport) -> list[tuple[int, str, str]]:
    assert report.rejects_file is not None
    with report.rejects_file.open(newline="", encoding="utf-8") as text:
        return [(int(row["line"]), row["reason"], row["row"]) for row in csv.DictReader(text)]


def test_rows_that_cannot_be_used_are_listed_by_line_and_reason_and_the_rest_loads(
    workspace: Workspace, put: Put
) -> None:
    report = load(
        workspace,
        "customers",
        [
            put(
                "customer_id,email,city\n"
                "\n"
                '1,ana@example.com,"São\nPaulo"\n'
                "2,bia@example.com,Recife,more\n"
                "3,cid@example.com\n"
                " ,dan@example.com,Olinda\n"
                "1,again@example.com,Olinda\n"
                '5,eva@example.com,"so ""called"" city"\n'
                '6,fay@example.com,"never closed\n'
                "7,gil@example.com,Natal\n"
            )
        ],
    )
    assert _rejects(report) == [
        (5, "too many columns", "2,bia@example.com,Recife,more"),
        (6, "too few columns", "3,cid@example.com"),
        (7, "no customer id", " ,dan@example.com,Olinda"),
        (8, "this customer id appears before", "1,again@example.com,Olinda"),
        (10, "a quote is not closed, or not followed by the next column", '6,fay@example.com,"never closed'),
    ]
    assert [(row["customer_id"], row["city"]) for row in _rows(workspace, "customers")] == [
        ("1", "São\nPaulo"),
        ("5", 'so "called" city'),
        ("7", "Natal"),
    ]
    assert (report.rows, report.loaded, report.rejected) == (8, 3, 5)
    assert sum(report.reasons.values()) == report.rejected


def test_events_are_checked_field_by_field(workspace: Workspace, put: Put) -> None:
    load(workspace, "customers", [put(PEOPLE)])
    report = load(
        workspace,
        "events",
        [
            put(
                HEAD + "1,purchase,2025-01-31T10:00:00-03:00,a,10.50\n"
                "1,purchase,yesterday,a,10\n"
                "1,purchase,,a,10\n"
                "1,purchase,2025-01-31,a,ten\n"
                "1,,2025-01-31,a,10\n"
                "9,purchase,2025-01-31,a,10\n"
                ",purchase,2025-01-31,a,10\n"
                "2,purchase,1738317600,b,\n"
            )
        ],
    )
    assert [(line, reason) for line, reason, _ in _rejects(report)] == [
        (3, "the time cannot be read"),
        (4, "no time"),
        (5, "amount is not a number"),
        (6, "no event type"),
        (7, "unknown customer"),
        (8, "no customer id"),
    ]
    moment = dt.datetime(2025, 1, 31, tzinfo=dt.UTC)
    assert [(row["occurred_at"], row["amount"]) for row in _rows(workspace, "events")] == [
        (moment.replace(hour=13), Decimal("10.5000")),
        (moment.replace(hour=10), None),
    ]


def test_without_customers_nobody_is_unknown(workspace: Workspace, put: Put) -> None:
    assert load(workspace, "events", [put(HEAD + "9,purchase,2025-01-31,a,10\n")]).rejected == 0


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", "12"),
        ("12.5", "12.5"),
        ("12,50", "12.5"),
        ("1.234,50", "1234.5"),
        ("1,234.50", "1234.5"),
        ("-0.1", "-0.1"),
        (" 7 ", "7"),
        ("1,234", None),
        ("nan", None),
        ("1e400", None),
        ("R$ 5", None),
    ],
)
def test_numbers_are_read_as_written_here_and_there_and_never_guessed(
    workspace: Workspace, put: Put, text: str, number: str | None
) -> None:
    file = put(HEAD + f'1,purchase,2025-01-31,a,"{text}"\n1,purchase,2025-01-31,a,1\n')
    report = load(workspace, "events", [file])
    if number is None:
        assert [reason for _, reason, _ in _rejects(report)] == ["amount is not a number"]
    else:
        assert _rows(workspace, "events")[0]["amount"] == Decimal(number)


@pytest.mark.parametrize("form", ["csv", "semicolon", "tab", "jsonl", "parquet", "gz", "utf-16", "bom"])
def test_the_same_rows_come_out_of_every_form(workspace: Workspace, put: Put, tmp_path: Path, form: str) -> None:
    names = ["Cliente", "Tipo de evento", "Data", "Pedido", "Valor"]
    rows = [["1", "purchase", "2025-01-31T10:00:00Z", "a", "10.50"], ["2", "view", "2025-02-01T00:00:00Z", None, None]]

    def text(delimiter: str) -> str:
        return "\n".join(delimiter.join(cell or "" for cell in row) for row in [names, *rows]) + "\n"

    match form:
        case "csv":
            file = put(text(","))
        case "semicolon":
            file = put(text(";"))
        case "tab":
            file = put(text("\t"), "rows.tsv")
        case "jsonl":
            file = put("\n".join(json.dumps(dict(zip(names, row, strict=True))) for row in rows), "rows.jsonl")
        case "gz":
            file = put(gzip.compress(text(",").encode()), "rows.csv.gz")
        case "utf-16":
            file = put(codecs.BOM_UTF16_LE + text(",").encode("utf-16-le"))
        case "bom":
            file = put(codecs.BOM_UTF8 + text(",").encode())
        case _:
            file = tmp_path / "rows.parquet"
            pq.write_table(pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows]), file)
    mapping = {"Tipo de evento": "event_type"}
    assert load(workspace, "events", [file], mapping=mapping).loaded == 2
    moments = [dt.datetime(2025, 1, 31, 10, tzinfo=dt.UTC), dt.datetime(2025, 2, 1, tzinfo=dt.UTC)]
    assert [tuple(row.values()) for row in _rows(workspace, "events")] == [
        ("1", "purchase", moments[0], "a", Decimal("10.5000")),
        ("2", "view", moments[1], None, None),
    ]


def test_typed_columns_of_parquet_are_taken_as_they_are(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    naive = dt.datetime(2025, 1, 31, 10)  # noqa: DTZ001 - what the test is about
    columns = {
        "customer_id": [12.0, None],
        "event_type": ["purchase", "view"],
        "occurred_at": [naive, naive],
        "zip": ["01234", "5"],
        "tags": [["a"], []],
        "rating": [float("nan"), 4.5],
    }
    pq.write_table(pa.table(columns), file)
    report = load(workspace, "events", [file])
    assert [(line, reason) for line, reason, _ in _rejects(report)] == [(2, "no customer id")]
    (row,) = _rows(workspace, "events")
    assert (row["customer_id"], row["zip"], row["rating"]) == ("12", "01234", None)
    assert row["occurred_at"] == naive.replace(tzinfo=dt.UTC)


def test_extra_columns_are_kept_and_typed_by_all_of_their_values(workspace: Workspace, put: Put) -> None:
    text = (
        "id,Age,Zip code,Since,Vip,Score,email,E-Mail 2\n1,31,01310,2024-05-01,true,1.5,a@x.com,\n2,,05,,false,2,,z\n"
    )
    report = load(workspace, "customers", [put(text)])
    assert report.mapping == {"id": "customer_id", "email": "email"}
    first, second = _rows(workspace, "customers")
    assert (first["age"], first["zip_code"], first["since"], first["vip"], first["score"]) == (
        31,
        "01310",
        dt.date(2024, 5, 1),
        True,
        1.5,
    )
    assert (second["age"], second["e_mail_2"]) == (None, "z")


def test_columns_are_guessed_in_both_languages_and_corrected(workspace: Workspace, put: Put) -> None:
    file = put("Cliente,E-mail,Email2\n1,wrong@example.com,right@example.com\n")
    assert guess(file, "customers") == {"Cliente": "customer_id", "E-mail": "email"}
    load(workspace, "customers", [file], mapping={"Email2": "email"})
    (row,) = _rows(workspace, "customers")
    assert (row["email"], row["e_mail"]) == ("right@example.com", "wrong@example.com")


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ({"nope": "email"}, "no column 'nope'"),
        ({"email": "e-mail"}, "no field 'e-mail'"),
        ({"email": "customer_id", "customer_id": "customer_id"}, "Two columns are mapped to 'customer_id'"),
        ({"customer_id": ""}, "No column holds 'customer_id'"),
    ],
)
def test_a_wrong_mapping_is_refused_and_the_columns_listed(
    workspace: Workspace, put: Put, mapping: dict[str, str], says: str
) -> None:
    with pytest.raises(BadInput, match=says) as refused:
        load(workspace, "customers", [put(PEOPLE)], mapping=mapping)
    assert "Columns of the file: customer_id, email" in refused.value.detail


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        ("", "rows.csv", "is empty"),
        ("\n\n", "rows.csv", "has no column names"),
        ("customer_id,email\n", "rows.csv", "No row of rows.csv can be used"),
        ("a,a\n1,2\n", "rows.csv", "two columns 'a'"),
        ("Email,email,customer_id\n1,2,3\n", "rows.csv", "two columns 'Email'"),
        ('{"customer_id": 1, "Vip": 1}\n{"customer_id": 2, "vip": 1}', "rows.jsonl", "two columns 'Vip'"),
        ("customer_id,email\n1,caf\xe9".encode("latin-1"), "rows.csv", "letters of rows.csv cannot be read"),
        (b"PAR1 not really", "rows.parquet", "is not a Parquet file"),
        ("[1, 2]", "rows.json", "holds no JSON lines"),
        (b"\x1f\x8b broken", "rows.csv.gz", "rows.csv.gz cannot be read"),
        ("x", "rows.xlsx", "of a kind that cannot be loaded"),
    ],
)
def test_a_file_that_cannot_be_read_says_so_and_changes_nothing(
    workspace: Workspace, put: Put, content: Any, name: str, says: str
) -> None:
    load(workspace, "customers", [put(PEOPLE, "before.csv")])
    with pytest.raises(BadInput, match=says) as refused:
        load(workspace, "customers", [put(content, name)])
    assert refused.value.hint
    assert len(_rows(workspace, "customers")) == 2
    assert sorted(path.name for path in workspace.behaviour.iterdir()) == ["customers.parquet"]


def test_a_missing_file_is_named(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"There is no file .*gone\.csv"):
        load(workspace, "customers", [tmp_path / "gone.csv"])


def test_a_load_of_which_nothing_can_be_used_leaves_what_was_there(workspace: Workspace, put: Put) -> None:
    load(workspace, "customers", [put(PEOPLE)])
    with pytest.raises(BadInput, match="No row") as refused:
        load(workspace, "customers", [put("customer_id,email\n,x\n,y\n", "bad.csv")])
    assert "2 rows: no customer id" in refused.value.detail
    assert len(_rows(workspace, "customers")) == 2


def test_lines_that_are_no_json_objects_are_listed(workspace: Workspace, put: Put) -> None:
    text = '{"customer_id": 7, "vip": true}\n\nnot json\n[1]\n{"customer_id": 8, "city": {"name": "Recife"}}\n'
    report = load(workspace, "customers", [put(text, "rows.jsonl")])
    assert [(line, reason) for line, reason, _ in _rejects(report)] == [
        (3, "not a JSON object"),
        (4, "not a JSON object"),
    ]
    assert [row["customer_id"] for row in _rows(workspace, "customers")] == ["7", "8"]
    assert _rows(workspace, "customers")[1]["city"] == '{"name": "Recife"}'


def test_a_rejected_row_is_no_formula_for_a_spreadsheet(workspace: Workspace, put: Put) -> None:
    report = load(workspace, "customers", [put('customer_id,email\n1,x\n=HYPERLINK("http://evil"),2,3\n')])
    assert report.rejects_file is not None
    assert "\"'=HYPERLINK" in report.rejects_file.read_text()


def test_customers_that_leave_their_events_behind_are_told(workspace: Workspace, put: Put) -> None:
    load(workspace, "events", [put(HEAD + "1,purchase,2025-01-31,a,10\n9,purchase,2025-01-31,a,10\n")])
    report = load(workspace, "customers", [put(PEOPLE)])
    assert report.warnings == ("1 events belong to customers that are not there any more; they do not count.",)


def test_added_customers_take_the_place_of_those_with_their_id(workspace: Workspace, put: Put) -> None:
    load(workspace, "customers", [put(PEOPLE)])
    load(
        workspace,
        "customers",
        [put("customer_id,email,city\n2,new@example.com,Natal\n3,c@example.com,\n")],
        replace=False,
    )
    assert [(row["customer_id"], row["email"], row["city"]) for row in _rows(workspace, "customers")] == [
        ("1", "ana@example.com", None),
        ("2", "new@example.com", "Natal"),
        ("3", "c@example.com", None),
    ]


_LINE = st.sampled_from(
    ["1,purchase,2025-01-31,a,10", "1,purchase,2025-01-31,a,", "2,view,2025-02-01,,", "2,view,2025-02-01,b,1"]
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=st.lists(_LINE, min_size=1, max_size=6), after=st.lists(_LINE, min_size=1, max_size=6))
def test_added_events_are_there_as_often_as_one_of_the_files_has_them(
    tmp_path_factory: pytest.TempPathFactory, before: list[str], after: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("append")
    workspace = Workspace.open(folder / "workspace")
    for name, lines in (("before.csv", before), ("after.csv", after), ("again.csv", after)):
        (folder / name).write_text(HEAD + "\n".join(lines) + "\n")
        report = load(workspace, "events", [folder / name], replace=False)
        assert report.rows == report.loaded + report.already_there == len(lines)
    found = [
        f"{row['customer_id']},{row['event_type']},{row['occurred_at']:%Y-%m-%d},{row['order_id'] or ''},"
        f"{'' if row['amount'] is None else row['amount'].to_integral()}"
        for row in _rows(workspace, "events")
    ]
    expected = [line for line in set(before) | set(after) for _ in range(max(before.count(line), after.count(line)))]
    assert sorted(found) == sorted(expected)
    assert report.loaded == 0


def test_loading_again_replaces(workspace: Workspace, put: Put) -> None:
    file = put(HEAD + "1,purchase,2025-01-31,a,10\n1,purchase,2025-01-31,a,10\n")
    for _ in range(2):
        assert load(workspace, "events", [file]).loaded == 2
    assert len(_rows(workspace, "events")) == 2


def test_capitals_make_no_other_column(workspace: Workspace, put: Put) -> None:
    one = put("Customer_ID,EMAIL,City\n1,a@example.com,Natal\n", "one.csv")
    two = put("customer_id,email,city\n2,b@example.com,Recife\n", "two.csv")
    assert load(workspace, "customers", [one, two]).extras == {"city": "City"}
    assert [tuple(row.values()) for row in _rows(workspace, "customers")] == [
        ("1", "a@example.com", "Natal"),
        ("2", "b@example.com", "Recife"),
    ]


def test_several_files_are_one_load(workspace: Workspace, put: Put) -> None:
    one = put("customer_id,email\n1,a@example.com\n,x\n", "one.csv")
    two = put("customer_id,city\n2,Natal\n1,Recife\n", "two.csv")
    report = load(workspace, "customers", [one, two])
    assert [row["city"] for row in _rows(workspace, "customers")] == [None, "Natal"]
    assert [(line, reason) for line, reason, _ in _rejects(report)] == [
        (3, "no customer id"),
        (3, "this customer id appears before"),
    ]
