"""F1 to F11: what each published figure counts, to be read beside domain.md §4.

* A definition says in words who is `eligible`, who of them is in the `base` (its denominator: of whom it is known) and
  who of those counts; the function beside it says the same in sets of women. A woman counts once, whatever her rows.
* How rows become such sets (what attending, finding work or earning more is) stands in storage/outcomes/readings.py.
* Whoever changes what a figure counts raises VERSION: figures of different versions are never compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from storage.outcomes.evidence import Evidence, Mask
from storage.outcomes.figures import EVER, Asked
from storage.outcomes.pack import Construct
from storage.outcomes.readings import TRADE, Reading, in_year

VERSION = "1"

KNOWN, TRAINED, EMPLOYED, EARNING_MORE = "known_status", "trained", "employed", "employed_with_increase"
"""The bases that can be chosen: F4's two, and F7's two."""

LATEST = "latest"
"""The moment of a figure that takes the latest word, whenever it was said."""


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """Which women: all whom a figure is about, those of whom it is known, and of these those who count.

    `numerator` is within `base`, `base` within `eligible`. `strict` is who counts by the stricter reading, of the same
    base; where that cannot be told, `unclear` are the instruments that it fails on. `notes` belong in a caveat.
    """

    eligible: Mask
    base: Mask
    numerator: Mask
    strict: Mask | None = None
    notes: Mapping[str, Mask] = field(default_factory=dict)
    unclear: tuple[str, ...] = ()

    def among(self, women: Mask) -> Members:
        """Those of them who are among these women."""
        return Members(
            eligible=self.eligible & women,
            base=self.base & women,
            numerator=self.numerator & women,
            strict=None if self.strict is None else self.strict & women,
            notes={name: noted & women for name, noted in self.notes.items()},
            unclear=self.unclear,
        )


def _all(evidence: Evidence, asked: Asked) -> Mask:
    return np.ones(len(evidence.enrolments.woman), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Definition:
    """One figure. `counts`, `eligible`, `base` and `strict` are for people, `of` is the same for the machine.

    `bases` are the names of the bases that can be chosen, its own first; `options` what else of the question concerns
    it. `places` are the enrolments that say where and in which workshops she counts.
    """

    id: str
    counts: str
    eligible: str
    base: str
    of: Callable[[Reading, str], Members]
    bases: tuple[str, ...]
    options: frozenset[str] = frozenset()
    strict: str = ""
    moment: str = LATEST
    is_count: bool = False
    places: Callable[[Evidence, Asked], Mask] = lambda evidence, asked: np.ones(
        len(evidence.enrolments.woman), np.bool_
    )

    def base_of(self, asked: Asked) -> str:
        """The base to use: the one asked for, where this figure has it, or its own."""
        return asked.base if asked.base in self.bases else self.bases[0]


def _trades(evidence: Evidence, asked: Asked) -> Mask:
    return evidence.enrolments.axis.among(TRADE)


def _trades_of_year(evidence: Evidence, asked: Asked) -> Mask:
    return in_year(evidence, year_of(asked))


def year_of(asked: Asked) -> int:
    """The year that F2 is about: the one asked for, or that of the cut-off."""
    return asked.year or asked.as_of.year


def _count(women: Mask) -> Members:
    return Members(women, women, women)


# --- the registry


def _participated(of: Reading, base: str) -> Members:
    return _count(of.participated)


def _trained(of: Reading, base: str) -> Members:
    return _count(of.trained_in(year_of(of.asked)))


def _learned(of: Reading, base: str) -> Members:
    answered, agreed = of.valued
    return Members((of.participated & of.expected) | answered, answered, agreed)


# --- work, income, family


def _found_work(of: Reading, base: str) -> Members:
    eligible = (of.trained & of.expected) | of.status_known
    known = eligible if base == TRAINED else of.status_known
    now = of.now.employed if of.moment == EVER else None
    return Members(eligible, known, of.employed, now, {"unknown": eligible & ~of.status_known})


def _works_at(kind: str) -> Callable[[Reading, str], Members]:
    before = KINDS[: KINDS.index(kind)]

    def of_kind(of: Reading, base: str) -> Members:
        several: Mask = np.sum([of.works_at(each) for each in KINDS], axis=0) > 1
        alone = of.works_at(kind)
        for each in before:
            alone = alone & ~of.works_at(each)
        return Members(of.employed, of.employed, of.works_at(kind), alone, notes={"several": several})

    return of_kind


KINDS = ("autoempleo", "produccion_la_cana", "taller_o_actividad_dentro")
"""The kinds of F5, in the order of the published page: whoever shall count once counts at the first that is hers."""


def _earns_more(of: Reading, base: str) -> Members:
    eligible, known = of.employed, of.employed & of.incomes_known
    refused = eligible & ~known & (of.income_now.refused | of.income_before.refused)
    notes = {
        "from_zero": known & of.earns_more & (of.income_before.cents == 0),
        "refused": refused,
        "unknown": eligible & ~known & ~refused,
    }
    return Members(eligible, known, known & of.earns_more, notes=notes)


def _gave(of: Reading, base: str) -> Members:
    eligible = of.employed & of.earns_more if base == EARNING_MORE else of.employed
    known = eligible & of.giving_known
    refused = eligible & ~known & of.giving_refused
    return Members(
        eligible, known, known & of.gave, notes={"refused": refused, "unknown": eligible & ~known & ~refused}
    )


# --- scores before and after


def _changed(construct: Construct, *, end: str, subscale: str = "") -> Callable[[Reading, str], Members]:
    """`end` names the end of the scale at which nobody can get better."""

    def of_pairs(of: Reading, base: str) -> Members:
        pairs = of.pairs(construct, subscale)
        eligible = (pairs.begun & of.expected) | pairs.whole
        notes = {end: pairs.at_best}
        return Members(eligible, pairs.whole, pairs.better, pairs.clearly, notes, unclear=pairs.unclear)

    return of_pairs


_WORK = frozenset({"scope", "moment", "point"})

SUBSCALES = {"F9": "reevaluacion"}
"""The subscale that a figure is about, where an instrument has it; all others are about the total."""


def _change(id_: str, counts: str, *, of: Callable[[Reading, str], Members]) -> Definition:
    return Definition(
        id=id_,
        counts=counts,
        eligible="women with a first score",
        base="of these, those with a later score on the same instrument, version and subscale",
        of=of,
        strict="better by the least change that matters, or by a reliable one; unknown where a pack has neither",
        bases=("pairs",),
        options=frozenset({"point"}),
    )


DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        id="F1",
        counts="women who attended something: a session counted, or no count and completed",
        eligible="",
        base="",
        of=_participated,
        bases=("registry",),
        moment=EVER,
        is_count=True,
    ),
    Definition(
        id="F2",
        counts="women who attended a workshop in a trade (axis laboral) that began in the year",
        eligible="",
        base="",
        of=_trained,
        bases=("registry",),
        options=frozenset({"year"}),
        is_count=True,
        places=_trades_of_year,
    ),
    Definition(
        id="F3",
        counts="women who agree (4 or 5 of 5) that the workshops helped them learn and grow, by their latest answer",
        eligible="women who attended something",
        base="of these, those who answered",
        of=_learned,
        bases=("answered",),
        options=frozenset({"point"}),
    ),
    Definition(
        id="F4",
        counts="women who found paid or gainful work after their first training in a trade began",
        eligible="women who ever attended a workshop in a trade",
        base="of these, those of whom it is known whether they work; or, if asked for, all (trained)",
        of=_found_work,
        strict="working at the cut-off, by the latest word about it",
        bases=(KNOWN, TRAINED),
        options=_WORK,
        moment=EVER,
        places=_trades,
    ),
    *(
        Definition(
            id=id_,
            counts=f"women whose work is, or is also, {kind}",
            eligible="the women whom F4 counts",
            base="the same",
            of=_works_at(kind),
            strict="each woman once, at the first of her kinds in the order of these figures",
            bases=(EMPLOYED,),
            options=_WORK,
            moment=EVER,
            places=_trades,
        )
        for id_, kind in zip(("F5a", "F5b", "F5c"), KINDS, strict=True)
    ),
    Definition(
        id="F6",
        counts="women who earn more in a month than at the baseline: strictly more, and from nothing to something too",
        eligible="the women whom F4 counts",
        base="of these, those of whom both incomes are known, by the same factors",
        of=_earns_more,
        bases=("both_incomes",),
        options=_WORK | {"baseline"},
        moment=EVER,
        places=_trades,
    ),
    Definition(
        id="F7",
        counts="women who gave their families money or goods in the 30 days before they last said so",
        eligible="the women whom F4 counts; or, if asked for, those whom F6 counts",
        base="of these, those who said yes or no",
        of=_gave,
        bases=(EMPLOYED, EARNING_MORE),
        options=_WORK | {"baseline"},
        moment=EVER,
        places=_trades,
    ),
    Definition(
        id="F7b",
        counts="as F7",
        eligible="the women whom F6 counts",
        base="of these, those who said yes or no",
        of=_gave,
        bases=(EARNING_MORE,),
        options=_WORK | {"baseline"},
        moment=EVER,
        places=_trades,
    ),
    _change("F8", "women with less anxiety", of=_changed(Construct.ANXIETY, end="floor")),
    _change(
        "F9",
        "women who regulate their emotions better, by reappraisal",
        of=_changed(Construct.REGULATION, end="ceiling", subscale=SUBSCALES["F9"]),
    ),
    _change("F10", "women with fewer gender stereotypes", of=_changed(Construct.GENDER, end="ceiling")),
    _change("F11", "women with more resilience", of=_changed(Construct.RESILIENCE, end="ceiling")),
)

LABEL_KEYS = {
    "F1": "staff.figure_f1",
    "F2": "staff.figure_f2",
    "F3": "staff.figure_f3",
    "F4": "staff.figure_f4",
    "F5a": "staff.figure_f5a",
    "F5b": "staff.figure_f5b",
    "F5c": "staff.figure_f5c",
    "F6": "staff.figure_f6",
    "F7": "staff.figure_f7",
    "F7b": "staff.figure_f7b",
    "F8": "staff.figure_f8",
    "F9": "staff.figure_f9",
    "F10": "staff.figure_f10",
    "F11": "staff.figure_f11",
}
"""What each figure is called, in the catalogues."""

CAVEAT_KEYS = {
    "F1": "staff.caveat_registry",
    "F2": "staff.caveat_registry",
    "F3": "staff.caveat_opinion",
    "F4": "staff.caveat_told",
    "F5a": "staff.caveat_several",
    "F5b": "staff.caveat_several",
    "F5c": "staff.caveat_several",
    "F6": "staff.caveat_income",
    "F7": "staff.caveat_family",
    "F7b": "staff.caveat_family",
    "F8": "staff.caveat_before_after",
    "F9": "staff.caveat_before_after",
    "F10": "staff.caveat_before_after",
    "F11": "staff.caveat_before_after",
}
"""What is to be said beside each, in the catalogues."""

STRICT_KEYS = {
    "F4": "staff.strict_now",
    "F5a": "staff.strict_once",
    "F5b": "staff.strict_once",
    "F5c": "staff.strict_once",
    "F8": "staff.strict_change",
    "F9": "staff.strict_change",
    "F10": "staff.strict_change",
    "F11": "staff.strict_change",
}
"""What the stricter reading of each is, in the catalogues."""

_FOUND, _MORE = ("F4", "numerator"), ("F6", "numerator")
SAME_WOMEN = (
    *((_FOUND, (id_, part)) for id_ in ("F5a", "F5b", "F5c") for part in ("denominator", "eligible")),
    (_FOUND, ("F6", "eligible")),
    (_FOUND, ("F7", "eligible")),
    (_MORE, ("F7b", "eligible")),
)
"""Numbers of different figures that count the same women, as long as no other base is asked for."""
