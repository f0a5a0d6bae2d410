"""How a question about one figure is answered: women counted in the groups asked for, drawn and put into words.

* A woman is at the centre that counts for the figure, so that parts and narrowed figures agree.
* Everything here is for the team: nothing is suppressed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from storage.outcomes.definitions import DEFINITIONS, Definition, Members
from storage.outcomes.evidence import Evidence, Mask
from storage.outcomes.figures import BOTH_SCOPES, IN_FREEDOM, INSIDE, Asked, Dimension, Figure
from storage.outcomes.groups import Groups, groups
from storage.outcomes.indicators import ALWAYS_BY_SCOPE, Counting, figure_of, points, told_by
from storage.report.charts import bars, line
from storage.report.drawing import Sheet
from storage.report.png import png
from storage.report.points import ranked
from storage.report.results import ALL, NOTHING, SCOPES, Choice, Facet, Question, Shown, choices, key_of
from storage.report.words import Wording

BY_ID = {definition.id: definition for definition in DEFINITIONS}
SHARES = tuple(definition for definition in DEFINITIONS if not definition.is_count)
MOST_DRAWN = 40
"""Bars of a picture: Telegram takes none that is much higher; the text beside it names all."""

PARTS = {Facet.CENTRES: Dimension.CENTRE, Facet.COHORTS: Dimension.COHORT}


class _NotThere(Exception):
    """A key that names nothing."""


def answer(evidence: Evidence, asked: Question, *, order: Sequence[str], words: Wording) -> Shown | None:
    """The answer, points in that order, or None where something is asked for that is not there."""
    if asked.figure != ALL and (asked.figure not in BY_ID or BY_ID[asked.figure].is_count):
        return None
    try:
        return _Answer(evidence, asked, ranked(points(evidence), order), words).shown()
    except _NotThere:
        return None


@dataclass(frozen=True)
class _Answer:
    evidence: Evidence
    question: Question
    points: Sequence[str]
    words: Wording

    @cached_property
    def asked(self) -> Asked:
        """The question as the figures know it."""
        point = None if self.question.point == NOTHING else _named(self.question.point, self.points)
        return Asked(self.evidence.as_of, scope=SCOPES[self.question.scope], point=point)

    @cached_property
    def counting(self) -> Counting:
        """What several figures stand on."""
        return Counting(self.evidence, self.asked)

    @cached_property
    def definition(self) -> Definition:
        """Of the figure; of all figures, that which says who took part."""
        return DEFINITIONS[0] if self.question.figure == ALL else BY_ID[self.question.figure]

    def shown(self) -> Shown:
        """All of it."""
        figure = self.figure(self.definition, self.asked)
        parts = self.parts() if self.question.view not in _LISTS else {}
        return Shown(
            day=self.evidence.as_of,
            picture=None if self.question.view in _LISTS else png(self.drawn(parts)),
            label=self.words.label(figure),
            sentence=self.words.sentence(figure),
            caveat=" ".join((*self.words.asides(figure), self.words.caveat(figure))),
            narrowed=self.narrowed(),
            lines=[self.as_text(name, one) for name, one in parts.items()] if len(parts) > 1 else (),
            figures={one.id: self.words.label(figure_of(one, self.asked, found=self.nobody)) for one in SHARES},
            scoped="scope" in self.definition.options or self.question.figure == ALL,
            pointed="point" in self.definition.options,
            centres=self.listed(Dimension.CENTRE),
            cohorts=self.listed(Dimension.COHORT),
            points=choices(self.points, map(self.point, self.points)),
        )

    # --- counting

    def figure(self, definition: Definition, asked: Asked) -> Figure:
        """Of the women that it is narrowed to; what always has both scopes beside it has them, but at a point."""
        whole = figure_of(definition, asked, found=self.members(definition, asked))
        if definition.id != ALWAYS_BY_SCOPE or asked.scope != BOTH_SCOPES or asked.point is not None:
            return whole
        scopes = {scope: self.figure(definition, replace(asked, scope=scope)) for scope in (INSIDE, IN_FREEDOM)}
        return replace(whole, by={Dimension.SCOPE: scopes})

    def members(self, definition: Definition, asked: Asked) -> Members:
        """Which women count, of those that it is narrowed to."""
        return _among(self.counting.members(definition, asked), self.women(definition))

    def women(self, definition: Definition) -> Mask:
        """Those that it is narrowed to."""
        found = np.ones(self.evidence.size, dtype=np.bool_)
        for dimension, key in self._narrowings():
            of = self.grouped(definition, dimension)
            found &= np.isin(np.arange(len(found)), of.woman[of.group == of.names.index(_named(key, of.names))])
        return found

    def _narrowings(self) -> list[tuple[Dimension, str]]:
        told = ((Dimension.CENTRE, self.question.centre), (Dimension.COHORT, self.question.cohort))
        return [(dimension, key) for dimension, key in told if key != NOTHING]

    def grouped(self, definition: Definition, dimension: Dimension) -> Groups:
        """The groups as the figure has them."""
        return groups(self.evidence, dimension, places=definition.places(self.evidence, self.asked))

    @property
    def nobody(self) -> Members:
        """For a figure of which only its name is wanted."""
        none = np.zeros(self.evidence.size, dtype=np.bool_)
        return Members(none, none, none)

    def parts(self) -> Mapping[str, Figure]:
        """What is drawn, by its labels."""
        if self.question.figure == ALL:
            found = [self.figure(one, self.asked) for one in SHARES]
            return {self.words.label(one): one for one in found}
        if self.question.view is Facet.POINTS:
            asked = {point: replace(self.asked, point=point) for point in self.points}
            return {self.point(point): self.figure(self.definition, one) for point, one in asked.items()}
        if (dimension := PARTS.get(self.question.view)) is not None:
            found_ones = self.members(self.definition, self.asked)
            whole = figure_of(self.definition, self.asked, found=found_ones)
            told = told_by(self.grouped(self.definition, dimension), found_ones, whole=whole)
            return {self.words.group(code, dimension): one for code, one in told.items()}
        figure = self.figure(self.definition, self.asked)
        return {self.words.label(figure): figure}

    # --- showing

    def drawn(self, parts: Mapping[str, Figure]) -> Sheet:
        """A line over points, where there are two at least; else bars."""
        if self.question.view is Facet.POINTS and len(parts) > 1:
            return line([self.words.step(name, one) for name, one in parts.items()])
        return bars([self.words.bar(name, one) for name, one in list(parts.items())[:MOST_DRAWN]])

    def as_text(self, name: str, one: Figure) -> str:
        """The same as text."""
        return "; ".join((f"{name}: {self.words.part(one)}", *self.words.beside(one)))

    def point(self, code: str) -> str:
        """What a point is called."""
        return self.words.group(code, Dimension.POINT)

    def narrowed(self) -> list[str]:
        """The names of what it is narrowed to."""
        names = [
            self.words.group(_named(key, self.grouped(self.definition, dimension).names), dimension)
            for dimension, key in self._narrowings()
        ]
        return names if self.asked.point is None else [*names, self.point(self.asked.point)]

    def listed(self, dimension: Dimension) -> Sequence[Choice]:
        """The groups to choose from."""
        names = self.grouped(self.definition, dimension).names
        return choices(names, [self.words.group(name, dimension) for name in names])


_LISTS = (Facet.CHOOSE_CENTRE, Facet.CHOOSE_COHORT, Facet.CHOOSE_POINT)


def _named(key: str, codes: Sequence[str]) -> str:
    """The code that has this key. Raises _NotThere."""
    for code in codes:
        if key_of(code) == key:
            return code
    raise _NotThere(key)


def _among(found: Members, women: Mask) -> Members:
    return Members(
        eligible=found.eligible & women,
        base=found.base & women,
        numerator=found.numerator & women,
        strict=None if found.strict is None else found.strict & women,
        notes={name: noted & women for name, noted in found.notes.items()},
        unclear=found.unclear,
    )
