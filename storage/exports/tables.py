"""The tables of an export: the ledger of check-ins, the answers that stand, their codebook, and what the export is.

* The first columns are the pseudonym and the point; names of columns never change meaning.
* Rows come out one by one, in an order that depends on nothing but their content; days are those of her own zone.
* Her own words are not among them: an answer in free text is a row without a value, a voice note says just that.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, date, datetime
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Label, Select, func, select

from conversations.answers import AnswerStatus, Money, PlainValue, Voice, from_json
from conversations.instrument import Instrument, Question, in_language
from storage.database import Tx
from storage.exports.files import Cell, Target
from storage.interviews import CHAT, IN_PERSON, PHONE
from storage.schema import answers, checkins, participants, preferences

LANGUAGE = "es"
BATCH = 500
"""Rows held in memory at once."""

CHECKINS = (
    *("person", "point", "plan", "instrument", "state", "fate", "fate_reason"),
    *("due_on", "invited_on", "reminded_on", "started_on", "closed_on", "reminders_sent", "mode"),
)
ANSWERS = (
    *("person", "point", "plan", "variable", "value", "status", "reason"),
    *("mode", "instrument", "version", "answered_on", "amount_high", "amount_period", "days_per_week"),
)
CODEBOOK = ("instrument", "version", "variable", "type", "label", "choice", "choice_label", "outcome")
METADATA = ("name", "value")

MISSING = {-66: "no aplica", -77: "no sabe", -88: "prefiere no decir", -99: "sin respuesta"}
"""The four codes of the exports, which stand in `status`; 0 is an answer."""

REASONS = {
    AnswerStatus.GIVEN: "contestó",
    AnswerStatus.NOT_APPLICABLE: "no le tocaba esa pregunta",
    AnswerStatus.UNKNOWN: "dijo que no sabe",
    AnswerStatus.REFUSED: "prefirió no decir",
    AnswerStatus.NO_CONSENT: "no dio permiso para ese dato, o lo retiró",
    AnswerStatus.INTERRUPTED: "la conversación se interrumpió antes de que contestara",
    AnswerStatus.NOT_REACHED: "el plazo se cerró antes de preguntarle",
    AnswerStatus.SKIPPED: "saltó la pregunta",
    AnswerStatus.UNANSWERED: "se le preguntó y no contestó a tiempo",
}
"""What stands in `reason`, finer than the four codes: the name of the status, in lower case."""

SPOKEN = "nota de voz"

SEVERAL = "several"
"""The mode of a check-in of which she answered a part in her own chat and a part to staff, or to staff in both ways."""


async def export(tx: Tx, target: Target, *, instruments: Sequence[Instrument]) -> dict[str, int]:
    """Write all tables as the store stands now; returns how many rows each has."""
    counts = {}
    with target("checkins") as write:
        write(CHECKINS)
        counts["checkins"] = 0
        async for row in _stream(tx, _checkins()):
            write(_checkin(row))
            counts["checkins"] += 1
    with target("answers") as write:
        write(ANSWERS)
        counts["answers"] = 0
        async for row in _stream(tx, _answers()):
            write(_answer(row))
            counts["answers"] += 1
    with target("codebook") as write:
        write(CODEBOOK)
        rows = list(_codebook(instruments))
        counts["codebook"] = len(rows)
        for line in rows:
            write(line)
    with target("metadata") as write:
        write(METADATA)
        for line in _about(tx.now, counts):
            write(line)
    return counts


async def _stream(tx: Tx, statement: Select[Any]) -> AsyncIterator[Any]:
    async with tx.connection.stream(statement, execution_options={"yield_per": BATCH}) as rows:
        async for row in rows:
            yield row


def _day(at: datetime | None, zone: str) -> date | None:
    return None if at is None else at.astimezone(ZoneInfo(zone)).date()


# --- the ledger


def _checkins() -> Select[Any]:
    return (
        select(checkins, participants.c.person, preferences.c.zone, _asked(func.min, "first"), _asked(func.max, "last"))
        .join(participants, participants.c.id == checkins.c.participant_id)
        .join(preferences, preferences.c.participant_id == checkins.c.participant_id)
        .order_by(participants.c.person, checkins.c.due_on.nulls_last(), checkins.c.plan, checkins.c.point)
    )


def _asked(which: Any, name: str) -> Label[Any]:
    """The first or the last, by its code, of the ways in which she was asked."""
    hers = (answers.c.checkin_id == checkins.c.id) & answers.c.mode.in_((CHAT, PHONE, IN_PERSON))
    return select(which(answers.c.mode)).where(hers).scalar_subquery().label(name)


def _checkin(row: Any) -> list[Cell]:
    moments = (row.invited_at, row.reminded_at, row.started_at, row.closed_at)
    return [
        *(row.person, row.point, row.plan, row.instrument, row.state, row.fate, row.fate_reason),
        row.due_on,
        *(_day(moment, row.zone) for moment in moments),
        row.reminders_sent,
        row.first if row.first == row.last else SEVERAL,
    ]


# --- answers


def _answers() -> Select[Any]:
    return (
        select(
            *(participants.c.person, checkins.c.point, checkins.c.plan, preferences.c.zone),
            *(answers.c.variable, answers.c.value, answers.c.status, answers.c.mode),
            *(answers.c.instrument, answers.c.version, answers.c.at),
        )
        .join(checkins, checkins.c.id == answers.c.checkin_id)
        .join(participants, participants.c.id == checkins.c.participant_id)
        .join(preferences, preferences.c.participant_id == checkins.c.participant_id)
        .where(answers.c.replaced_at.is_(None))
        .order_by(
            *(participants.c.person, checkins.c.due_on.nulls_last(), checkins.c.plan, checkins.c.point),
            answers.c.variable,
        )
    )


def _answer(row: Any) -> list[Cell]:
    value = None if row.value is None else from_json(json.loads(row.value))
    status = AnswerStatus(row.status)
    high, period, days = (value.high, value.period, value.days_per_week) if isinstance(value, Money) else (None,) * 3
    return [
        *(row.person, row.point, row.plan, row.variable, _value(value), status.missing_code or 0, _reason(status)),
        *(row.mode, row.instrument, row.version, _day(row.at, row.zone), high, period, days),
    ]


def _value(value: PlainValue | None) -> Cell:
    match value:
        case Money():
            return value.amount
        case tuple():
            return " ".join(value)
        case Voice():
            return SPOKEN
        case _:
            return value


def _reason(status: AnswerStatus) -> str:
    return status.name.lower()


# --- what stands for what


def _codebook(instruments: Sequence[Instrument]) -> Iterator[list[Cell]]:
    for instrument in sorted(instruments, key=lambda one: (one.name, one.version)):
        for question in instrument.questions:
            yield from _question([instrument.name, instrument.version], question)
    for code, label in MISSING.items():
        yield [None, None, "status", "missing", None, code, label, None]
    for status, label in REASONS.items():
        yield [None, None, "reason", "reason", None, _reason(status), label, None]


def _question(head: list[Cell], question: Question) -> Iterator[list[Cell]]:
    kind, label = question.type.value, in_language(question.label, LANGUAGE)
    yield [*head, question.name, kind, label, None, None, question.outcome]
    for choice in question.choices:
        yield [*head, question.name, kind, label, choice.name, in_language(choice.label, LANGUAGE), question.outcome]


def _about(now: datetime, counts: dict[str, int]) -> Iterator[list[Cell]]:
    yield ["cut_off", now.astimezone(UTC).isoformat(timespec="seconds")]
    yield ["hilo_version", version("hilo")]
    for table, rows in counts.items():
        yield [f"rows_{table}", rows]
