"""What the tables of an export must hold, worked out once more from the store's rows: in plain Python, row by row.

* Nothing of storage/exports is used. Numbers are floats, days are dates, and what is not there is None.
* Left out are the tables about the export itself (codebook, metadata); the figures are those of storage/outcomes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Table, select

from conversations.answers import AnswerStatus, Money, Voice, from_json
from conversations.income import monthly
from conversations.instrument import Question, QuestionType
from storage.database import Tx
from storage.outcomes.figures import Asked, Dimension, Figure
from storage.outcomes.gathering import gather
from storage.outcomes.indicators import compute
from storage.schema import (
    answers,
    checkins,
    employments,
    enrolments,
    imports,
    incomes,
    measurements,
    participants,
    preferences,
    supports,
)
from tests.support.exports import INSTRUMENT
from tests.support.world import START, Store

Row = dict[str, Any]
Cell = str | float | date | None

BY = tuple(one for one in Dimension if one is not Dimension.SCOPE)
OPEN = {"people": participants, "checkins": checkins, "answers": answers}
OUTCOMES = {"enrolments": enrolments, "employments": employments, "incomes": incomes, "supports": supports}
ASIDE = {"id", "participant_id", "checkin_id", "learned_at", "replaced_at", "import_id", "line", "words"} | {
    "consent_witness"
}


@dataclass(frozen=True)
class Held:
    """What the store holds, by participant and by check-in."""

    exact: bool
    people: Mapping[int, Any]
    checkins: Mapping[int, Any]
    zones: Mapping[int, str]
    done: frozenset[int]

    def days(self, name: str, day: date | None) -> Row:
        """A day, or its month."""
        return {f"{name}_on": day} if self.exact else {f"{name}_month": day and f"{day:%Y-%m}"}

    def moment(self, name: str, at: datetime | None, *, of: int) -> Row:
        """The day that a moment falls on where she is, or its month."""
        zone = ZoneInfo(self.zones.get(of) or "America/Mexico_City")
        return self.days(name, at and at.astimezone(zone).date())


async def told(store: Store, *, exact: bool = False) -> dict[str, list[dict[str, Cell]]]:
    """The rows of every table about women, and those of the indicators; `exact`: as an identified export has them."""
    async with store.database.read() as tx:
        held = Held(
            exact,
            {row.id: row for row in await tx.run(select(participants))},
            {row.id: row for row in await tx.run(select(checkins))},
            {row.participant_id: row.zone for row in await tx.run(select(preferences))},
            frozenset((await tx.run(select(imports.c.id).where(imports.c.done_at.is_not(None)))).scalars()),
        )
        people = [_person(held, her) for her in held.people.values()]
        standing = [row for row in await _all(tx, answers) if row.replaced_at is None]
        found = {name: await _outcome(tx, held, table) for name, table in OUTCOMES.items()}
        found["measurements"] = await _outcome(tx, held, measurements)
        found |= {"people": people, "answers": [_answer(held, row) for row in standing]}
        found["checkins"] = [_checkin(held, row, await _all(tx, answers)) for row in held.checkins.values()]
        found["wide"] = _wide(held, people, standing)
    figures = compute(gather(store.url, START.date(), known_at=store.clock()), Asked(START.date(), by=BY))
    found["indicators"] = [row for figure in figures for row in _figures(figure)]
    return {name: [{key: plain(cell) for key, cell in row.items()} for row in rows] for name, rows in found.items()}


def plain(cell: Any) -> Cell:
    """A cell without what its reader made of it."""
    match cell:
        case bool() | int() | Decimal() | float():
            return float(cell)
        case datetime():
            return cell.date()
        case "":
            return None
        case _:
            return cell  # type: ignore[no-any-return]


async def _all(tx: Tx, table: Table) -> list[Any]:
    return list(await tx.run(select(table)))


def _person(held: Held, her: Any) -> Row:
    age = START.year - her.birth_year if her.birth_year else None
    bands = ((55, "55 o más"), (45, "45-54"), (35, "35-44"), (25, "25-34"), (18, "18-24"), (0, "menos de 18"))
    dependants = (f"dependants_{band}" for band in ("0_5", "6_11", "12_17", "adult"))
    return {
        **{"person": her.person, "plan": her.plan, "cohort": her.cohort, "centre": her.centre},
        **held.days("release", her.release_on),
        **({"birth_year": her.birth_year} if held.exact else {}),
        "age_band": None if age is None else next(name for least, name in bands if age >= least),
        **{"schooling": her.schooling, **{name: getattr(her, name) for name in dependants}},
        **held.moment("added", her.added_at, of=her.id),
        **held.moment("enrolled", her.enrolled_at, of=her.id),
        **held.days("died", her.died_on),
    }


def _checkin(held: Held, row: Any, given: list[Any]) -> Row:
    modes = {one.mode for one in given if one.checkin_id == row.id} & {"chat", "phone", "in_person"}
    moments = ("invited", "reminded", "started", "closed")
    return {
        **{"person": held.people[row.participant_id].person, "point": row.point, "plan": row.plan},
        **{name: getattr(row, name) for name in ("instrument", "state", "fate", "fate_reason", "reminders_sent")},
        **held.days("due", row.due_on),
        **{
            key: cell
            for name in moments
            for key, cell in held.moment(name, getattr(row, f"{name}_at"), of=row.participant_id).items()
        },
        "mode": "several" if len(modes) > 1 else next(iter(modes), None),
    }


# --- answers


def _code(status: int) -> int:
    """As the manual has them: not applicable or not allowed, does not know, refused, everything else."""
    known = {AnswerStatus.GIVEN: 0, AnswerStatus.NOT_APPLICABLE: -66, AnswerStatus.NO_CONSENT: -66}
    return (known | {AnswerStatus.UNKNOWN: -77, AnswerStatus.REFUSED: -88}).get(AnswerStatus(status), -99)


def _words(value: Any, *, exact: bool) -> str | None:
    match value:
        case Money():
            return str(value.amount)
        case tuple():
            return " ".join(value)
        case Voice():
            return "nota de voz"
        case date():
            return f"{value}" if exact else f"{value:%Y-%m}"
        case None:
            return None
        case _:
            return str(value)


def _number(value: Any) -> float | None:
    value = value.amount if isinstance(value, Money) else value
    return float(value) if isinstance(value, int | Decimal) else None


def _value(row: Any) -> Any:
    return None if row.value is None else from_json(json.loads(row.value))


def _answer(held: Held, row: Any) -> Row:
    checkin, value, code = held.checkins[row.checkin_id], _value(row), _code(row.status)
    money = value if isinstance(value, Money) else None
    return {
        **{"person": held.people[checkin.participant_id].person, "point": checkin.point, "plan": checkin.plan},
        "variable": row.variable,
        "value": _words(value, exact=held.exact) if code == 0 else str(code),
        **{"number": _number(value), "status": code, "reason": AnswerStatus(row.status).name.lower()},
        **{name: getattr(row, name) for name in ("mode", "instrument", "version")},
        **held.moment("answered", row.at, of=checkin.participant_id),
        **{"amount_high": money and money.high, "amount_period": money and money.period and money.period.value},
        "days_per_week": money and money.days_per_week,
    }


def _wide(held: Held, people: list[Row], standing: list[Any]) -> list[Row]:
    hers: dict[str, Row] = {row["person"]: dict(row) for row in people}
    questions = {question.name: question for question in INSTRUMENT.questions}
    columns: dict[str, None] = {}
    for row in sorted(standing, key=lambda row: str(held.checkins[row.checkin_id].due_on or "9999")):
        checkin = held.checkins[row.checkin_id]
        code = _code(row.status)
        for name, made in _columns(questions.get(row.variable), row.variable, exact=held.exact):
            cell = made(_value(row)) if code == 0 else code
            is_text = made in (_as_words, _as_month, _period)
            hers[held.people[checkin.participant_id].person][f"{name}_{checkin.point}"] = (
                str(cell) if is_text and cell is not None else cell
            )
            columns[f"{name}_{checkin.point}"] = None
    return [{**row, **{name: row.get(name) for name in columns}} for row in hers.values()]


def _columns(question: Question | None, name: str, *, exact: bool) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    words = _as_words if exact else _as_month
    if question is None:
        yield name, words
    elif question.type is QuestionType.SELECT_MULTIPLE:
        for choice in question.choices:
            yield f"{name}___{choice.name}", partial(_ticked, choice.name)
    elif question.money:
        yield name, _number
        yield f"{name}_period", _period
        yield f"{name}_monthly", lambda value: monthly(value)
    elif not question.free_text:
        numbers = question.type in (QuestionType.INTEGER, QuestionType.DECIMAL)
        yield name, _number if numbers else words


def _ticked(choice: str, value: tuple[str, ...]) -> int:
    return int(choice in value)


def _as_words(value: Any) -> str | None:
    return _words(value, exact=True)


def _as_month(value: Any) -> str | None:
    return _words(value, exact=False)


def _period(value: Money) -> str | None:
    return value.period.value if value.period else None


# --- outcomes


async def _outcome(tx: Tx, held: Held, table: Table) -> list[Row]:
    rows = [row for row in await _all(tx, table) if row.replaced_at is None]
    return [_of(held, table, row._mapping) for row in rows if row.import_id is None or row.import_id in held.done]


def _of(held: Held, table: Table, row: Mapping[str, Any]) -> Row:
    found: Row = {"person": held.people[row["participant_id"]].person}
    if "checkin_id" in row:
        found["point"] = held.checkins[row["checkin_id"]].point if row["checkin_id"] else None
    if table is not enrolments:
        found["source"] = "checkin" if row["import_id"] is None else "import"
    for name in row.keys() - ASIDE:
        found |= held.days(name.removesuffix("_on"), row[name]) if name.endswith("_on") else {name: row[name]}
    if table is incomes:
        code = _code(row["status"])
        found |= {"amount": row["amount"] if code == 0 else code, "amount_high": found.pop("high"), "status": code}
        found["reason"] = AnswerStatus(row["status"]).name.lower()
        found["minimum_wages"] = _in_wages(row["monthly"], row["as_of_on"])
    if table is supports:
        for name in ("given", "received"):
            found[name] = _code(row[name]) if row[name] is not None and row[name] < 0 else row[name]
    return found


WAGES = {2024: "248.93", 2025: "278.80", 2026: "315.04"}


def _in_wages(monthly_: Decimal | None, day: date) -> float | None:
    """So many minimum wages of that day's year, which is 365/12 days' pay a month; before 2024 that of 2024."""
    wage = Decimal(WAGES[max(day.year, 2024)]) * 365 / 12
    return None if monthly_ is None else float(round(monthly_ / round(wage, 2), 4))


# --- figures


def _figures(figure: Figure) -> Iterator[Row]:
    yield _figure(figure)
    for dimension, groups in figure.by.items():
        for code, part in groups.items():
            yield _figure(part) | {"dimension": dimension, "code": code}


def _figure(figure: Figure) -> Row:
    shares = ("value", "percent", "low", "high", "response_rate", "lowest", "highest")
    names = ("id", "base", "scope", "moment", "numerator", "denominator", "eligible", *shares, "suppressed")
    strict = figure.strict
    return {
        **{name: getattr(figure, name) for name in names},
        **{"dimension": None, "code": None},
        "strict_numerator": None if strict is None else strict.numerator,
        "strict_denominator": None if strict is None else strict.denominator,
        "notes": " ".join(
            [
                *(f"{name}={women}" for name, women in sorted(figure.notes.items())),
                *(f"unclear={name}" for name in figure.unclear),
            ]
        ),
    }
