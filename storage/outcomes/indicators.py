"""The published figures F1 to F11, computed from what the store knows.

* What each figure counts stands in storage/outcomes/definitions.py; here women are counted, in groups where asked.
* A point and a scope are other questions to the same women; of every other dimension the groups are parts of them.
* Where a woman can be in several groups (axis, workshop), `notes` tells how many are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from storage.outcomes.definitions import DEFINITIONS, LATEST, Definition, Members, year_of
from storage.outcomes.evidence import Evidence
from storage.outcomes.figures import BOTH_SCOPES, CURRENT, EVER, IN_FREEDOM, INSIDE
from storage.outcomes.figures import Asked as Asked
from storage.outcomes.figures import Dimension as Dimension
from storage.outcomes.figures import Figure as Figure
from storage.outcomes.figures import Share as Share
from storage.outcomes.groups import Groups, groups
from storage.outcomes.readings import Reading, moment_of

SEVERAL = (Dimension.AXIS, Dimension.WORKSHOP)
"""Dimensions of which a woman can be in several groups."""

ALWAYS_BY_SCOPE = "F4"
_NO_POINTS = frozenset({"", "pre", "post"})


def compute(evidence: Evidence, asked: Asked) -> list[Figure]:
    """The figures in the order of the contract, broken down as asked where that concerns them."""
    counting = Counting(evidence, asked)
    return [counting.figure(definition) for definition in DEFINITIONS]


Cell = tuple[str, str, str]
"""A figure's id, the dimension by which it is told ("": the whole), and the group ("")."""


def members(evidence: Evidence, asked: Asked) -> dict[Cell, Members]:
    """Which women each figure and each of its groups is about, and which it counts: places in `evidence.women`."""
    counting = Counting(evidence, asked)
    return {cell: found for definition in DEFINITIONS for cell, found in counting.cells(definition)}


def points(evidence: Evidence) -> tuple[str, ...]:
    """The points of which anything is known, by name, numbers as numbers."""
    found = {*evidence.expected.point.names, *(what.moment for what in evidence.scores_by)} - _NO_POINTS
    return tuple(sorted(found, key=lambda name: [(int(n or 0), text) for text, n in re.findall(r"(\D*)(\d*)", name)]))


class Counting:
    """The answers to one set of questions; what several figures stand on is worked out once."""

    def __init__(self, evidence: Evidence, asked: Asked) -> None:
        self._evidence, self._asked = evidence, asked
        self._readings: dict[Asked, Reading] = {}
        self._groups: dict[object, Groups] = {}

    def members(self, definition: Definition, asked: Asked) -> Members:
        """Which women."""
        if asked not in self._readings:
            self._readings[asked] = Reading(self._evidence, asked)
        return definition.of(self._readings[asked], definition.base_of(asked))

    def figure(self, definition: Definition) -> Figure:
        """The figure with its groups."""
        found = self.members(definition, self._asked)
        whole = figure_of(definition, self._asked, found=found)
        by, several = {}, {}
        for dimension in self._dimensions(definition):
            if (other := self._other_questions(definition, dimension)) is not None:
                by[str(dimension)] = other
                continue
            parts = self._grouped(definition, dimension)
            by[str(dimension)] = told_by(parts, found, whole=whole)
            if dimension in SEVERAL:
                several[f"several_{dimension}"] = parts.several(found.base)
        return replace(whole, by=by, notes={**whole.notes, **several})

    def cells(self, definition: Definition) -> Iterator[tuple[Cell, Members]]:
        """The same women as in `figure`: of the whole, then of every group that has anybody in it."""
        whole = self.members(definition, self._asked)
        yield (definition.id, "", ""), whole
        for dimension in self._dimensions(definition):
            for code, found in self._parts(definition, dimension, whole=whole):
                if found.eligible.any():
                    yield (definition.id, str(dimension), code), found

    def _parts(self, definition: Definition, dimension: Dimension, *, whole: Members) -> Iterator[tuple[str, Members]]:
        if (others := self._questions(dimension)) is not None:
            yield from ((code, self.members(definition, one)) for code, one in others.items())
            return
        parts = self._grouped(definition, dimension)
        yield from (
            (name, whole.among(parts.women(place, size=self._evidence.size))) for place, name in enumerate(parts.names)
        )

    def _dimensions(self, definition: Definition) -> list[Dimension]:
        always = (Dimension.SCOPE,) if definition.id == ALWAYS_BY_SCOPE else ()
        elsewhere = {Dimension.POINT, Dimension.SCOPE} - {d for d in Dimension if str(d) in definition.options}
        return [one for one in dict.fromkeys((*always, *self._asked.by)) if one not in elsewhere]

    def _other_questions(self, definition: Definition, dimension: Dimension) -> Mapping[str, Figure] | None:
        asked = self._questions(dimension)
        if asked is None:
            return None
        return {code: figure_of(definition, one, found=self.members(definition, one)) for code, one in asked.items()}

    def _questions(self, dimension: Dimension) -> Mapping[str, Asked] | None:
        """The questions whose answers are the groups of that dimension; None where groups are parts of the whole."""
        match dimension:
            case Dimension.SCOPE:
                return {scope: replace(self._asked, scope=scope) for scope in (INSIDE, IN_FREEDOM)}
            case Dimension.POINT:
                return {point: replace(self._asked, point=point) for point in points(self._evidence)}
            case _:
                return None

    def _grouped(self, definition: Definition, dimension: Dimension) -> Groups:
        key = (dimension, definition.places)
        if key not in self._groups:
            self._groups[key] = groups(self._evidence, dimension, places=definition.places(self._evidence, self._asked))
        return self._groups[key]


def figure_of(definition: Definition, asked: Asked, *, found: Members) -> Figure:
    """The figure that these women make."""
    return Figure(
        id=definition.id,
        base=definition.base_of(asked),
        scope=asked.scope if "scope" in definition.options else BOTH_SCOPES,
        moment=_moment(definition, asked),
        numerator=int(found.numerator.sum()),
        denominator=None if definition.is_count else int(found.base.sum()),
        eligible=None if definition.is_count else int(found.eligible.sum()),
        strict=None if found.strict is None else Share(int(found.strict.sum()), int(found.base.sum())),
        notes={name: int(women.sum()) for name, women in found.notes.items()},
        unclear=found.unclear,
    )


def _moment(definition: Definition, asked: Asked) -> str:
    if "year" in definition.options:
        return str(year_of(asked))
    moment = moment_of(asked)
    if "moment" in definition.options or ("point" in definition.options and moment not in (EVER, CURRENT)):
        return moment
    return EVER if definition.is_count else LATEST


def told_by(parts: Groups, found: Members, *, whole: Figure) -> dict[str, Figure]:
    """The figure of each group that has anybody in it."""
    eligible, base, numerator = (parts.count(each) for each in (found.eligible, found.base, found.numerator))
    strict = None if found.strict is None else parts.count(found.strict)
    notes = {name: parts.count(women) for name, women in found.notes.items()}
    return {
        name: replace(
            whole,
            numerator=int(numerator[place]),
            denominator=None if whole.denominator is None else int(base[place]),
            eligible=None if whole.eligible is None else int(eligible[place]),
            strict=None if strict is None else Share(int(strict[place]), int(base[place])),
            notes={note: int(counted[place]) for note, counted in notes.items()},
        )
        for place, name in enumerate(parts.names)
        if eligible[place]
    }
