"""Every text the pages ask the catalogue for, found in their syntax trees (f-strings included)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PAGES = Path(__file__).parents[2] / "pages"
Text = str | tuple[str, str]


def texts() -> dict[Text, str]:
    """Return each text, or pair of singular and plural, with the first place that uses it."""
    found: dict[Text, str] = {}
    for file in sorted(PAGES.rglob("*.py")):
        for call in calls(ast.parse(file.read_text(encoding="utf-8"))):
            place = f"{file.relative_to(PAGES.parent)}:{call.lineno}"
            values = [str(argument.value) for argument in call.args if isinstance(argument, ast.Constant)]
            if isinstance(call.func, ast.Name) and call.func.id == "n_":
                one, many = values
                found.setdefault((one, many), place)
            else:
                (text,) = values
                found.setdefault(text, place)
    return found


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls of `_` and `n_`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "n_"}:
            yield node
