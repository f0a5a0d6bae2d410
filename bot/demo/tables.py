"""The outcome store as the demo's page shows it: answers first, what landed last on top, codes in Spanish words.

* Nothing sealed is opened here: of what is encrypted, the page says just that.
* Where only one woman's rows are wanted, nobody else's are among them.
* A code that she never read stands beside the words that she did: "autoempleo (Por mi cuenta)".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select, true

from bot.demo.page import Table
from bot.library import Library
from conversations.answers import AnswerStatus, Money, Voice, from_json
from conversations.instrument import DEFAULT_LANGUAGE, Instrument, Question, in_language
from scheduler.enrolment import DEFAULT_ZONE
from storage.cases import CaseState
from storage.database import Tx
from storage.fates import CheckinState, Fate
from storage.outcomes.known import known
from storage.schema import answers, cases, checkins, consents, employments, incomes, participants

MISSING = {
    AnswerStatus.NOT_APPLICABLE: "−66 no aplica",
    AnswerStatus.UNKNOWN: "−77 no sabe",
    AnswerStatus.REFUSED: "−88 prefiere no decir",
    AnswerStatus.NO_CONSENT: "−95 sin permiso",
    AnswerStatus.INTERRUPTED: "−96 interrumpida",
    AnswerStatus.NOT_REACHED: "−97 no se le preguntó",
    AnswerStatus.SKIPPED: "−98 saltada",
    AnswerStatus.UNANSWERED: "−99 sin respuesta",
}
STATES = {
    CheckinState.WAITING_FOR_DATE: "sin fecha",
    CheckinState.EXPECTED: "esperada",
    CheckinState.INVITED: "invitada",
    CheckinState.STARTED: "empezada",
    CheckinState.CLOSED: "cerrada",
}
FATES = {
    Fate.COMPLETED: "completa",
    Fate.PARTIAL: "parcial",
    Fate.REFUSED: "no quiso",
    Fate.UNREACHABLE: "sin respuesta",
    Fate.PAUSED: "en pausa",
    Fate.NOT_DUE: "no tocaba",
    Fate.MISSED_BY_US: "se nos pasó",
}
CASE_STATES = {CaseState.OPEN: "abierta", CaseState.ON_ITS_WAY: "en camino", CaseState.RESOLVED: "resuelta"}
YES_NO = {"si": "Sí", "no": "No", "no_se": "No sé"}
NOTHING = "—"
WORK_KINDS = "work_kinds"
"""The outcome that the kinds of work feed."""


async def store_tables(tx: Tx, shelf: Library, *, whose: int | None = None) -> list[Table]:
    """What has landed so far, of everybody or of one woman."""

    def hers(column: ColumnElement[int]) -> ColumnElement[bool]:
        return true() if whose is None else column == whose

    return [
        await _answers(tx, shelf, where=hers(checkins.c.participant_id)),
        await _ledger(tx, where=hers(checkins.c.participant_id)),
        await _work(tx, shelf, where=hers(employments.c.participant_id)),
        await _incomes(tx, where=hers(incomes.c.participant_id)),
        await _cases(tx, where=hers(cases.c.participant_id)),
        await _consents(tx, where=hers(consents.c.participant_id)),
    ]


Where = ColumnElement[bool]


async def _answers(tx: Tx, shelf: Library, *, where: Where) -> Table:
    given = select(checkins.c.point, answers).join(checkins, checkins.c.id == answers.c.checkin_id)
    found = await tx.run(given.where(where))
    asked = [(row, shelf.get(row.instrument, row.version)) for row in found]
    asked.sort(key=lambda pair: pair[1].by_name[pair[0].variable].calculation is not None)  # below what it follows from
    asked.sort(key=lambda pair: pair[0].at, reverse=True)
    rows = [
        [row.point, row.variable, _answer(row, form), "corregida" if row.replaced_at else "vigente"]
        for row, form in asked
    ]
    return Table("Respuestas", ["punto", "variable", "valor", ""], rows)


def _answer(row: Any, form: Instrument) -> str:
    if row.status:
        return MISSING[row.status]
    if row.value is None:
        return "(cifrado)"
    value = from_json(json.loads(row.value))
    if isinstance(value, Money):
        return " ".join((_pesos(value.amount), *filter(None, [value.period])))
    if isinstance(value, Voice):
        return "(nota de voz)"
    question = form.by_name[row.variable]
    if question.calculation is not None:
        return ", ".join(_code(name, _labels(form, question)) for name in str(value).split())
    return ", ".join(_label(question, str(name)) for name in (value if isinstance(value, tuple) else (value,)))


def _label(question: Question, name: str) -> str:
    choice = question.choice(name)
    return YES_NO.get(name, _words(name)) if choice is None else in_language(choice.label, DEFAULT_LANGUAGE)


def _labels(form: Instrument, question: Question) -> dict[str, str]:
    """What a question's choices are called, or those of the questions from which it is calculated; the last counts."""
    read = set() if question.calculation is None else question.calculation.reads
    asked = [one for one in form.questions if one.name == question.name or one.name in read]
    return {choice.name: in_language(choice.label, DEFAULT_LANGUAGE) for one in asked for choice in one.choices}


def _code(name: str, labels: Mapping[str, str]) -> str:
    """A stored name, and what it was called where she chose it."""
    if name in YES_NO:
        return YES_NO[name]
    return f"{_words(name)} ({labels[name]})" if name in labels else _words(name)


async def _ledger(tx: Tx, *, where: Where) -> Table:
    found = await tx.run(
        select(participants.c.person, checkins)
        .join(participants, participants.c.id == checkins.c.participant_id)
        .where(where)
        .order_by(checkins.c.due_on)
    )
    rows = [
        [row.person[:6], row.point, _day(row.due_on), STATES[row.state], FATES[row.fate] if row.fate else NOTHING]
        for row in found
    ]
    return Table("Citas esperadas", ["persona", "punto", "fecha", "estado", "destino"], rows)


async def _work(tx: Tx, shelf: Library, *, where: Where) -> Table:
    forms = map(shelf.latest, shelf.names)
    kinds = {
        name: label
        for form in forms
        for question in form.questions
        if question.outcome == WORK_KINDS
        for name, label in _labels(form, question).items()
    }
    found = await tx.run(
        select(employments)
        .where(where, known(employments))
        .order_by(employments.c.learned_at.desc(), employments.c.kind)
    )
    rows = [
        [
            *(_code(row.kind, kinds), _words(row.status), _words(row.position)),
            *(_security(row.social_security), _day(row.as_of_on)),
        ]
        for row in found
    ]
    return Table("Trabajos", ["tipo", "situación", "posición", "seguro", "al"], rows)


async def _incomes(tx: Tx, *, where: Where) -> Table:
    found = await tx.run(
        select(incomes).where(where, known(incomes), incomes.c.status == 0).order_by(incomes.c.learned_at.desc())
    )
    rows = [
        [_pesos(row.amount), row.period or NOTHING, NOTHING if row.monthly is None else _pesos(row.monthly)]
        for row in found
    ]
    return Table("Ingresos", ["cantidad", "periodo", "al mes"], rows)


async def _cases(tx: Tx, *, where: Where) -> Table:
    found = await tx.run(select(cases).where(where).order_by(cases.c.opened_at.desc()))
    rows = [[_words(row.kind), CASE_STATES[row.state], _hour(row.due_at)] for row in found]
    return Table("Peticiones", ["tipo", "estado", "atender antes de"], rows)


async def _consents(tx: Tx, *, where: Where) -> Table:
    found = await tx.run(select(consents).where(where).order_by(consents.c.at.desc(), consents.c.purpose))
    rows = [[row.purpose, "sí" if row.given else "no", row.version, _hour(row.at)] for row in found]
    return Table("Consentimientos", ["para", "respuesta", "versión", "cuándo"], rows)


def _words(code: str | None) -> str:
    return NOTHING if code is None else code.replace("_", " ")


def _security(said: str | None) -> str:
    return YES_NO.get(said or "", _words(said))


def _pesos(amount: Decimal) -> str:
    """In the Mexican way, and without cents where there are none."""
    return f"${amount:,.0f}" if amount == amount.to_integral_value() else f"${amount:,.2f}"


def _day(day: date | None) -> str:
    return NOTHING if day is None else day.strftime("%d/%m/%Y")


def _hour(at: datetime) -> str:
    return at.astimezone(ZoneInfo(DEFAULT_ZONE)).strftime("%d/%m/%Y %H:%M")
