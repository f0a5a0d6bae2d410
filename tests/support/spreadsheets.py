"""LibreOffice as somebody in Mexico has it: files opened as by a double click, and what then stands in the cells.

* Its locale is that of Mexico: a point in decimals, days before months. Of CSV it takes for numbers, days and formulas
  whatever looks like them, in quotes or not, as Excel does.
* One process opens all files that are given together. It has a profile of its own, and no window.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.cell import Cell

SOFFICE = shutil.which("soffice")
needs_office = pytest.mark.skipif(
    SOFFICE is None and "CI" not in os.environ, reason="no LibreOffice (soffice) on this machine"
)

MEXICO = 2058
"""es-MX by its number in Windows."""

PROFILE = """\
<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse">
<value>es-MX</value></prop></item>
</oor:items>
"""

Sheets = dict[str, list[dict[str, Cell]]]


def opened(files: Iterable[Path], folder: Path, *, separator: str | None = None) -> dict[str, Sheets]:
    """What LibreOffice has read out of these files, by the name of the file and then of the sheet; `folder` is for its
    own. `separator` is that of CSV, None for workbooks."""
    assert SOFFICE is not None, "no LibreOffice: install libreoffice-calc"
    settings = folder / "profile" / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(PROFILE, encoding="utf-8")
    out = folder / "opened"
    reading = [] if separator is None else [f"--infilter={_filter(separator)}"]
    command = [SOFFICE, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore"]
    there = list(files)
    subprocess.run(
        [*command, "--convert-to", "xlsx", *reading, "--outdir", str(out), *map(str, there)],
        check=True,
        capture_output=True,
        timeout=240,
    )
    return {path.name: _sheets(out / f"{path.stem}.xlsx") for path in there}


def _filter(separator: str) -> str:
    """CSV in UTF-8 from its first line; quoted cells are no texts; numbers and days are recognised by their looks."""
    return f"CSV:{ord(separator)},34,76,1,,{MEXICO},false,true"


def _sheets(path: Path) -> Sheets:
    return {sheet.title: _rows(sheet) for sheet in openpyxl.load_workbook(path)}


def _rows(sheet: Any) -> list[dict[str, Cell]]:
    head, *rows = sheet.iter_rows()
    return [dict(zip((cell.value for cell in head), row, strict=True)) for row in rows]


def values(rows: Iterable[Mapping[str, Cell]]) -> list[dict[str, Any]]:
    """The cells without how they look."""
    return [{name: cell.value for name, cell in row.items()} for row in rows]
