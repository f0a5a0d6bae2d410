"""Writing very many rows at once: the statement is compiled once, and rows go to the driver as plain tuples.

* What SQLAlchemy does for every row (names, parameters, processors) costs more than the database's own work.
* Values are converted by the columns' own types, exactly as in any other statement, a column at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, Table

from storage.database import Tx

Converters = tuple[Callable[[Any], Any] | None, ...]


@dataclass(frozen=True)
class Shape:
    """Which columns of a table are written, in the table's own order."""

    table: Table
    names: tuple[str, ...]

    async def insert(self, tx: Tx, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write rows with a value for each column. What the schema refuses is a Conflict, as everywhere."""
        if rows:
            dialect = tx.connection.dialect
            columns = zip(_converters(self, dialect), zip(*rows, strict=True), strict=True)
            ready = [map(convert, values) if convert else values for convert, values in columns]
            await tx.connection.exec_driver_sql(_statement(self, dialect), list(zip(*ready, strict=True)))


@lru_cache
def _converters(shape: Shape, dialect: Dialect) -> Converters:
    return tuple(shape.table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in shape.names)


@lru_cache
def _statement(shape: Shape, dialect: Dialect) -> str:
    in_order = [column.name for column in shape.table.columns if column.name in shape.names]
    assert in_order == list(shape.names), "a compiled INSERT has the table's own order"
    return str(shape.table.insert().compile(dialect=dialect, column_keys=in_order))
