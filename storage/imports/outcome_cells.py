"""What one cell may say in the files of the outcome store: yes or no, codes by many names, days, pesos, scores.

* An amount or a yes/no may also say why it is not known; that is kept as its code and never counted as a no.
* An amount needs one single reading: `1.500` has two, and is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import TypeVar

from conversations.answers import AnswerStatus, Money
from conversations.reading.amounts import LARGEST_AMOUNT, read_amount
from conversations.reading.result import Clear, Unclear, Unreadable
from storage.imports.cells import CellRefused, folded, read_date, read_text
from storage.imports.problems import Fault
from storage.imports.sheets import Cell

T = TypeVar("T")

EARLIEST_YEAR = 1990
"""Long before the programme: an older day is a slip."""

REASONS = {
    **dict.fromkeys(("88", "prefiere no decir", "prefiero no decir", "no quiso decir"), AnswerStatus.REFUSED),
    **dict.fromkeys(("77", "no sabe", "no se"), AnswerStatus.UNKNOWN),
}
"""Why a value is not known, by what people write."""

_PLAIN_PESOS = "write plain pesos, such as 1500 or 1500.50"
_TOO_MUCH = "is more than anybody earns; mind a nought too many"
_NO_AMOUNT = {
    Unreadable.NEGATIVE: ("is below zero; write what came in, or 0", Fault.OUT_OF_RANGE),
    Unreadable.TOO_LARGE: (_TOO_MUCH, Fault.OUT_OF_RANGE),
    Unreadable.NOT_AN_AMOUNT: (f"is no amount; {_PLAIN_PESOS}", Fault.BAD_CELL),
}
"""What is told of an amount by why it could not be read; of all else, that it has more than one reading."""

_YES = {"si", "s", "1", "yes", "true", "verdadero"}
_NO = {"no", "n", "0", "false", "falso"}

_PLAIN = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,2})?")
_SCORE = re.compile(r"-?[0-9]{1,5}(?:\.[0-9]{1,6})?")
_WORD = re.compile(r"[a-z0-9_]{1,32}")


def reason(cell: Cell) -> AnswerStatus | None:
    """Why the value is not known, or None where the cell says none. -88 and -77 have their sign; a bare 88 is 88."""
    said = str(cell).replace("−", "-").strip()
    if said.isdigit():
        return None
    return REASONS.get(folded(said))


def read_yes_no(cell: Cell) -> bool | AnswerStatus:
    """si or no, or why that is not known. Raises CellRefused."""
    why, said = reason(cell), folded(read_text(cell))
    if why is not None:
        return why
    if said not in _YES | _NO:
        raise CellRefused("write si or no (or prefiere no decir, no sabe)")
    return said in _YES


def read_past(cell: Cell, today: date) -> date:
    """A day that has come. Raises CellRefused."""
    day = read_date(cell)
    if day > today:
        raise CellRefused("this day has not come yet", code=Fault.OUT_OF_RANGE)
    if day.year < EARLIEST_YEAR:
        raise CellRefused(f"the year must not lie before {EARLIEST_YEAR}", code=Fault.OUT_OF_RANGE)
    return day


def one_of(names: Mapping[str, T], told: str) -> Callable[[Cell], T]:
    """A reader of what is called by one of these folded names; `told` says what to write."""

    def read(cell: Cell) -> T:
        found = names.get(folded(read_text(cell)))
        if found is None:
            raise CellRefused(f"write {told}")
        return found

    return read


def read_word(cell: Cell) -> str:
    """A name as a code: lower case, without accents, words joined by _. Raises CellRefused."""
    word = folded(read_text(cell)).replace(" ", "_")
    if not _WORD.fullmatch(word):
        raise CellRefused("write a short name, in letters and digits")
    return word


def read_pesos(cell: Cell) -> Money | AnswerStatus:
    """An amount in pesos, with its period where the cell has one, or why it is not known. Raises CellRefused."""
    why = reason(cell)
    if why is not None:
        return why
    text = read_text(cell)
    money = Money(Decimal(text)) if _PLAIN.fullmatch(text) else _said_amount(text)
    if (money.high or money.amount) > LARGEST_AMOUNT:
        raise CellRefused(_TOO_MUCH, code=Fault.OUT_OF_RANGE)
    return money


def _said_amount(text: str) -> Money:
    if text.startswith("="):
        raise CellRefused(f"is a formula; {_PLAIN_PESOS}", code=Fault.FORMULA)
    read = read_amount(text)
    if isinstance(read, Clear):
        return read.value
    told, code = (f"can be read in more than one way; {_PLAIN_PESOS}", Fault.BAD_CELL)
    if isinstance(read, Unclear):
        told, code = _NO_AMOUNT.get(read.reason, (told, code))
    raise CellRefused(told, code=code)


def read_score(cell: Cell) -> Decimal:
    """A number, with a decimal point and four decimals at most kept. Raises CellRefused."""
    text = read_text(cell).replace("−", "-")
    if not _SCORE.fullmatch(text):
        raise CellRefused("write a number, with a decimal point if need be")
    return Decimal(text).quantize(Decimal("0.0001"))
