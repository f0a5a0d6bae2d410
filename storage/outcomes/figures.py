"""What is asked of the outcome store, and what a figure is.

* A figure is its counts; every percent beside them is worked out from the counts when it is wanted.
* A count of persons has a numerator and nothing else; a figure that was suppressed has no numbers at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from storage.outcomes.intervals import half_up, share, wilson

BOTH_SCOPES, INSIDE, IN_FREEDOM = "ambos", "dentro", "en_libertad"
SCOPES = (INSIDE, IN_FREEDOM, BOTH_SCOPES)
EVER, CURRENT = "ever", "current"
UNKNOWN_GROUP = "sin_dato"
"""The group of the women of whom that is not known."""


class Dimension(StrEnum):
    """By what a figure can be broken down."""

    AXIS = "axis"
    WORKSHOP = "workshop"
    CENTRE = "centre"
    COHORT = "cohort"
    POINT = "point"
    MONTHS = "months"
    AGE = "age"
    SCOPE = "scope"


@dataclass(frozen=True, slots=True)
class Asked:
    """What figures are wanted: of what had happened by the end of `as_of`, and was known at `known_at` (None: now).

    `public`: for whom, which says what may be counted (storage/outcomes/permitted.py).
    `base` None is each definition's own; it and `baseline`, `scope`, `moment`, `point` and `year` concern only the
    figures that have them.
    """

    as_of: date
    known_at: datetime | None = None
    by: tuple[Dimension, ...] = ()
    scope: str = BOTH_SCOPES
    base: str | None = None
    moment: str = EVER
    baseline: str = "pre_taller"
    point: str | None = None
    year: int | None = None
    public: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, in women."""

    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        """The unrounded percent, or None of nothing."""
        return _number(share(self.numerator, self.denominator))

    @property
    def percent(self) -> int | None:
        """The whole percent, halves up."""
        return _whole(self.numerator, self.denominator)


@dataclass(frozen=True, slots=True)
class Figure:
    """One published figure: of so many women (`denominator`) so many (`numerator`), out of all whom it is about
    (`eligible`), known or not.

    `base` says who the denominator is, `moment` when: ever, current, or a point of the plan. `strict` is the stricter
    reading beside it, and `unclear` are the instruments for which there is none: of them nobody knows how much change
    matters. `notes` are counts that belong in a caveat. The groups of `by` are figures of the same kind.
    """

    id: str
    base: str
    scope: str
    moment: str
    numerator: int | None
    denominator: int | None
    eligible: int | None
    strict: Share | None = None
    notes: Mapping[str, int] = field(default_factory=dict)
    suppressed: bool = False
    unclear: tuple[str, ...] = ()
    by: Mapping[str, Mapping[str, Figure]] = field(default_factory=dict)

    @property
    def value(self) -> float | None:
        """The unrounded percent, or None of a count, of nothing, or where it is suppressed."""
        return None if (counts := self._counts()) is None else _number(share(*counts))

    @property
    def percent(self) -> int | None:
        """The whole percent, halves up."""
        return None if (counts := self._counts()) is None else _whole(*counts)

    @property
    def low(self) -> float | None:
        """The lower end of Wilson's 95 % interval, in percent with one decimal."""
        return self._end(0)

    @property
    def high(self) -> float | None:
        """The upper end of Wilson's 95 % interval, in percent with one decimal."""
        return self._end(1)

    @property
    def response_rate(self) -> float | None:
        """Of how many of those whom it is about it is known, in percent with one decimal."""
        if self.denominator is None or self.eligible is None:
            return None
        return _tenth(share(self.denominator, self.eligible))

    @property
    def lowest(self) -> float | None:
        """The percent of all eligible if whoever is not known had said no, with one decimal."""
        if self.numerator is None or self.denominator is None or self.eligible is None:
            return None
        return _tenth(share(self.numerator, self.eligible))

    @property
    def highest(self) -> float | None:
        """The percent of all eligible if whoever is not known had said yes, with one decimal."""
        if self.numerator is None or self.denominator is None or self.eligible is None:
            return None
        return _tenth(share(self.numerator + self.eligible - self.denominator, self.eligible))

    def _counts(self) -> tuple[int, int] | None:
        if self.numerator is None or self.denominator is None:
            return None
        return self.numerator, self.denominator

    def _end(self, which: int) -> float | None:
        ends = None if (counts := self._counts()) is None else wilson(*counts)
        return None if ends is None else _tenth(ends[which])


def _number(percent: Decimal | None) -> float | None:
    return None if percent is None else float(percent)


def _tenth(percent: Decimal | None) -> float | None:
    return None if percent is None else float(half_up(percent, 1))


def _whole(part: int, whole: int) -> int | None:
    return None if (percent := share(part, whole)) is None else int(half_up(percent))
