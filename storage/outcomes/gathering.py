"""Reads the evidence from the store: one query for each table, all of one moment.

* What happened after `as_of`, or was not known at `known_at`, stays in the database, and so does every other column.
* A cell costs more than what is in it: the codes of a row travel as one text and its days as one number. None of them
  is NULL on the way (design.md D12).
* A row that a check-in brought names only that: the check-in tells whose it is and of which point.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import BigInteger, ColumnElement, Select, Table, Text, case, cast, func, literal, or_, select
from sqlalchemy.engine import make_url
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from storage.columns import Columns, open_columns
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
)
from storage.outcomes.known import known
from storage.schema import checkins, employments, enrolments, incomes, measurements, participants, supports

BEFORE_THE_PROGRAMME = ("pre_taller", "pre_detencion")
"""Incomes that were earned before, whatever the day on which they were told."""

ROWS = 1 << 17
"""Rows that are read at a time: two threads that took fewer would wait for each other at every turn."""

_DAY_BITS = OPEN.bit_length()
_OFFSET = 1 << 34
"""Makes every score positive: its ten digits are less than this."""

_YES = "1"


def gather(url: str, as_of: date, *, known_at: datetime | None = None) -> Evidence:
    """Everything that figures need of the database of that URL, as it stands now."""
    with _same_moment(url) as (columns, others), ThreadPoolExecutor(max_workers=1) as beside:
        long_ones = [beside.submit(_table, others, each(as_of, known_at)) for each in (_scores, _incomes)]
        people, expected = _table(columns, _people()), _table(columns, _expected(as_of))
        rest = [_table(columns, each(as_of, known_at)) for each in (_enrolments, _jobs, _supports)]
        return _evidence(as_of, people, expected, *rest, *(each.result() for each in long_ones))


def _table(columns: Columns, statement: Select[Any]) -> pa.Table:
    return columns.table(statement, rows=ROWS)


@contextmanager
def _same_moment(url: str) -> Iterator[tuple[Columns, Columns]]:
    """Two readings of one moment, so that two threads can read at once: begun anew where somebody wrote in between."""
    with closing(sqlite3.connect(make_url(url).database or "")) as watch:
        while True:
            before = watch.execute("PRAGMA data_version").fetchone()
            with closing(open_columns(url)) as one, closing(open_columns(url)) as other:
                one.begin()
                other.begin()
                if watch.execute("PRAGMA data_version").fetchone() == before:
                    yield one, other
                    return


def _evidence(as_of: date, *tables: pa.Table) -> Evidence:
    people, asked, attended, jobs, given, scores, pay = tables
    women, (cohort,) = np.sort(_numbers(people, "id")), _codes_of(people)
    order = np.argsort(_numbers(people, "id"))
    herself = pa.array(women)
    expected, keys = _checkins(asked, herself)
    of_jobs, of_pay, of_given = keys.read(jobs, pay, given)
    return Evidence(
        as_of,
        women,
        _numbers(people, "released")[order],
        _numbers(people, "born")[order],
        Codes(cohort.names, cohort.index[order]),
        Enrolments(_among(_column(attended, "woman"), herself), _numbers(attended, "day"), *_codes_of(attended, 3)),
        _jobs_of(jobs, of_jobs),
        _incomes_of(pay, of_pay),
        _supports_of(given, of_given),
        _scores_of(scores, herself),
        expected,
    )


# --- the queries


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


def _enrolments(as_of: date, known_at: datetime | None) -> Select[Any]:
    one = enrolments.c
    attended = func.coalesce(one.sessions_attended >= 1, one.completed, False)
    codes = _codes(one.axis, one.workshop, one.centre)
    found = select(one.participant_id.label("woman"), _whole(_Day(one.started_on), "day"), codes)
    return found.where(known(enrolments, known_at), attended, one.started_on <= as_of)


def _jobs(as_of: date, known_at: datetime | None) -> Select[Any]:
    job = employments.c
    going_on = case((job.started_on.is_(None), _Day(job.as_of_on)), else_=OPEN)
    last = func.coalesce(_Day(job.ended_on), going_on)
    over = func.coalesce(job.ended_on < as_of, False)
    days = _whole(last * (OPEN + 1) + _Day(job.as_of_on), "days")
    found = select(_whose(employments), days, _codes(_flag(over), job.kind, job.scope))
    return found.where(known(employments, known_at), func.coalesce(job.started_on, job.as_of_on) <= as_of)


def _incomes(as_of: date, known_at: datetime | None) -> Select[Any]:
    pay = incomes.c
    cents = func.coalesce(_whole(func.round(pay.monthly * 100), "hundredfold").element, UNKNOWN_PAY)
    codes = _codes(pay.moment, pay.scope, pay.status, pay.factor_version)
    found = select(_whose(incomes), _whole(_Day(pay.as_of_on), "day"), _whole(cents, "cents"), codes)
    return found.where(known(incomes, known_at), or_(pay.as_of_on <= as_of, pay.moment.in_(BEFORE_THE_PROGRAMME)))


def _supports(as_of: date, known_at: datetime | None) -> Select[Any]:
    one = supports.c
    found = select(_whose(supports), _whole(_Day(one.as_of_on), "day"), one.given)
    return found.where(known(supports, known_at), one.given.is_not(None), one.as_of_on <= as_of)


def _scores(as_of: date, known_at: datetime | None) -> Select[Any]:
    one = measurements.c
    score = cast(func.round(one.score * SCORE_UNIT), BigInteger) + _OFFSET
    packed = _whole(score * (OPEN + 1) + _Day(one.taken_on), "packed")
    codes = _codes(one.instrument, one.version, one.subscale, one.moment)
    found = select(one.participant_id.label("woman"), packed, codes)
    return found.where(known(measurements, known_at), one.taken_on <= as_of)


def _whose(table: Table) -> Any:
    """The check-in that a row comes from; where there is none the woman, as a negative number."""
    return _whole(func.coalesce(table.c.checkin_id, -table.c.participant_id), "whose")


def _whole(expression: ColumnElement[Any], name: str) -> Any:
    return cast(expression, BigInteger).label(name)


def _flag(condition: ColumnElement[Any]) -> ColumnElement[str]:
    return case((condition, _YES), else_="0")


def _codes(*columns: ColumnElement[Any]) -> ColumnElement[str]:
    """Several codes as one text."""
    first, *rest = (func.coalesce(cast(column, Text), "") for column in columns)
    joined: ColumnElement[str] = first
    for text in rest:
        joined = joined.concat(literal(SEPARATOR)).concat(text)
    return cast(joined, Text).label("codes")


# --- columns as arrays

Whose = tuple[Numbers, Codes]
"""Of each row the woman, and the point of the check-in that it comes from."""


@dataclass(frozen=True, slots=True, eq=False)
class _Keys:
    """By what a row says whose it is: a check-in's id, or a woman's as a negative number."""

    known: pa.Array
    woman: Numbers
    point: Codes

    def read(self, *tables: pa.Table) -> list[Whose]:
        """Of each row of each table the woman and the point; all at once: to be ready to find any takes long."""
        whose = [_column(table, "whose") for table in tables]
        ends = np.cumsum([len(column) for column in whose])[:-1]
        places = np.split(_among(pa.concat_arrays(whose), self.known), ends)
        return [(self.woman[place], Codes(self.point.names, self.point.index[place])) for place in places]


def _checkins(table: pa.Table, herself: pa.Array) -> tuple[Expected, _Keys]:
    woman, (point, due) = _among(_column(table, "woman"), herself), _codes_of(table, 2)
    everybody = np.arange(len(herself), dtype=np.int64)
    known_ones = pa.concat_arrays([_column(table, "id"), pc.negate(herself)])
    names = point.names if "" in point.names else (*point.names, "")
    nowhere = np.full(len(herself), names.index(""), dtype=np.int64)
    keys = _Keys(known_ones, np.concatenate([woman, everybody]), Codes(names, np.concatenate([point.index, nowhere])))
    expected = due.among(_YES)
    return Expected(woman[expected], point.only(expected)), keys


def _jobs_of(table: pa.Table, whose: Whose) -> Jobs:
    days = _numbers(table, "days")
    over, kind, scope = _codes_of(table, 3)
    return Jobs(whose[0], days >> _DAY_BITS, days & OPEN, over.among(_YES), kind, scope, whose[1])


def _incomes_of(table: pa.Table, whose: Whose) -> Incomes:
    moment, scope, status, factors = _codes_of(table, 4)
    return Incomes(whose[0], _numbers(table, "day"), _numbers(table, "cents"), moment, scope, status, factors, whose[1])


def _supports_of(table: pa.Table, whose: Whose) -> Supports:
    return Supports(whose[0], _numbers(table, "day"), _numbers(table, "given"), whose[1])


def _scores_of(table: pa.Table, herself: pa.Array) -> Scores:
    packed = _numbers(table, "packed")
    score = (packed >> _DAY_BITS) - _OFFSET
    return Scores(_among(_column(table, "woman"), herself), packed & OPEN, score, _whole_codes(table))


def _column(table: pa.Table, name: str) -> pa.Array:
    found = table.column(name).combine_chunks()
    return found if isinstance(found, pa.Array) else pa.array([], found.type)


def _numbers(table: pa.Table, name: str) -> Numbers:
    return np.asarray(_column(table, name).to_numpy(zero_copy_only=False), dtype=np.int64)


def _among(wanted: pa.Array, known_ones: pa.Array) -> Numbers:
    """Where each of these stands among the known ones."""
    return np.asarray(pc.index_in(wanted, known_ones).to_numpy(zero_copy_only=False), dtype=np.int64)


def _whole_codes(table: pa.Table) -> Codes:
    """The column of codes as it travelled."""
    texts = _column(table, "codes").fill_null("").dictionary_encode()
    said = texts.dictionary.to_pylist()
    places = {name: place for place, name in enumerate(sorted(said))}
    ranks = np.array([places[name] for name in said], dtype=np.int64)
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
    return Codes(names, np.array([places[name] for name in said], dtype=np.int64)[rows])
