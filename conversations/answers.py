"""What an answer is, once it has been read.

* A value is a plain fact (choice names, a number, money, a date, words); how it was said stands beside it as `raw`.
* A missing answer is an answer too: its status says why, and which of the exports' four missing codes stands for it.
* Nothing here is rounded or converted: a monthly figure is derived later, in the outcome store, by a dated factor.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator


class AnswerStatus(IntEnum):
    """Why a value is there, or why it is not; stored as it stands.

    UNANSWERED: asked, and the window closed. NOT_REACHED: the window closed before it was asked. INTERRUPTED: she
    stopped, or something else ended the sitting, before it was answered. NO_CONSENT: it needs a consent that she has
    not given, or has withdrawn.
    """

    GIVEN = 0
    NOT_APPLICABLE = -66
    UNKNOWN = -77
    REFUSED = -88
    NO_CONSENT = -95
    INTERRUPTED = -96
    NOT_REACHED = -97
    SKIPPED = -98
    UNANSWERED = -99

    @property
    def missing_code(self) -> int | None:
        """The code of the exports: −66 no aplica, −77 no sabe, −88 prefiere no decir, −99 sin respuesta, or None."""
        return _MISSING_CODES.get(self)


_MISSING_CODES: dict[AnswerStatus, int] = {
    AnswerStatus.NOT_APPLICABLE: -66,
    AnswerStatus.NO_CONSENT: -66,
    AnswerStatus.UNKNOWN: -77,
    AnswerStatus.REFUSED: -88,
    AnswerStatus.INTERRUPTED: -99,
    AnswerStatus.NOT_REACHED: -99,
    AnswerStatus.SKIPPED: -99,
    AnswerStatus.UNANSWERED: -99,
}


class Period(StrEnum):
    """The span that an amount of money covers, in the words of Mexican pay."""

    MONTH = "mes"
    FORTNIGHT = "quincena"
    FOURTEEN_DAYS = "catorcena"
    WEEK = "semana"
    DAY = "dia"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in Mexican pesos as she said it.

    `amount` is the whole sum for one `period` (pieces already multiplied), `high` the upper end of a range; `period` is
    None where she named none; `days_per_week` is known only where a day's pay came with it.
    """

    amount: Decimal
    period: Period | None = None
    high: Decimal | None = None
    days_per_week: int | None = None


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice note: `ref` finds it in the store, where staff can listen to it and write down what it says."""

    ref: str
    seconds: int


PlainValue = str | int | Decimal | date | Money | Voice | tuple[str, ...]


def to_json(value: PlainValue) -> Any:
    """The value in JSON's own types, with a tag where JSON has no word for it; `from_json` reads it back."""
    match value:
        case Decimal():
            return {"decimal": str(value)}
        case date():
            return {"date": value.isoformat()}
        case Money(amount, period, high, days):
            return {"money": str(amount), "period": period, "high": None if high is None else str(high), "days": days}
        case Voice(ref, seconds):
            return {"voice": ref, "seconds": seconds}
        case tuple():
            return list(value)
        case _:
            return value


def from_json(value: Any) -> PlainValue:
    """The value that `to_json` wrote; a value already read passes through. Raises ValueError for anything else."""
    match value:
        case {"decimal": text}:
            return Decimal(text)
        case {"date": text}:
            return date.fromisoformat(text)
        case {"money": amount, "period": period, "high": high, "days": days}:
            return Money(Decimal(amount), period and Period(period), None if high is None else Decimal(high), days)
        case {"voice": ref, "seconds": seconds}:
            return Voice(ref, seconds)
        case list():
            return tuple(value)
        case str() | int() | Decimal() | date() | Money() | Voice() | tuple():
            return value
        case _:
            raise ValueError("not an answer's value")


Value = Annotated[PlainValue, PlainSerializer(to_json), PlainValidator(from_json)]
"""A choice's name or free words, a whole number, a decimal, a date, money, a voice note, or several choices' names."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: a value with the words it came in, or the reason why there is none."""

    status: AnswerStatus
    value: Value | None = None
    raw: str | None = None
