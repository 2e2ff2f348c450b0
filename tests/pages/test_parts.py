from __future__ import annotations

import datetime as dt
import re

import pytest
import streamlit as st
from hypothesis import given
from hypothesis import strategies as given_by
from markdown_it import MarkdownIt
from streamlit.testing.v1 import AppTest

from hubsync.core.segment import Rule, parse_segment
from pages.parts import rule, ticket
from pages.parts.figure import duration, number, percent
from pages.parts.markdown import plain
from pages.parts.moment import ago, exact, now
from pages.parts.palette import STYLES
from pages.parts.ticket import Tickets


def script_with_errors() -> None:
    import streamlit as st  # noqa: PLC0415 - a script of its own

    from hubsync.core.errors import BadInput  # noqa: PLC0415
    from pages.parts.boundary import act, boundary, pending  # noqa: PLC0415

    def fail() -> None:
        raise BadInput("The *list* has no name.", "Nothing was sent.", "Give it one.")

    def surprise() -> None:
        raise ZeroDivisionError("pat-na1-secret")

    pending()
    with boundary():
        st.button("ours", on_click=act(fail), key="ours")
        st.button("other", on_click=act(surprise), key="other")
        st.button("stop", key="stop")
        if st.session_state["stop"]:
            st.stop()
        st.caption("end")


def test_an_error_of_a_button_is_shown_once_with_what_happened_what_was_kept_and_what_to_do() -> None:
    app = AppTest.from_function(script_with_errors).run()
    app.button(key="ours").click().run()
    told = app.error[0].value
    assert r"The \*list\* has no name\." in told
    assert r"Nothing was sent\." in told
    assert r"Give it one\." in told
    assert "bad\\_input" in told
    assert app.caption[0].value == "end"
    app.run()
    assert not app.error


def test_an_unforeseen_error_shows_an_id_and_nothing_of_its_text(caplog: pytest.LogCaptureFixture) -> None:
    app = AppTest.from_function(script_with_errors).run()
    app.button(key="other").click().run()
    told = app.error[0].value
    found = re.search(r"unexpected ([0-9a-f]{8})", told)
    assert found
    assert found.group(1) in caplog.text
    assert "secret" not in told


def test_stopping_a_page_is_no_error() -> None:
    app = AppTest.from_function(script_with_errors).run()
    app.button(key="stop").click().run()
    assert not app.error
    assert not app.caption


@given(text=given_by.text(max_size=80))
def test_text_from_outside_is_never_markup(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(f"x {plain(text)}")
    inline = [token for token in tokens if token.type == "inline"]
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    kinds = {child.type for child in inline[0].children or []}
    assert kinds <= {"text", "text_special"}


@given(text=given_by.text(alphabet=":$[]material/red-badge{}abc", max_size=40))
def test_text_from_outside_is_no_icon_colour_or_formula(text: str) -> None:
    assert not re.search(r"(?<!\\)[:$]", plain(text))


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(None, "–"), (0.2, "under 1 s"), (3, "3 s"), (125, "2 min 5 s"), (3840, "1 h 4 min")],
)
def test_a_length_of_time_takes_two_units_at_most(seconds: float | None, told: str) -> None:
    assert duration(seconds) == told


def test_figures_follow_the_language_and_never_make_a_zero_of_what_is_unknown() -> None:
    assert (number(1240), number(None)) == ("1,240", "–")
    assert (percent(0.1234), percent(0.0002), percent(0), percent(None)) == ("12.3%", "<0.1%", "0.0%", "–")
    st.session_state["lang"] = "pt"
    try:
        assert (number(1240), percent(0.1234)) == ("1.240", "12,3%")
    finally:
        del st.session_state["lang"]


def test_a_moment_is_told_by_how_long_ago_and_exactly_with_its_zone() -> None:
    at = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
    assert ago(at - dt.timedelta(minutes=5), at) == "5 minutes ago"
    assert ago(at + dt.timedelta(hours=2), at) == "in 2 hours"
    assert ago(at, at) == "just now"
    assert ago(None) == "–"
    assert exact(at).endswith("UTC")


def test_segments_differ_by_more_than_colour() -> None:
    first = STYLES[:4]
    assert len({style.colour for style in first}) == len({style.dash for style in first}) == 4
    assert len({style.marker for style in first}) == 4


@pytest.mark.parametrize("background", ["#ffffff", "#060a09"])
def test_segment_colours_stand_out_on_both_themes(background: str) -> None:
    assert all(contrast(style.colour, background) >= 3 for style in STYLES)


def contrast(one: str, other: str) -> float:
    """WCAG 2's contrast ratio of two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_ticket_is_good_once_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = Tickets()
    first, second = tickets.put("one"), tickets.put("two")
    assert tickets.take(first) == "one"
    assert tickets.take(first) is None
    later = now() + ticket.LASTS + dt.timedelta(seconds=1)
    monkeypatch.setattr("pages.parts.ticket.now", lambda: later)
    assert tickets.take(second) is None


RULES = [
    ({"feature": {"kind": "measure", "agg": "count", "within_days": 90}, "op": ">=", "value": 3}, "3 or more"),
    ({"feature": {"kind": "rank", "of": {"agg": "sum", "of": "amount"}}, "op": ">=", "value": 0.8}, "in the top 20%"),
    ({"feature": {"kind": "rank", "of": {"agg": "sum", "of": "amount"}}, "op": "<", "value": 0.1}, "in the lowest 10%"),
    ({"feature": {"kind": "attribute", "field": "city"}, "op": "in", "value": ["A", "B"]}, "city: is one of A or B"),
    ({"feature": {"kind": "attribute", "field": "city"}, "op": "is unknown"}, "city: is unknown"),
    ({"feature": {"kind": "measure", "agg": "sum", "of": "amount"}, "op": "<", "value": 5}, "under 5"),
]


@pytest.mark.parametrize(("condition", "told"), RULES)
def test_a_condition_reads_as_words(condition: Rule, told: str) -> None:
    segment = parse_segment({"key": "x", "name": {"en": "X"}, "rule": {"any": [condition, {"not": condition}]}})
    assert segment.rule is not None
    lines = rule.lines(segment.rule, 0)
    assert lines[0] == "- at least one of these:"
    assert lines[2] == "    - not this:"
    assert plain(told) in lines[1]
    assert lines[3].strip() == lines[1].strip()
