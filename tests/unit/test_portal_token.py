"""A token shows itself to nobody."""

from __future__ import annotations

import pytest

from hubsync.portal.token import Token, redact

SECRET = "pat-eu1-0a1b2c3d-1111-2222-3333-444455556666"


def test_it_is_shown_masked() -> None:
    token = Token.of(f" {SECRET}\n")
    assert token.masked == "pat-eu1-****6666"
    assert SECRET not in repr(token) + str(token)
    assert token.is_usual


@pytest.mark.parametrize("text", ["short", "0123456789ab", "pat-na1-x"])
def test_of_a_short_one_even_less_is_shown(text: str) -> None:
    token = Token.of(text)
    assert not token.is_usual
    assert token.masked.replace("pat-na1-", "") in {"****", "****89ab"}


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {SECRET}",
        f'{{"headers": {{"authorization": "bearer {SECRET}"}}}}',
        f"tokenKey={SECRET}&x=1",
        "Bearer abcdefghijklmnop",
    ],
)
def test_anything_that_looks_like_one_is_taken_out(text: str) -> None:
    assert SECRET not in redact(text)
    assert "abcdefghijklmnop" not in redact(text)


def test_one_that_does_not_look_like_one_is_taken_out_too() -> None:
    token = Token.of("my-own-secret-token")
    assert "secret" not in token.redact("it said: my-own-secret-token!")


def test_other_words_stay() -> None:
    text = "The bearer of this list is Pat, from NA1."
    assert redact(text) == text
