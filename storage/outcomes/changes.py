"""Scores before and after: who has both, for whom things got better, and for whom clearly so.

* A pair is the same woman's, on the same instrument, version and subscale: her earliest score before, her latest after.
* Better is strictly better; of several scores of one day the one counts that makes the change least.
* Clearly better is by the least change that matters or, where no study says that, by a reliable one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt

from storage.outcomes.evidence import NEVER, SCORE_UNIT, Mask, Numbers, Scores, earliest
from storage.outcomes.pack import Better, Pack

_HALF = 0.5
"""Of a SCORE_UNIT: what a threshold that is no round number may be missed by."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """What became of scores. `begun` has a first one, `whole` a pair.

    `better` is for the better, `clearly` by more than a wobble. That is None where for some pair nobody knows how much
    that is; `unclear` are the instruments of those. `at_best` could not get better.
    """

    begun: Mask
    whole: Mask
    better: Mask
    clearly: Mask | None
    at_best: Mask
    unclear: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scale:
    """One score of an instrument; `rank` is its place among those of the same construct."""

    pack: Pack
    subscale: str
    rank: int

    @property
    def sign(self) -> int:
        """By what to multiply a score so that more is better."""
        return 1 if self.pack.better is Better.HIGHER else -1

    @property
    def best(self) -> int:
        """The best score that there can be, with that sign."""
        return int(max(self.sign * end for end in self.pack.span(self.subscale)) * SCORE_UNIT)


@dataclass(slots=True, eq=False)
class Changes:
    """What is found so far of every woman: her gain in SCORE_UNITs, how much of it is needed to be clear (NaN: not
    known), the rank of its instrument, and the day of the later score (-1: no pair); `names` are those of the
    instruments by their ranks."""

    begun: Mask
    at_best: Mask
    gain: Numbers
    needed: npt.NDArray[np.float64]
    rank: Numbers
    day: Numbers
    names: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of_nobody(cls, size: int) -> Self:
        """Nothing is known of any of so many women."""
        no, zero = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.int64)
        return cls(no, no.copy(), zero, np.full(size, np.nan), zero.copy(), zero - 1)

    def add(self, scale: Scale, pre: Scores, *, post: Sequence[Scores]) -> None:
        """Take in the scores on one scale, in one version. A woman who has a pair on an instrument of a lower rank
        keeps it; on the same one the pair with the later score holds."""
        size = len(self.begun)
        self.names[scale.rank] = scale.pack.name
        first, last = earliest(pre.woman, pre.day, size=size), np.full(size, -1)
        before, after = np.full(size, -NEVER), np.full(size, NEVER)
        begins = pre.day == first[pre.woman]
        np.maximum.at(before, pre.woman[begins], scale.sign * pre.score[begins].astype(np.int64))
        later = [rows.only(rows.day >= first[rows.woman]) for rows in post]
        for rows in later:
            np.maximum.at(last, rows.woman, rows.day.astype(np.int64))
        for rows in later:
            ends = rows.day == last[rows.woman]
            np.minimum.at(after, rows.woman[ends], scale.sign * rows.score[ends].astype(np.int64))
        taken = (last >= 0) & ((self.day < 0) | ((self.rank == scale.rank) & (last > self.day)))
        self.begun |= first < NEVER
        self.at_best = np.where(taken, before >= scale.best, self.at_best)
        self.gain = np.where(taken, after - before, self.gain)
        self.needed = np.where(taken, _needed(scale, before[last >= 0]), self.needed)
        self.rank, self.day = np.where(taken, scale.rank, self.rank), np.where(taken, last, self.day)

    def pairs(self) -> Pairs:
        """What came of it."""
        whole = self.day >= 0
        needed = self.needed[whole]
        unclear = tuple(self.names[rank] for rank in np.unique(self.rank[whole][np.isnan(needed)]).tolist())
        clearly = None
        if whole.any() and not unclear:
            clearly = whole & (self.gain > 0) & (self.gain >= np.nan_to_num(self.needed) - _HALF)
        return Pairs(self.begun, whole, whole & (self.gain > 0), clearly, whole & self.at_best, unclear)


def _needed(scale: Scale, before: Numbers) -> float:
    """The gain, in SCORE_UNITs, from which on it is clear; NaN where that is not known."""
    deviation = float(np.std(before / SCORE_UNIT, ddof=1)) if len(before) > 1 else None
    least = scale.pack.least_change(scale.subscale, deviation=deviation)
    return float("nan") if least is None else least * SCORE_UNIT
