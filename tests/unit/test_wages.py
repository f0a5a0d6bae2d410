"""Minimum wages from files: what ships, what an organisation puts in its place, and what is wrong with a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from conversations.income import minimum_wage, monthly_minimum_wage
from conversations.wages import Wage, WagesInvalid, adopt, own, read_wages, table

NEW_YEAR = date(2027, 1, 1)


@pytest.fixture(autouse=True)
def as_shipped() -> Iterator[None]:
    yield
    adopt([])


def test_what_ships_has_three_years_in_order() -> None:
    assert [(one.since, one.general) for one in table()] == [
        (date(2024, 1, 1), Decimal("248.93")),
        (date(2025, 1, 1), Decimal("278.80")),
        (date(2026, 1, 1), Decimal("315.04")),
    ]
    assert all(one.since < other.since for one, other in pairwise(table()))


def test_an_own_wage_is_added_or_takes_the_place_of_one_of_its_day() -> None:
    adopt([Wage(NEW_YEAR, Decimal(350)), Wage(date(2024, 1, 1), Decimal(250))])
    assert [minimum_wage(date(year, 6, 1)) for year in (2023, 2024, 2025, 2026, 2027, 2030)] == [
        *map(Decimal, ("250", "250", "278.80", "315.04", "350", "350"))
    ]
    assert monthly_minimum_wage(NEW_YEAR) == Decimal("10645.83")
    adopt([])
    assert minimum_wage(NEW_YEAR) == Decimal("315.04")
    assert own() == ()


def test_a_file_is_read_in_order() -> None:
    text = (
        '[[wage]]\nsince = 2028-01-01\ngeneral = 390\n[[wage]]\nsince = 2027-01-01\ngeneral = 350.5\nsource = "DOF"\n'
    )
    assert read_wages(text, file="x") == (Wage(NEW_YEAR, Decimal("350.5")), Wage(date(2028, 1, 1), Decimal(390)))
    assert read_wages("", file="x") == ()


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("[[wage]", ["m.toml: "]),
        ("[wages]\nx = 1\n", ["m.toml: wages is not known; write [[wage]]"]),
        ("wage = 3\n", ["m.toml: write each wage as [[wage]]"]),
        ("[[wage]]\n", ["m.toml: wage 1: since is missing", "m.toml: wage 1: general is missing"]),
        ('[[wage]]\nsince = "2027"\ngeneral = 3\n', ["m.toml: wage 1: since: write a day, such as 2027-01-01"]),
        ("[[wage]]\nsince = 2027-01-01T00:00:00\ngeneral = 3\n", ["m.toml: wage 1: since: write a day"]),
        *(
            (f"[[wage]]\nsince = 2027-01-01\ngeneral = {value}\n", ["m.toml: wage 1: general: write pesos a day"])
            for value in ("true", '"350"', "-1", "0", "350.505", "100000", "nan", "inf")
        ),
        (
            "[[wage]]\nsince = 2027-01-01\ngeneral = 0\nzone = 1\n" * 2,
            [
                *("m.toml: wage 1: zone is not known", "m.toml: wage 1: general: write pesos"),
                *("m.toml: wage 2: zone is not known", "m.toml: wage 2: since: another wage holds from 2027-01-01 on"),
                "m.toml: wage 2: general: write pesos",
            ],
        ),
    ],
)
def test_all_that_is_wrong_is_told_at_once(text: str, problems: list[str]) -> None:
    with pytest.raises(WagesInvalid) as told:
        read_wages(text, file="m.toml")
    assert len(told.value.problems) == len(problems)
    assert all(one.startswith(begin) for one, begin in zip(told.value.problems, problems, strict=True))
