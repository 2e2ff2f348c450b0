"""YAML that is read back exactly as it was written."""

from __future__ import annotations

import yaml

#: Breaks of lines to YAML though not to everybody; PyYAML writes them plainly, and reads them back as spaces.
_BREAKS = frozenset("\x85\u2028\u2029")


def dump(data: object, *, width: int = 80) -> str:
    """Return plain values as YAML, in the order they have; lines are about `width` characters long."""
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=width)


class _Dumper(yaml.SafeDumper):
    """Writes text with such characters in quotes, where they are escaped."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if _BREAKS.intersection(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
