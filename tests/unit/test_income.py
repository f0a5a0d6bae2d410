"""Pesos a month, the minimum wage of a day, and what is surprisingly much."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.answers import Money, Period
from conversations.income import (
    BANDS,
    is_unusual,
    least_unusual,
    minimum_wage,
    monthly,
    monthly_minimum_wage,
    offered_bands,
)
from conversations.wages import Wage, adopt

TODAY = date(2026, 11, 25)

days = st.dates(date(2023, 1, 1), date(2040, 12, 31))
amounts = st.integers(1, 200_000).map(Decimal)
periods = st.sampled_from([(period, None) for period in Period if period is not Period.DAY]) | st.integers(1, 7).map(
    lambda number: (Period.DAY, number)
)


@pytest.mark.parametrize(
    ("money", "expected"),
    [
        (Money(Decimal(1500), Period.MONTH), "1500.00"),
        (Money(Decimal(1500), Period.FORTNIGHT), "3000.00"),
        (Money(Decimal(1000), Period.FOURTEEN_DAYS), "2174.00"),
        (Money(Decimal(1000), Period.WEEK), "4348.00"),
        (Money(Decimal(250), Period.DAY, days_per_week=5), "5435.00"),
        (Money(Decimal(500), Period.WEEK, high=Decimal(700)), "2608.80"),
        (Money(Decimal("0.01"), Period.WEEK), "0.04"),
        (Money(Decimal(0)), "0.00"),
    ],
)
def test_an_amount_a_month(money: Money, expected: str) -> None:
    assert monthly(money) == Decimal(expected)


@pytest.mark.parametrize("money", [Money(Decimal(800)), Money(Decimal(250), Period.DAY)])
def test_what_cannot_be_compared_has_no_monthly_figure(money: Money) -> None:
    assert monthly(money) is None


@given(amounts, amounts, periods)
def test_more_pay_is_more_a_month(one: Decimal, other: Decimal, span: tuple[Period, int | None]) -> None:
    low, high = (monthly(Money(amount, span[0], days_per_week=span[1])) for amount in sorted((one, other)))
    assert low is not None
    assert high is not None
    assert low <= high
    assert low >= min(one, other)


@given(amounts)
def test_the_same_pay_more_often_is_more_a_month(amount: Decimal) -> None:
    spans = (Period.MONTH, Period.FORTNIGHT, Period.FOURTEEN_DAYS, Period.WEEK)
    figures = [monthly(Money(amount, span)) or Decimal(0) for span in spans]
    assert figures == sorted(figures)


@pytest.mark.parametrize(
    ("on", "general", "month"),
    [
        (date(2024, 12, 31), "248.93", "7571.62"),
        (date(2025, 1, 1), "278.80", "8480.17"),
        (TODAY, "315.04", "9582.47"),
        (date(2030, 1, 1), "315.04", "9582.47"),
        (date(2019, 1, 1), "248.93", "7571.62"),
    ],
)
def test_the_minimum_wage_of_a_day(on: date, general: str, month: str) -> None:
    assert minimum_wage(on) == Decimal(general)
    assert monthly_minimum_wage(on) == Decimal(month)


@given(days, days)
def test_minimum_wages_never_fall(one: date, other: date) -> None:
    assert minimum_wage(min(one, other)) <= minimum_wage(max(one, other))


@given(amounts, days)
def test_below_the_least_that_is_unusual_nothing_is(amount: Decimal, on: date) -> None:
    assert not is_unusual(Money(min(amount, least_unusual()), Period.MONTH), on, earlier=None)


def test_bands_reach_as_far_as_a_month_at_the_newest_wage() -> None:
    assert [band.high for band in offered_bands()] == [500, 1_000, 2_000, 4_000, 8_000, 16_000]
    adopt([Wage(date(2031, 1, 1), Decimal("600"))])
    assert [band.high for band in offered_bands()][-2:] == [16_000, 32_000]
    adopt([])


@pytest.mark.parametrize(
    ("pay", "earlier", "unusual"),
    [
        (Money(Decimal("57494.82"), Period.MONTH), None, False),
        (Money(Decimal("57494.83"), Period.MONTH), None, True),
        (Money(Decimal(1500), Period.FORTNIGHT), None, False),
        (Money(Decimal(15_000), Period.WEEK), None, True),
        (Money(Decimal(3000), Period.DAY), None, False),
        (Money(Decimal(3000), Period.DAY, days_per_week=6), None, True),
        (Money(Decimal(90_000)), None, False),
        (Money(Decimal(0)), Decimal(9000), False),
        (Money(Decimal(500), Period.MONTH, high=Decimal(60_000)), None, True),
        (Money(Decimal(9999), Period.MONTH), Decimal(1000), False),
        (Money(Decimal(10_000), Period.MONTH), Decimal(1000), True),
        (Money(Decimal(500), Period.MONTH, high=Decimal(10_000)), Decimal(1000), True),
        (Money(Decimal(10_000), Period.MONTH), Decimal(0), False),
    ],
)
def test_what_is_surprisingly_much(pay: Money, earlier: Decimal | None, unusual: bool) -> None:
    assert is_unusual(pay, TODAY, earlier=earlier) is unusual


@given(amounts, amounts, periods, days, st.none() | amounts)
def test_what_is_unusual_stays_so_with_more(
    one: Decimal, other: Decimal, span: tuple[Period, int | None], on: date, earlier: Decimal | None
) -> None:
    low, high = (Money(amount, span[0], days_per_week=span[1]) for amount in sorted((one, other)))
    assert is_unusual(low, on, earlier=earlier) <= is_unusual(high, on, earlier=earlier)
    assert is_unusual(replace(low, high=high.amount), on, earlier=earlier) == is_unusual(high, on, earlier=earlier)


@given(amounts, periods, days, amounts, amounts)
def test_the_more_she_earned_before_the_less_surprises(
    amount: Decimal, span: tuple[Period, int | None], on: date, one: Decimal, other: Decimal
) -> None:
    pay = Money(amount, span[0], days_per_week=span[1])
    assert is_unusual(pay, on, earlier=max(one, other)) <= is_unusual(pay, on, earlier=min(one, other))
    assert is_unusual(pay, on, earlier=None) <= is_unusual(pay, on, earlier=min(one, other))


def test_bands_follow_each_other_and_double() -> None:
    assert all(low.high == high.amount for low, high in pairwise(BANDS))
    assert all(band.high == 2 * band.amount for band in BANDS[1:])


def test_the_minimum_wage_of_each_period_has_a_band_of_its_own() -> None:
    daily = minimum_wage(TODAY)
    wages = (daily, daily * 7, monthly_minimum_wage(TODAY) / 2, monthly_minimum_wage(TODAY))
    bands = [band for wage in wages for band in offered_bands() if band.amount < wage < (band.high or 0)]
    assert len(set(bands)) == len(wages)
