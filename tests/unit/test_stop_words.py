"""Whether she wants to be left alone, by two tables in tests/corpus: what stops, and what only looks like it."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from conversations.reading.controls import Control, read_control
from conversations.reading.stopping import LONGEST, Stop, read_stop

CORPUS = Path(__file__).parent.parent / "corpus"
AT_LEAST_READ = 0.95
BY_ANOTHER_READ, BY_ANOTHER_READ_OR_ASKED = 0.65, 0.95
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


def test_what_only_looks_like_a_stop_is_none() -> None:
    assert [text for text in NEAR_MISSES if read_stop(text) or read_control(text) is Control.STOP] == []


def test_a_doubtful_one_is_asked() -> None:
    doubtful = said("ask")
    assert [text for text in doubtful if read_stop(text) not in ASKED or read_control(text) is Control.STOP] == []


def test_of_what_another_hand_wrote_nothing_stops_that_should_not_and_nearly_all_that_should_is_read_or_asked() -> None:
    by_another = [(kind, text, read_stop(text)) for text, kind in rows("stop_by_another.tsv")]
    assert [text for kind, text, read in by_another if kind == "not" and read in SURE] == []
    assert len([text for kind, text, read in by_another if kind == "not" and read in ASKED]) <= 1
    stops = [read for kind, _, read in by_another if kind == "stop"]
    sure, asked = len([read for read in stops if read in SURE]), len([read for read in stops if read in ASKED])
    print(f"of {len(stops)} stops by another hand {sure} are read and {asked} asked about")
    assert sure >= BY_ANOTHER_READ * len(stops)
    assert sure + asked >= BY_ANOTHER_READ_OR_ASKED * len(stops)


AFTER_A_DENIAL = ("no ", "no me ", "nunca ", "ya no ", "no quiero que ")
NO_PLAIN_WISH = re.compile(r"\b(no\w*|ni|nunca|jam[aá]s|sin|cero|ya\w*|dont|do|never|tampoco|pero)\b|[^\w\s/]", re.I)
"""What has a denial, a beginning or a sentence of its own."""


def test_what_is_denied_never_stops() -> None:
    begged = [text for text in said("stop") if read_stop(text) in SURE and NO_PLAIN_WISH.search(text) is None]
    assert len(begged) > 100
    assert [denied for text in begged for no in AFTER_A_DENIAL if read_stop(denied := no + text) in SURE] == []


def test_who_wants_to_be_erased_is_told_apart() -> None:
    assert [text for text in said("forget") if read_stop(text) is not Stop.FORGET] == []


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
