"""Tables into files: CSV, Parquet, JSON lines. The workbook and the files for statistics have modules of their own.

* A writer has one table open at a time and holds no more than a batch, or a row group, of it.
* CSV as Excel reads it anywhere: UTF-8 with BOM, CRLF, a point in decimals, quotes only where they are needed, and
  nothing that runs. The same rows are the same bytes, however they were split into batches.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import orjson
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from storage.exports.cells import harmless, holds_any
from storage.exports.shape import Table

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}

ROW_GROUP = 65_536
"""Rows of a Parquet row group: few groups, and little to hold."""


_AT_ONCE = 1_024
"""Rows that are objects of Python at a time: they weigh thirty times what they do in Arrow."""


class Writer(Protocol):
    """Writes tables, one after the other: open, write batch by batch, close."""

    def open(self, table: Table) -> None:
        """Begin a table."""
        ...

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows to it."""
        ...

    def close(self) -> Sequence[Path]:
        """End it; returns the files that it stands in, where it has its own."""
        ...

    def finish(self) -> Sequence[Path]:
        """End it all; returns the files that hold several tables."""
        ...

    def give_up(self) -> None:
        """Let go of what is open: nothing of it is wanted any more."""
        ...


class _OneFileEach:
    """What the writers share whose every table is a file of its own."""

    suffix = ""
    _file: Any

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder

    def _file_of(self, table: Table) -> Path:
        self._path = self._folder / f"{table.name}{self.suffix}"
        return self._path

    def finish(self) -> Sequence[Path]:
        """Nothing is left to do."""
        return ()

    def give_up(self) -> None:
        """Let go of the file."""
        if hasattr(self, "_file"):
            self._file.close()


class CsvWriter(_OneFileEach):
    """CSV with one of SEPARATORS."""

    suffix = ".csv"
    _file: BinaryIO

    def __init__(self, folder: Path, separator: str = ",") -> None:
        super().__init__(folder)
        self._separator = separator
        self._unquoted = arrow_csv.WriteOptions(
            include_header=False, batch_size=65_536, delimiter=separator, eol="\r\n", quoting_style="none"
        )

    def open(self, table: Table) -> None:
        """Begin a table with its header."""
        self._file = self._file_of(table).open("wb")
        self._file.write(b"\xef\xbb\xbf" + self._quoted([table.names]))

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows, by Arrow where no cell needs quotes."""
        safe = harmless(batch)
        marks = b'"\r\n' + self._separator.encode()
        if any(holds_any(column, marks) for column in safe.columns if pa.types.is_string(column.type)):
            texts = (column.cast(pa.string()).to_pylist() for column in safe.columns)
            self._file.write(self._quoted(zip(*texts, strict=True)))
        else:
            arrow_csv.write_csv(safe, self._file, self._unquoted)

    def _quoted(self, rows: Iterable[Sequence[str | None]]) -> bytes:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self._separator, lineterminator="\r\n").writerows(rows)
        return text.getvalue().encode()

    def close(self) -> Sequence[Path]:
        """End it."""
        self._file.close()
        return (self._path,)


class ParquetWriter(_OneFileEach):
    """Parquet."""

    suffix = ".parquet"
    _file: pq.ParquetWriter

    def open(self, table: Table) -> None:
        """Begin a table."""
        self._file = pq.ParquetWriter(self._file_of(table), table.schema)
        self._held: list[pa.RecordBatch] = []
        self._rows = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows; they are written when there are enough for a row group."""
        self._held.append(batch)
        self._rows += batch.num_rows
        while self._rows >= ROW_GROUP:
            whole = pa.Table.from_batches(self._held)
            self._file.write_table(whole.slice(0, ROW_GROUP))
            self._held = whole.slice(ROW_GROUP).to_batches()
            self._rows -= ROW_GROUP

    def close(self) -> Sequence[Path]:
        """Write what is left."""
        if self._held:
            self._file.write_table(pa.Table.from_batches(self._held))
        self._file.close()
        return (self._path,)


class JsonLinesWriter(_OneFileEach):
    """One JSON object a line; days as ISO 8601."""

    suffix = ".jsonl"
    _file: BinaryIO

    def open(self, table: Table) -> None:
        """Begin a table."""
        self._file = self._file_of(table).open("wb")

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows."""
        for start in range(0, batch.num_rows, _AT_ONCE):
            rows = batch.slice(start, _AT_ONCE).to_pylist()
            self._file.write(b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows))

    def close(self) -> Sequence[Path]:
        """End it."""
        self._file.close()
        return (self._path,)
