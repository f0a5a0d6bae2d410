"""The outcome store as the demo's page shows it: a few tables of codes and values, in Spanish, oldest row first."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.demo.page import Table
from bot.library import Library
from conversations.instrument import DEFAULT_LANGUAGE, in_language
from scheduler.enrolment import DEFAULT_ZONE
from storage.database import Tx
from storage.schema import answers, cases, checkins, consents, employments, incomes, participants

MISSING = {-66: "−66 no aplica", -77: "−77 no sabe", -88: "−88 prefiere no decir", -99: "−99 sin respuesta"}


async def store_tables(tx: Tx, shelf: Library) -> list[Table]:
    """What has landed so far."""
    return [
        await _ledger(tx),
        await _answers(tx, shelf),
        await _work(tx),
        await _incomes(tx),
        await _consents(tx),
        await _cases(tx),
    ]


async def _ledger(tx: Tx) -> Table:
    found = await tx.run(
        select(participants.c.person, checkins)
        .join(participants, participants.c.id == checkins.c.participant_id)
        .order_by(checkins.c.due_on)
    )
    rows = [[row.person[:6], row.point, _text(row.due_on), row.state, _text(row.fate)] for row in found]
    return Table("Citas esperadas", ["persona", "punto", "fecha", "estado", "destino"], rows)


async def _answers(tx: Tx, shelf: Library) -> Table:
    found = await tx.run(
        select(checkins.c.point, answers)
        .join(checkins, checkins.c.id == answers.c.checkin_id)
        .order_by(answers.c.at, answers.c.replaced_at.is_(None), answers.c.variable)
    )
    rows = [
        [row.point, row.variable, _answer(row, shelf), "corregida" if row.replaced_at else "vigente"] for row in found
    ]
    return Table("Respuestas", ["punto", "variable", "valor", ""], rows)


def _answer(row: Any, shelf: Library) -> str:
    if row.status:
        return MISSING[row.status]
    if row.value is None:
        return "(cifrado)"
    value = json.loads(row.value)
    if isinstance(value, dict):
        return " ".join(str(part) for part in (value.get("money"), value.get("period")) if part)
    question = shelf.get(row.instrument, row.version).by_name[row.variable]
    names = value if isinstance(value, list) else [str(value)]
    return ", ".join(
        in_language(choice.label, DEFAULT_LANGUAGE) if (choice := question.choice(name)) else name for name in names
    )


async def _work(tx: Tx) -> Table:
    found = await tx.run(select(employments).order_by(employments.c.learned_at, employments.c.kind))
    rows = [[row.kind, row.scope, _text(row.social_security), _text(row.as_of_on)] for row in found]
    return Table("Trabajos", ["tipo", "ámbito", "seguro", "al"], rows)


async def _incomes(tx: Tx) -> Table:
    found = await tx.run(select(incomes).order_by(incomes.c.learned_at))
    rows = [
        [f"{row.amount:,.0f}", _text(row.period), f"{row.monthly:,.0f}" if row.monthly is not None else "—"]
        for row in found
    ]
    return Table("Ingresos", ["cantidad", "periodo", "al mes"], rows)


async def _consents(tx: Tx) -> Table:
    found = await tx.run(select(consents).order_by(consents.c.at, consents.c.purpose.desc()))
    rows = [[row.purpose, "sí" if row.given else "no", row.version, _hour(row.at)] for row in found]
    return Table("Consentimientos", ["para", "respuesta", "versión", "cuándo"], rows)


async def _cases(tx: Tx) -> Table:
    found = await tx.run(select(cases).order_by(cases.c.opened_at))
    rows = [[row.kind, row.state, _hour(row.due_at)] for row in found]
    return Table("Peticiones", ["tipo", "estado", "atender antes de"], rows)


def _text(value: object) -> str:
    return "—" if value is None else str(value)


def _hour(at: Any) -> str:
    return str(at.astimezone(ZoneInfo(DEFAULT_ZONE)).strftime("%d/%m %H:%M"))
