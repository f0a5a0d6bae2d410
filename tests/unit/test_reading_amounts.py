"""The corpus of amounts, one utterance a line: how many are read right, asked again, or silently wrong.

The last column of a line is empty where the amount is clear, `confirm` where she should confirm it, and otherwise the
reason for which it must be asked again. `days_per_week` stands only where a day's pay came with it.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from conversations.answers import Money, Period
from conversations.reading.amounts import read_amount
from conversations.reading.result import Clear, Doubtful, Reading, Unclear, Unreadable

CORPUS = Path(__file__).parent.parent / "corpus"
WAGE = Decimal("315.04")  # pesos a day in 2026, the general zone
LEAST_RIGHT_OR_ASKED, LEAST_OUTRIGHT = Decimal("0.98"), Decimal("0.85")

Row = dict[str, str]


def rows(name: str) -> list[Row]:
    with (CORPUS / name).open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))


def expected(row: Row) -> Reading[Money]:
    if not row["amount"]:
        return Unclear(Unreadable(row["ask"]))
    period = Period(row["period"]) if row["period"] else None
    high = Decimal(row["high"]) if row["high"] else None
    days = int(row["days_per_week"]) if row["days_per_week"] else None
    money = Money(Decimal(row["amount"]), period, high, days)
    return Doubtful(money) if row["ask"] == "confirm" else Clear(money)


def verdict(got: Reading[Money], want: Reading[Money]) -> str:
    """What became of one utterance; a wrong reading that she would be asked to confirm is not silently wrong."""
    match got, want:
        case Clear(read), Clear(said) | Doubtful(said) if read == said:
            return "read outright"
        case Clear(), _:
            return "silently wrong"
        case Doubtful(read), Clear(said) | Doubtful(said) if read != said:
            return "offered wrong"
        case Doubtful(), Clear() | Doubtful():
            return "offered right"
        case _:
            return "asked"


@pytest.mark.parametrize("corpus", sorted(path.name for path in CORPUS.glob("amounts*.tsv")))
def test_corpus_of_amounts_is_read_right_or_asked(corpus: str, record_property: Callable[[str, object], None]) -> None:
    utterances = rows(corpus)
    assert len(utterances) >= 100
    readings = [(row, expected(row), read_amount(row["utterance"], minimum_wage_daily=WAGE)) for row in utterances]
    verdicts = Counter(verdict(got, want) for _, want, got in readings)
    clear = [(got, want) for _, want, got in readings if isinstance(want, Clear)]
    outright = Decimal(sum(got == want for got, want in clear)) / len(clear)
    wrong = [row["utterance"] for row, want, got in readings if verdict(got, want).endswith("wrong")]
    counts = ", ".join(f"{number} {name}" for name, number in verdicts.most_common())
    record_property(
        "figures", f"{corpus}: {len(utterances)} utterances: {counts}; {outright:.1%} of clear ones outright"
    )

    assert verdicts["silently wrong"] == 0, wrong
    assert 1 - Decimal(len(wrong)) / len(utterances) >= LEAST_RIGHT_OR_ASKED, wrong
    assert outright >= LEAST_OUTRIGHT


@pytest.mark.parametrize("row", rows("amounts.tsv"), ids=lambda row: row["utterance"])
def test_amount_is_read_as_the_corpus_says(row: Row) -> None:
    assert read_amount(row["utterance"], minimum_wage_daily=WAGE) == expected(row)


@pytest.mark.parametrize("text", [row["utterance"] for row in rows("never_outright.tsv")])
def test_debts_limits_sums_and_other_people_are_never_read_outright(text: str) -> None:
    assert not isinstance(read_amount(text, minimum_wage_daily=WAGE), Clear)


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
