"""The corpora of amounts (tests/corpus): how much is read right, asked, or silently wrong; the figures are printed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from conversations.answers import Money, Period
from conversations.reading.amounts import read_amount
from conversations.reading.result import Clear, Doubtful, Reading, Unclear, Unreadable
from tests.corpus.judging import AMOUNTS, WAGE, Row, count, expected, rows, verdict

LEAST_RIGHT_OR_ASKED, LEAST_OUTRIGHT = 0.98, 0.85
LEAST_UTTERANCES = 400
BY_OTHERS = ("amounts_by_another.tsv", "amounts_held_out.tsv", "amounts_last_count.tsv")


@pytest.mark.parametrize("corpus", AMOUNTS)
def test_corpus_of_amounts_is_read_right_or_asked(corpus: str, record_property: Callable[[str, object], None]) -> None:
    counted = count(corpus)
    record_property("figures", str(counted))

    assert counted.silently_wrong == ()
    assert counted.right_or_asked >= LEAST_RIGHT_OR_ASKED, counted.confirmed_wrong
    assert counted.read_outright >= LEAST_OUTRIGHT


def test_half_of_the_utterances_asked_for_are_others() -> None:
    utterances = {corpus: {row["utterance"] for row in rows(corpus)} for corpus in AMOUNTS}
    by_others = set().union(*(utterances[corpus] for corpus in BY_OTHERS))
    assert len(set().union(*utterances.values())) >= LEAST_UTTERANCES
    assert len(by_others) >= LEAST_UTTERANCES / 2


def read(row: Row) -> Reading[Money]:
    return read_amount(row["utterance"], minimum_wage_daily=WAGE)


def test_amounts_are_read_as_the_corpus_says() -> None:
    assert [(row["utterance"], read(row)) for row in rows("amounts.tsv") if read(row) != expected(row)] == []


def test_debts_limits_sums_and_other_people_are_never_read_outright() -> None:
    assert [row["utterance"] for row in rows("never_outright.tsv") if isinstance(read(row), Clear)] == []


@pytest.mark.parametrize(
    "word", ["debo", "devo", "gasté", "compramos", "ganaba", "cobraré", "pagarían", "esposo", "ella"]
)
def test_a_telling_word_leaves_a_doubt_however_she_goes_on(word: str) -> None:
    assert not isinstance(read_amount(f"{word} 500"), Clear)
    assert not isinstance(read_amount(f"pues mire, {word} 500 pesos a la semana"), Clear)


@pytest.mark.parametrize(
    "aside", ["en la zarigüeyera", "con doña Eduviges", "porque no fui el martes,", "ay qué calorón,"]
)
def test_a_story_without_a_telling_word_changes_nothing(aside: str) -> None:
    assert read_amount(f"{aside} me dieron 500") == Clear(Money(Decimal(500)))


def test_nothing_is_nothing_for_any_span_but_an_amount_is_not() -> None:
    assert verdict(Clear(Money(Decimal(0), Period.WEEK)), Clear(Money(Decimal(0)))) == "read outright"
    assert verdict(Clear(Money(Decimal(500), Period.WEEK)), Clear(Money(Decimal(500)))) == "silently wrong"


def test_a_verdict_can_fail() -> None:
    want = Clear(Money(Decimal(500)))
    assert verdict(Clear(Money(Decimal(50))), want) == "silently wrong"
    assert verdict(Clear(Money(Decimal(500))), Unclear(Unreadable.NOT_AN_AMOUNT)) == "silently wrong"
    assert verdict(Doubtful(Money(Decimal(50))), want) == "offered wrong"
    assert verdict(Unclear(Unreadable.NOT_AN_AMOUNT), want) == "asked"


@pytest.mark.parametrize("text", ["lo mínimo", "dos salarios mínimos"])
def test_minimum_wages_need_the_wage_of_the_day(text: str) -> None:
    assert read_amount(text) == Unclear(Unreadable.NOT_AN_AMOUNT)
    assert isinstance(read_amount(text, minimum_wage_daily=WAGE), Doubtful)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", Unreadable.EMPTY), (" \n ", Unreadable.EMPTY), ("gano 500 " * 500, Unreadable.TOO_LONG)],
)
def test_no_text_and_too_much_text_are_asked_again(text: str, reason: Unreadable) -> None:
    assert read_amount(text) == Unclear(reason)
