"""Women of imported files, known by a record_id alone, whom a roster names later."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.operator import NOBODY_LISTENS, Operator

REGISTRY = "record_id,axis,workshop,centre,started_on,completed\n"


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    """Somebody who has brought in enrolments of two women whom nobody had registered."""
    operator = Operator(tmp_path / "home", {"HILO_BOT_API_URL": NOBODY_LISTENS})
    operator.begins()
    rows = "B-8,laboral,costura,BAR,2024-02-01,si\nB-9,laboral,costura,BAR,2024-02-01,si\n"
    operator.done("import", "registry", "--create-people", written(tmp_path, "registry.csv", REGISTRY + rows))
    return operator


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


ROSTER = (
    "record_id,name,phone,birth_year,release_date,centre,zone,dependants_0_5\n"
    "B-9,Rosa Prueba,5512345678,1990,2026-02-28,BAR,America/Tijuana,2\n"
    "C-1,Luz Ejemplo,,,,,,\n"
)


def test_a_roster_names_her_and_she_is_followed(operator: Operator, tmp_path: Path) -> None:
    nameless = operator.read("participants", "show", "B-9")
    assert (nameless["name"], nameless["checkins"]) == ("", [])
    dry = operator.done("participants", "import", "--dry-run", written(tmp_path, "roster.csv", ROSTER))
    assert dry.startswith("2 rows would be imported")
    assert operator.read("participants", "show", "B-9") == nameless
    told = operator.done("participants", "import", tmp_path / "roster.csv")
    assert told.startswith("2 participants registered, with 12 check-ins expected")
    her = operator.read("participants", "show", "B-9")
    assert (her["name"], her["plan"], her["release_date"], her["zone"]) == (
        *("Rosa Prueba", "seguimiento", "2026-02-28"),
        "America/Tijuana",
    )
    assert len(her["checkins"]) == 6
    assert all(one["due_on"] for one in her["checkins"])
    everybody = operator.read("participants", "list")
    assert [woman["record_id"] for woman in everybody] == ["B-8", "B-9", "C-1"], "nobody is there twice"
    figures = {one["id"]: one for one in operator.read("indicators")["indicators"]}
    assert figures["F1"]["numerator"] == 2, "what was known of her is still hers"


def test_a_second_roster_changes_nothing(operator: Operator, tmp_path: Path) -> None:
    operator.done("participants", "import", written(tmp_path, "roster.csv", ROSTER))
    refused = operator.refused("participants", "import", tmp_path / "roster.csv")
    assert "is already registered" in refused


def test_what_is_known_of_her_stays(operator: Operator, tmp_path: Path) -> None:
    operator.done("participants", "set", "B-9", "--release", "2026-01-15", "--centre", "CHA", "--plan", "none")
    refused = operator.refused("participants", "import", written(tmp_path, "roster.csv", ROSTER))
    assert "line 2, release_date: is already registered with another date" in refused
    same = ROSTER.replace("2026-02-28", "2026-01-15")
    operator.done("participants", "import", written(tmp_path, "roster.csv", same))
    her = operator.read("participants", "show", "B-9")
    assert (her["name"], her["centre"], her["release_date"]) == ("Rosa Prueba", "CHA", "2026-01-15")


def test_whoever_names_her_is_asked_whom_she_may_be(operator: Operator, tmp_path: Path) -> None:
    first = "record_id,name,birth_year\nC-1,Rosa Prueba Uno,1990\n"
    operator.done("participants", "import", written(tmp_path, "first.csv", first))
    again = "record_id,name,birth_year\nB-9,Rosa Prueba Uno,1990\n"
    refused = operator.refused("participants", "import", written(tmp_path, "again.csv", again))
    assert "line 2: Rosa Prueba Uno may be C-1 Rosa Prueba Uno" in refused
    operator.done("participants", "import", "--other", "2", tmp_path / "again.csv")
    assert operator.read("participants", "show", "B-9")["name"] == "Rosa Prueba Uno"


def test_of_many_who_may_be_one_a_few_are_told(operator: Operator, tmp_path: Path) -> None:
    rows = "".join(f"D-{number},Rosa Prueba Uno,1990\n" for number in range(60))
    told = operator.refused(
        "participants", "import", written(tmp_path, "many.csv", "record_id,name,birth_year\n" + rows)
    ).splitlines()
    assert told[0] == "line 3: Rosa Prueba Uno may be line 2"
    assert told[19] == "line 22: Rosa Prueba Uno may be line 2, line 3, line 4, line 5, line 6, 15 others"
    assert told[20] == "and 39 more rows of which somebody must say who she is"
    assert len(told) == 22
