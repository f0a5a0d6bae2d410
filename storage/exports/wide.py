"""One row a woman: what is known of her, and every answer in a column of its own.

* A column is a variable at a point: `trabaja_m1`; of money also the period and the pesos a month; of a choice of
  several one column for each choice, 1 or 0, as REDCap has them: `tipos___autoempleo_m1`.
* Her own words and voice notes have no column. Where an answer is missing its code stands in the cell; where it was
  never asked the cell is empty. Where two plans have a point of one name, the later check-in stands.
* Women are turned a batch at a time, out of two ordered readings side by side: memory follows the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Date, Select, func, select

from conversations.answers import Money, PlainValue
from conversations.income import monthly
from conversations.instrument import QuestionType
from storage.columns import Columns, ahead
from storage.exports import decoding, tables
from storage.exports.shape import AMOUNT, FLAG, TEXT, WHOLE, YES_NO, Batches, Column, Table, fitted, marked
from storage.exports.variables import Key, Variable
from storage.exports.view import View
from storage.schema import answers, checkins

WOMEN = 256
"""Rows that are turned at a time."""

_KEY = ("point", "instrument", "version", "variable")
_READ = ("person", *_KEY, "status", "value")

Told = Callable[[PlainValue], Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """One column, and what an answer is in it."""

    column: Column
    told: Told


Place = tuple[str, str, str, str]
"""A point, an instrument, its version, and a question of it."""

Plan = Mapping[Place, Sequence[int]]
"""Into which columns the answers of each go, by their numbers."""


@dataclass(frozen=True, slots=True)
class Wide:
    """The columns of the answers, and which answer goes where."""

    cells: tuple[Cell, ...]
    plan: Plan

    def table(self, view: View) -> Table:
        """The table, as this export has it."""
        columns = (*tables.PEOPLE.table(view).columns, *(cell.column for cell in self.cells))
        return Table("wide", "Una fila por mujer, con sus respuestas de cada punto", columns, cases=True)

    def batches(self, view: View) -> Batches:
        """Its rows."""
        schema = self.table(view).schema
        with view.columns.reading(_answers().where(view.women, view.answers)) as found:
            hers = _Ordered(ahead(found))
            for people in tables.PEOPLE.batches(view, rows=WOMEN):
                rows = hers.until(people.column("person")[-1].as_py())
                turned = self._turned(rows, people.column("person"))
                yield pa.RecordBatch.from_arrays([*people.columns, *turned], schema=schema)

    def _turned(self, rows: pa.Table, persons: pa.Array) -> list[pa.Array]:
        made: dict[int, pa.Array] = {}
        rows_of = pc.index_in(rows.column("person").cast(TEXT), persons).to_numpy()
        for key, at in _alike(rows) if rows.num_rows else ():
            hers = np.full(len(persons), -1)
            hers[rows_of[at]] = at  # of two for one woman the later stands
            answered = pa.array(hers >= 0)
            given = _Given(rows, pa.array(hers, mask=hers < 0))
            for place in self.plan[key]:
                told = given.cells(self.cells[place])
                made[place] = pc.if_else(answered, told, made[place]) if place in made else told
        return [made.get(place, pa.nulls(len(persons), cell.column.type)) for place, cell in enumerate(self.cells)]


def wide(columns: Columns, known: Mapping[Key, Variable], *, exact: bool) -> Wide:
    """The columns for all that was ever answered, in the order of the points, then of the questions."""
    points = {point: number for number, point in enumerate(_points(columns))}
    order = {key: number for number, key in enumerate(known)}
    cells: dict[str, Cell] = {}
    owners: dict[str, tuple[str, str]] = {}
    plan: dict[Place, list[int]] = {}
    places: dict[str, int] = {}
    for key in sorted(_answered(columns), key=lambda key: (points[key[0]], order.get(key[1:], len(order)), key)):
        plan[key] = []
        for cell in _cells_of(key, known.get(key[1:]), exact=exact):
            name, owner = fitted(cell.column.name), (cell.column.name, cell.column.label)
            if owners.setdefault(name, owner)[0] != owner[0]:
                name = marked(name, cell.column.name)
            cells.setdefault(name, replace(cell, column=replace(cell.column, name=name)))
            plan[key].append(places.setdefault(name, len(places)))
    return Wide(tuple(cells.values()), plan)


def _points(columns: Columns) -> list[str]:
    """All points, the one that comes first for anybody first."""
    first = func.min(checkins.c.due_on, type_=Date)
    found = select(checkins.c.point).group_by(checkins.c.point).order_by(first.nulls_last(), checkins.c.point)
    return columns.table(found).column("point").to_pylist()  # type: ignore[no-any-return]


def _answered(columns: Columns) -> list[Place]:
    """Every question that was put at a point, by its instrument and version."""
    own = (answers.c[name] for name in _KEY[1:])
    found = (
        select(checkins.c.point, *own)
        .join_from(answers, checkins, checkins.c.id == answers.c.checkin_id)
        .where(answers.c.replaced_at.is_(None))
        .distinct()
    )
    return [tuple(row[name] for name in _KEY) for row in columns.table(found).to_pylist()]


# --- what an answer is in a cell


def _cells_of(key: Place, variable: Variable | None, *, exact: bool) -> Iterator[Cell]:
    """The columns of a question at a point; of a version that can't be read any more, its plain values."""
    point, _, _, question = key

    def words(value: PlainValue) -> str:
        return decoding.as_words(value, exact=exact)

    if variable is None:
        yield Cell(Column(f"{question}_{point}", TEXT, f"{question} ({point})", missing=True), words)
        return
    if variable.question.free_text:
        return
    name, told = variable.name, f"{variable.label} ({point})"
    whole = Column(f"{name}_{point}", TEXT, told, missing=True)
    match variable.question.type:
        case QuestionType.SELECT_MULTIPLE:
            for choice, label in variable.choices.items():
                column = Column(f"{name}___{choice}_{point}", FLAG, f"{label}: {told}", YES_NO, missing=True)
                yield Cell(column, _ticked(choice))
        case QuestionType.SELECT_ONE:
            yield Cell(replace(whole, values=variable.choices, coded=True), words)
        case QuestionType.INTEGER:
            yield Cell(replace(whole, type=WHOLE), _whole)
        case QuestionType.DECIMAL:
            yield Cell(replace(whole, type=AMOUNT), decoding.as_number)
        case _ if variable.question.money:
            yield Cell(replace(whole, type=AMOUNT), decoding.as_number)
            yield Cell(Column(f"{name}_period_{point}", TEXT, f"Periodo: {told}", missing=True), _period)
            yield Cell(Column(f"{name}_monthly_{point}", AMOUNT, f"Pesos al mes: {told}", missing=True), _monthly)
        case _:
            yield Cell(whole, words)


def _ticked(choice: str) -> Told:
    return lambda value: int(choice in value) if isinstance(value, tuple) else None


def _whole(value: PlainValue) -> int | None:
    return value if isinstance(value, int) else None


def _period(value: PlainValue) -> str | None:
    return value.period.value if isinstance(value, Money) and value.period else None


def _monthly(value: PlainValue) -> float | None:
    known = monthly(value) if isinstance(value, Money) else None
    return None if known is None else float(known)


# --- from rows to columns


def _answers() -> Select[Any]:
    """The answers that stand, in the order of the persons; of each, the later check-in last."""
    stored = (*_KEY[1:], "status", "value")
    return tables.of_answers(tables.P.person, tables.C.point, *(answers.c[name] for name in stored))


class _Ordered:
    """Rows that come in the order of the persons, given out person by person."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches = batches
        self._held: list[pa.RecordBatch] = []

    def until(self, last: str) -> pa.Table:
        """The rows up to this person, hers included."""
        taken: list[pa.RecordBatch] = []
        while batch := self._held.pop() if self._held else next(self._batches, None):
            number = pc.sum(pc.less_equal(batch.column("person"), last)).as_py()
            taken.append(batch.slice(0, number))
            if number < batch.num_rows:
                self._held.append(batch.slice(number))
                break
        return pa.Table.from_batches(taken).combine_chunks() if taken else _NONE


_NONE = pa.table({name: [] for name in _READ})


def _alike(rows: pa.Table) -> Iterator[tuple[Place, Any]]:
    """The rows of each point, instrument, version and question, by their places, in their order."""
    numbers = np.zeros(rows.num_rows, dtype=np.int64)
    names: list[list[str]] = []
    for column in _KEY:
        encoded = rows.column(column).combine_chunks().dictionary_encode()
        names.append(encoded.dictionary.to_pylist())
        numbers = numbers * len(names[-1]) + encoded.indices.to_numpy()
    found, which = np.unique(numbers, return_inverse=True)
    ends = np.cumsum(np.bincount(which))[:-1]
    for number, at in zip(found.tolist(), np.split(np.argsort(which, kind="stable"), ends), strict=True):
        key = []
        for known in reversed(names):
            number, place = divmod(number, len(known))
            key.append(known[place])
        point, instrument, version, question = reversed(key)
        yield (point, instrument, version, question), at


class _Given:
    """The answers to one question, in the order of the women; null where one was not asked."""

    def __init__(self, rows: pa.Table, at: pa.Array) -> None:
        self._values = decoding.Values(rows.column("value").combine_chunks().take(at))
        self._status = rows.column("status").combine_chunks().take(at)
        self._whole = not pc.any(pc.not_equal(self._status, 0)).as_py()
        self._codes: dict[pa.DataType, pa.Array] = {}

    def cells(self, cell: Cell) -> pa.Array:
        """What they are in the cells of a column."""
        type_ = cell.column.type
        told = self._values.as_column(cell.told, type_)
        if self._whole:
            return told
        if type_ not in self._codes:
            self._codes[type_] = decoding.each_different(self._status, decoding.code_of, as_=pa.int64()).cast(type_)
        return pc.if_else(pc.equal(self._status, 0), told, self._codes[type_])
