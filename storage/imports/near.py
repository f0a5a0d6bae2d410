"""Enrolments that may be one and the same: a woman, a workshop, a centre, and beginnings a few days apart.

* Nobody is merged: somebody says of each which it is, and until then it stays out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from storage.imports.facts import Value

NEAR = timedelta(days=14)
"""Beginnings that lie this close may be one, written down twice."""


@dataclass(frozen=True, slots=True)
class Begun:
    """An enrolment that is known: from a line of the file, or as a row of the store."""

    started_on: date
    line: int | None = None
    row: int | None = None


class Beginnings:
    """The enrolments that are known so far, to be asked for one that lies near."""

    def __init__(self) -> None:
        self._known: defaultdict[object, list[Begun]] = defaultdict(list)

    def add(self, woman: object, key: Mapping[str, Value], *, line: int | None = None, row: int | None = None) -> None:
        """This enrolment of hers is known."""
        started = key["started_on"]
        assert isinstance(started, date)
        self._known[_where(woman, key)].append(Begun(started, line, row))

    def near(self, woman: object, key: Mapping[str, Value]) -> Begun | None:
        """The known enrolment of hers that this one may be, the nearest; None if there is none."""
        started = key["started_on"]
        assert isinstance(started, date)
        return _nearest(self._known.get(_where(woman, key), ()), started)


def _where(woman: object, key: Mapping[str, Value]) -> tuple[object, ...]:
    return woman, key["workshop"], key["centre"]


def _nearest(known: Iterable[Begun], started: date) -> Begun | None:
    close = [one for one in known if abs(one.started_on - started) <= NEAR]
    return min(close, key=lambda one: abs(one.started_on - started), default=None)
