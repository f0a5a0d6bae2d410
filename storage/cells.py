"""Every sealed cell of the store, found in the schema itself.

* A column of type Sealed is a cell of each row; what its ciphertext is bound to is its table, its name and the row's
  primary key, several of them with a colon between. There is no other rule, so a new column needs none.
* Whoever must meet all that is sealed, to change keys or to look for what should be gone, walks SEALED.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table

from storage.schema import Sealed, metadata
from storage.vault import Place


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one sealed column."""

    table: Table
    column: Column[bytes]

    @property
    def name(self) -> str:
        """As TABLE.COLUMN."""
        return f"{self.table.name}.{self.column.name}"

    @property
    def keys(self) -> tuple[Column[Any], ...]:
        """What tells the rows of its table apart."""
        return tuple(self.table.primary_key.columns)

    def place(self, *key: Any) -> Place:
        """Where the cell of the row with this primary key is sealed for."""
        row = key[0] if len(key) == 1 else ":".join(str(part) for part in key)
        return Place(self.table.name, self.column.name, row)


SEALED: tuple[Cells, ...] = tuple(
    Cells(table, column)
    for table in metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, Sealed)
)
