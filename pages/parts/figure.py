"""Figures as the reader's language writes them."""

from __future__ import annotations

from babel.numbers import format_decimal, format_percent

from pages.parts.language import _, locale

#: What stands where a figure is not known; never a zero.
MISSING = "–"


def number(value: float | None) -> str:
    """Return 1240 as "1,240", or "1.240" in Portuguese."""
    return MISSING if value is None else str(format_decimal(value, locale=locale()))


def percent(value: float | None, digits: int = 1) -> str:
    """Return 0.123 as "12.3%"; a share below one digit shown is "<0.1%", never a misleading zero."""
    if value is None:
        return MISSING
    pattern = "#,##0." + "0" * digits + "%" if digits else "#,##0%"
    least = 10.0 ** -(digits + 2)
    if 0 < value < least:
        return "<" + str(format_percent(least, format=pattern, locale=locale()))
    return str(format_percent(value, format=pattern, locale=locale()))


def duration(seconds: float | None) -> str:
    """Return a length of time in at most two units: "3 s", "2 min 5 s", "1 h 4 min"."""
    if seconds is None:
        return MISSING
    if seconds < 1:
        return _("under 1 s")
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {left} s" if minutes else f"{left} s"
