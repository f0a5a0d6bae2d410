"""Choices, controls, pauses, numbers and dates, each by a table in tests/corpus; `?` marks what she should confirm."""

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
from conversations.reading.dates import other_days, read_date
from conversations.reading.numbers import read_decimal, read_integer
from conversations.reading.pauses import PauseFor, read_pause, wishes_pause
from conversations.reading.result import Clear, Doubtful, Reading, Unclear, Unreadable
from conversations.reading.words import entries, fold, normalise, sound
from conversations.reading.yes_no import read_yes_no

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
    "week": (
        Option("trabaje", "Sí, trabajé"),
        Option("ausente", "Tengo trabajo, pero no fui"),
        Option("busque", "Busqué trabajo"),
        Option("casa", "Atendí mi casa"),
        Option("no_puedo", "Por ahora no puedo"),
        Option("no_trabaje", "No, no trabajé"),
    ),
    "needs": (
        Option("papeles", "Papeles"),
        Option("lugar", "Dónde vivir"),
        Option("trabajo", "Trabajo"),
        Option("comida", "Comida o ropa"),
        Option("otra", "Otra cosa"),
        Option("nada", "No necesito nada por ahora"),
    ),
    "alone": (Option("sola", "Trabajo sola o con ayuda"), Option("emplea", "Le pago a alguien más")),
    "support": (
        Option("di", "Yo di apoyo"),
        Option("recibi", "Me dieron apoyo"),
        Option("ambas", "Las dos cosas"),
        Option("ninguna", "No, ninguna"),
    ),
    "zone": (Option("norte", "Norte"), Option("sur", "Sur"), Option("lago", "Lago")),
    "feeling": (Option("bien", "Bien"), Option("mal", "Mal")),
    "bills": (Option("luz", "Luz y agua"), Option("renta", "Renta, casa"), Option("comida", "Comida")),
}


def rows(name: str) -> list[list[str]]:
    with (CORPUS / name).open(encoding="utf-8", newline="") as table:
        return list(csv.reader(table, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]


def expected(cell: str, value: Callable[[str], T]) -> Reading[T]:
    if cell in set(Unreadable):
        return Unclear(Unreadable(cell))
    return Doubtful(value(cell[1:])) if cell.startswith("?") else Clear(value(cell))


def test_one_choice_typed() -> None:
    read = [(row, read_choice(row[1], QUESTIONS[row[0]])) for row in rows("choices.tsv")]
    assert [(row, found) for row, found in read if found != expected(row[2], str)] == []


def test_several_choices_typed() -> None:
    read = [(row, read_choices(row[1], QUESTIONS[row[0]])) for row in rows("several_choices.tsv")]
    assert [(row, found) for row, found in read if found != expected(row[2], lambda cell: tuple(cell.split()))] == []


@pytest.mark.parametrize(
    ("text", "right"),
    [
        *((text, Clear(True)) for text in entries("sí|así es|Sí, así es|es correcto|correcto|exacto|eso mero|eso es")),
        *((text, Clear(True)) for text in entries("ándale|ajá sí|sí está bien|está bien|todo está bien|tal cual|ok")),
        *((text, Clear(False)) for text in entries("no|No, corregir|no, mejor corregir|no es así|está mal|eso no es")),
        *((text, Clear(False)) for text in entries("incorrecto|no está bien|no, está mal|no es correcto|no es eso")),
        *((text, Doubtful(True)) for text in entries("creo que sí|s")),
        *((text, Unclear(Unreadable.NOT_A_CHOICE)) for text in entries("no está mal|sí pero no|hola|gracias|1500")),
        *((text, Unclear(Unreadable.NOT_A_CHOICE)) for text in entries("bien|mal|no sé|corregir|eso|no, correcto")),
        (" ", Unclear(Unreadable.EMPTY)),
    ],
)
def test_whether_a_reading_is_right(text: str, right: Reading[bool]) -> None:
    assert read_yes_no(text) == right


def test_control() -> None:
    read = [(text, control, read_control(text)) for text, control in rows("controls.tsv")]
    assert [row for row in read if row[2] != (Control(row[1]) if row[1] else None)] == []


def test_each_control_has_words() -> None:
    assert {control for _, control in rows("controls.tsv") if control} == set(Control)


def test_pause() -> None:
    for text, pause, wished in rows("pauses.tsv"):
        assert read_pause(text) == (PauseFor(pause) if pause else None), text
        assert wishes_pause(text) is (wished == "yes"), text
        assert wishes_pause(text) <= (read_control(text) is Control.PAUSE), text


def test_number() -> None:
    for text, integer, decimal in rows("numbers.tsv"):
        assert read_integer(text) == expected(integer, int), text
        assert read_decimal(text) == expected(decimal, Decimal), text


def test_date() -> None:
    for text, day in rows("dates.tsv"):
        assert read_date(text, TODAY) == expected(day, date.fromisoformat), text


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("el martes", ["2026-12-01"]),
        ("el miércoles", ["2026-11-25", "2026-12-02"]),
        ("este lunes", ["2026-11-30"]),
        ("5 de noviembre", ["2027-11-05"]),
        ("25/11", ["2027-11-25", "2025-11-25"]),
        ("5/12", ["2026-12-05"]),
        ("29 de febrero", ["2028-02-29"]),
        ("sábado 5 de diciembre", ["2026-12-05"]),
        ("jueves 5 de noviembre", []),
        ("lunes 5 de noviembre", []),
        ("el 15", ["2026-12-15"]),
        ("el quince", ["2026-12-15"]),
        ("el 31", ["2026-12-31"]),
        ("el 25", ["2026-12-25", "2026-10-25"]),
        ("lunes 16", []),
        ("viernes 13", []),
        ("el 5 del mes que entra", []),
        ("el lunes pasado", []),
        ("el próximo lunes", []),
        ("5 de diciembre de 2025", []),
        ("5/12/26", []),
        ("hace ocho días", []),
        ("ayer", []),
        ("13/31", []),
        ("el 32", []),
        ("hola", []),
        ("", []),
        ("el 15" + " de veras" * 20, []),
    ],
)
def test_what_else_a_day_may_be(text: str, others: list[str]) -> None:
    read = read_date(text, TODAY)
    day = TODAY if isinstance(read, Unclear) else read.value
    assert [str(other) for other in other_days(text, day, today=TODAY)] == others


def test_of_two_readings_each_is_the_other() -> None:
    last, following = date(2026, 11, 24), date(2026, 12, 1)
    assert other_days("el martes", last, today=TODAY) == (following,)
    assert other_days("el martes", following, today=TODAY) == (last,)


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
