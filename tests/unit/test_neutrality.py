"""What may not be sent to many, told all at once as data."""

from __future__ import annotations

import pytest

from bot.neutrality import TOWNS, Fault, Problem, doubts, problems
from storage.imports.centres import CENTRES
from storage.notices import Content, Media
from tests.unit.broadcast_texts import INNOCENT, TELLING


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


def test_all_is_told_at_once() -> None:
    told = faults(Content("{x} 5587654321 cárcel " + "y" * 5000), named=1)
    assert [fault for fault, _ in told] == [
        Fault.FORBIDDEN_WORD,
        Fault.NAMES_A_WOMAN,
        Fault.PHONE,
        Fault.UNKNOWN_FIELD,
        Fault.TOO_LONG,
    ]


@pytest.mark.parametrize("text", INNOCENT)
def test_what_staff_write_every_day_may_be_sent(text: str) -> None:
    assert problems(Content(text)) == ()


@pytest.mark.parametrize("text", TELLING)
def test_what_tells_where_she_was_or_what_was_done_to_her_may_not(text: str) -> None:
    assert {fault for fault, _ in faults(Content(text))} == {Fault.FORBIDDEN_WORD}


@pytest.mark.parametrize("name", [name for names in CENTRES.values() for name in names])
def test_every_name_of_a_centre_is_told_and_only_a_town_may_go(name: str) -> None:
    text = Content(f"Hola, te vimos en {name.upper()}.")
    assert bool(problems(text)) is (name not in TOWNS)
    assert problems(text) or doubts(text)


def test_the_towns_are_names_of_centres() -> None:
    assert {name for names in CENTRES.values() for name in names} >= TOWNS


@pytest.mark.parametrize(
    "word",
    [
        "pe\u200bnal",
        "pe\u00adnal",
        "PÉNAL",
        "p e n a l",
        "p.e.n.a.l",
        "a p-e-n-a-l",
        "pe-nal",
        "p3nal",
        "pen@l",
        "ｐｅｎａｌ",
    ],
)
def test_a_word_is_found_however_it_is_written(word: str) -> None:
    assert faults(Content(f"Ven al {word} mañana")) == [(Fault.FORBIDDEN_WORD, "penal")]


@pytest.mark.parametrize("name", ["penal2.pdf", "listaPenal.pdf", "lista_penal-03.pdf", "Santa-Martha.jpg"])
def test_a_word_is_found_in_the_name_of_a_file(name: str) -> None:
    (one,) = problems(Content("", Media("document", "id", name)))
    assert (one.fault, one.in_name_of_file) == (Fault.FORBIDDEN_WORD, True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Es medicina interna, en la calle Libertad", []),
        ("Centro de salud de Ecatepec", ["salud", "ecatepec"]),
        ("Tu libertad, Libertad", ["libertad"]),
        ("Las internas", []),
    ],
)
def test_what_may_be_harmless_is_a_doubt(text: str, found: list[str]) -> None:
    assert [one.found for one in doubts(Content(text))] == found


def test_a_name_that_stands_alone_is_a_doubt() -> None:
    assert doubts(Content("Hola, Rosa"), alone=["Rosa"]) == (Problem(Fault.NAMES_A_WOMAN, "Rosa"),)


OTHER = (
    "55/8765/4321",
    "55–8765–4321",
    "55_8765_4321",
    "55\u00a08765\u00a04321",
    "(55) 87 65 43 21",
    "５５８７６５４３２１",
)
CALLED = ("{}", "+52 {}", "+52 1 {}", "044 {}", "tel.{}", "55 1234 5678 / {}", "{}, 55-1234-5678", "el 3/12/2026 {}")


@pytest.mark.parametrize("number", OTHER)
@pytest.mark.parametrize("said", CALLED)
def test_an_unverified_number_is_found_with_any_signs_between(said: str, number: str) -> None:
    assert [fault for fault, _ in faults(Content(said.format(number)), phones=["55 1234 5678"])] == [Fault.PHONE]
    named = Content("", Media("document", "id", f"{said.format(number)}.pdf"))
    told = [(one.fault, one.in_name_of_file) for one in problems(named, phones=["5512345678"])]
    assert told == [(Fault.PHONE, True)]


@pytest.mark.parametrize("number", OTHER)
@pytest.mark.parametrize("said", CALLED)
def test_a_verified_number_is_taken_with_any_signs_between(said: str, number: str) -> None:
    assert problems(Content(said.format(number)), phones=["55 8765 4321", "55 1234 5678"]) == ()


@pytest.mark.parametrize(
    "name",
    [
        "IMG_20261123_103015.jpg",
        "photo_2026-11-23_10-30-15.jpg",
        "WhatsApp Image 2026-11-23 at 10.30.15.jpeg",
        "Screenshot_20261123-103015.png",
        "recetas 03-12-2026.pdf",
    ],
)
def test_what_a_camera_calls_its_files_is_no_number(name: str) -> None:
    assert problems(Content("", Media("document", "id", name))) == ()
