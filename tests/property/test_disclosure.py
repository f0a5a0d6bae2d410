"""What a public file leaves out cannot be worked out from what it shows; an independent reader tries, in exact
fractions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.outcomes.disclosure import PARTS, Link, Place, is_small, protected
from storage.outcomes.figures import Figure

LEAST = 10
LINKS: tuple[Link, ...] = (
    (("F5a", "denominator"), ("F4", "numerator")),
    (("F7", "eligible"), ("F4", "numerator")),
    (("F7b", "denominator"), ("F6", "numerator")),
)

Key = tuple[Place, str]
Equation = tuple[dict[Key, Fraction], Fraction]
"""What is added up, and what it comes to."""


def figure(
    id_: str, numerator: int, denominator: int, eligible: int, by: Mapping[str, Mapping[str, Figure]] | None = None
) -> Figure:
    return Figure(id_, "", "ambos", "ever", numerator, denominator, eligible, by=by or {})


KINDS: list[dict[str, object]] = [
    {"known": False, "works": False, "own": False, "gave": None, "pay": None},
    {"known": True, "works": False, "own": False, "gave": None, "pay": None},
    {"known": True, "works": True, "own": False, "gave": True, "pay": True},
    {"known": True, "works": True, "own": True, "gave": False, "pay": True},
    {"known": True, "works": True, "own": True, "gave": None, "pay": False},
    {"known": True, "works": True, "own": False, "gave": False, "pay": None},
]


@st.composite
def women(draw: st.DrawFn) -> list[dict[str, object]]:
    """Some women: where and when each was, and what is known of her; few of some kinds, many of others."""
    many = st.sampled_from([0, 0, 1, 2, 5, 13, 30])
    return [
        {"centre": centre, "cohort": cohort, **kind}
        for centre in "ABCD"[: draw(st.integers(1, 4))]
        for cohort in ("2022", "2023", "2024")[: draw(st.integers(1, 3))]
        for kind in KINDS
        for _ in range(draw(many))
    ]


def counted(some: list[dict[str, object]]) -> list[Figure]:
    """Four figures that hang together as the indicators do, told by centre and by cohort."""

    def tell(id_: str) -> Figure:
        def count(those: list[dict[str, object]]) -> tuple[int, int, int]:
            known = [her for her in those if her["known"]]
            working = [her for her in known if her["works"]]
            more = [her for her in working if her["pay"]]
            match id_:
                case "F4":
                    return len(working), len(known), len(those)
                case "F5a":
                    return sum(bool(her["own"]) for her in working), len(working), len(working)
                case "F6":
                    return len(more), sum(her["pay"] is not None for her in working), len(working)
                case "F7":
                    said = [her for her in working if her["gave"] is not None]
                    return sum(bool(her["gave"]) for her in said), len(said), len(working)
                case _:
                    return sum(bool(her["gave"]) for her in more), len(more), len(more)

        by = {
            name: {code: figure(id_, *count([her for her in some if her[name] == code])) for code in codes}
            for name in ("centre", "cohort")
            for codes in [sorted({str(her[name]) for her in some})]
        }
        return figure(id_, *count(some), by=by)

    return [tell(id_) for id_ in ("F4", "F5a", "F6", "F7", "F7b")]


def cells(figures: list[Figure]) -> Iterator[tuple[Place, Figure]]:
    for one in figures:
        yield (one.id, "", ""), one
        for dimension, groups in one.by.items():
            for code, part in groups.items():
                yield (one.id, dimension, code), part


def equations(shown: dict[Place, Figure]) -> Iterator[Equation]:
    """All that whoever reads the file knows of its numbers."""
    for place, one in shown.items():
        for part in PARTS:
            if (number := getattr(one, part)) is not None:
                yield {(place, part): Fraction(1)}, Fraction(number)
    dimensions = {(id_, dimension) for id_, dimension, _ in shown if dimension}
    for id_, dimension in dimensions:
        groups = [place for place in shown if place[:2] == (id_, dimension)]
        for part in PARTS:
            whole: dict[Key, Fraction] = {((id_, "", ""), part): Fraction(-1)}
            yield whole | {(place, part): Fraction(1) for place in groups}, Fraction(0)
    for (one_id, its), (other, of_it) in LINKS:
        for id_, dimension, code in shown:
            if id_ == one_id:
                same: dict[Key, Fraction] = {((one_id, dimension, code), its): Fraction(1)}
                yield same | {((other, dimension, code), of_it): Fraction(-1)}, Fraction(0)


def solved(known: list[Equation]) -> list[Equation]:
    """The same by Gauss and Jordan: one unknown more is told by each that has a single one left."""
    done: dict[Key, Equation] = {}
    for terms, total in known:
        left, rest = dict(terms), total
        for key in list(left):
            if key in done:
                factor = left[key]
                for other, number in done[key][0].items():
                    left[other] = left.get(other, Fraction(0)) - factor * number
                rest -= factor * done[key][1]
        left = {key: number for key, number in left.items() if number}
        if not left:
            continue
        pivot, scale = next(iter(left.items()))
        row = {key: number / scale for key, number in left.items()}, rest / scale
        for key, (terms_of, total_of) in done.items():
            if factor := terms_of.get(pivot, Fraction(0)):
                merged = {
                    k: terms_of.get(k, Fraction(0)) - factor * row[0].get(k, Fraction(0)) for k in terms_of | row[0]
                }
                done[key] = {k: number for k, number in merged.items() if number}, total_of - factor * row[1]
        done[pivot] = row
    return list(done.values())


@pytest.mark.holds("S-40")
@settings(deadline=None, max_examples=40)
@given(women())
def test_what_is_suppressed_is_told_by_nothing_that_is_shown(some: list[dict[str, object]]) -> None:
    before = dict(cells(counted(some)))
    after = dict(cells(protected(counted(some), links=LINKS, least=LEAST)))
    small = {place for place, one in before.items() if is_small(one, LEAST)}
    assert all(after[place].suppressed for place in small)
    told = {next(iter(terms)) for terms, _ in solved(list(equations(after))) if len(terms) == 1}
    assert not {(place, "numerator") for place, one in after.items() if one.suppressed} & told
    for place, one in after.items():
        if not one.suppressed:
            assert one.numerator == before[place].numerator
    for dimension in {place[:2] for place in after if place[1]}:
        groups = {place: one for place, one in after.items() if place[:2] == dimension}
        gone = [before[place] for place, one in groups.items() if one.suppressed]
        if gone and len(gone) < len(groups):
            together = figure("", *(sum(getattr(one, part) for one in gone) for part in PARTS))
            assert len(gone) > 1
            assert not is_small(together, LEAST)


@settings(deadline=None, max_examples=20)
@given(women())
def test_the_order_of_the_figures_does_not_matter(some: list[dict[str, object]]) -> None:
    figures = counted(some)
    turned = figures[::-1]
    hidden = {place for place, one in cells(protected(figures, links=LINKS, least=LEAST)) if one.suppressed}
    again = {place for place, one in cells(protected(turned, links=LINKS, least=LEAST)) if one.suppressed}
    assert hidden == again


def test_a_single_small_centre_takes_the_next_smallest_with_it() -> None:
    centres = {"A": figure("F4", 40, 80, 90), "B": figure("F4", 20, 45, 50), "C": figure("F4", 3, 20, 20)}
    (shown,) = protected([figure("F4", 63, 145, 160, by={"centre": centres})], least=LEAST)
    assert {code: one.suppressed for code, one in shown.by["centre"].items()} == {"A": False, "B": True, "C": True}
    assert not shown.suppressed


def test_what_another_figure_tells_of_the_same_women_goes_too() -> None:
    """F5a's base is F4's numerator: shown, it would tell that of centre A two alone found no work."""
    work = {"A": figure("F4", 78, 80, 90), "B": figure("F4", 40, 80, 90), "C": figure("F4", 40, 85, 90)}
    own = {"A": figure("F5a", 30, 78, 78), "B": figure("F5a", 20, 40, 40), "C": figure("F5a", 20, 40, 40)}
    figures = [
        figure("F4", 158, 245, 270, by={"centre": work}),
        figure("F5a", 70, 158, 158, by={"centre": own}),
    ]
    shown = protected(figures, links=LINKS, least=LEAST)
    hidden = [place for place, one in cells(shown) if one.suppressed]
    assert ("F4", "centre", "A") in hidden
    assert sum(place[:2] == ("F5a", "centre") for place in hidden) >= 2
