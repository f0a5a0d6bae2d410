"""Whether she wants to be left alone, by two tables in tests/corpus: what stops, and what only looks like it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from conversations.reading.controls import Control, read_control
from conversations.reading.stopping import LONGEST, Stop, read_stop

CORPUS = Path(__file__).parent.parent / "corpus"
AT_LEAST_READ = 0.95
SURE = (Stop.PLAIN, Stop.FORGET)
ASKED = (Stop.MAYBE, Stop.WEARY)


def rows(name: str) -> list[list[str]]:
    with (CORPUS / name).open(encoding="utf-8", newline="") as table:
        return list(csv.reader(table, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]


def said(kind: str) -> list[str]:
    return [text for text, of in rows("stop.tsv") if of == kind]


NEAR_MISSES = [text for (text,) in rows("stop_near_misses.tsv")]


def test_the_tables_are_large_enough() -> None:
    assert len(said("stop")) + len(said("forget")) >= 150
    assert len(NEAR_MISSES) >= 100
    assert len(said("ask")) >= 30


def test_nearly_every_stop_is_read_at_once_and_none_that_is_not_is_lost() -> None:
    stops = [*said("stop"), *said("forget")]
    missed = [text for text in stops if read_stop(text) not in SURE]
    print(f"{len(stops) - len(missed)} of {len(stops)} stops are read; asked or missed: {missed}")
    assert len(missed) <= (1 - AT_LEAST_READ) * len(stops)


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_like_a_stop_is_none(text: str) -> None:
    assert read_stop(text) is None
    assert read_control(text) is not Control.STOP


@pytest.mark.parametrize("text", said("ask"))
def test_a_doubtful_one_is_asked(text: str) -> None:
    assert read_stop(text) in ASKED
    assert read_control(text) is not Control.STOP


@pytest.mark.parametrize("text", said("forget"))
def test_who_wants_to_be_erased_is_told_apart(text: str) -> None:
    assert read_stop(text) is Stop.FORGET


def test_no_reading_depends_on_spelling_with_accents_capitals_or_politeness() -> None:
    for text in said("stop"):
        if read_stop(text) is Stop.PLAIN:
            assert read_stop(text.upper()) is Stop.PLAIN, text
            assert read_stop(f"Hola, {text}, por favor 🙏") is Stop.PLAIN, text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ya no me escriban, mi esposo se enoja", Stop.PLAIN),
        ("ya no me escriban, mañana sí puedo", Stop.MAYBE),
        ("le dije: ya no me escriban", Stop.MAYBE),
        ("ya no me escriban y borren mis datos", Stop.FORGET),
        ("ya no me escriban" + " de verdad" * LONGEST, None),
        ("", None),
        ("🙏🙏", None),
        ("....", None),
    ],
)
def test_what_stands_beside_it_counts(text: str, kind: Stop | None) -> None:
    assert read_stop(text) is kind
