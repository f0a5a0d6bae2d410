"""The import format `work`: what a woman did for a living, what she earned, and whether she gave to her family.

* One row may bring a job, an income, an answer, or all three; each is kept on its own, with where it was true.
* What is refused or not known is kept as that, and is never a no or a zero.
* A day's pay without its days a week has no monthly figure, and nobody guesses one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from conversations.answers import AnswerStatus, Money, Period
from conversations.income import FACTOR_VERSION, monthly
from storage.imports.basis import COLUMNS as CONSENT
from storage.imports.basis import Basis, read_basis
from storage.imports.cells import CellRefused, folded, read_record_id, read_whole
from storage.imports.facts import EMPLOYMENT, INCOME, SUPPORT, Fact, FactFile, Value, gather
from storage.imports.headers import also_called
from storage.imports.outcome_cells import one_of, read_past, read_pesos, read_yes_no
from storage.imports.problems import Fault
from storage.imports.registry import read_span
from storage.imports.rows import RowReader, match_columns
from storage.imports.sheets import Cell, Sheet
from storage.outcomes.work import IN_FREEDOM, NO_WORK, UNSPECIFIED

REQUIRED = ("record_id", "scope")
COLUMNS = (
    *(*REQUIRED, "kind", "started_on", "ended_on", "as_of", "gave_to_family"),
    *("income_amount", "income_period", "days_per_week", "income_moment"),
    *CONSENT,
)

INSIDE = "dentro"
INSIDE_WORK = "taller_o_actividad_dentro"
KINDS = (
    *("autoempleo", "produccion_la_cana", INSIDE_WORK, "empleo_externo_formal", "empleo_externo_informal"),
    *("empresa_aliada", "empleo_externo", "ayuda_sin_pago", "otro", UNSPECIFIED, NO_WORK),
)
"""The kinds of the contract, and those that check-ins know beside them."""

NOW, BEFORE_WORKSHOP, BEFORE_DETENTION, FIRST_WAVE = "actual", "pre_taller", "pre_detencion", "primera_ola"

_SCOPES = {
    **dict.fromkeys(("dentro", "adentro"), INSIDE),
    **dict.fromkeys(("en libertad", "libertad", "afuera", "fuera"), IN_FREEDOM),
}
_KINDS = {folded(kind): kind for kind in KINDS} | {"taller o actividad adentro": INSIDE_WORK, "no trabaja": NO_WORK}
_PERIODS = {folded(period): period for period in Period} | {
    **dict.fromkeys(("mensual", "al mes", "por mes"), Period.MONTH),
    **dict.fromkeys(("quincenal", "a la quincena", "por quincena"), Period.FORTNIGHT),
    **dict.fromkeys(("catorcenal", "a la catorcena"), Period.FOURTEEN_DAYS),
    **dict.fromkeys(("semanal", "a la semana", "por semana"), Period.WEEK),
    **dict.fromkeys(("diario", "al dia", "por dia"), Period.DAY),
}
_MOMENTS = {folded(name): name for name in (NOW, BEFORE_WORKSHOP, BEFORE_DETENTION, FIRST_WAVE)} | {
    **{"antes del taller": BEFORE_WORKSHOP, "antes de la detencion": BEFORE_DETENTION, "ahora": NOW},
}


class _When(NamedTuple):
    """When it was true; `undated`: the file does not say, and it is the day of the import."""

    as_of: date
    undated: bool


def read_work(sheet: Sheet, *, today: date, basis: Basis | None = None) -> FactFile:
    """Read every row of a file about work and income; `today` is the local day of the import, `basis` the consent that
    a row stands on that names none."""
    if not sheet.headers:
        return FactFile((), sheet.problems, ())
    columns = match_columns(sheet, known=COLUMNS, required=REQUIRED, aliases=also_called(COLUMNS))

    def facts(row: RowReader) -> list[Fact]:
        record_id = row.require("record_id", read_record_id)
        scope = row.require("scope", one_of(_SCOPES, f"{INSIDE} or {IN_FREEDOM}"))
        span, said = read_span(row, today), row.read("as_of", lambda cell: read_past(cell, today))
        when = _When(said or span[0] or today, said is None and span[0] is None)
        consent = read_basis(row, today, default=basis)
        found = [*_job(row, scope or "", span=span, said=said), *_income(row, scope or ""), *_support(row)]
        if not found and not row.problems:
            row.refuse("kind", "the row brings no kind of work, no income and no answer", code=Fault.EMPTY_CELL)
        return (
            []
            if row.problems or record_id is None
            else [replace(told.of(row, record_id, when=when), basis=consent) for told in found]
        )

    return gather(sheet, columns, facts_of=facts)


class _Told(NamedTuple):
    """A fact without whose it is and when it was true."""

    table: str
    key: Mapping[str, Value]
    says: Mapping[str, Value]
    words: str | None = None

    def of(self, row: RowReader, record_id: str, *, when: _When) -> Fact:
        """The fact that it is of her, then."""
        key = {**self.key, "as_of_on": when.as_of}
        return Fact(row.line, record_id, self.table, key, self.says, undated=when.undated, words=self.words)


def _job(row: RowReader, scope: str, *, span: tuple[date | None, date | None], said: date | None) -> list[_Told]:
    kind = row.read("kind", one_of(_KINDS, f"one of {', '.join(KINDS)}"))
    started, ended = span
    if kind is None:
        return []
    if kind == NO_WORK and said is None and row.cell("as_of") == "":
        row.refuse("as_of", f"is empty; {NO_WORK} is true of one day", code=Fault.EMPTY_CELL)
    if kind == NO_WORK and started is not None:
        row.refuse("started_on", f"{NO_WORK} has a day in as_of, and no beginning", code=Fault.CONTRADICTION)
    if said is not None and started is not None and said < started:
        row.refuse("as_of", "lies before its beginning", code=Fault.CONTRADICTION)
    if kind == INSIDE_WORK and scope == IN_FREEDOM:
        row.warn("scope", f"{kind} is work inside; kept as written", code=Fault.UNKNOWN_NAME)
    return [_Told(EMPLOYMENT, {"scope": scope, "kind": kind, "started_on": started}, {"ended_on": ended})]


def _income(row: RowReader, scope: str) -> list[_Told]:
    pay = row.read("income_amount", read_pesos)
    named = row.read("income_period", one_of(_PERIODS, ", ".join(Period)))
    days = row.read("days_per_week", _days)
    moment = row.read(
        "income_moment", one_of(_MOMENTS, f"{NOW}, {BEFORE_WORKSHOP}, {BEFORE_DETENTION} or {FIRST_WAVE}")
    )
    if pay is None:
        return []
    key, words = {"scope": scope, "moment": moment or NOW}, str(row.cell("income_amount"))
    if isinstance(pay, AnswerStatus):
        return [_Told(INCOME, key, _not_known(pay), words)]
    return [_Told(INCOME, key, _amount(_settled(row, pay, period=named, days=days)), words)]


def _days(cell: Cell) -> int:
    days = read_whole(cell)
    if not 1 <= days <= 7:
        raise CellRefused("must lie between 1 and 7", code=Fault.OUT_OF_RANGE)
    return days


def _settled(row: RowReader, pay: Money, *, period: Period | None, days: int | None) -> Money:
    """The amount with the period and the days that go with it; what does not fit together is a problem."""
    if period is not None and pay.period not in (None, period):
        row.refuse("income_period", "is another than the amount itself names", code=Fault.CONTRADICTION)
    period = period or pay.period
    if period is None and pay.amount > 0 and row.cell("income_period") == "":
        row.refuse("income_period", f"is empty; an amount needs it: {', '.join(Period)}", code=Fault.EMPTY_CELL)
    if days is not None and period is not Period.DAY:
        row.warn("days_per_week", "is of use with a day's pay alone", code=Fault.UNKNOWN_NAME)
    per_week = (days or pay.days_per_week) if period is Period.DAY else None
    if period is Period.DAY and per_week is None and pay.amount > 0 and row.cell("days_per_week") == "":
        row.warn("days_per_week", "is empty; without it a day's pay has no monthly figure", code=Fault.UNKNOWN_NAME)
    return replace(pay, period=period, days_per_week=per_week)


def _amount(pay: Money) -> dict[str, Value]:
    return {
        "status": int(AnswerStatus.GIVEN),
        "amount": pay.amount,
        "high": pay.high,
        "period": pay.period and pay.period.value,
        "days_per_week": pay.days_per_week,
        "factor_version": FACTOR_VERSION,
        "monthly": monthly(pay),
    }


_AMOUNT = ("amount", "high", "period", "days_per_week", "factor_version", "monthly")


def _not_known(why: AnswerStatus) -> dict[str, Value]:
    nothing: dict[str, Value] = dict.fromkeys(_AMOUNT)
    return {**nothing, "status": int(why)}


def _support(row: RowReader) -> list[_Told]:
    gave = row.read("gave_to_family", read_yes_no)
    return [] if gave is None else [_Told(SUPPORT, {}, {"given": int(gave)})]
