"""The consent that imported amounts and scores stand on, from the file or the command to quality and exports."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.integration.test_cli_import_outcomes import operator as operator  # a fixture
from tests.integration.test_cli_import_outcomes import stored, written
from tests.support.operator import Operator

SCORES = "record_id,instrument,moment,taken_on,score{}\nA-1,GAD-7,pre,2024-02-01,12{}\nA-2,GAD-7,pre,2024-02-01,9{}\n"
WORK = "record_id,scope,as_of,income_amount,income_period\nA-1,dentro,2024-09-01,1500,quincena\n"
BARE = SCORES.format("", "", "")
OWN = SCORES.format(",consent_basis,consent_on,consent_version,consent_witness", ",papel,2024-03-01,2,Luz Ríos", ",,,,")
CHAT = ("--consent-basis", "chat", "--consent-on", "2024-04-05", "--consent-version", "3")
TOLD = [
    "measurements\t2 new, 0 there already, 0 corrected",
    "consent\tpapel of 2024-03-01, version 2: 1 amount or score",
    "consent\tchat of 2024-04-05, version 3: 1 amount or score",
]


def test_a_dry_run_tells_on_what_the_rows_will_stand(operator: Operator, tmp_path: Path) -> None:
    file = written(tmp_path, "file.csv", OWN)
    assert operator.done("import", "measurements", file, "--dry-run", *CHAT).splitlines() == TOLD
    assert operator.done("import", "measurements", file, *CHAT).splitlines() == TOLD
    basis = "SELECT consent_basis, consent_on, consent_version, consent_witness IS NULL FROM measurements ORDER BY line"
    assert stored(operator, basis) == [("papel", "2024-03-01", "2", 0), ("chat", "2024-04-05", "3", 1)]
    assert "Luz Ríos".encode() not in (operator.home / "hilo.sqlite3").read_bytes()
    assert "0 new, 2 there already" in operator.done("import", "measurements", file, *CHAT)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--consent-basis", "papel"), ["--consent-on: is empty", "--consent-version: ", "--consent-witness: "]),
        (("--consent-on", "2024-04-05"), ["--consent-basis: is empty", "--consent-version: is empty"]),
        ((*CHAT[:3], "2999-01-01", *CHAT[4:]), ["--consent-on: this day has not come yet"]),
        ((*CHAT, "--consent-witness", "Luz Ríos"), ["--consent-witness: belongs to papel alone"]),
    ],
)
def test_half_a_basis_for_the_file_is_refused_and_nothing_stored(
    operator: Operator, tmp_path: Path, options: tuple[str, ...], words: list[str]
) -> None:
    told = operator.refused("import", "measurements", written(tmp_path, "file.csv", BARE), *options)
    assert all(each in told for each in words)
    assert f"{len(words)} option" in told
    assert stored(operator, "SELECT * FROM imports") == []


def test_what_says_nothing_of_consent_is_told_and_listed_until_the_file_comes_again(
    operator: Operator, tmp_path: Path
) -> None:
    scores, work = written(tmp_path, "puntajes.csv", BARE), written(tmp_path, "trabajo.csv", WORK)
    result = operator.types("import", "measurements", scores)
    assert "2 amounts or scores without a consent basis" in result.stderr
    operator.done("import", "work", work)
    found = operator.read("quality", "--kind", "no_consent_basis")["findings"]
    assert [(one["what"], one["file"], one["line"], one["women"], one["mender"]) for one in found] == [
        ("ingresos", "trabajo.csv", 2, 1, "importer"),
        ("puntajes", "puntajes.csv", 2, 2, "importer"),
    ]
    assert "0 new, 0 there already, 2 corrected" in operator.done("import", "measurements", scores, *CHAT)
    operator.done("import", "work", work, *CHAT)
    assert operator.read("quality", "--kind", "no_consent_basis")["findings"] == []


def test_the_team_has_it_in_its_exports_and_the_witness_nobody(operator: Operator, tmp_path: Path) -> None:
    operator.done("import", "measurements", written(tmp_path, "file.csv", OWN))
    operator.done("export", "--format", "csv", "--out", tmp_path / "team")
    with (tmp_path / "team" / "measurements.csv").open(encoding="utf-8-sig", newline="") as told:
        rows = sorted(
            (row["consent_basis"], row["consent_month"], row["consent_version"]) for row in csv.DictReader(told)
        )
    assert rows == [("", "", ""), ("papel", "2024-03", "2")]
    operator.done("export", "--format", "csv", "--out", tmp_path / "public", "--for", "public")
    assert not (tmp_path / "public" / "measurements.csv").exists()
    written_out = [path for path in tmp_path.glob("*/*") if path.suffix == ".csv"]
    assert written_out
    assert not any("Luz Ríos" in path.read_text(encoding="utf-8") for path in written_out)
