"""What fits into one message: never more than Telegram takes, nothing of ours broken, and nothing lost on pages."""

from __future__ import annotations

import re
from html import escape, unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.fitting import MOST_IN_CAPTION, MOST_IN_MESSAGE, MOST_IN_TOAST, clipped, fitted, length, paged
from conversations.speech import Button, Changed, Phrase, Relayed, Said, TapAnswered
from storage.traces import Standing
from tests.unit.test_rendering import calls

MOST = 40
TAIL = " y más"
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60)


@st.composite
def html(draw: st.DrawFn) -> str:
    """Texts between tags of ours."""
    parts = draw(st.lists(st.tuples(st.sampled_from(("{}", "<b>{}</b>", "<i>{}</i>")), WORDS), max_size=6))
    return "\n".join(tag.format(escape(words, quote=False)) for tag, words in parts)


def seen(text: str) -> str:
    return unescape(re.sub(r"</?[bi]>", "", text))


@given(html())
def test_what_is_cut_fits_says_so_and_leaves_no_tag_open(text: str) -> None:
    cut = fitted(text, MOST, tail=TAIL)
    assert length(seen(cut)) <= MOST
    for tag in "bi":
        assert cut.count(f"<{tag}>") == cut.count(f"</{tag}>")
    if length(seen(text)) <= MOST:
        assert cut == text
    else:
        assert cut.endswith(TAIL)
        kept = seen(cut).removesuffix(f"\n…{TAIL}")
        assert seen(text).startswith(kept)


@given(st.lists(WORDS, min_size=1, max_size=8))
def test_pages_hold_every_word_in_order(lines: list[str]) -> None:
    pages = paged(lines, MOST)
    assert all(length("\n".join(page)) <= MOST for page in pages)
    assert "".join("".join(page) for page in pages) == "".join(lines)


@given(WORDS, st.integers(2, 30))
def test_what_is_clipped_is_no_longer_than_it_may_be(text: str, most: int) -> None:
    short = clipped(text, most)
    assert length(short) <= most
    assert short == text if length(text) <= most else short.endswith("…")


def test_the_newest_screen_is_the_full_one() -> None:
    assert paged(["a" * 10, "b" * 30, "c" * 30], 65) == (("a" * 10,), ("b" * 30, "c" * 30))


def test_pictures_count_as_telegram_counts_them() -> None:
    assert length(seen(fitted("🙂" * 3000, MOST_IN_MESSAGE, tail=TAIL))) <= MOST_IN_MESSAGE


# --- the last guard


@pytest.mark.parametrize("kind", [Said, Changed])
def test_whatever_is_too_long_is_cut_says_so_and_keeps_its_buttons(kind: type[Said | Changed]) -> None:
    rows = ((Button("cases.list", Phrase("staff.cases_back")),),)
    line = Phrase("staff.broadcast_value", {"value": "<x> & "})
    speech = kind(Phrase("staff.case_noted", {}, (line,) * 2000), rows, 1, 2)
    (call,) = calls(speech, [Standing("lane", 7, 1, 2, ours=True)])
    assert length(seen(call.params["text"])) <= MOST_IN_MESSAGE
    assert "no cabe en un mensaje" in call.params["text"]
    assert len(call.params["reply_markup"]["inline_keyboard"]) == 1


def test_what_stands_below_a_picture_and_in_a_toast_is_cut_as_well() -> None:
    (call,) = calls(Relayed("a" * 3000, "photo", "f"))
    assert length(call.params["caption"]) <= MOST_IN_CAPTION
    (call,) = calls(TapAnswered("1", Phrase("staff.broadcast_value", {"value": "a" * 300})))
    assert length(call.params["text"]) <= MOST_IN_TOAST
