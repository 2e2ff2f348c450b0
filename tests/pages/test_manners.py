"""What every page keeps to, read from its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages.texts import PAGES

FILES = sorted(PAGES.glob("*.py"))
SCREENS = [file for file in FILES if file.name not in {"main.py", "__init__.py"}]
EVERYTHING = sorted(PAGES.rglob("*.py"))
#: What pages must reach through a service.
FORBIDDEN = ("hubspot", "duckdb", "sqlite3", "ibis", "pyarrow", "urllib3", "requests", "httpx")
SQL = ("select ", "insert into ", "update ", "delete from ", "create table ", "copy (")


def name(file: Path) -> str:
    return str(file.relative_to(PAGES))


def test_the_router_knows_every_page_and_no_other() -> None:
    router = ast.parse((PAGES / "main.py").read_text())
    known = {call.args[0].value for call in pages_of(router) if isinstance(call.args[0], ast.Constant)}
    assert known == {file.name for file in SCREENS}


def pages_of(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "Page":
            yield node


@pytest.mark.parametrize("file", SCREENS, ids=name)
def test_a_page_asks_who_is_looking_before_anything_else(file: Path) -> None:
    first = next(
        node
        for node in ast.parse(file.read_text()).body
        if not isinstance(node, ast.Import | ast.ImportFrom) and not is_docstring(node)
    )
    assert ast.unparse(first).removeprefix("me = ").startswith("require(Role.")


def is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


@pytest.mark.parametrize("file", EVERYTHING, ids=name)
def test_pages_reach_data_and_portal_through_services_alone(file: Path) -> None:
    tree = ast.parse(file.read_text())
    imported = {module.partition(".")[0] for module in modules(tree)}
    assert imported.isdisjoint(FORBIDDEN)
    literals = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert not [text for text in literals if text.lower().startswith(SQL)]


def modules(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("file", EVERYTHING, ids=name)
def test_pages_carry_no_html_and_no_style_of_their_own(file: Path) -> None:
    text = file.read_text()
    assert "unsafe_allow_html" not in text
    assert "st.html(" not in text


@pytest.mark.parametrize("file", EVERYTHING, ids=name)
def test_charts_and_tables_have_an_alternative_text(file: Path) -> None:
    drawn = {"plotly_chart", "dataframe", "table", "data_editor", "image"}
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and called(node) in drawn:
            assert "alt" in {keyword.arg for keyword in node.keywords}, f"{name(file)}:{node.lineno}"


def called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.func.value.id == "st":
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""
