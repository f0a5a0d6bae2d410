"""What a table of an export is: its columns, with what people and programs must know of each.

* Names are ASCII, lower case, and at most 32 characters long, Stata's limit; what is longer is cut, and ends in a mark
  of its own whole self, so that a name never depends on which others there are.
* A missing answer is one of four codes, the same in every format.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import pyarrow as pa

MISSING: Mapping[int, str] = {-66: "no aplica", -77: "no sabe", -88: "prefiere no decir", -99: "sin respuesta"}
"""The four codes of the exports."""

YES_NO: Mapping[str, str] = {"1": "sí", "0": "no"}

LONGEST = 32
"""Stata's limit for the name of a variable."""

TEXT, WHOLE, AMOUNT, FLAG, DAY = pa.string(), pa.int64(), pa.float64(), pa.int8(), pa.date32()


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    `values` are its codes with what they mean, in an order that only grows; `missing` says that the four codes stand
    among its values; `identifier` that it tells who she is. A `coded` one holds words that programs for statistics
    keep as numbers: each the place of its code in `values`, from 1.
    """

    name: str
    type: pa.DataType
    label: str
    values: Mapping[str, str] = field(default_factory=dict)
    missing: bool = False
    identifier: bool = False
    coded: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its rows come as record batches of these columns. `cases`: it has one row for a person or a check-in,
    as programs for statistics want it."""

    name: str
    label: str
    columns: tuple[Column, ...]
    cases: bool = False

    @property
    def schema(self) -> pa.Schema:
        """What its record batches look like."""
        return pa.schema([(column.name, column.type) for column in self.columns])

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(column.name for column in self.columns)

    def with_record_id(self) -> Table:
        """The same with the organisation's own code in front, as an identified export has it."""
        return replace(self, columns=(RECORD_ID, *self.columns)) if "person" in self.names else self


Batches = Iterator[pa.RecordBatch]

RECORD_ID = Column("record_id", TEXT, "Clave de la organización", identifier=True)
PERSON = Column("person", TEXT, "Seudónimo")
POINT = Column("point", TEXT, "Punto del plan")


def fitted(name: str) -> str:
    """The name itself, or one of at most 32 characters that no other long name shares."""
    return name if len(name) <= LONGEST else marked(name, name)


def marked(name: str, whole: str) -> str:
    """The beginning of a name, and a mark of what it wholly is."""
    mark = hashlib.sha256(whole.encode()).hexdigest()[:6]
    return f"{name[: LONGEST - len(mark) - 1]}_{mark}"
