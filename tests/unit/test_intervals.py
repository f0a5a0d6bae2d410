"""The arithmetic beside a share, against published and hand-computed values."""

from decimal import Decimal
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.outcomes.figures import Figure, Share
from storage.outcomes.intervals import half_up, share, wilson


def _figure(numerator: int | None, denominator: int | None, eligible: int | None) -> Figure:
    return Figure("F4", "known_status", "ambos", "ever", numerator, denominator, eligible)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    # Newcombe (1998), Stat. Med. 17:857-872, table I, method 3.
    [
        (81, 263, "0.2553", "0.3662"),
        (15, 148, "0.0624", "0.1605"),
        (0, 20, "0.0000", "0.1611"),
        (1, 29, "0.0061", "0.1718"),
    ],
)
def test_wilson_gives_the_published_intervals(part: int, whole: int, low: str, high: str) -> None:
    ends = wilson(part, whole)
    assert ends is not None
    assert [half_up(end / 100, 4) for end in ends] == [Decimal(low), Decimal(high)]


@given(st.integers(1, 10_000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_wilson_holds_the_share_between_its_ends_and_mirrors(counts: tuple[int, int]) -> None:
    part, whole = counts
    ends, mirrored, middle = wilson(part, whole), wilson(whole - part, whole), share(part, whole)
    assert ends is not None
    assert mirrored is not None
    assert middle is not None
    assert 0 <= ends[0] <= middle <= ends[1] <= 100
    assert float(ends[0]) == pytest.approx(float(100 - mirrored[1]))
    p, n, z = part / whole, whole, 1.959963984540054
    reach = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    assert float(ends[1] - ends[0]) == pytest.approx(200 * reach, abs=1e-6)


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [
        (600, 1000, 60),
        (252, 600, 42),
        (222, 600, 37),
        (150, 600, 25),
        (318, 504, 63),
        (1, 200, 1),
        (9, 200, 5),
        (1, 3, 33),
    ],
)
def test_percents_round_half_up(part: int, whole: int, percent: int) -> None:
    assert Share(part, whole).percent == percent
    assert _figure(part, whole, whole).percent == percent


def test_halves_go_up_where_bankers_would_go_down() -> None:
    assert half_up(Decimal("62.5")) == 63
    assert half_up(Decimal("64.45"), 1) == Decimal("64.5")
    assert _figure(5, 8, 8).percent == 63


def test_a_figure_of_nobody_has_no_percent() -> None:
    nobody = _figure(0, 0, 0)
    assert (nobody.value, nobody.percent, nobody.low, nobody.high, nobody.response_rate, nobody.lowest) == (None,) * 6


def test_a_count_has_no_percent() -> None:
    count = _figure(4221, None, None)
    assert (count.percent, count.low, count.response_rate, count.highest) == (None,) * 4


def test_bounds_are_those_of_the_women_of_whom_it_is_not_known() -> None:
    figure = _figure(600, 1000, 1250)
    assert (figure.response_rate, figure.lowest, figure.highest) == (80.0, 48.0, 68.0)
    assert (figure.value, figure.low, figure.high) == (60.0, 56.9, 63.0)
