"""Figures in words, where few women are behind them: a sentence about one does not speak of several."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storage.outcomes.figures import Figure
from storage.report.words import Wording

CHANGE = Figure("F8", "pairs", "ambos", "ever", numerator=1, denominator=1, eligible=1)
CAME = Figure("F1", "registry", "ambos", "ever", numerator=1, denominator=None, eligible=None)
TRAINED = replace(CAME, id="F2", moment="2023")


def said(figure: Figure, language: str = "es") -> str:
    return Wording(language).sentence(figure).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("figure", "sentence"),
    [
        (CHANGE, "Tienen menos ansiedad: 1 de 1 (100 %; entre 21 y 100)."),
        (replace(CHANGE, numerator=0), "Tienen menos ansiedad: 0 de 1 (0 %; entre 0 y 79)."),
        (replace(CHANGE, denominator=40, eligible=40), "Tienen menos ansiedad: 1 de 40 (3 %; entre 0 y 13)."),
        (replace(CHANGE, numerator=2, denominator=2, eligible=2), "De 2 mujeres con dos mediciones, 2 tienen menos"),
        (CAME, "Una mujer participó en algún taller o actividad."),
        (TRAINED, "Una mujer se capacitó en un oficio en 2023."),
        (replace(TRAINED, numerator=2), "2 mujeres se capacitaron en un oficio en 2023."),
    ],
)
def test_one_woman_is_not_told_of_as_several(figure: Figure, sentence: str) -> None:
    assert said(figure).startswith(sentence)


def test_one_woman_in_english() -> None:
    assert said(TRAINED, "en") == "One woman trained in a trade in 2023."
    assert said(CHANGE, "en").startswith("Have less anxiety: 1 of 1 (100%")


def test_what_is_told_beside_a_figure_fits_one_woman() -> None:
    asides = list(Wording().asides(replace(CHANGE, notes={"floor": 1, "refused": 1, "several": 1, "from_zero": 1})))
    assert "Con más de un tipo de trabajo: 1." in asides
    assert "Prefirieron no decirlo: 1." in asides


@pytest.mark.parametrize(
    ("id_", "unclear", "told"),
    [
        ("F10", ("gem",), "De este cuestionario no se sabe"),
        ("F11", ("brs",), "Los primeros puntajes no varían"),
        ("F9", ("erq_ca9",), "Los primeros puntajes no varían"),
        ("F8", ("gad2",), "De este cuestionario no se sabe"),
        ("F11", ("brs", "gem"), "De este cuestionario no se sabe"),
        ("F11", ("de_otros",), "De este cuestionario no se sabe"),
    ],
)
def test_why_no_change_is_clear_is_the_right_reason(id_: str, unclear: tuple[str, ...], told: str) -> None:
    asides = list(Wording().asides(replace(CHANGE, id=id_, unclear=unclear)))
    assert [aside for aside in asides if aside.startswith(told)]
    assert len([aside for aside in asides if "puntajes" in aside or "cuestionario" in aside]) == 1
