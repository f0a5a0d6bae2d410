"""Who of many may be registered twice: pairs by name and year, found without comparing everybody with everybody."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.namesakes import Named, Namesakes, pairs

WORDS = ("ana", "maria", "marai", "lopez", "lopes", "prueba", "guadalupe", "gpe", "g", "rosa")
HER = st.tuples(st.lists(st.sampled_from(WORDS), max_size=4), st.sampled_from((None, 1990, 1991)))
WOMEN = st.lists(HER, max_size=8)


def found(*women: tuple[str, int | None]) -> set[tuple[int, int]]:
    return {(a.id, b.id) for a, b in pairs([Named(place, *her) for place, her in enumerate(women)])}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Ana María López", None), ("lopez ana maria", 1990)),
        (("Ana María López", 1990), ("Ana Mraía López", None)),
        (("Guadalupe López Prueba", None), ("Gpe. Lopez Prueba", None)),
        (("Ana López", 1990), ("Ana López Prueba", 1990)),
    ],
)
def test_who_may_be_one_woman_is_a_pair(one: tuple[str, int | None], other: tuple[str, int | None]) -> None:
    assert found(one, ("Clara Ejemplo", None), other) == {(0, 2)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Ana María López", 1990), ("Ana María López", 1991)),
        (("Ana López", None), ("Ana López Prueba", None)),
        (("Ana López", 1990), ("Rosa López", 1990)),
        (("", None), ("", None)),
        (("Ana", 1990), ("Ana", 1990)),
    ],
)
def test_who_is_another_is_none(one: tuple[str, int | None], other: tuple[str, int | None]) -> None:
    assert found(one, other) == set()


def test_a_name_of_very_many_is_passed_over() -> None:
    assert found(*[("Ana María López", None)] * 200) == set()
    assert len(found(*[("Ana María López", None)] * 20)) == 190


@given(WOMEN)
def test_every_pair_is_one_that_registering_would_ask_about(women: list[tuple[list[str], int | None]]) -> None:
    them = [Named(place, " ".join(words), year) for place, (words, year) in enumerate(women)]
    asked = {(a.id, b.id) for a, b in combinations(them, 2) if Namesakes([a]).of(b) or Namesakes([b]).of(a)}
    told = {(a.id, b.id) for a, b in pairs(them)}
    assert told <= asked
    same = {(a.id, b.id) for a, b in combinations(them, 2) if sorted(a.name.split()) == sorted(b.name.split())}
    assert same & asked <= told
