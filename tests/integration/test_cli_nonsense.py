"""Files that are none, points that are unknown, places where nothing can be: one clear line, and never a traceback."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest

from storage.imports import sheets
from tests.support.operator import NOBODY_LISTENS, Operator

NOWHERE = Path("/proc/hilo-export")
"""Not even root can write there."""


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """Somebody whose installation knows nobody."""
    operator = Operator(tmp_path_factory.mktemp("office") / "home", {"HILO_BOT_API_URL": NOBODY_LISTENS})
    operator.begins()
    return operator


def one_line(operator: Operator, *command: str | Path) -> str:
    told = operator.refused(*command)
    assert len(told.splitlines()) == 1, told
    return told


# --- files


def folder(path: Path) -> None:
    path.mkdir()


def nonsense(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 500)


def workbook_of_nothing(path: Path) -> None:
    openpyxl.Workbook().save(path)


def workbook_without_header(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["LC-1", "laboral", "costura", "BAR", "2025-01-01", "si"])
    book.save(path)


def zip_that_is_no_workbook(path: Path) -> None:
    with ZipFile(path, "w") as archive:
        archive.writestr("carta.txt", "Hola")


def workbook_that_unpacks_without_end(path: Path) -> None:
    path.write_bytes(_endless())


@cache
def _endless() -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive, archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
        for _ in range(1030):
            sheet.write(b"0" * 1024 * 1024)
    return made.getvalue()


def two_gigabytes(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)


Make = Callable[[Path], object]
FILES: list[tuple[str, Make, str]] = [
    ("gone.csv", lambda path: None, "no such file or directory"),
    ("folder.csv", folder, "is a directory"),
    ("empty.csv", Path.touch, "empty.csv is empty"),
    ("blank.csv", lambda path: path.write_text("\n\n \n", encoding="utf-8"), "is empty"),
    ("mark.csv", lambda path: path.write_bytes(b"\xef\xbb\xbf"), "the sheet is empty"),
    ("scan.pdf", lambda path: path.write_bytes(b"%PDF-1.7\n1 0 obj"), "scan.pdf is a PDF"),
    ("scan.csv", lambda path: path.write_bytes(b"%PDF-1.7\n1 0 obj"), "scan.csv is a PDF"),
    ("nonsense.xlsx", nonsense, "is not a sheet"),
    ("nothing.xlsx", workbook_of_nothing, "the sheet is empty"),
    ("letter.xlsx", zip_that_is_no_workbook, "not a sound .xlsx workbook"),
    ("bomb.xlsx", workbook_that_unpacks_without_end, "unpacks to more than 1 GB"),
    ("huge.csv", two_gigabytes, "has more than 100 MB"),
]
KINDS = [("import", "registry"), ("import", "measurements"), ("import", "work"), ("participants", "import")]


@pytest.mark.parametrize("command", KINDS, ids=lambda command: command[-1] if command[0] == "import" else command[0])
@pytest.mark.parametrize(("name", "make", "said"), FILES, ids=[name for name, *_ in FILES])
def test_what_is_no_sheet_is_refused(
    operator: Operator, tmp_path: Path, name: str, make: Make, said: str, command: tuple[str, str]
) -> None:
    make(tmp_path / name)
    lines = operator.refused(*command, tmp_path / name).splitlines()
    assert said in lines[0]
    assert lines[1:] in ([], ["nothing was imported: 1 problem to mend"])


@pytest.mark.parametrize("command", KINDS, ids=lambda command: command[-1])
def test_a_sheet_without_a_header_says_which_columns_are_missing(
    operator: Operator, tmp_path: Path, command: tuple[str, str]
) -> None:
    workbook_without_header(tmp_path / "rows.xlsx")
    lines = operator.refused(*command, tmp_path / "rows.xlsx").splitlines()
    assert any("record_id" in line and "column is missing" in line for line in lines)
    assert lines[-1].startswith("nothing was imported")


def test_no_more_of_a_file_is_read_than_is_looked_at() -> None:
    assert len(sheets.bytes_of(Path("/dev/zero"))) == sheets.MAX_BYTES + 1


# --- figures


def test_a_point_of_which_nothing_is_known(operator: Operator) -> None:
    assert "nothing is known of the point nonsense; points are none" in one_line(
        operator, "indicators", "--point", "nonsense"
    )
    told = one_line(operator, "indicators", "--moment", "nonsense")
    assert "of the point nonsense; points are ever, current" in told


def test_a_day_that_is_none_is_told_how_to_be_written(operator: Operator) -> None:
    said = operator.types("privacy", "hold", "R-1", "--until", "2027-13-01", "--reason", "x").output
    assert "'2027-13-01' is no day: write it as YYYY-MM-DD" in " ".join(said.replace("│", " ").split())


def test_an_empty_store_has_figures_of_nobody(operator: Operator) -> None:
    told = operator.read("indicators", "--by", "centre", "--by", "point", "--by", "workshop")
    assert {one["numerator"] for one in told["indicators"]} == {0}
    assert {one["percent"] for one in told["indicators"]} == {None}
    lines = operator.done("indicators").splitlines()
    assert sum(line.startswith("F") for line in lines[1:]) == 14
    assert operator.read("indicators", "--for", "public")["indicators"][0]["suppressed"]
    assert operator.read("indicators", "--as-of", "0001-01-01", "--known-at", "0001-01-01")["as_of"] == "0001-01-01"


@pytest.mark.parametrize(
    "words",
    [
        ("--as-of", "nonsense"),
        ("--by", "shoe_size"),
        ("--year", "nonsense"),
        ("--year", "1800"),
        ("--as-of", "2027-13-01"),
        ("--scope", "x"),
        ("--base", "x"),
        ("--baseline", "x"),
        ("--for", "nobody"),
        ("publish",),
        ("compare",),
    ],
    ids=" ".join,
)
def test_words_that_are_none_are_wrong_usage(operator: Operator, words: tuple[str, ...]) -> None:
    result = operator.types("indicators", *words)
    assert result.exit_code == 2
    assert not [word for word in ("Traceback", "Value error", "%Y", "Input should") if word in result.output]


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "x" * 61])
def test_a_name_that_is_none(operator: Operator, name: str) -> None:
    assert "needs a name of one line" in one_line(operator, "indicators", "publish", name)
    assert "there are none yet" in one_line(operator, "indicators", "compare", "unknown")


def test_an_empty_store_has_nothing_amiss(operator: Operator) -> None:
    told = operator.read("quality")
    assert {one["findings"] for one in told["counts"]} == {0}
    assert told["findings"] == []
    assert all(line.lstrip().startswith("0 ") for line in operator.done("quality").splitlines())


# --- where an export or a report goes

WRITERS = [("export", "--format", "csv", "--out"), ("export", "--format", "xlsx", "--out"), ("report", "--out")]


@pytest.mark.parametrize("command", WRITERS, ids=lambda command: command[-2] + command[0])
def test_what_is_there_stays(operator: Operator, tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "there").write_text("mine", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine.txt").touch()
    for name in ("there", "folder"):
        assert "is there already" in one_line(operator, *command, tmp_path / name)
    other = "there" if "csv" in command else "folder"
    assert "of another kind" in one_line(operator, *command, tmp_path / other, "--force")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "there"]
    assert (tmp_path / "there").read_text(encoding="utf-8") == "mine"
    assert os.listdir(tmp_path / "folder") == ["mine.txt"]


@pytest.mark.parametrize("command", WRITERS, ids=lambda command: command[-2] + command[0])
def test_where_nothing_can_be_written(operator: Operator, tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "file").touch()
    assert "there is no such folder" in one_line(operator, *command, tmp_path / "file" / "out")
    assert "there is no such folder" in one_line(operator, *command, tmp_path / "no" / "out")
    assert one_line(operator, *command, NOWHERE).startswith(f"{NOWHERE}: ")
    assert "is no name" in one_line(operator, *command, "")
    assert "of another kind" in one_line(operator, *command, "/dev/null", "--force")
    assert "name too long" in one_line(operator, *command, tmp_path / ("x" * 300))
    assert os.listdir(tmp_path) == ["file"]
