"""Scores by hand, and what must be true of every score whatever the answers are."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.outcomes.pack import TOTAL, Pack
from storage.outcomes.scoring import (
    OutOfRange,
    Scored,
    canonical,
    number_of,
    pack,
    packs,
    score,
)

Items = dict[str, int | None]


def the(name: str) -> Pack:
    found = pack(name)
    assert found is not None
    return found


def items(prefix: str, *values: int | None) -> Items:
    return {f"{prefix}_{number}": value for number, value in enumerate(values, 1)}


def total(name: str, answers: Items) -> tuple[Decimal, int] | None:
    found = [(one.score, one.answered) for one in score(the(name), answers) if one.subscale == TOTAL]
    return found[0] if found else None


# --- by hand


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((0, 0, 0, 0, 0, 0, 0), (0, 7)),
        ((3, 3, 3, 3, 3, 3, 3), (21, 7)),
        ((1, 2, 0, 3, 1, 0, 2), (9, 7)),
        ((1, 2, 0, 3, 1, 0, None), (Decimal("8.1667"), 6)),  # 7 / 6 · 7
        ((2, 2, 2, 2, 2, None, None), None),  # 5 of 7 are 71 %
        ((None,) * 7, None),
    ],
)
def test_gad7_is_a_sum_and_fills_one_gap(values: tuple[int | None, ...], expected: tuple[Decimal, int] | None) -> None:
    assert total("gad7", items("gad7", *values)) == expected


def test_gad2_is_the_sum_of_two_and_fills_no_gap() -> None:
    assert total("gad2", items("gad7", 3, 2)) == (5, 2)
    assert total("gad2", items("gad7", 3, None)) is None


def test_brs_turns_every_other_item() -> None:
    assert total("brs", items("brs", 5, 1, 5, 1, 5, 1)) == (5, 6)
    assert total("brs", items("brs", 5, 5, 5, 5, 5, 5)) == (3, 6)
    assert total("brs", items("brs", 4, 2, 3, 3, 5, 2)) == (Decimal("3.8333"), 6)  # 4 4 3 3 5 4
    assert total("brs", items("brs", 4, 2, 3, 3, 5, None)) == (Decimal("3.8"), 5)
    assert total("brs", items("brs", 4, 2, 3, 3, None, None)) is None


def test_erq_is_scored_apart_and_never_added_up() -> None:
    told = items("reevaluacion", 4, 5, 3, 4, 4, 4) | items("supresion", 1, 2, 2)
    assert score(the("erq_ca9"), told) == [
        Scored("reevaluacion", Decimal(4), 6),
        Scored("supresion", Decimal("1.6667"), 3),
    ]
    told["supresion_3"] = None
    assert [one.subscale for one in score(the("erq_ca9"), told)] == ["reevaluacion"], "2 of 3 are 67 %"


def test_numbered_items_that_are_not_all_there_make_no_score() -> None:
    assert score(the("erq_ca9"), items("reevaluacion", 4, 5, 3, 4, 4, 4)) == []


def test_gem_is_higher_the_more_equitable() -> None:
    fair = items("equitativa", *(3,) * 7) | items("inequitativa", *(1,) * 17)
    assert total("gem", fair) == (3, 24)
    assert total("gem", dict.fromkeys(fair, 2)) == (2, 24)
    assert total("gem", dict.fromkeys(fair, 3)) == (Decimal("1.5833"), 24)  # (7 · 3 + 17 · 1) / 24


def test_other_columns_do_not_count() -> None:
    assert total("gad7", items("gad7", 1, 1, 1, 1, 1, 1, 1) | {"gad7_8": 3, "edad": 40}) == (7, 7)


@pytest.mark.parametrize("value", [4, -1])
def test_a_value_that_no_item_has_is_refused_by_name(value: int) -> None:
    with pytest.raises(OutOfRange) as refused:
        score(the("gad7"), items("gad7", 1, value, 1, 1, 1, 1, 1))
    assert refused.value.items == ("gad7_2",)


def test_half_a_point_is_no_item() -> None:
    with pytest.raises(OutOfRange):
        score(the("valoracion"), {"aprendizaje": Decimal("4.5")})


# --- whatever the answers are

PACKS = st.sampled_from([one for one in packs() if not any(item.endswith("*") for item in one.named)])


@st.composite
def answered(draw: st.DrawFn) -> tuple[Pack, Items]:
    one = draw(PACKS)
    values = st.none() | st.integers(one.low, one.high)
    return one, {name: draw(values) for name in sorted(one.named)}


@given(answered(), st.randoms(use_true_random=False))
def test_the_order_of_items_does_not_matter(told: tuple[Pack, Items], shuffled: object) -> None:
    one, answers = told
    names = list(answers)
    shuffled.shuffle(names)  # type: ignore[attr-defined]
    assert score(one, {name: answers[name] for name in names}) == score(one, answers)


@given(answered())
def test_a_score_lies_in_its_span_and_stands_on_enough_items(told: tuple[Pack, Items]) -> None:
    one, answers = told
    for scored in score(one, answers):
        low, high = one.span(scored.subscale)
        assert low <= scored.score <= high
        assert one.answered * len(one.scales[scored.subscale]) <= scored.answered


@given(answered())
def test_turning_twice_changes_nothing(told: tuple[Pack, Items]) -> None:
    one, answers = told
    for name, value in answers.items():
        if value is not None:
            assert one.turned(name, one.turned(name, Decimal(value))) == value


@given(answered())
def test_the_ends_mirror_each_other(told: tuple[Pack, Items]) -> None:
    """Every value from the other end makes the score from the other end: reversed items are reversed exactly once."""
    one, answers = told
    mirrored = {name: None if value is None else one.low + one.high - value for name, value in answers.items()}
    for was, now in zip(score(one, answers), score(one, mirrored), strict=True):
        assert abs(was.score + now.score - sum(one.span(was.subscale))) <= Decimal("0.0001")  # both are rounded


# --- codes, names, changes


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3), (Decimal(2), 2), ("nunca_0", 0), ("op_12", 12), ("nunca", None), (None, None), (("a_1",), None)],
)
def test_a_choice_counts_the_number_that_ends_its_name(value: int | str | None, number: int | None) -> None:
    assert number_of(value) == number


@pytest.mark.parametrize("name", ["gad7", "GAD-7", "GAD7", " gad 7", "Gad_7"])
def test_names_are_forgiven(name: str) -> None:
    assert the(name).name == canonical(name) == "gad7"


def test_what_has_no_pack_keeps_a_plain_name() -> None:
    assert pack("WHO-5") is None
    assert canonical("WHO-5") == "who_5"


def test_better_is_better_whichever_way_a_score_goes() -> None:
    assert the("gad7").gain(Decimal(12), Decimal(7)) == 5
    assert the("brs").gain(Decimal(3), Decimal(4)) == 1


def test_the_least_change_that_counts() -> None:
    assert the("gad7").least_change(deviation=9.9) == 4, "what matters to a person comes first"
    assert the("erq_ca9").least_change("reevaluacion", deviation=1.0) == pytest.approx(1.3579, abs=1e-4)
    assert the("erq_ca9").least_change("reevaluacion") is None
    assert the("gem").least_change(deviation=1.0) is None
