"""Segments as a file a team can keep in git: YAML in and out."""

from __future__ import annotations

from collections.abc import Iterable

import yaml

from hubsync.core.document import dump
from hubsync.core.errors import BadInput
from hubsync.core.segment import Segment, parse_segment


def read(text: str, *, source: str = "The file") -> list[Segment]:
    """Return the segments of a YAML document: `segments: [...]`, a list of them, or one alone.

    BadInput names the line that is no YAML, or the part of a segment that cannot be read.
    """
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadInput(f"{source} is not YAML.", str(error), "Mend the line that is named.") from error
    items = data.get("segments", [data]) if isinstance(data, dict) else data
    if not isinstance(items, list) or not items:
        raise BadInput(
            f"{source} holds no segments.",
            "A file of segments is YAML: a list under 'segments', each with key, name and rule.",
            "See what `segments export` prints.",
        )
    found = [parse_segment(item) for item in items]
    keys = [segment.key for segment in found]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise BadInput(f"{source} holds '{twice[0]}' twice.", "Nothing was applied.", "Give each segment its own key.")
    return found


def write(segments: Iterable[Segment]) -> str:
    """Return segments as the document that `read` takes."""
    return dump({"segments": documents(segments)})


def documents(segments: Iterable[Segment]) -> list[dict[str, object]]:
    """Return segments as plain values, without what was left at its default."""
    return [segment.model_dump(mode="json", by_alias=True, exclude_defaults=True) for segment in segments]
