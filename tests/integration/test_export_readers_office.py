"""Workbooks and CSV as LibreOffice opens them on a computer in Mexico, cell by cell against the store."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from storage.exports.writing import SEPARATORS
from tests.integration.test_export_readers import Rows, differing, exported, inert
from tests.support.awkward import FORMULAS, fill_awkwardly
from tests.support.spreadsheets import needs_office, opened, values
from tests.support.told import Cell, told
from tests.support.world import Store

pytestmark = needs_office


async def test_a_workbook_is_opened_whole(store: Store, tmp_path: Path) -> None:
    await fill_awkwardly(store)
    (sheets,) = opened([await exported(store, tmp_path, "xlsx", exact=True)], tmp_path).values()
    for name, rows in (await told(store, exact=True)).items():
        assert differing(values(sheets[name]), shortened(inert(rows))) == [], name
    assert formulas(sheets) == []
    days = {cell.number_format for row in sheets["people"] for cell in row.values() if isinstance(cell.value, datetime)}
    assert days == {"yyyy\\-mm\\-dd"}
    assert shown(sheets["enrolments"]) >= {f"'{formula}" for formula in FORMULAS}


@pytest.mark.parametrize("separator", SEPARATORS)
async def test_csv_is_opened_with_accents_days_and_numbers(store: Store, tmp_path: Path, separator: str) -> None:
    await fill_awkwardly(store)
    out = await exported(store, tmp_path, "csv", exact=True, separator=separator)
    files = sorted(path for path in out.glob("*.csv") if path.name != "codebook_redcap.csv")
    found = opened([*files, control(tmp_path, SEPARATORS[separator])], tmp_path, separator=SEPARATORS[separator])
    tables = {name.removesuffix(".csv"): rows for name, sheets in found.items() for rows in sheets.values()}
    for name, rows in (await told(store, exact=True)).items():
        assert differing(values(tables[name]), shortened(as_read(inert(rows)))) == [], name
    (look,) = tables.pop("control")
    assert (look["formula"].data_type, look["thousand"].value, look["day"].value.date()) == (
        *("f", 1500, date(2026, 1, 31)),
    )
    assert formulas(tables) == []
    assert any("Ñandú, «año»" in text for text in shown(tables["enrolments"]))


def control(folder: Path, separator: str) -> Path:
    """What a file of somebody else might hold: so it is known that this LibreOffice runs formulas, and reads numbers
    and days as people in Mexico write them."""
    path = folder / "control.csv"
    cells = {"formula": "=1+1", "thousand": '"1,500"', "day": "31/01/2026"}
    path.write_text(f"{separator.join(cells)}\n{separator.join(cells.values())}\n", encoding="utf-8")
    return path


def formulas(tables: Mapping[str, Any]) -> list[str]:
    cells = [cell for rows in tables.values() for row in rows for cell in row.values()]
    return [f"{cell.coordinate} {cell.value}" for cell in cells if cell.data_type == "f" or cell.hyperlink]


def shown(rows: Any) -> set[str]:
    return {str(cell.value) for row in rows for cell in row.values()}


def shortened(rows: Rows) -> Rows:
    """Numbers to the fifteen digits that spreadsheets keep."""
    return [{k: float(f"{cell:.15g}") if isinstance(cell, float) else cell for k, cell in row.items()} for row in rows]


NUMBER = re.compile(r"-?\d+(\.\d+)?")
LOOKS = {"1,500": 1500.0, "1e5": 100_000.0, "5%": 0.05, "$5": 5.0}
"""Texts that are taken for numbers where a file does not say what they are; a workbook does."""


def as_read(rows: Rows) -> Rows:
    return [{name: _as_read(cell) for name, cell in row.items()} for row in rows]


def _as_read(cell: Cell) -> Cell:
    if not isinstance(cell, str):
        return cell
    if NUMBER.fullmatch(cell):
        return float(cell)
    with suppress(ValueError):
        return date.fromisoformat(cell)
    return LOOKS.get(cell, cell)
