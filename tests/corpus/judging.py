"""The corpora of amounts beside this file, and what became of each utterance: one Count for each corpus.

* Columns: utterance, amount, high, period, days_per_week, ask. The last is empty where the amount is clear, `confirm`
  where she should confirm it, and otherwise says that, or why, it must be asked again. Lines before them with a `#` are
  comments.
* A clear row without a period is right when it is read so: the bot asks for the period next.
* Nothing is nothing for any span: two readings of zero agree, whatever their periods.
* Silently wrong is a reading taken as sure that is not what she said; every other reading she confirms or gives anew.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import dropwhile
from pathlib import Path

from conversations.answers import Money, Period
from conversations.income import minimum_wage
from conversations.reading.amounts import read_amount
from conversations.reading.result import Clear, Doubtful, Reading, Unclear, Unreadable

CORPUS = Path(__file__).parent
AMOUNTS = tuple(sorted(path.name for path in CORPUS.glob("amounts*.tsv")))
WAGE = minimum_wage(date(2026, 11, 25))

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Count:
    """How the utterances of one corpus fared; `outright` counts the clear ones that were read without asking."""

    corpus: str
    utterances: int
    clear: int
    outright: int
    confirmed_wrong: tuple[str, ...]
    silently_wrong: tuple[str, ...]

    @property
    def right_or_asked(self) -> float:
        """The share read right or asked anew; a wrong reading that she would have to turn down is neither."""
        return 1 - (len(self.confirmed_wrong) + len(self.silently_wrong)) / self.utterances

    @property
    def read_outright(self) -> float:
        """The share of the clear utterances that were read as they are, without a doubt."""
        return self.outright / self.clear

    def __str__(self) -> str:
        return (
            f"{self.corpus:<24} {self.utterances:>5} utterances, {self.clear:>4} clear:"
            f" {self.right_or_asked:>6.1%} right or asked, {self.read_outright:>6.1%} of the clear outright,"
            f" {len(self.silently_wrong)} silently wrong"
        )


def rows(name: str) -> list[Row]:
    with (CORPUS / name).open(encoding="utf-8", newline="") as table:
        lines = dropwhile(lambda line: line.startswith("#"), table)
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def expected(row: Row) -> Reading[Money]:
    """What the corpus says of this utterance; the reason of an Unclear is one of ours only in our own corpora."""
    if row["ask"] not in {"", "confirm"} or not row["amount"]:
        return Unclear(Unreadable(row["ask"]) if row["ask"] in set(Unreadable) else Unreadable.NOT_AN_AMOUNT)
    period = Period(row["period"]) if row["period"] else None
    high = Decimal(row["high"]) if row["high"] else None
    days = int(row["days_per_week"]) if row["days_per_week"] else None
    money = Money(Decimal(row["amount"]), period, high, days)
    return Doubtful(money) if row["ask"] == "confirm" else Clear(money)


def verdict(got: Reading[Money], want: Reading[Money]) -> str:
    """What became of one utterance."""
    match got, want:
        case Clear(read), Clear(said) | Doubtful(said) if _agree(read, said):
            return "read outright"
        case Clear(), _:
            return "silently wrong"
        case Doubtful(read), Clear(said) | Doubtful(said) if not _agree(read, said):
            return "offered wrong"
        case Doubtful(), Clear() | Doubtful():
            return "offered right"
        case _:
            return "asked"


def _agree(read: Money, said: Money) -> bool:
    return read == said or (read.amount == said.amount == 0 and read.high == said.high)


def count(corpus: str) -> Count:
    """Read every utterance of one corpus and count."""
    judged = [
        (row["utterance"], want, verdict(read_amount(row["utterance"], minimum_wage_daily=WAGE), want))
        for row in rows(corpus)
        for want in (expected(row),)
    ]
    clear = [what for _, want, what in judged if isinstance(want, Clear)]
    return Count(
        corpus=corpus,
        utterances=len(judged),
        clear=len(clear),
        outright=clear.count("read outright"),
        confirmed_wrong=_texts(judged, "offered wrong"),
        silently_wrong=_texts(judged, "silently wrong"),
    )


def _texts(judged: Sequence[tuple[str, Reading[Money], str]], what: str) -> tuple[str, ...]:
    return tuple(text for text, _, became in judged if became == what)
