"""An organisation's own minimum wages and scoring packs count wherever the store is read, in exports too."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from conversations import wages
from storage.outcomes import scoring
from tests.support.operator import NOBODY_LISTENS, Operator

WORK = "record_id,scope,as_of,income_amount,income_period\n"
SCORES = "record_id,instrument,moment,taken_on,score\n"


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    """Somebody whose installation knows an income and scores of a woman."""
    operator = Operator(tmp_path / "home", {"HILO_BOT_API_URL": NOBODY_LISTENS})
    operator.begins()
    income = written(tmp_path, "work.csv", f"{WORK}A-1,en_libertad,2025-06-01,17000,mes\n")
    operator.done("import", "work", "--create-people", income)
    rows = "A-1,gem,pre,2025-01-01,2\nA-1,gem,post,2025-06-01,2.25\n"
    operator.done("import", "measurements", written(tmp_path, "scores.csv", SCORES + rows))
    yield operator
    scoring.take(())
    wages.adopt(())


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def exported(operator: Operator, folder: Path) -> Path:
    operator.done("export", "--format", "csv", "--out", folder, "--force")
    return folder


def test_own_minimum_wages_count(operator: Operator, tmp_path: Path) -> None:
    assert operator.read("quality", "--kind", "unusual_income")["findings"] == []
    (income,) = rows(exported(operator, tmp_path / "out") / "incomes.csv")
    assert income["minimum_wages"] == "2.0047"
    written(operator.home, "minimum_wages.toml", "[[wage]]\nsince = 2025-01-01\ngeneral = 91.26\n")
    (found,) = operator.read("quality", "--kind", "unusual_income")["findings"]
    assert found["record_id"] == "A-1"
    (income,) = rows(exported(operator, tmp_path / "out") / "incomes.csv")
    assert income["minimum_wages"] == "6.1243"
    facts = {row["name"]: row["value"] for row in rows(tmp_path / "out" / "metadata.csv")}
    assert facts["minimum_wages"] == "2024-01-01=248.93 2025-01-01=91.26 2026-01-01=315.04"
    (operator.home / "minimum_wages.toml").unlink()
    (income,) = rows(exported(operator, tmp_path / "out") / "incomes.csv")
    assert income["minimum_wages"] == "2.0047", "a process that was used before knows nothing of it any more"


@pytest.mark.parametrize("command", [("quality",), ("indicators",), ("export", "--format", "csv", "--out", "x")])
def test_wages_that_cannot_be_read_stop_what_needs_them(operator: Operator, command: tuple[str, ...]) -> None:
    written(operator.home, "minimum_wages.toml", "[[wage]]\nsince = 2027\n")
    assert operator.refused(*command).splitlines() == [
        "minimum_wages.toml: wage 1: general is missing",
        "minimum_wages.toml: wage 1: since: write a day, such as 2027-01-01",
    ]
    (operator.home / "minimum_wages.toml").write_bytes(b"\xff\xfe\x00")
    assert "not a text in UTF-8" in operator.refused(*command)


def test_own_scoring_packs_count_in_exports(operator: Operator, tmp_path: Path) -> None:
    def stereotypes() -> tuple[str, str]:
        found = rows(exported(operator, tmp_path / "out") / "indicators.csv")
        (one,) = [row for row in found if (row["id"], row["dimension"]) == ("F10", "")]
        return one["strict_numerator"], one["notes"]

    assert stereotypes() == ("", "ceiling=0 several_axis=0 several_workshop=0 unclear=gem")
    shipped = (scoring.SHIPPED / "gem.toml").read_text(encoding="utf-8")
    (operator.home / "packs").mkdir(exist_ok=True)
    written(operator.home / "packs", "gem.toml", f"{shipped}change = 0.2\n")
    assert stereotypes() == ("1", "ceiling=0 several_axis=0 several_workshop=0")
