"""Choices, controls, numbers and dates, each by a table in tests/corpus: `?` marks a reading to be confirmed."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import pytest

from conversations.reading.choices import Option, read_choice, read_choices
from conversations.reading.controls import Control, read_control
from conversations.reading.dates import read_date
from conversations.reading.numbers import read_decimal, read_integer
from conversations.reading.result import Clear, Doubtful, Reading, Unclear, Unreadable
from conversations.reading.words import fold, normalise, sound

T = TypeVar("T")

CORPUS = Path(__file__).parent.parent / "corpus"
TODAY = date(2026, 11, 25)  # a Wednesday

QUESTIONS = {
    "yes_no": (Option("si", "Sí"), Option("no", "No")),
    "insured": (
        Option("si_trabajo", "Sí, por mi trabajo"),
        Option("si_familia", "Sí, por mi familia"),
        Option("no", "No"),
    ),
    "work": (
        Option("patron", "Trabajo con patrón"),
        Option("propia", "Por mi cuenta", ("changarro", "puesto propio")),
        Option("hogar", "Quehaceres de la casa"),
        Option("busca", "Busqué trabajo"),
        Option("nada", "No trabajé"),
    ),
    "children": (Option("cero", "0"), Option("uno", "1"), Option("dos", "2"), Option("tres", "3 o más")),
    "bills": (Option("luz", "Luz y agua"), Option("renta", "Renta, casa"), Option("comida", "Comida")),
}


def rows(name: str) -> list[list[str]]:
    with (CORPUS / name).open(encoding="utf-8", newline="") as table:
        return list(csv.reader(table, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]


def expected(cell: str, value: Callable[[str], T]) -> Reading[T]:
    if cell in set(Unreadable):
        return Unclear(Unreadable(cell))
    return Doubtful(value(cell[1:])) if cell.startswith("?") else Clear(value(cell))


@pytest.mark.parametrize(("question", "text", "name"), rows("choices.tsv"))
def test_one_choice_typed(question: str, text: str, name: str) -> None:
    assert read_choice(text, QUESTIONS[question]) == expected(name, str)


@pytest.mark.parametrize(("question", "text", "names"), rows("several_choices.tsv"))
def test_several_choices_typed(question: str, text: str, names: str) -> None:
    assert read_choices(text, QUESTIONS[question]) == expected(names, lambda cell: tuple(cell.split()))


@pytest.mark.parametrize(("text", "control"), rows("controls.tsv"))
def test_control(text: str, control: str) -> None:
    assert read_control(text) == (Control(control) if control else None)


def test_each_control_has_words() -> None:
    assert {control for _, control in rows("controls.tsv") if control} == set(Control)


@pytest.mark.parametrize(("text", "integer", "decimal"), rows("numbers.tsv"))
def test_number(text: str, integer: str, decimal: str) -> None:
    assert read_integer(text) == expected(integer, int)
    assert read_decimal(text) == expected(decimal, Decimal)


@pytest.mark.parametrize(("text", "day"), rows("dates.tsv"))
def test_date(text: str, day: str) -> None:
    assert read_date(text, TODAY) == expected(day, date.fromisoformat)


@pytest.mark.parametrize(
    ("text", "folded", "normalised"),
    [
        ("  ¡Sí!  ", "¡si!", "si"),
        ("AÑO  año", "año año", "año año"),
        ("1️⃣5️⃣ 💰", "15", "15"),
        ("１５００", "1500", "1500"),
        ("½ 5²", "½ 5²", "½ 5²"),
        ("“mil” pesos…", "“mil” pesos...", "mil” pesos"),
        ("😀", "", ""),
    ],
)
def test_folding_keeps_letters_and_digits(text: str, folded: str, normalised: str) -> None:
    assert fold(text) == folded
    assert normalise(text) == normalised


@pytest.mark.parametrize(
    ("one", "other"),
    [("kinsena", "quincena"), ("dosientos", "doscientos"), ("nobesientos", "novecientos"), ("aora", "ahora")],
)
def test_spellings_of_one_sound(one: str, other: str) -> None:
    assert sound(one) == sound(other)


@pytest.mark.parametrize(("one", "other"), [("seis", "seiscientos"), ("sesenta", "setenta"), ("pero", "perro")])
def test_different_sounds_stay_apart(one: str, other: str) -> None:
    assert sound(one) != sound(other)
