"""What one export may show, and the parts that its tables are put together from.

* Under pseudonyms a day is told as its month and a year of birth as a band; only an identified export tells them whole.
* What would single a woman out is left empty for her in every table alike (storage/exports/risk.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import ColumnElement, Select, func, true

from storage.columns import BATCH, Columns, ahead
from storage.exports import decoding
from storage.exports.shape import DAY, TEXT, Batches, Column, Table
from storage.schema import preferences

AGES = ((18, "18-24"), (25, "25-34"), (35, "35-44"), (45, "45-54"), (55, "55 o más"))
"""The bands: the youngest age of each."""


@dataclass(frozen=True, slots=True)
class View:
    """One moment of the store, and how much of it may leave.

    `exact`: days and years of birth as they are; `hidden` are, by what is hidden, the persons for whom it is;
    `record_ids` are those by person, of an identified export; `women` says whose rows leave, `answers` which answers.
    """

    columns: Columns
    today: date
    exact: bool = False
    hidden: dict[str, pa.Array] = field(default_factory=dict)
    record_ids: Mapping[str, str] | None = None
    women: ColumnElement[bool] = field(default_factory=true)
    answers: ColumnElement[bool] = field(default_factory=true)

    def table(self, table: Table) -> Table:
        """The table as this export has it."""
        return table if self.record_ids is None else table.with_record_id()

    def finished(self, table: Table, batches: Batches) -> Batches:
        """The rows with the organisation's own codes in front, where this export tells them."""
        known = self.record_ids
        if known is None or "person" not in table.names:
            return batches
        return (
            pa.RecordBatch.from_arrays(
                [decoding.each_different(batch.column("person"), known.get, as_=TEXT), *batch.columns],
                schema=table.with_record_id().schema,
            )
            for batch in batches
        )


class Read:
    """A batch as it was read."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self.column: Callable[[str], pa.Array] = batch.column

    @cached_property
    def values(self) -> decoding.Values:
        """The answers in its column `value`."""
        return decoding.Values(self.column("value"))


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a table, and what it is in a batch of what was read. `tells` is what it says of her that may have
    to be hidden."""

    column: Column
    of: Callable[[Read], pa.Array]
    tells: str | None = None

    def seen(self, batch: Read, view: View) -> pa.Array:
        """The column, without what is hidden."""
        found, hidden = self.of(batch), view.hidden.get(self.tells or "")
        if hidden is None or not len(hidden):
            return found
        return pc.if_else(pc.is_in(batch.column("person"), hidden), pa.scalar(None, found.type), found)


def made_of(fields: Sequence[Field], statement: Select[Any], *, view: View, rows: int = BATCH) -> Batches:
    """The rows of a statement as these fields have them."""
    schema = pa.schema([(each.column.name, each.column.type) for each in fields])
    with view.columns.reading(statement, rows=rows) as batches:
        for batch in ahead(batches):
            read = Read(batch)
            yield pa.RecordBatch.from_arrays([each.seen(read, view) for each in fields], schema=schema)


def plain(column: Column, *, of: str | None = None, tells: str | None = None) -> Field:
    """A column as it was read, under the same name or that of `of`."""
    source = of or column.name
    return Field(column, lambda batch: batch.column(source).cast(column.type), tells)


def day(stem: str, label: str, *, of: str, exact: bool, tells: str | None = None) -> Field:
    """A local day (`stem`_on), or its month (`stem`_month)."""
    return _dated((stem, label), lambda batch: batch.column(of), exact=exact, tells=tells)


def moment(stem: str, label: str, *, of: str, exact: bool) -> Field:
    """The day, or the month, that a moment falls on where she is."""

    def days(batch: Read) -> pa.Array:
        return decoding.local_days(batch.column(of), batch.column("zone"))

    return _dated((stem, label), days, exact=exact)


def _dated(named: tuple[str, str], days: Callable[[Read], pa.Array], *, exact: bool, tells: str | None = None) -> Field:
    stem, label = named
    if exact:
        return Field(Column(f"{stem}_on", DAY, f"{label}: día", identifier=True), days, tells)
    return Field(Column(f"{stem}_month", TEXT, f"{label}: mes"), lambda batch: decoding.as_months(days(batch)), tells)


def age_band(birth_year: int, year: int) -> str:
    """The band of the age that she reaches in that year."""
    age = year - birth_year
    return next((band for youngest, band in reversed(AGES) if age >= youngest), "menos de 18")


ZONE: ColumnElement[str] = func.coalesce(preferences.c.zone, "America/Mexico_City").label("zone")
"""Where her days begin; the capital's, where she has said nothing."""
