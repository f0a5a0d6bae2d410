"""Scoring packs at the command line: one is checked as a form is, and a form that its pack could not score is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.outcomes import scoring
from tests.support.operator import Operator
from tests.unit.test_packs import FORM, OWN


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    """An operator whose installation stands; afterwards there are no packs but the shipped ones."""
    operator = Operator(tmp_path / "home", {})
    operator.begins()
    yield operator
    scoring.adopt(tmp_path / "none")


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_sound_pack_is_summed_up(operator: Operator, tmp_path: Path) -> None:
    said = operator.done("instruments", "check", written(tmp_path / "animo.toml", OWN))
    assert said == "animo: a scoring pack, 2 items, total, not validated\n"


def test_all_that_is_wrong_with_a_pack_is_told(operator: Operator, tmp_path: Path) -> None:
    faulty = OWN.replace("high = 4", "high = 0").replace('licence = "ours"', "")
    told = operator.refused("instruments", "check", written(tmp_path / "animo.toml", faulty))
    assert told.splitlines() == ["animo.toml: high: must be above low", "animo.toml: licence: is missing"]


def test_a_form_is_held_against_the_packs_of_the_data_folder(operator: Operator, tmp_path: Path) -> None:
    form = written(tmp_path / "animo.md", FORM.format(name="animo_2", always="siempre_9"))
    assert "no score" not in operator.done("instruments", "check", form), "nobody scores it yet"
    written(operator.home / "packs" / "animo.toml", OWN)
    said = operator.done("instruments", "check", form).splitlines()
    assert "mind: no score: the choices of animo_2 must end in numbers from 0 to 4" in said


def test_nothing_runs_with_a_pack_that_cannot_be_read(operator: Operator) -> None:
    written(operator.home / "packs" / "animo.toml", OWN.replace('better = "higher"', 'better = "up"'))
    assert operator.refused("instruments", "list").startswith("packs/animo.toml: better: ")
