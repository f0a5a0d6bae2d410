"""The three outcomes of reading what she wrote: sure, doubtful (a tap confirms it), unclear (asked again, and why)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class Unreadable(StrEnum):
    """Why a text could not be read as an answer; each has a kind sentence of its own in the catalogue."""

    NOT_A_CHOICE = "not_a_choice"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_WHOLE_NUMBER = "not_a_whole_number"
    NOT_AN_AMOUNT = "not_an_amount"
    NEGATIVE = "negative"
    TOO_LARGE = "too_large"
    AMBIGUOUS_NUMBER = "ambiguous_number"
    NOT_A_DATE = "not_a_date"
    NOT_A_PERIOD = "not_a_period"
    NOT_DAYS_PER_WEEK = "not_days_per_week"
    GREETING = "greeting"
    TOO_LONG = "too_long"
    EMPTY = "empty"
    CONSTRAINT = "constraint"
    WRONG_KIND = "wrong_kind"


@dataclass(frozen=True, slots=True)
class Clear(Generic[T]):
    """Read without doubt."""

    value: T


@dataclass(frozen=True, slots=True)
class Doubtful(Generic[T]):
    """A likely reading that she should confirm in one tap before it counts."""

    value: T


@dataclass(frozen=True, slots=True)
class Unclear:
    """No reading that would be fair to assume."""

    reason: Unreadable


Reading = Clear[T] | Doubtful[T] | Unclear
