"""What she wants of us beside answering, by two tables in tests/corpus."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.reading.stopping import read_stop
from conversations.reading.wanted import LONGEST, LONGEST_REST, Rest, Wanted, read_rest, read_until, read_wanted

CORPUS = Path(__file__).parent.parent / "corpus"
TODAY = date(2026, 3, 2)  # a Monday
ASKED = "ask"


def rows(name: str) -> list[list[str]]:
    with (CORPUS / name).open(encoding="utf-8", newline="") as table:
        return list(csv.reader(table, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]


def day(cell: str) -> date | None:
    return date.fromisoformat(cell) if cell else None


@pytest.mark.parametrize(("text", "rest", "until"), rows("rests.tsv"))
def test_a_rest_and_the_day_that_it_lasts_to(text: str, rest: str, until: str) -> None:
    assert read_rest(text, TODAY) == (Rest(None) if rest == ASKED else Rest(day(rest)) if rest else None)
    assert read_until(text, TODAY) == day(until)


@pytest.mark.parametrize(("text", "wanted"), rows("wanted.tsv"))
def test_what_she_wants(text: str, wanted: str) -> None:
    assert read_wanted(text) == (Wanted(wanted) if wanted else None)


def test_everything_that_may_be_wanted_is_in_the_table() -> None:
    assert {wanted for _, wanted in rows("wanted.tsv") if wanted} == set(Wanted)


def test_no_rest_and_no_other_hour_is_taken_for_leaving() -> None:
    others = [text for text, rest, _ in rows("rests.tsv") if rest] + [
        text for text, wanted in rows("wanted.tsv") if wanted
    ]
    assert len(others) > 30
    assert [text for text in others if read_stop(text) is not None] == []


@given(st.text(max_size=LONGEST + 5), st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_any_text_is_read_and_a_day_is_always_to_come(text: str, today: date) -> None:
    rest, until = read_rest(text, today), read_until(text, today)
    for found in (rest.until if rest is not None else None, until):
        assert found is None or today < found <= today + LONGEST_REST
    read_wanted(text)
    read_stop(text)
