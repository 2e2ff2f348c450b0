"""`TRUST.md`: its table is what a run of the proofs printed, between two marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parents[2] / "TRUST.md"
_BEGIN, _END = "<!-- figures: begin -->\n", "<!-- figures: end -->\n"


def write(document: Mapping[str, Any], *, when: str, version: str) -> None:
    """Put the figures of a run in the place of the last one's; the words around them are people's."""
    before, rest = FILE.read_text(encoding="utf-8").split(_BEGIN)
    _, after = rest.split(_END)
    FILE.write_text(before + _BEGIN + "\n".join(table(document, when, version)) + "\n" + _END + after, encoding="utf-8")


def table(document: Mapping[str, Any], when: str, version: str) -> list[str]:
    """Return the figures as lines of Markdown."""
    rows = [
        f"{'Full' if document['full'] else 'Short'} run of {when}, at commit {version}, {document['seconds']:,.0f} s.",
        "",
        "| proof | stands | figures | seeds |",
        "|---|---|---|---|",
    ]
    for proof in document["proofs"]:
        figures = "; ".join(f"{name}: **{_figure(value)}**" for name, value in proof["figures"].items())
        found = "".join(f" ✗ {_cell(fault)}" for fault in proof["faults"])
        seeds = ", ".join(map(str, proof["seeds"])) or "–"
        stands = "yes" if proof["ok"] else "**no**"
        rows.append(f"| {proof['name']}: {proof['claim']} | {stands} | {figures}{found} | {seeds} |")
    return rows


def _figure(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_figure(count)}" for name, count in value.items()) or "none"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value)) or "none"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _cell(text: str) -> str:
    return " ".join(text.split())[:300].replace("|", "/")
