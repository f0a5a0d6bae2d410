"""Whose name may be whose, and how near words come to a name that is looked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.namesakes import Named, Namesakes, alike, nearness, parts

SAME = [
    ("María López Hernández", "Maria Lopez H."),
    ("María López Hernández", "HERNANDEZ LOPEZ MARIA"),
    ("María López Hernández", "López Hernández, María"),
    ("Rosa Martínez Lara", "Rosa Maritnez Lara"),
    ("Ma. Guadalupe de la Cruz Ruiz", "María Gpe. Cruz Ruiz"),
    ("Rosa Hdz. Soto", "Rosa Hernández Soto"),
]
OTHERS = [
    ("Ana López Hernández", "María López Hernández"),
    ("María López Hernández", "María Pérez Hernández"),
    ("Rosa", "Rosa"),
    ("M. L. H.", "María López Hernández"),
    ("Persona001 Inventada", "Persona002 Inventada"),
]
SHORTER = [("María López", "María López Hernández"), ("Guadalupe López Ruiz", "María Guadalupe López Ruiz")]

NAMES = st.lists(st.sampled_from(["maria", "rosa", "lopez", "perez", "soto", "ibarra"]), min_size=2, max_size=4)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_name_written_in_two_ways_is_alike(one: str, other: str) -> None:
    assert alike(one, other, partly=False)
    assert alike(other, one, partly=False)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_other_names_are_not(one: str, other: str) -> None:
    assert not alike(one, other, partly=True)


@pytest.mark.parametrize(("one", "other"), SHORTER)
def test_a_name_may_be_missing_where_the_year_is_known_alone(one: str, other: str) -> None:
    assert alike(one, other, partly=True)
    assert not alike(one, other, partly=False)
    known = Namesakes([Named(1, other, 1990)])
    assert [one.id for one in known.of(Named(0, one, 1990))] == [1]
    assert not known.of(Named(0, one))
    assert not known.of(Named(0, other, 1991))


@given(NAMES, st.randoms(use_true_random=False))
def test_order_and_capitals_never_matter(names: list[str], chance: object) -> None:
    shuffled = sorted(names, key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert alike(" ".join(names), " ".join(shuffled).upper(), partly=False)


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_can_be_compared(one: str, other: str) -> None:
    assert alike(one, other, partly=True) == alike(other, one, partly=True) or len(parts(one)) != len(parts(other))
    assert 0 <= nearness(parts(one), parts(other)) <= 100


def test_whoever_is_nearer_comes_first() -> None:
    said = ("rosa", "martinez", "chalco")
    scores = [nearness(parts(words), said) for words in ("rosa martinez", "ros mart", "rsoa", "clara")]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] == 0 < scores[-2]
