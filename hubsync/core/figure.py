"""Values as a reader sees them: numbers by language, and two numbers with enough digits to tell them apart."""

from __future__ import annotations

import datetime as dt

from hubsync.core.rule import Known
from hubsync.core.segment import Language

_UNKNOWN = {"en": "unknown", "pt": "desconhecido"}
_YES = {"en": "yes", "pt": "sim"}
_NO = {"en": "no", "pt": "não"}
#: More digits than this are noise of floating point.
_MOST_DIGITS = 6


def pair(value: float, threshold: float, *, percent: bool, language: Language) -> tuple[str, str]:
    """Return both numbers, as percentages if wanted, with as few digits as show whether they are equal."""
    scale = 100 if percent else 1
    alike = [round(value * scale, digits) == round(threshold * scale, digits) for digits in range(_MOST_DIGITS + 1)]
    start = 0 if percent else 2
    digits = next((place for place in range(start, len(alike)) if alike[place] == (value == threshold)), _MOST_DIGITS)
    has, needs = (number(one * scale, digits, language) + ("%" if percent else "") for one in (value, threshold))
    return has, needs


def number(value: float, digits: int, language: Language) -> str:
    """Return "1,234.5" in English and "1.234,5" in Portuguese, with at most so many digits after the point."""
    text = f"{value:,.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    text = "0" if text == "-0" else text
    return text.translate(str.maketrans(",.", ".,")) if language == "pt" else text


def plain(value: Known, language: Language) -> str:
    """Return any value as text; None is "unknown"."""
    match value:
        case None:
            return _UNKNOWN[language]
        case bool():
            return (_YES if value else _NO)[language]
        case int() | float():
            return number(value, 2, language)
        case dt.datetime():
            return f"{value:%Y-%m-%d %H:%M}"
    return str(value)


def is_number(value: object) -> bool:
    """Return whether it can be counted with; true and false cannot."""
    return isinstance(value, int | float) and not isinstance(value, bool)
