"""What an answer is, once it has been read.

* A value is a plain fact (choice names, a number, money, a date, words); how it was said stands beside it as `raw`.
* A missing answer is an answer too: its status says why, in the codes that analysts find in the exports.
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
    """Why a value is there, or why it is not; the negative codes are the export's missing codes."""

    GIVEN = 0
    NOT_APPLICABLE = -66
    UNKNOWN = -77
    REFUSED = -88
    UNANSWERED = -99


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


PlainValue = str | int | Decimal | date | Money | tuple[str, ...]


def to_json(value: PlainValue) -> Any:
    """The value in JSON's own types, with a tag where JSON has no word for it; `from_json` reads it back."""
    match value:
        case Decimal():
            return {"decimal": str(value)}
        case date():
            return {"date": value.isoformat()}
        case Money(amount, period, high, days):
            return {"money": str(amount), "period": period, "high": None if high is None else str(high), "days": days}
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
        case list():
            return tuple(value)
        case str() | int() | Decimal() | date() | Money() | tuple():
            return value
        case _:
            raise ValueError("not an answer's value")


Value = Annotated[PlainValue, PlainSerializer(to_json), PlainValidator(from_json)]
"""A choice's name or free words, a whole number, a decimal, a date, money, or the names of several choices."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: a value with the words it came in, or the reason why there is none."""

    status: AnswerStatus
    value: Value | None = None
    raw: str | None = None
