"""Tables into files for SPSS (.sav) and Stata (.dta), with labels and missing codes.

* Only tables of one row a person or check-in are written so, in parts of at most 100,000 rows and 1,500,000 cells:
  pandas and pyreadstat hold a part whole, several times over.
* The four codes are missing to both programs: user-missing in SPSS, .a to .d in Stata. A choice is its place in the
  list of choices, labelled; an empty cell is what each program calls missing.
* The files say that they were made at the cut-off: pyreadstat writes the present, which is put right afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyreadstat

from storage.exports.shape import MISSING, Column, Table

MOST_ROWS, MOST_CELLS = 100_000, 1_500_000
"""Of one part."""

STATA_MISSING = dict(zip(MISSING, "abcd", strict=True))
"""Which of Stata's extended missing values stands for each code."""

MOST_LABEL = {"sav": 250, "dta": 80}
"""Bytes of a variable's label that SPSS, and characters that Stata, can show."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SAV_TIME = slice(92, 109)
_DTA_TIME = b"<timestamp>"


@dataclass(slots=True)
class _Held:
    """The rows of the part that is being gathered."""

    table: Table
    batches: list[pa.RecordBatch]
    rows: int
    parts: list[Path]


class StatisticsWriter:
    """Files of one of the two kinds: `sav` or `dta`."""

    _held: _Held

    def __init__(self, folder: Path, kind: str, *, at: datetime, most_rows: int = MOST_ROWS) -> None:
        self._folder = folder
        self._kind = kind
        self._at = at
        self._most_rows = most_rows

    def open(self, table: Table) -> None:
        """Begin a table."""
        self._held = _Held(table, [], 0, [])

    @property
    def _most(self) -> int:
        return min(self._most_rows, max(1, MOST_CELLS // len(self._held.table.columns)))

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows; a part is written when it is full and more come."""
        held = self._held
        while held.rows + batch.num_rows > self._most:
            taken = self._most - held.rows
            held.batches.append(batch.slice(0, taken))
            self._write_part()
            batch = batch.slice(taken)
        if batch.num_rows:
            held.batches.append(batch)
            held.rows += batch.num_rows

    def close(self) -> Sequence[Path]:
        """Write what is left; the parts are numbered where there are several."""
        held = self._held
        if held.rows or not held.parts:
            self._write_part()
        if len(held.parts) == 1:
            held.parts = [held.parts[0].replace(self._folder / f"{held.table.name}.{self._kind}")]
        return held.parts

    def finish(self) -> Sequence[Path]:
        """Nothing is left to do."""
        return ()

    def give_up(self) -> None:
        """Nothing is open between parts."""

    def _write_part(self) -> None:
        held = self._held
        path = self._folder / f"{held.table.name}_{len(held.parts) + 1}.{self._kind}"
        rows = pa.Table.from_batches(held.batches, schema=held.table.schema)
        (write_sav if self._kind == "sav" else write_dta)(held.table, rows, path=path, at=self._at)
        held.parts.append(path)
        held.batches, held.rows = [], 0


def write_sav(table: Table, rows: pa.Table, *, path: Path, at: datetime) -> None:
    """One file for SPSS."""
    frame = pd.DataFrame({column.name: _series(column, rows) for column in table.columns})
    pyreadstat.write_sav(
        frame,
        str(path),
        column_labels=_labels(table, "sav"),
        variable_value_labels={each.name: labels for each in table.columns if (labels := _value_labels(each))},
        missing_ranges={
            each.name: [{"lo": min(MISSING), "hi": max(MISSING)}] for each in table.columns if _has_codes(each)
        },
        row_compress=True,
    )
    with path.open("r+b") as file:
        file.seek(_SAV_TIME.start)
        file.write(f"{at.day:02d} {_MONTHS[at.month - 1]} {at.year % 100:02d}{at:%H:%M:%S}".encode())


def write_dta(table: Table, rows: pa.Table, *, path: Path, at: datetime) -> None:
    """One file for Stata."""
    missing = [each.name for each in table.columns if _has_codes(each)]
    frame = pd.DataFrame({each.name: _series(each, rows) for each in table.columns})
    for name in missing:
        frame[name] = _with_letters(frame[name].to_numpy())
    labels = {each.name: _stata_labels(_value_labels(each)) for each in table.columns}
    pyreadstat.write_dta(
        frame,
        str(path),
        column_labels=_labels(table, "dta"),
        variable_value_labels={name: told for name, told in labels.items() if told},
        missing_user_values={name: list(STATA_MISSING.values()) for name in missing},
    )
    with path.open("r+b") as file:
        start = file.read(4096).index(_DTA_TIME) + len(_DTA_TIME) + 1
        file.seek(start)
        file.write(f"{at.day:02d} {_MONTHS[at.month - 1]} {at.year} {at:%H:%M}".encode())


def _series(column: Column, rows: pa.Table) -> Any:
    """A column as pandas has it: texts, days, or numbers with NaN where there is none."""
    found = rows.column(column.name)
    if column.coded:
        places = pa.array([str(code) for code in (*column.values, *MISSING)])
        numbers = np.array([*range(1, len(column.values) + 1), *MISSING], dtype=float)
        at = pc.index_in(found, places)
        if at.null_count != found.null_count:
            raise ValueError(f"a value of {column.name} is none of its codes")
        told = numbers[at.fill_null(0).to_numpy()]
        told[at.is_null().to_numpy()] = np.nan
        return told
    if pa.types.is_string(column.type):
        return pd.Series(found.fill_null("").to_pylist(), dtype=object)
    if pa.types.is_date(column.type):
        return pd.Series(found.to_pylist(), dtype=object)
    return found.cast(pa.float64()).to_numpy()


def _with_letters(numbers: Any) -> Any:
    told = numbers.astype(object)
    for code, letter in STATA_MISSING.items():
        told[numbers == code] = letter
    return told


def _has_codes(column: Column) -> bool:
    """Whether the four codes stand in it as numbers: in a text they are the words that they are."""
    return column.missing and (column.coded or not pa.types.is_string(column.type))


def _labels(table: Table, kind: str) -> dict[str, str | None]:
    return {each.name: each.label.encode()[: MOST_LABEL[kind]].decode(errors="ignore") for each in table.columns}


def _value_labels(column: Column) -> dict[float, str]:
    if not column.coded and pa.types.is_string(column.type):
        return {}
    told: dict[float, str] = {
        place if column.coded else int(code): label
        for place, (code, label) in enumerate(column.values.items(), start=1)
    }
    return told | dict(MISSING) if column.missing else told


def _stata_labels(labels: Mapping[float, str]) -> dict[Any, str]:
    return {STATA_MISSING.get(int(code), code): told for code, told in labels.items()}
