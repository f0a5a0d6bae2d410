"""What the figures stand on, read from the store at one moment: plain arrays, and every woman a number in them.

* It holds what had happened by a day and was known at a moment, and of that only what figures need: no name, no word.
* Days are numbered as `date.toordinal` does; what is not known has a value of its own, never a missing one.
* Nothing depends on the order of rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.signedinteger[Any]]
"""Whole numbers; of rows in as few bytes as hold them, for there are millions: they are compared, and widened before
anything is reckoned with them."""

OPEN = (1 << 22) - 1
"""The last day of a job that goes on: after every day that a date can have."""

NEVER = int(np.iinfo(np.int64).max)
UNKNOWN_PAY = -1
SCORE_UNIT = 10_000
"""Scores have four decimals in the store, and are whole numbers of this unit here."""

SEPARATOR = "\x1f"
"""Between the parts of a code that has several."""

PRE = "pre"
"""The moment of a score before; every other moment (post, a point) is after."""


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """A column of names: which ones there are, and of each row which one."""

    names: tuple[str, ...]
    index: Numbers

    def among(self, *names: str) -> Mask:
        """The rows that have one of these."""
        wanted = np.array([name in names for name in self.names], dtype=np.bool_)
        return wanted[self.index]

    def only(self, rows: Mask | Numbers | slice) -> Codes:
        """The column of these rows."""
        return Codes(self.names, self.index[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows about women: `woman` is her number."""

    woman: Numbers

    def only(self, rows: Mask | Numbers | slice) -> Self:
        """These rows."""
        of_all = {column.name: getattr(self, column.name) for column in fields(self)}
        kept: dict[str, Any] = {n: c.only(rows) if isinstance(c, Codes) else c[rows] for n, c in of_all.items()}
        return replace(self, **kept)


R = TypeVar("R", bound=Rows)


@dataclass(frozen=True, slots=True, eq=False)
class Enrolments(Rows):
    """Enrolments that she attended: at least one session, or no count and completed."""

    day: Numbers
    axis: Codes
    workshop: Codes
    centre: Codes


@dataclass(frozen=True, slots=True, eq=False)
class Jobs(Rows):
    """Kinds of work, and words that there is none.

    `last` is the last day on which she is known to have had it (OPEN: it goes on), `said` that of which it was said;
    `over` where it had ended before the cut-off. `point` is that of the check-in that says it, empty where none does.
    """

    last: Numbers
    said: Numbers
    over: Mask
    kind: Codes
    scope: Codes
    point: Codes


@dataclass(frozen=True, slots=True, eq=False)
class Incomes(Rows):
    """Incomes in centavos a month (UNKNOWN_PAY where there is none to compare); `status` 0, or why it is not known."""

    day: Numbers
    cents: Numbers
    moment: Codes
    scope: Codes
    status: Codes
    factors: Codes
    point: Codes


@dataclass(frozen=True, slots=True, eq=False)
class Supports(Rows):
    """Whether she gave her family something: 1, 0, or the code of why that is not known."""

    day: Numbers
    given: Numbers
    point: Codes


class Measured(NamedTuple):
    """What a score is a score of."""

    instrument: str
    version: str
    subscale: str
    moment: str


@dataclass(frozen=True, slots=True, eq=False)
class Scores(Rows):
    """Scores in SCORE_UNITs. `what` is a Measured, its parts joined by SEPARATOR."""

    day: Numbers
    score: Numbers
    what: Codes


@dataclass(frozen=True, slots=True, eq=False)
class Expected(Rows):
    """Check-ins that were due by the cut-off."""

    point: Codes


@dataclass(frozen=True, eq=False)
class Evidence:
    """All of it. `women` are the participants' ids in order; `released` (0: unknown) is a day, `born` (0) a year."""

    as_of: date
    women: Numbers
    released: Numbers
    born: Numbers
    cohort: Codes
    enrolments: Enrolments
    jobs: Jobs
    incomes: Incomes
    supports: Supports
    scores: Scores
    expected: Expected

    def __post_init__(self) -> None:
        """Let the rows of each point, and the scores of each thing, lie together: they are asked for by it."""
        for name in ("jobs", "incomes", "supports"):
            rows = getattr(self, name)
            object.__setattr__(self, name, _in_order(rows, rows.point))
        object.__setattr__(self, "scores", _in_order(self.scores, self.scores.what))

    @property
    def size(self) -> int:
        """How many women there are."""
        return len(self.women)

    @cached_property
    def jobs_at(self) -> Mapping[str, Jobs]:
        """Jobs by the point of their check-in."""
        return _split(self.jobs, self.jobs.point)

    @cached_property
    def incomes_at(self) -> Mapping[str, Incomes]:
        """Incomes by the point of their check-in."""
        return _split(self.incomes, self.incomes.point)

    @cached_property
    def supports_at(self) -> Mapping[str, Supports]:
        """What she gave, by the point of the check-in."""
        return _split(self.supports, self.supports.point)

    @cached_property
    def scores_by(self) -> Mapping[Measured, Scores]:
        """Scores by what they are scores of."""
        return {Measured(*name.split(SEPARATOR)): rows for name, rows in _split(self.scores, self.scores.what).items()}


def small(numbers: Numbers) -> Numbers:
    """The same numbers in the fewest bytes that hold them all."""
    least, most = (numbers.min(), numbers.max()) if len(numbers) else (0, 0)
    kinds = (
        kind for kind in (np.int8, np.int16, np.int32) if np.iinfo(kind).min <= least and most <= np.iinfo(kind).max
    )
    return numbers.astype(next(kinds, np.int64), copy=False)


def _in_order(rows: R, codes: Codes) -> R:
    return rows.only(np.argsort(codes.index, kind="stable"))


def _split(rows: R, codes: Codes) -> dict[str, R]:
    """The rows of each code, where they lie together."""
    ends = np.searchsorted(codes.index, np.arange(len(codes.names) + 1))
    return {name: rows.only(slice(*ends[n : n + 2])) for n, name in enumerate(codes.names)}


def earliest(women: Numbers, days: Numbers, *, size: int) -> Numbers:
    """Of each of so many women the first of her days, or NEVER."""
    found = np.full(size, NEVER, dtype=np.int64)
    np.minimum.at(found, women, days.astype(np.int64))
    return found


def latest(women: Numbers, days: Numbers, *, size: int) -> Numbers:
    """Of each of so many women the last of her days, or -1."""
    found = np.full(size, -1, dtype=np.int64)
    np.maximum.at(found, women, days.astype(np.int64))
    return found
