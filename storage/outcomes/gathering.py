"""Reads the evidence from the store: one query for each table, all of one moment.

* What happened after `as_of`, or was not known at `known_at`, stays in the database, and so does every other column;
  and what women do not allow to be counted (storage/outcomes/permitted.py).
* A cell costs more than what is in it: the codes of a row travel as one text and its days as one number. None of them
  is NULL on the way (design.md D12).
* A row that a check-in brought names only that: the check-in tells whose it is and of which point.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Table,
    Text,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from storage.apart import apart
from storage.columns import Columns
from storage.fates import Fate
from storage.outcomes.evidence import (
    OPEN,
    SCORE_UNIT,
    SEPARATOR,
    UNKNOWN_PAY,
    Codes,
    Enrolments,
    Evidence,
    Expected,
    Incomes,
    Jobs,
    Numbers,
    Scores,
    Supports,
    small,
)
from storage.outcomes.known import ATTENDED, known
from storage.outcomes.permitted import may_be_told
from storage.schema import checkins, employments, enrolments, incomes, measurements, participants, supports

BEFORE_THE_PROGRAMME = ("pre_taller", "pre_detencion")
"""Incomes that were earned before, whatever the day on which they were told."""

ROWS = 1 << 17
"""Rows that are read at a time: two threads that took fewer would wait for each other at every turn."""

_DAY_BITS = OPEN.bit_length()
_OFFSET = 1 << 34
"""Makes every score positive: its ten digits are less than this."""

_YES = "1"


def gather(url: str, as_of: date, *, known_at: datetime | None = None, public: bool = False) -> Evidence:
    """Everything that figures need of the database of that URL, as it stands now; for the public without what women
    have not allowed to be told there."""
    with apart(url) as reader:
        return reader.run(gathered, as_of=as_of, known_at=known_at, public=public)


def gathered(columns: Columns, *, as_of: date, known_at: datetime | None, public: bool = False) -> Evidence:
    """The same of the moment that is being read.

    Two threads read, for each has a core to itself where there are two. What was read of a table is gone before the
    next one comes.
    """
    asked = _Asked(as_of, known_at, public)
    women, released, born, cohort = _women(_table(columns, _people()))
    herself, beside = pa.array(women), columns.beside

    def of_scores() -> Scores:
        return _scores_of(_table(beside, _scores(asked)), herself)

    def of_pay(keys: _Keys) -> Incomes:
        return _incomes_of(_table(beside, _incomes(asked)), keys)

    with ThreadPoolExecutor(max_workers=1) as other:
        scores = other.submit(of_scores)
        expected, keys = _checkins(_table(columns, _expected(as_of)), herself)
        pay = other.submit(of_pay, keys)
        attended = _enrolments_of(_table(columns, _enrolments(asked)), herself)
        jobs = _jobs_of(_table(columns, _jobs(asked)), keys)
        given = _supports_of(_table(columns, _supports(asked)), keys)
        of_rows = (attended, jobs, pay.result(), given, scores.result(), expected)
    return Evidence(as_of, women, released, born, cohort, *of_rows)


def _table(columns: Columns, statement: Select[Any]) -> pa.Table:
    """The rows of a statement; codes become numbers as they come, for whole texts would weigh six times as much."""
    with columns.reading(statement, rows=ROWS) as batches:
        found = [_encoded(batch) for batch in batches]
    return pa.Table.from_batches(found).unify_dictionaries() if found else columns.table(statement)


def _encoded(batch: pa.RecordBatch) -> pa.RecordBatch:
    if "codes" not in batch.schema.names:
        return batch
    place = batch.schema.get_field_index("codes")
    return batch.set_column(place, "codes", batch.column(place).fill_null("").dictionary_encode())


# --- the queries


@dataclass(frozen=True, slots=True)
class _Asked:
    """Of which rows a figure is to tell."""

    as_of: date
    known_at: datetime | None
    public: bool

    def counts(self, table: Table) -> ColumnElement[bool]:
        """The rows of an outcome that held then, and may be counted."""
        return known(table, self.known_at) & may_be_told(table, public=self.public)


class _Day(FunctionElement[int]):
    """The ordinal of a date, in SQL."""

    type = BigInteger()
    inherit_cache = True


@compiles(_Day)
def _day_anywhere(element: Any, compiler: Any, **how: Any) -> str:
    return f"({compiler.process(element.clauses, **how)} - DATE '0001-01-01' + 1)"


@compiles(_Day, "sqlite")
def _day_in_sqlite(element: Any, compiler: Any, **how: Any) -> str:
    return f"CAST(julianday({compiler.process(element.clauses, **how)}) - 1721424.5 AS INTEGER)"


def _people() -> Select[Any]:
    hers = participants.c
    return select(
        hers.id,
        func.coalesce(_Day(hers.release_on), 0).label("released"),
        func.coalesce(hers.birth_year, 0).label("born"),
        _codes(hers.cohort),
    )


def _expected(as_of: date) -> Select[Any]:
    due = (checkins.c.due_on <= as_of) & (func.coalesce(checkins.c.fate, "") != Fate.NOT_DUE.value)
    return select(checkins.c.id, checkins.c.participant_id.label("woman"), _codes(checkins.c.point, _flag(due)))


def _enrolments(asked: _Asked) -> Select[Any]:
    one = enrolments.c
    codes = _codes(one.axis, one.workshop, one.centre)
    found = select(one.participant_id.label("woman"), _whole(_Day(one.started_on), "day"), codes)
    return found.where(known(enrolments, asked.known_at), ATTENDED, one.started_on <= asked.as_of)


def _jobs(asked: _Asked) -> Select[Any]:
    job = employments.c
    going_on = case((job.started_on.is_(None), _Day(job.as_of_on)), else_=OPEN)
    last = func.coalesce(_Day(job.ended_on), going_on)
    over = func.coalesce(job.ended_on < asked.as_of, False)
    days = _whole(last * (OPEN + 1) + _Day(job.as_of_on), "days")
    found = select(_whose(employments), days, _codes(_flag(over), job.kind, job.scope))
    return found.where(asked.counts(employments), func.coalesce(job.started_on, job.as_of_on) <= asked.as_of)


def _incomes(asked: _Asked) -> Select[Any]:
    pay = incomes.c
    cents = func.coalesce(_whole(func.round(pay.monthly * 100), "hundredfold").element, UNKNOWN_PAY)
    codes = _codes(pay.moment, pay.scope, cast(pay.status, Text), pay.factor_version)
    found = select(_whose(incomes), _whole(_Day(pay.as_of_on), "day"), _whole(cents, "cents"), codes)
    by_then = or_(pay.as_of_on <= asked.as_of, pay.moment.in_(BEFORE_THE_PROGRAMME))
    return found.where(asked.counts(incomes), by_then)


def _supports(asked: _Asked) -> Select[Any]:
    one = supports.c
    found = select(_whose(supports), _whole(_Day(one.as_of_on), "day"), one.given)
    return found.where(asked.counts(supports), one.given.is_not(None), one.as_of_on <= asked.as_of)


def _scores(asked: _Asked) -> Select[Any]:
    one = measurements.c
    score = cast(func.round(one.score * SCORE_UNIT), BigInteger) + _OFFSET
    packed = _whole(score * (OPEN + 1) + _Day(one.taken_on), "packed")
    codes = _codes(one.instrument, one.version, one.subscale, one.moment)
    found = select(one.participant_id.label("woman"), packed, codes)
    return found.where(asked.counts(measurements), one.taken_on <= asked.as_of)


def _whose(table: Table) -> Any:
    """The check-in that a row comes from; where there is none the woman, as a negative number."""
    return _whole(func.coalesce(table.c.checkin_id, -table.c.participant_id), "whose")


def _whole(expression: ColumnElement[Any], name: str) -> Any:
    return cast(expression, BigInteger).label(name)


def _flag(condition: ColumnElement[Any]) -> ColumnElement[str]:
    return case((condition, _YES), else_="0")


def _codes(*columns: ColumnElement[Any]) -> ColumnElement[str]:
    """Several codes as one text."""
    first, *rest = (func.coalesce(type_coerce(column, Text), "") for column in columns)
    joined: ColumnElement[str] = first
    for text in rest:
        joined = joined.concat(literal(SEPARATOR)).concat(text)
    return type_coerce(joined, Text).label("codes")


# --- columns as arrays

Whose = tuple[Numbers, Codes]
"""Of each row the woman, and the point of the check-in that it comes from."""


@dataclass(frozen=True, slots=True, eq=False)
class _Keys:
    """By what a row says whose it is: a check-in's id, or a woman's as a negative number."""

    known: pa.Array
    woman: Numbers
    point: Codes

    def of(self, table: pa.Table) -> Whose:
        """Of each row the woman and the point."""
        place = _among(_column(table, "whose"), self.known)
        return self.woman[place], self.point.only(place)


def _women(table: pa.Table) -> tuple[Numbers, Numbers, Numbers, Codes]:
    """Their ids in order; and of each, in that order, what is known of her."""
    ids, (cohort,) = _numbers(table, "id"), _codes_of(table)
    order = np.argsort(ids)
    return ids[order], _numbers(table, "released")[order], _numbers(table, "born")[order], cohort.only(order)


def _checkins(table: pa.Table, herself: pa.Array) -> tuple[Expected, _Keys]:
    woman, (point, due) = _among(_column(table, "woman"), herself), _codes_of(table, 2)
    everybody = small(np.arange(len(herself), dtype=np.int64))
    names = point.names if "" in point.names else (*point.names, "")
    nowhere = np.full(len(herself), names.index(""), dtype=np.int64)
    points = Codes(names, small(np.concatenate([point.index, nowhere])))
    known_ones = pa.concat_arrays([_column(table, "id"), pc.negate(herself)])
    expected = due.among(_YES)
    keys = _Keys(known_ones, np.concatenate([woman, everybody]), points)
    return Expected(woman[expected], point.only(expected)), keys


def _enrolments_of(table: pa.Table, herself: pa.Array) -> Enrolments:
    return Enrolments(_among(_column(table, "woman"), herself), small(_numbers(table, "day")), *_codes_of(table, 3))


def _jobs_of(table: pa.Table, keys: _Keys) -> Jobs:
    (woman, point), days = keys.of(table), _numbers(table, "days")
    over, kind, scope = _codes_of(table, 3)
    return Jobs(woman, small(days >> _DAY_BITS), small(days & OPEN), over.among(_YES), kind, scope, point)


def _incomes_of(table: pa.Table, keys: _Keys) -> Incomes:
    (woman, point), (moment, scope, status, factors) = keys.of(table), _codes_of(table, 4)
    day, cents = small(_numbers(table, "day")), small(_numbers(table, "cents"))
    return Incomes(woman, day, cents, moment, scope, status, factors, point)


def _supports_of(table: pa.Table, keys: _Keys) -> Supports:
    woman, point = keys.of(table)
    return Supports(woman, small(_numbers(table, "day")), small(_numbers(table, "given")), point)


def _scores_of(table: pa.Table, herself: pa.Array) -> Scores:
    packed = _numbers(table, "packed")
    day, score = small(packed & OPEN), small((packed >> _DAY_BITS) - _OFFSET)
    return Scores(_among(_column(table, "woman"), herself), day, score, _whole_codes(table))


def _column(table: pa.Table, name: str) -> pa.Array:
    found = table.column(name).combine_chunks()
    return found if isinstance(found, pa.Array) else pa.array([], found.type)


def _numbers(table: pa.Table, name: str) -> Numbers:
    return np.asarray(_column(table, name).to_numpy(zero_copy_only=False), dtype=np.int64)


def _among(wanted: pa.Array, known_ones: pa.Array) -> Numbers:
    """Where each of these stands among the known ones."""
    return small(pc.index_in(wanted, known_ones).to_numpy(zero_copy_only=False))


def _whole_codes(table: pa.Table) -> Codes:
    """The column of codes as it travelled."""
    texts = _column(table, "codes").dictionary_encode()
    said = texts.dictionary.to_pylist()
    places = {name: place for place, name in enumerate(sorted(said))}
    ranks = small(np.array([places[name] for name in said], dtype=np.int64))
    return Codes(tuple(places), ranks[texts.indices.to_numpy(zero_copy_only=False)])


def _codes_of(table: pa.Table, count: int = 1) -> Sequence[Codes]:
    """The columns that travelled as one text."""
    whole = _whole_codes(table)
    parts = [text.split(SEPARATOR) for text in whole.names]
    return [_part(number, parts, rows=whole.index) for number in range(count)]


def _part(number: int, parts: Sequence[Sequence[str]], *, rows: Numbers) -> Codes:
    said = [part[number] for part in parts]
    names = tuple(sorted(set(said)))
    places = {name: place for place, name in enumerate(names)}
    return Codes(names, small(np.array([places[name] for name in said], dtype=np.int64))[rows])
