"""Reading amounts and dates: what a library alone reads of our corpora, and what we read.

* A library is given each utterance as it stands, and any of its settings that help it; it never has to find a period.
* dateparser is no dependency: its line is printed only where it is installed.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from importlib import import_module
from time import perf_counter
from typing import Any

from babel.numbers import NumberFormatError, parse_decimal
from text_to_num import alpha2digit, text2num

from conversations.answers import Money
from conversations.reading.amounts import read_amount
from conversations.reading.dates import read_date
from conversations.reading.result import Clear, Doubtful, Unreadable
from tests.corpus.judging import AMOUNTS, CORPUS, WAGE, expected, rows

TODAY = date(2026, 11, 25)
_DIGITS = re.compile(r"[0-9][0-9., ]*")


def measure() -> Iterator[str]:
    """The share of the clear utterances that each reads right, and how long ours takes."""
    said = ((row["utterance"], expected(row)) for name in AMOUNTS for row in rows(name))
    clear = [(text, want.value) for text, want in said if isinstance(want, Clear)]
    yield f"{len(clear)} clear amounts; a library counts as right with the amount alone, without the period"
    for name, read in (("text2num", _text2num), ("text2num in a sentence", _alpha2digit), ("Babel", _babel)):
        right, wrong = _score(read, clear)
        yield f"{name + ' alone':<28} {right:>6.1%} right, {wrong:>6.1%} silently wrong"
    right, wrong = _score(_ours, clear)
    yield f"{'ours (uses both)':<28} {right:>6.1%} right, {wrong:>6.1%} silently wrong, period and range included"
    began = perf_counter()
    for text, _ in clear:
        read_amount(text, minimum_wage_daily=WAGE)
    yield f"{'ours, time':<28} {(perf_counter() - began) / len(clear) * 1e6:>6.0f} µs an utterance"
    yield from _dates()


def _score(read: Callable[[str], Any], clear: list[tuple[str, Money]]) -> tuple[float, float]:
    """The shares read right and read wrong; what was not read at all is neither."""
    readings = [(got, money) for text, money in clear if (got := read(text)) is not None]
    right = sum(got == money or (money.high is None and got == money.amount) for got, money in readings)
    return right / len(clear), (len(readings) - right) / len(clear)


def _text2num(text: str) -> Decimal | None:
    try:
        return Decimal(text2num(text.lower().strip(), "es"))
    except ValueError:
        return None


def _alpha2digit(text: str) -> Decimal | None:
    """The number where text2num's replacement within a sentence leaves exactly one."""
    return _only_number(alpha2digit(text.lower(), "es"))


def _babel(text: str) -> Decimal | None:
    return _only_number(text)


def _only_number(text: str) -> Decimal | None:
    found = [match.strip(" .,") for match in _DIGITS.findall(text)]
    try:
        return parse_decimal(found[0], locale="es_MX", strict=True) if len(found) == 1 else None
    except NumberFormatError:
        return None


def _ours(text: str) -> Money | None:
    reading = read_amount(text, minimum_wage_daily=WAGE)
    return reading.value if isinstance(reading, Clear) else None


def _dates() -> Iterator[str]:
    with (CORPUS / "dates.tsv").open(encoding="utf-8", newline="") as table:
        said = list(csv.reader(table, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    readers: list[tuple[str, Callable[[str], date | None]]] = [("ours", _our_date)]
    try:
        readers.append(("dateparser alone", _dateparser(import_module("dateparser").parse)))
    except ModuleNotFoundError:
        yield "dateparser is not installed: pip install dateparser to compare"
    yield f"{len(said)} dates, some of them none at all"
    for name, read in readers:
        right = sum(read(text) == _expected(want) for text, want in said)
        invented = sum(read(text) is not None for text, want in said if _expected(want) is None)
        yield f"{name:<28} {right:>3} right, {invented} dates made of what is none"


def _expected(want: str) -> date | None:
    return None if want in set(Unreadable) else date.fromisoformat(want.removeprefix("?"))


def _our_date(text: str) -> date | None:
    reading = read_date(text, TODAY)
    return reading.value if isinstance(reading, Clear | Doubtful) else None


def _dateparser(parse: Callable[..., datetime | None]) -> Callable[[str], date | None]:
    settings = {
        "RELATIVE_BASE": datetime.combine(TODAY, time(12)),
        "DATE_ORDER": "DMY",
        "PREFER_DATES_FROM": "past",
    }

    def read(text: str) -> date | None:
        found = parse(text, languages=["es"], settings=settings) if text.strip() else None
        return None if found is None else found.date()

    return read
