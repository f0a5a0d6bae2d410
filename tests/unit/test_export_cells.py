"""Cells that no spreadsheet runs, names that fit, and conditions in REDCap's words."""

import csv
from pathlib import Path

import pyarrow as pa
import pytest

from conversations.instrument import QuestionType
from storage.exports.codebook import branching
from storage.exports.shape import AMOUNT, LONGEST, TEXT, WHOLE, Column, Table, fitted
from storage.exports.writing import CsvWriter

CELLS = {
    **{"=HYPERLINK()": "'=HYPERLINK()", "+52": "'+52", "-1": "-1", "-1+2": "'-1+2", "@x": "'@x", "\tx": "'\tx"},
    **{"\rx": "'\rx", "\nx": "'\nx", "a=b": "a=b", "＝1": "'＝1", '«ñ», "y"\nz': '«ñ», "y"\nz', "-": "'-"},
    **{"-5.25": "-5.25", "--5": "'--5", "ñandú": "ñandú", "－1": "'－1", "'=": "'="},
}


@pytest.mark.holds("T-client-5")
@pytest.mark.parametrize("together", [True, False])
def test_formulas_are_made_harmless_and_numbers_let_be(tmp_path: Path, together: bool) -> None:
    table = Table("cells", "", (Column("a", TEXT, ""), Column("b", AMOUNT, ""), Column("c", WHOLE, "")))
    rows = [{"a": text, "b": -0.5, "c": -88} for text in CELLS] + [{"a": None, "b": None, "c": None}]
    writer = CsvWriter(tmp_path)
    writer.open(table)
    for batch in [rows] if together else [[row] for row in rows]:
        writer.write(pa.RecordBatch.from_pylist(batch, schema=table.schema))
    (path,) = writer.close()
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.reader(file))
    assert found == [["a", "b", "c"], *([text, "-0.5", "-88"] for text in CELLS.values()), ["", "", ""]]


def test_the_bytes_do_not_depend_on_the_batches(tmp_path: Path) -> None:
    table = Table("cells", "", (Column("a", TEXT, ""), Column("b", AMOUNT, "")))
    rows = [{"a": text, "b": number} for text in ("x", "a, b", "=1") for number in (1.0, 1500.5, 1e-7, 1e20, None)]
    written = []
    for size in (1, 4, len(rows)):
        writer = CsvWriter(tmp_path)
        writer.open(table)
        for start in range(0, len(rows), size):
            writer.write(pa.RecordBatch.from_pylist(rows[start : start + size], schema=table.schema))
        written.append(writer.close()[0].read_bytes())
    assert len(set(written)) == 1


def test_a_part_of_a_column_is_judged_by_itself(tmp_path: Path) -> None:
    whole = pa.record_batch({"a": ["=1", "x", None, "=2", "y"]})
    writer = CsvWriter(tmp_path)
    writer.open(Table("cells", "", (Column("a", TEXT, ""),)))
    writer.write(whole.slice(1, 2))
    writer.write(whole.slice(3))
    assert writer.close()[0].read_bytes() == b"\xef\xbb\xbfa\r\nx\r\n\r\n'=2\r\ny\r\n"


def test_names_fit_and_stay_apart() -> None:
    long = [f"{'pregunta_muy_muy_larga_del_cuestionario'}_{number}_m12" for number in range(500)]
    names = [fitted(name) for name in long]
    assert len(set(names)) == 500
    assert all(len(name) == LONGEST and name.isascii() and name == name.lower() for name in names)
    assert fitted("trabaja_m1") == "trabaja_m1"


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("${trabaja} = 'si'", "[trabaja] = 'si'"),
        ("selected(${tipos}, 'otro') and ${edad} >= 18", "[tipos(otro)] = '1' and [edad] >= 18"),
        ("", ""),
        ("string-length(${x}) > 3", None),
        ("count-selected(${tipos}) > 1", None),
        ("selected(${trabaja}, 'si')", "[trabaja] = 'si'"),
        ("${tipos} = 'otro'", None),
        ("${gone} = 'x'", None),
        ("${aviso} = 'x'", None),
        ("today() > ${edad}", None),
    ],
)
def test_conditions_in_redcaps_words(condition: str, told: str | None) -> None:
    kinds = {"trabaja": QuestionType.SELECT_ONE, "tipos": QuestionType.SELECT_MULTIPLE, "aviso": QuestionType.NOTE}
    kinds |= {"edad": QuestionType.INTEGER, "x": QuestionType.INTEGER}

    def called(question: str) -> tuple[str, QuestionType] | None:
        return (question, kinds[question]) if question in kinds else None

    assert branching(condition, called) == told
