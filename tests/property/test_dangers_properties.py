"""The reader of dangers on texts that nobody writes: any unicode, and very long ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.risk.dangers import dangers
from conversations.risk.kinds import Kind

WORDS = st.sampled_from(
    [
        "me",
        "mi",
        "no",
        "ya",
        "nunca",
        "quiero",
        "morir",
        "matar",
        "pega",
        "pegaba",
        "vivir",
        "que",
        "se",
        "hija",
        "antes",
        "hace",
        "años",
        "de",
        "risa",
        "la",
        "vida",
        ",",
        ".",
        "pero",
    ]
)


@given(st.text())
def test_any_text_gives_an_answer(text: str) -> None:
    assert all(danger.kind in Kind and danger.phrase for danger in dangers(text))


@given(st.lists(WORDS, max_size=40))
def test_a_sentence_of_its_own_tells_what_it_tells_whatever_follows(after: list[str]) -> None:
    assert Kind.SELF_HARM in {danger.kind for danger in dangers(f"me quiero morir . bueno . {' '.join(after)}")}


@pytest.mark.parametrize(
    "unit",
    [
        *("me ", "no ", "me quiero ", "mi hija ", "quiero morir no ", "antes me pegaba ", "me,", "a", "ﷺ", "¡"),
        *("me pega la ", "tengo ganas de ", "nunca me ha pegado ", "no no me ", "x" * 200 + " ", "mepegamepega"),
        *("\N{COMBINING ACUTE ACCENT}", "\x00", "hace años me ", "\N{COMBINING TILDE}ñ "),
    ],
)
def test_a_very_long_text_is_read_to_its_end(unit: str) -> None:
    text = unit * (60_000 // len(unit))
    assert {danger.kind for danger in dangers(f"{text} . zzz . ya me quiero matar")} >= {Kind.SELF_HARM}
