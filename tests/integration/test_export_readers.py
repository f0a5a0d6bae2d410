"""Every table of an export, cell by cell: read back by programs that are not ours, and worked out anew from the store.

What is worked out anew stands in tests/support/told.py. Programs read what they find: in CSV and in workbooks a text
that would run as a formula has an apostrophe in front, and nothing is an empty cell.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyreadstat
import pytest
from frictionless import Package

from storage import approvals
from storage.members import Role
from storage.schema import staff
from storage.vault import Place
from tests.support.awkward import fill_awkwardly, leave_unfinished
from tests.support.exports import write_export
from tests.support.told import Cell, plain, told
from tests.support.world import Store

Rows = list[dict[str, Cell]]

RUNS = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
NUMBER = re.compile(r"-\d+(\.\d+)?")
CASES = ("people", "checkins", "wide")
LETTERS = {"a": -66.0, "b": -77.0, "c": -88.0, "d": -99.0}


@pytest.fixture
async def awkward(store: Store) -> Store:
    await fill_awkwardly(store)
    await leave_unfinished(store)
    return store


async def code(store: Store) -> str:
    async with store.database.transact() as tx:
        number = tx.ids.random()
        name = tx.vault.seal(Place("staff", "name", number), b"Ana")
        await tx.run(staff.insert(), [{"id": number, "name": name, "role": Role.COORDINATOR, "added_at": tx.now}])
        return await approvals.draw(tx, number)


async def exported(store: Store, folder: Path, format_: str, *, exact: bool = False, **asked: Any) -> Path:
    out = folder / ("out.xlsx" if format_ == "xlsx" else "out")
    who: dict[str, Any] = {"identified": True, "approval": await code(store)} if exact else {}
    await write_export(store, out, format=format_, **who, **asked)
    return out


def differing(found: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]]) -> list[str]:
    """The rows that only one side has, whatever their order."""
    ours, theirs = (Counter(map(_as_text, rows)) for rows in (wanted, found))
    return [f"not read: {row}" for row in ours - theirs] + [f"not stored: {row}" for row in theirs - ours]


def _as_text(row: Mapping[str, Any]) -> str:
    return repr(sorted((name, plain(cell)) for name, cell in row.items() if name != "record_id"))


def inert(rows: Rows) -> Rows:
    """The same as it may stand in a spreadsheet."""
    return [{name: _inert(cell) for name, cell in row.items()} for row in rows]


def _inert(cell: Cell) -> Cell:
    runs = isinstance(cell, str) and RUNS.match(cell) and not NUMBER.fullmatch(cell)
    return f"'{cell}" if runs else cell


# --- as other programs read them


def by_frictionless(out: Path) -> dict[str, list[dict[str, Any]]]:
    package = Package(str(out / "datapackage.json"))
    return {one.name: [row.to_dict() for row in one.read_rows()] for one in package.resources}  # type: ignore[attr-defined]


def by_pandas(out: Path) -> dict[str, list[dict[str, Any]]]:
    """Text as text: what numbers and days are is for the package to say."""
    found = {}
    for path in out.glob("*.csv"):
        frame = pd.read_csv(path, encoding="utf-8-sig", dtype=str, keep_default_na=False)
        found[path.stem] = frame.to_dict("records")
    return found


def by_openpyxl(out: Path) -> dict[str, list[dict[str, Any]]]:
    found = {}
    for sheet in openpyxl.load_workbook(out):
        head, *rows = sheet.iter_rows(values_only=True)
        found[sheet.title] = [dict(zip(head, row, strict=True)) for row in rows]
    return found


def by_pyarrow(out: Path) -> dict[str, list[dict[str, Any]]]:
    return {path.stem: pq.read_table(path).to_pylist() for path in out.glob("*.parquet")}


def by_json(out: Path) -> dict[str, list[dict[str, Any]]]:
    return {
        path.stem: [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]
        for path in out.glob("*.jsonl")
    }


def by_pyreadstat(out: Path, kind: str) -> dict[str, list[dict[str, Any]]]:
    """With each choice as its label, and with the codes that are missing to the program."""
    read = pyreadstat.read_sav if kind == "sav" else pyreadstat.read_dta
    found = {}
    for path in out.glob(f"*.{kind}"):
        frame, about = read(str(path), user_missing=True)
        rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
        labels = about.variable_value_labels
        found[path.stem] = [{name: _labelled(cell, labels.get(name, {})) for name, cell in row.items()} for row in rows]
    return found


def _labelled(cell: Any, labels: Mapping[Any, str]) -> Any:
    cell = LETTERS.get(cell, cell) if labels else cell
    return labels.get(cell, cell) if isinstance(cell, float) and cell > 0 else cell


READERS = {
    "csv": by_frictionless,
    "xlsx": by_openpyxl,
    "parquet": by_pyarrow,
    "jsonl": by_json,
}


@pytest.mark.parametrize("exact", [False, True], ids=["pseudonymous", "identified"])
@pytest.mark.parametrize("format_", READERS)
async def test_every_cell_is_that_of_the_store(awkward: Store, tmp_path: Path, format_: str, exact: bool) -> None:
    found = READERS[format_](await exported(awkward, tmp_path, format_, exact=exact))
    wanted = await told(awkward, exact=exact)
    assert {"people", "enrolments", "employments", "incomes", "supports", "measurements"} < wanted.keys()
    for name, rows in wanted.items():
        assert rows, name
        shown = inert(rows) if format_ in {"csv", "xlsx"} else rows
        own = [days_of_text(row) for row in found[name]] if format_ == "jsonl" else found[name]
        assert differing(own, shown) == [], name


def days_of_text(row: Mapping[str, Any]) -> dict[str, Any]:
    """JSON knows no days."""
    return {k: pd.Timestamp(c).date() if k.endswith("_on") and c else c for k, c in row.items()}


async def test_pandas_reads_what_the_package_says(awkward: Store, tmp_path: Path) -> None:
    out = await exported(awkward, tmp_path, "csv", exact=True)
    typed = by_frictionless(out)
    for name, rows in by_pandas(out).items():
        assert [[_as_said(cell) for cell in row.values()] for row in typed[name]] == [
            [_as_number(cell) for cell in row.values()] for row in rows
        ], name


def _as_said(cell: Any) -> str | float:
    cell = plain(cell)
    return "" if cell is None else cell if isinstance(cell, float) else _as_number(str(cell))


def _as_number(cell: str) -> str | float:
    return float(cell) if re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", cell) else cell


@pytest.mark.parametrize("exact", [False, True], ids=["pseudonymous", "identified"])
@pytest.mark.parametrize("kind", ["sav", "dta"])
async def test_programs_for_statistics_read_every_case(awkward: Store, tmp_path: Path, kind: str, exact: bool) -> None:
    found = by_pyreadstat(await exported(awkward, tmp_path, kind, exact=exact), kind)
    assert set(found) == set(CASES)
    wanted = await told(awkward, exact=exact)
    for name in CASES:
        rows = wanted[name]
        if name == "wide":
            rows = [{k: _as_labels(k, cell) for k, cell in row.items()} for row in rows]
        assert differing(found[name], rows) == [], name


def _as_labels(name: str, cell: Cell) -> Cell:
    """Choices and ticks by their labels; the codes as numbers where the column is one of choices."""
    if name.startswith("trabaja"):
        return {"si": "=Sí", "no": "No"}.get(str(cell)) or (float(cell) if isinstance(cell, str) else None)
    return "sí" if name.startswith("tipos") and cell == 1 else cell
