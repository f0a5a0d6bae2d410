"""Writing very many rows at once: the statement is compiled once, and each row goes to the driver as it is.

* What SQLAlchemy does for every row (names, parameters, processors) costs more than the database's own work.
* Values are converted by the columns' own types, exactly as in any other statement; the caller decides how often.
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

    def converted(self, tx: Tx, values: Sequence[Any]) -> tuple[Any, ...]:
        """These values, one for each column, as the driver takes them."""
        pairs = zip(_converters(self, tx.connection.dialect), values, strict=True)
        return tuple(convert(value) if convert else value for convert, value in pairs)

    async def insert(self, tx: Tx, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write rows of converted values. What the schema refuses is a Conflict, as everywhere in a transaction."""
        if rows:
            await tx.connection.exec_driver_sql(_statement(self, tx.connection.dialect), list(rows))


@lru_cache
def _converters(shape: Shape, dialect: Dialect) -> Converters:
    return tuple(shape.table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in shape.names)


@lru_cache
def _statement(shape: Shape, dialect: Dialect) -> str:
    in_order = [column.name for column in shape.table.columns if column.name in shape.names]
    assert in_order == list(shape.names), "a compiled INSERT has the table's own order"
    return str(shape.table.insert().compile(dialect=dialect, column_keys=in_order))
