"""What may not be sent to many, told all at once as data."""

from __future__ import annotations

import pytest

from bot.neutrality import Fault, Problem, problems, texts_of
from storage.notices import Content, Media


def faults(content: Content, **more: object) -> list[tuple[Fault, str]]:
    return [(one.fault, one.found) for one in problems(content, **more)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "Hola, {nombre}. El viernes a las 10:30 hay taller.",
        "El 12/05/2026, de 9:00 a 11:00, en la calle 5 número 1024.",
        "Llama al 55 1234 5678.",
        "x" * 4096,
    ],
)
def test_what_gives_nothing_away_may_be_sent(text: str) -> None:
    assert problems(Content(text), phones=["+52 55 1234-5678"]) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("  \n", [(Fault.EMPTY, "")]),
        ("Salir de PRISIÓN, tu dinero", [(Fault.FORBIDDEN_WORD, "prision"), (Fault.FORBIDDEN_WORD, "dinero")]),
        ("Hola, {name} {}", [(Fault.UNKNOWN_FIELD, "name"), (Fault.UNKNOWN_FIELD, "")]),
        ("Llama al (55) 8765-4321 ya", [(Fault.PHONE, "55) 8765-4321")]),
        ("Llama al +525587654321", [(Fault.PHONE, "+525587654321")]),
        ("x" * 5000, [(Fault.TOO_LONG, "904")]),
        ("{nombre}" + "x" * 4090, [(Fault.TOO_LONG, "34")]),
    ],
)
def test_each_problem_is_found(text: str, found: list[tuple[Fault, str]]) -> None:
    assert faults(Content(text), phones=["5512345678"]) == found


def test_a_womans_name_is_a_problem() -> None:
    assert faults(Content("Hola"), named=2) == [(Fault.NAMES_A_WOMAN, "")]


def test_a_files_name_and_size_are_judged_too() -> None:
    content = Content("", Media("document", "id", "lista-de_liberadas.pdf"))
    assert problems(content, size=50_000_001) == (
        Problem(Fault.FORBIDDEN_WORD, "liberadas", in_name_of_file=True),
        Problem(Fault.TOO_LARGE, "1"),
    )
    assert texts_of(content) == ("lista-de_liberadas.pdf",)


def test_all_is_told_at_once() -> None:
    told = faults(Content("{x} 5587654321 cárcel " + "y" * 5000), named=1)
    assert [fault for fault, _ in told] == [
        Fault.FORBIDDEN_WORD,
        Fault.NAMES_A_WOMAN,
        Fault.PHONE,
        Fault.UNKNOWN_FIELD,
        Fault.TOO_LONG,
    ]
