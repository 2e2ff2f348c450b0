"""Syncs as data: what is refused with which words, and YAML that comes back as it went out."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hubsync.core import catalogue
from hubsync.core.errors import BadInput
from hubsync.core.plan import Target
from hubsync.core.schedule import After, Cron, Daily, Hourly, Weekly
from hubsync.core.segment import parse_segment
from hubsync.core.sync import Allow, Email, Sync, documents, parse_sync, read, write

GIVEN = {"key": "daily", "segments": ["regulars"], "target": "static_list"}
SEGMENT = parse_segment({"key": "regulars", "name": {"en": "Regulars", "pt": "Fiéis"}, "sql": "select 1"})
DAY = dt.date(2030, 1, 7)


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"key": "Daily"}, "key: a key is lower-case"),
        ({"segments": []}, "segments: "),
        ({"segments": ["a", "a"]}, "'a' is named twice"),
        ({"target": "carrier_pigeon"}, "target: "),
        ({"list_name": "A", "list_pattern": "daily"}, "not both"),
        ({"list_name": "A", "segments": ["a", "b"]}, "several segments need a 'list_pattern'"),
        ({"list_name": " "}, "no name"),
        ({"list_name": "x" * 201}, "201 characters"),
        ({"list_pattern": "no place"}, "one of active, daily, campaign, short"),
        ({"list_pattern": "{name} {0}"}, "one of active"),
        ({"list_pattern": "{name.__class__}"}, "one of active"),
        ({"list_pattern": "{name"}, "brace"),
        ({"target": "properties", "list_name": "A"}, "makes no list"),
        ({"mapping": {"a": "b"}}, "'mapping' is for properties"),
        ({"target": "email"}, "'email', with the id of a template"),
        ({"email": {"template": "1"}}, "goes with target 'email' and no other"),
        ({"target": "email", "email": {"template": "1", "name": "A"}, "segments": ["a", "b"]}, "one draft for all"),
        ({"allow": {"removals": -1}}, "allow › removals"),
        ({"allow": {"everything": 1}}, "allow › everything"),
        ({"schedule": {"daily": "noon"}}, "schedule › daily › daily: 'noon' is no time of day"),
        ({"schedule": {}}, "a schedule is one of"),
        ({"langauge": "pt"}, "langauge"),
    ],
)
def test_a_sync_that_makes_no_sense_is_refused_with_the_part_that_is_wrong(more: dict[str, Any], word: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_sync({**GIVEN, **more})
    assert word in str(refused.value)


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({}, None),
        ({"list_name": "Exactly {this}"}, "Exactly {this}"),
        ({"list_pattern": "daily"}, "Regulars - Daily sync"),
        ({"list_pattern": "daily", "language": "pt"}, "Fiéis - Sincronização diária"),
        ({"list_pattern": "{name} {{x}} {quarter}", "language": "pt"}, "Fiéis {x} 1º tri 2030"),
    ],
)
def test_lists_are_named_word_by_word_or_by_a_pattern(more: dict[str, Any], name: str | None) -> None:
    assert parse_sync({**GIVEN, **more}).list_for(SEGMENT, DAY) == name


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("syncs: [", "not YAML"),
        ("", "holds no syncs"),
        ("syncs: []", "holds no syncs"),
        ("just words", "holds no syncs"),
        ("[1]", "Sync '?'"),
        (yaml.safe_dump([GIVEN, GIVEN]), "holds 'daily' twice"),
    ],
)
def test_a_file_that_holds_no_syncs_says_what_it_lacks(text: str, word: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(text, source="syncs.yaml")
    assert word in str(refused.value)


@pytest.mark.parametrize("text", [yaml.safe_dump(GIVEN), yaml.safe_dump([GIVEN]), yaml.safe_dump({"syncs": [GIVEN]})])
def test_one_sync_a_list_and_a_document_are_all_files(text: str) -> None:
    assert read(text) == [parse_sync(GIVEN)]


def test_times_may_be_written_without_quotes() -> None:
    (sync,) = read("key: a\nsegments: [b]\ntarget: static_list\nschedule: {daily: 16:30}")
    assert sync.schedule == Daily(daily="16:30")


times = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
zones = st.sampled_from(["UTC", "America/Sao_Paulo", "Europe/Berlin"])
schedules = (
    st.none()
    | st.builds(Hourly, hourly=st.integers(0, 59), zone=zones)
    | st.builds(Daily, daily=times, zone=zones)
    | st.builds(Weekly, weekly=st.sets(st.sampled_from(["mon", "wed", "sun"]), min_size=1).map(tuple), at=times)
    | st.builds(Cron, cron=st.sampled_from(["0 6 * * 1-5", "*/15 * * * *"]), zone=zones)
    | st.builds(After, after=st.sampled_from(["load", "refresh"]))
)
people = st.none() | st.integers(0, 10_000)
text = st.text(min_size=1, max_size=40).filter(lambda name: name.split() and "{" not in name and "}" not in name)


@st.composite
def syncs(draw: st.DrawFn) -> Sync:
    target = draw(st.sampled_from(list(Target)))
    several = draw(st.booleans())
    listed = target not in {Target.PROPERTIES, Target.LEAD_SCORE}
    return Sync(
        key=draw(st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)),
        segments=("first", "second") if several else ("only",),
        target=target,
        list_name=draw(st.none() | text) if listed and not several else None,
        list_pattern=draw(st.sampled_from([None, "daily", "{name} – diário"])) if listed and several else None,
        language=draw(st.sampled_from(["en", "pt"])),
        create_contacts=draw(st.booleans()),
        mapping=draw(st.none() | st.dictionaries(text, text, max_size=3)) if target is Target.PROPERTIES else None,
        email=draw(st.builds(Email, template=text, subject=text)) if target is Target.EMAIL else None,
        allow=draw(st.builds(Allow, creates=people, removals=people, size_change=people)),
        schedule=draw(schedules),
        enabled=draw(st.booleans()),
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(syncs(), min_size=1, max_size=4, unique_by=lambda sync: sync.key))
def test_what_is_written_is_read_as_it_was_and_written_the_same_again(given_: list[Sync]) -> None:
    written = write(given_)
    assert read(written) == given_
    assert write(read(written)) == written
    assert yaml.safe_load(written)["syncs"] == documents(given_)


@given(st.text(min_size=1, max_size=40).filter(str.strip))
@example("a\x85b\u2028c\u2029d\ufeffe")
@settings(deadline=None)
def test_a_segments_name_too_is_read_as_it_was(name: str) -> None:
    segment = parse_segment({"key": "any", "name": {"en": name}, "sql": "select 1"})
    assert catalogue.read(catalogue.write([segment])) == [segment]
