"""The groups that a figure is told by: of which centre, cohort, age band, workshop a woman is.

* Centre, cohort, months and age are partitions: each woman is in one group, `sin_dato` where it is not known.
* A centre belongs to an enrolment, not to a woman: hers is that of her latest enrolment that counts for the figure.
* Axes and workshops are those of all her enrolments that count: she may be in several, or in none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from storage.outcomes.evidence import Codes, Enrolments, Evidence, Mask, Numbers, latest
from storage.outcomes.figures import UNKNOWN_GROUP, Dimension

AGES = ((0, "hasta_24"), (25, "25_34"), (35, "35_44"), (45, "45_54"), (55, "55_mas"))
"""Bands by the year of birth, each from that age on."""

MONTHS = ((0, "0_2"), (3, "3_5"), (6, "6_11"), (12, "12_23"), (24, "24_mas"))
"""Bands of whole months since her release, each from that month on."""

NOT_RELEASED = "sin_salir"


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Which women are in which group: a pair of numbers for each, and no pair twice."""

    names: tuple[str, ...]
    woman: Numbers
    group: Numbers

    def count(self, women: Mask) -> Numbers:
        """How many of these women are in each group."""
        return np.bincount(self.group[women[self.woman]], minlength=len(self.names))

    def women(self, place: int, *, size: int) -> Mask:
        """Who of so many women is in the group at that place of `names`."""
        found = np.zeros(size, dtype=np.bool_)
        found[self.woman[self.group == place]] = True
        return found

    def several(self, women: Mask) -> int:
        """How many of these women are in more than one group."""
        return int((np.bincount(self.woman, minlength=len(women))[women] > 1).sum())


def groups(evidence: Evidence, dimension: Dimension, *, places: Mask) -> Groups:
    """The groups of a dimension; `places` are the enrolments that count. Raises KeyError for point and scope, whose
    groups are other questions to the same women."""
    return _GROUPS[dimension](evidence, evidence.enrolments.only(places))


def _partition(names: Sequence[str], group: Numbers) -> Groups:
    return Groups(tuple(names), np.arange(len(group), dtype=np.int64), group)


def _axes(evidence: Evidence, attended: Enrolments) -> Groups:
    return _several(attended, attended.axis)


def _workshops(evidence: Evidence, attended: Enrolments) -> Groups:
    return _several(attended, attended.workshop)


def _several(attended: Enrolments, codes: Codes) -> Groups:
    pairs = np.unique(attended.woman.astype(np.int64) * max(len(codes.names), 1) + codes.index)
    return Groups(codes.names, pairs // max(len(codes.names), 1), pairs % max(len(codes.names), 1))


def _centres(evidence: Evidence, attended: Enrolments) -> Groups:
    day = latest(attended.woman, attended.day, size=evidence.size)
    last = attended.only(attended.day == day[attended.woman])
    centre = latest(last.woman, last.centre.index, size=evidence.size)  # of two on one day, the last by name
    return _partition((*last.centre.names, UNKNOWN_GROUP), np.where(centre < 0, len(last.centre.names), centre))


def _cohorts(evidence: Evidence, attended: Enrolments) -> Groups:
    return _partition([name or UNKNOWN_GROUP for name in evidence.cohort.names], evidence.cohort.index)


def _ages(evidence: Evidence, attended: Enrolments) -> Groups:
    return _banded(AGES, evidence.as_of.year - evidence.born, known=evidence.born > 0)


def _months(evidence: Evidence, attended: Enrolments) -> Groups:
    days = np.unique(evidence.released)
    months = np.array([_months_since(int(day), evidence.as_of) for day in days], dtype=np.int64)
    since = months[np.searchsorted(days, evidence.released)]
    found = _banded(MONTHS, since, known=evidence.released > 0)
    inside = (evidence.released > 0) & (evidence.released > evidence.as_of.toordinal())
    return _partition((*found.names, NOT_RELEASED), np.where(inside, len(found.names), found.group))


def _months_since(day: int, today: date) -> int:
    """Whole months from a day on; 0 for no day and for one to come."""
    if not 0 < day <= today.toordinal():
        return 0
    then = date.fromordinal(day)
    return (today.year - then.year) * 12 + today.month - then.month - (today.day < then.day)


def _banded(bands: Sequence[tuple[int, str]], value: Numbers, *, known: Mask) -> Groups:
    band = np.searchsorted([start for start, _ in bands], value, side="right") - 1
    return _partition((*(name for _, name in bands), UNKNOWN_GROUP), np.where(known, np.maximum(band, 0), len(bands)))


_GROUPS: Mapping[Dimension, Callable[[Evidence, Enrolments], Groups]] = {
    Dimension.AXIS: _axes,
    Dimension.WORKSHOP: _workshops,
    Dimension.CENTRE: _centres,
    Dimension.COHORT: _cohorts,
    Dimension.AGE: _ages,
    Dimension.MONTHS: _months,
}
