"""The store read by columns: statements become Arrow record batches, through ADBC.

* All that is read through one `Columns` is one moment of the store: nobody's writing comes in between.
* ADBC brings an SQLite of its own. Two of them in one process undo each other's locks on a file (SQLite, "How to
  corrupt a database file", 2.2). So columns are read in a process of their own (storage/apart.py), and nowhere else.
* Memory follows the batch, not the table; the rows come in the order that the statement asks for.
* SQLite's driver takes a column's type from the first rows, and fails where those are NULL (design.md D12). So no NULL
  leaves the database: typed stand-ins do, and here they become nulls again.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import adbc_driver_sqlite
import pyarrow as pa
import pyarrow.compute as pc
from adbc_driver_manager import AdbcConnection, AdbcStatement
from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    Date,
    Integer,
    Label,
    Numeric,
    Select,
    Text,
    cast,
    func,
    literal_column,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.types import TypeEngine

from storage.schema import Instant

BATCH = 16_384
"""Rows that are read at a time: enough for Arrow to be quick, few enough to weigh nothing."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a column leaves SQLite, what stands for NULL there, and what it is in Arrow."""

    stored: type[TypeEngine[Any]] | None
    stand_in: str
    null: Any
    arrow: pa.DataType


_TEXT = _Kind(None, "''", "", pa.string())
_KINDS: tuple[tuple[type[Any], _Kind], ...] = (
    (Instant, _Kind(None, "''", "", pa.timestamp("us", "UTC"))),
    (Date, _Kind(None, "''", "", pa.date32())),
    (Boolean, _Kind(Integer, "-1", -1, pa.bool_())),
    (Integer, _Kind(None, str(-(2**63)), -(2**63), pa.int64())),
    (BigInteger, _Kind(None, str(-(2**63)), -(2**63), pa.int64())),
    (Numeric, _Kind(REAL, "-1e300", -1e300, pa.float64())),
    (Text, _TEXT),
)
"""No text of the store is empty, and no number of it comes near to these. An amount has two decimals and at most
fourteen digits, which a double holds."""


_shut: list[str] = []
"""What this process opens no database with any more."""


def read_alone() -> None:
    """From here on this process can read by columns, and opens nothing with Python's SQLite any more."""
    _shut.append("sqlite3")
    sys.addaudithook(_refuse_sqlite)


def _refuse_sqlite(event: str, _: tuple[Any, ...]) -> None:
    if event == "sqlite3.connect":
        raise RuntimeError("this process reads by columns: a second SQLite would undo its locks")


def open_columns(url: str) -> Columns:
    """One moment of the database of that URL, as `begin` or the first reading finds it; to be closed.

    This is the one place that knows which driver reads which database. Raises ValueError for one without a driver, and
    RuntimeError in a process that Python's SQLite may be used in.
    """
    if not _shut:
        raise RuntimeError("columns are read in a process of their own: see storage/apart.py")
    found = make_url(url)
    if found.get_backend_name() != "sqlite" or found.database is None:
        raise ValueError("only a SQLite file can be read by columns so far")
    return Columns(Path(found.database))


class Columns:
    """One open reading of the store in that file; `beside` is the same moment once more, for a second thread."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._open = ExitStack()
        self._connections: list[AdbcConnection] = []

    def close(self) -> None:
        """Let go of it."""
        self._connections.clear()
        self._open.close()

    def begin(self) -> None:
        """From here on, what others write is not seen."""
        while not self._connections:
            one, other = self._connected(), self._connected()
            before = _version(other)
            for connection in (one, other):
                connection.set_autocommit(False)
                _read(connection, "SELECT count(*) FROM sqlite_master")  # a transaction begins with its first look
            if _version(other) == before:  # nobody wrote in between, so both began at one moment
                self._connections += (one, other)
            else:
                self._open.close()

    def _connected(self) -> AdbcConnection:
        database = self._open.enter_context(adbc_driver_sqlite.connect(f"file:{_quoted(self._file)}?mode=ro"))
        connection: AdbcConnection = self._open.enter_context(AdbcConnection(database))
        return connection

    @property
    def beside(self) -> Columns:
        """The same moment, read through a connection of its own; it closes with this one."""
        self.begin()
        other = Columns(self._file)
        other._connections = self._connections[::-1]
        return other

    @contextmanager
    def reading(self, statement: Select[Any], *, rows: int = BATCH) -> Iterator[Iterator[pa.RecordBatch]]:
        """The rows of this statement, so many at a time, with a column for each that it selects, by its name.

        Texts, whole numbers, booleans and days are what they are in Arrow, amounts doubles, instants UTC microseconds;
        what is NULL is null. An empty text is null as well.
        """
        self.begin()
        kinds = {column.name: _kind(column.type) for column in statement.selected_columns}
        with _running(self._connections[0], _as_text(statement, kinds), rows=rows) as batches:
            yield (_with_nulls(batch, kinds) for batch in batches if batch.num_rows)

    def table(self, statement: Select[Any], *, rows: int = BATCH) -> pa.Table:
        """All rows of this statement at once: for what is known to be small, or needed whole."""
        schema = pa.schema([(column.name, _kind(column.type).arrow) for column in statement.selected_columns])
        with self.reading(statement, rows=rows) as batches:
            return pa.Table.from_batches(batches, schema=schema)


@contextmanager
def _running(connection: AdbcConnection, sql: str, *, rows: int) -> Iterator[pa.RecordBatchReader]:
    with AdbcStatement(connection) as statement:
        statement.set_options(**{"adbc.sqlite.query.batch_rows": str(rows)})
        statement.set_sql_query(sql)
        handle, _ = statement.execute_query()
        with closing(pa.RecordBatchReader.from_stream(handle)) as batches:
            yield batches


def _read(connection: AdbcConnection, sql: str) -> pa.Table:
    with _running(connection, sql, rows=1) as batches:
        return batches.read_all()


def _version(connection: AdbcConnection) -> int:
    """A number that another one's writing changes."""
    ((number,),) = (column.to_pylist() for column in _read(connection, "PRAGMA data_version").columns)
    return int(number)


def ahead(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same batches, each read while the one before is being worked on."""
    with ThreadPoolExecutor(1) as other:
        coming = other.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = other.submit(next, batches, None)
            yield batch


def _quoted(path: Path) -> str:
    """A path as it stands in SQLite's URI."""
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _kind(type_: TypeEngine[Any]) -> _Kind:
    return next((kind for class_, kind in _KINDS if isinstance(type_, class_)), _TEXT)


def _as_text(statement: Select[Any], kinds: dict[str, _Kind]) -> str:
    typed = []
    for column in statement.selected_columns:
        kind = kinds[column.name]
        plain = column.element if isinstance(column, Label) else column
        stored = plain if kind.stored is None else cast(plain, kind.stored)
        typed.append(func.coalesce(stored, literal_column(kind.stand_in)).label(column.name))
    safe = statement.with_only_columns(*typed, maintain_column_froms=True)
    return str(safe.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))


def _with_nulls(batch: pa.RecordBatch, kinds: dict[str, _Kind]) -> pa.RecordBatch:
    schema = pa.schema([(name, kind.arrow) for name, kind in kinds.items()])
    columns = [_column(batch.column(number), kind) for number, kind in enumerate(kinds.values())]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _column(found: pa.Array, kind: _Kind) -> pa.Array:
    missing = pc.equal(found, kind.null)
    known = pc.if_else(missing, pa.scalar(None, found.type), found) if missing.true_count else found
    if pa.types.is_timestamp(kind.arrow):
        return pc.assume_timezone(known.cast(pa.timestamp("us")), "UTC")
    return known if known.type == kind.arrow else known.cast(kind.arrow)
