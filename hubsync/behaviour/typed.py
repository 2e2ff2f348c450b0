"""Columns of a loaded file as SQL: typed once, null where a value cannot be read as what it should be."""

from __future__ import annotations

import re
from collections.abc import Mapping

_WHOLE = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?")
#: Types that extra columns keep; all others become text.
_KEPT = re.compile(r"BOOLEAN|U?(TINYINT|SMALLINT|INTEGER|BIGINT)|DECIMAL\(.*\)|DATE|FLOAT|DOUBLE|TIMESTAMP.*")
#: Written as text, a column of these is a number, a day, ... if all of it is; leading zeros make it an identifier.
_LOOKS: Mapping[str, str] = {
    "BIGINT": r"-?(0|[1-9]\d{0,17})",
    "DOUBLE": r"-?(0|[1-9]\d{0,15})(\.\d+)?([eE][-+]?\d{1,2})?",
    "BOOLEAN": r"(?i)true|false",
    "DATE": r"(19|20|21)\d\d-\d\d-\d\d",
    "TIMESTAMPTZ": r"(19|20|21)\d\d-\d\d-\d\d[ T]\d\d:\d\d.*",
}


def text(column: str, kind: str) -> str:
    """Return the column trimmed, "" as null; a whole number that came as a float loses its ".0"."""
    if kind in {"FLOAT", "DOUBLE"}:
        return (
            f"case when isfinite({column}) and {column} = trunc({column}) then {column}::decimal(38, 0)::varchar "
            f"when isfinite({column}) then {column}::varchar end"
        )
    return f"nullif(trim({column}::varchar), '')"


def number(column: str, kind: str) -> str:
    """Return the column as DECIMAL(18, 4): exact, so that sums do not depend on the order of rows.

    Text may have a decimal comma (12,50 or 1.234,50) or commas between thousands (1,234.50); "1,234" alone could be
    either and is null.
    """
    if kind != "VARCHAR":
        return f"try_cast({column} as decimal(18, 4))"
    value = f"trim({column})"
    return (
        f"case when regexp_full_match({value}, '-?(\\d+|\\d{{1,3}}(\\.\\d{{3}})+),(\\d{{1,2}}|\\d{{4,}})') "
        f"then try_cast(replace(replace({value}, '.', ''), ',', '.') as decimal(18, 4)) "
        f"when regexp_full_match({value}, '-?\\d{{1,3}}(,\\d{{3}})+\\.\\d+') "
        f"then try_cast(replace({value}, ',', '') as decimal(18, 4)) "
        f"else try_cast({value} as decimal(18, 4)) end"
    )


def time(column: str, kind: str) -> str:
    """Return the column as a time in UTC between 1900 and 2199; without a zone it is read as UTC.

    Text is ISO 8601 or seconds or milliseconds since 1970 in 10 or 13 digits; whole numbers are seconds,
    milliseconds or microseconds by their size.
    """
    if kind == "VARCHAR":
        value = f"trim({column})"
        found = (
            f"case when regexp_full_match({value}, '\\d{{10}}|\\d{{13}}') "
            f"then {_since_1970(f'try_cast({value} as bigint)')} else try_cast({value} as timestamptz) end"
        )
    elif _WHOLE.fullmatch(kind):
        found = _since_1970(f"try_cast({column} as bigint)")
    elif kind in {"FLOAT", "DOUBLE"}:
        found = _since_1970(f"try_cast(round({column}) as bigint)")
    else:
        found = f"try_cast({column} as timestamptz)"
    # Written twice, computed once: the engine sees that both are the same, where a subquery would cost a join.
    return f"case when {found} between timestamptz '1900-01-01' and timestamptz '2199-12-31' then {found} end"


def kept(column: str, kind: str) -> str:
    """Return an extra column as it is kept: floats that are no number are null, times are UTC, nested values text."""
    if kind in {"FLOAT", "DOUBLE"}:
        value = f"try_cast({column} as double)"
        return f"case when isfinite({value}) then {value} end"
    if kind.startswith("TIMESTAMP"):
        return f"try_cast({column} as timestamptz)"
    return f"try_cast({column} as {kind})" if _KEPT.fullmatch(kind) else text(column, kind)


def looks_like(column: str) -> str:
    """Return an aggregate: the type that all of a text column can be read as, VARCHAR if none or all is empty."""
    value = text(column, "VARCHAR")
    tests = " ".join(
        f"when bool_and(regexp_full_match({value}, '{pattern}') and try_cast({value} as {kind}) is not null) "
        f"filter (where {value} is not null) then '{kind}'"
        for kind, pattern in _LOOKS.items()
    )
    return f"case {tests} else 'VARCHAR' end"


def _since_1970(number: str) -> str:
    return (
        f"try(make_timestamptz(case when abs({number}) < 1e11 then {number} * 1000000 "
        f"when abs({number}) < 1e14 then {number} * 1000 else {number} end))"
    )
