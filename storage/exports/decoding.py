"""Stored columns turned into what leaves: values out of JSON, moments into her days or months, and codes for why not.

* A batch is worked on whole. What needs Python is done once for each different value of a batch, not for each row.
* Her own words are not among the values; of a voice note it is said that it was one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from conversations.answers import AnswerStatus, Money, PlainValue, Voice, from_json

SPOKEN = "nota de voz"
"""What stands for a voice note."""

T = TypeVar("T")


def each_different(found: pa.Array, told: Callable[[Any], T | None], *, as_: pa.DataType) -> pa.Array:
    """What `told` makes of each value, as a column of that type; of null it makes null."""
    encoded = found.dictionary_encode()
    return pa.array([told(one) for one in encoded.dictionary.to_pylist()], as_).take(encoded.indices)


@lru_cache(maxsize=65_536)
def value_of(stored: str) -> PlainValue:
    """The value of an answer, as the store keeps it."""
    return from_json(json.loads(stored))


def as_words(value: PlainValue, *, exact: bool) -> str:
    """The value as it stands in a cell of text; a day as its month, unless `exact`."""
    match value:
        case Money():
            return format(value.amount, "f")
        case Decimal():
            return format(value, "f")
        case tuple():
            return " ".join(value)
        case Voice():
            return SPOKEN
        case date():
            return value.isoformat() if exact else value.isoformat()[:7]
        case _:
            return str(value)


def as_number(value: PlainValue) -> float | None:
    """The value as a number, if it is one; of money the amount, whatever its period."""
    match value:
        case Money():
            return float(value.amount)
        case int() | Decimal():
            return float(value)
        case _:
            return None


class Told(NamedTuple):
    """What one answer is in the columns of a table that has a row for each: as words with whole days and with months,
    as a number, and what else money has."""

    exact: str
    coarse: str
    number: float | None
    high: float | None
    period: str | None
    days_per_week: int | None


@lru_cache(maxsize=65_536)
def told_of(stored: str) -> Told:
    """The same of an answer, as the store keeps it."""
    value = value_of(stored)
    words = as_words(value, exact=True), as_words(value, exact=False), as_number(value)
    if not isinstance(value, Money):
        return Told(*words, None, None, None)
    high = None if value.high is None else float(value.high)
    return Told(*words, high, value.period and value.period.value, value.days_per_week)


def code_of(status: int) -> int:
    """One of the four codes, or 0 for an answer."""
    return AnswerStatus(status).missing_code or 0


def reason_of(status: int) -> str:
    """The name of a status, finer than the four codes."""
    return AnswerStatus(status).name.lower()


def local_days(at: pa.Array, zones: pa.Array) -> pa.Array:
    """The day that each moment falls on in the zone beside it."""
    found = pa.nulls(len(at), pa.date32())
    for zone in zones.unique().to_pylist():
        if zone is not None:
            day = pc.local_timestamp(at.cast(pa.timestamp("us", zone))).cast(pa.timestamp("s"), safe=False)
            found = pc.if_else(pc.equal(zones, zone), day.cast(pa.date32(), safe=False), found)
    return found


def as_months(days: pa.Array) -> pa.Array:
    """Days as the months that they are in, YYYY-MM."""
    encoded = days.dictionary_encode()
    return pc.utf8_slice_codeunits(encoded.dictionary.cast(pa.string()), 0, 7).take(encoded.indices)


class Values:
    """The values of a column of answers, each different one read once."""

    def __init__(self, stored: pa.Array) -> None:
        encoded = stored.dictionary_encode()
        self._indices = encoded.indices
        self._stored: list[str] = encoded.dictionary.to_pylist()

    def as_column(self, told: Callable[[PlainValue], Any], type_: pa.DataType) -> pa.Array:
        """What `told` makes of each; null where there is no value."""
        return pa.array([told(value_of(one)) for one in self._stored], type_).take(self._indices)

    @cached_property
    def _told(self) -> Sequence[Sequence[Any]]:
        return list(zip(*map(told_of, self._stored), strict=True)) or [()] * len(Told._fields)

    def part(self, name: str, type_: pa.DataType) -> pa.Array:
        """A part of what is told of each; null where there is no value."""
        return pa.array(self._told[Told._fields.index(name)], type_).take(self._indices)
