"""The tables that come straight out of the store: what each is made of, and in what order its rows stand.

* The first columns are the pseudonym and the point; a name never changes its meaning.
* The order of the rows depends on nothing but the store, and is that of its indexes where there are many.
* An outcome is a row while it holds (storage/outcomes/known.py); days are those of her own zone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import ColumnElement, Label, Select, case, func, literal, select, true
from sqlalchemy import Table as Stored

from conversations.answers import AnswerStatus
from conversations.income import monthly_minimum_wage
from storage.exports import decoding
from storage.exports.decoding import each_different
from storage.exports.shape import AMOUNT, FLAG, MISSING, PERSON, POINT, TEXT, WHOLE, YES_NO, Batches, Column, Table
from storage.exports.view import ZONE, Field, Read, View, age_band, day, made_of, moment, plain
from storage.interviews import CHAT, IN_PERSON, PHONE
from storage.outcomes.known import known
from storage.outcomes.permitted import may_be_told
from storage.schema import (
    Sealed,
    answers,
    checkins,
    employments,
    enrolments,
    incomes,
    measurements,
    participants,
    preferences,
    supports,
)

SEVERAL = "several"
"""The mode of a check-in of which she answered a part in her own chat and a part to staff, or to staff in both ways."""

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

STATUS = Column("status", WHOLE, "Contestó (0) o por qué falta", {str(code): told for code, told in MISSING.items()})
REASON = Column(
    "reason",
    TEXT,
    "Por qué falta, con más detalle",
    {decoding.reason_of(status): told for status, told in REASONS.items()},
)
HIGH = Column("amount_high", AMOUNT, "Monto más alto, si dio dos")
PERIOD = Column("amount_period", TEXT, "Periodo del monto")
DAYS_PER_WEEK = Column("days_per_week", WHOLE, "Días por semana")
PLAN = Column("plan", TEXT, "Plan")
CENTRE = Column("centre", TEXT, "Centro")
COHORT = Column("cohort", TEXT, "Generación")
AXES = {"laboral": "laboral", "salud_mental": "salud mental", "integracion": "integración"}
SCOPES = {"dentro": "dentro de prisión", "en_libertad": "en libertad"}
MODES = {
    CHAT: "contestó en su chat",
    PHONE: "se lo preguntó el equipo por teléfono",
    IN_PERSON: "se lo preguntó el equipo en persona",
}

P, C = participants.c, checkins.c


@dataclass(frozen=True, slots=True)
class Definition:
    """How a table is made: its fields, and the statement that they are read by."""

    name: str
    label: str
    fields: Callable[[View], list[Field]]
    statement: Callable[[], Select[Any]]
    cases: bool = False
    answers: bool = False

    def table(self, view: View) -> Table:
        """The table, as this export has it."""
        return Table(self.name, self.label, tuple(each.column for each in self.fields(view)), self.cases)

    def batches(self, view: View, *, rows: int | None = None) -> Batches:
        """Its rows."""
        size = {} if rows is None else {"rows": rows}
        statement = self.statement().where(view.women)
        told = statement.where(view.answers) if self.answers else statement
        return made_of(self.fields(view), told, view=view, **size)


# --- women


def _people(view: View) -> list[Field]:
    exact = view.exact
    band = Column("age_band", TEXT, "Edad que cumple este año, por grupos")
    born = [plain(Column("birth_year", WHOLE, "Año de nacimiento", identifier=True))] if exact else []
    dependants = {"0_5": "de 0 a 5 años", "6_11": "de 6 a 11 años", "12_17": "de 12 a 17 años", "adult": "adultas"}
    return [
        *(plain(PERSON), plain(PLAN), plain(COHORT, tells="cohort"), plain(CENTRE, tells="centre")),
        day("release", "Salida", of="release_on", exact=exact, tells="cohort"),
        *born,
        Field(
            band,
            lambda batch: each_different(batch.column("birth_year"), lambda year: _band(view, year), as_=TEXT),
            "age_band",
        ),
        plain(Column("schooling", TEXT, "Escolaridad")),
        *(
            plain(Column(f"dependants_{band_}", WHOLE, f"Dependientes: personas {told}"))
            for band_, told in dependants.items()
        ),
        moment("added", "Registro", of="added_at", exact=exact),
        moment("enrolled", "Aceptó participar", of="enrolled_at", exact=exact),
        day("died", "Fallecimiento", of="died_on", exact=exact),
    ]


def _band(view: View, year: int | None) -> str | None:
    return None if year is None else age_band(year, view.today.year)


def _of_people() -> Select[Any]:
    return (
        select(participants, ZONE)
        .join_from(participants, preferences, preferences.c.participant_id == P.id, isouter=True)
        .order_by(P.person)
    )


# --- the ledger


def _checkins(view: View) -> list[Field]:
    codes = (
        ("state", "Cómo va", "instrument", "Cuestionario"),
        ("fate", "Cómo terminó", "fate_reason", "Por qué terminó así"),
    )
    (state, state_label, instrument, instrument_label), (fate, fate_label, why, why_label) = codes
    moments = {"invited": "Invitación", "reminded": "Recordatorio", "started": "Comienzo", "closed": "Cierre"}
    return [
        *(plain(PERSON), plain(POINT), plain(PLAN), plain(Column(instrument, TEXT, instrument_label))),
        *(
            plain(Column(*each))
            for each in ((state, TEXT, state_label), (fate, TEXT, fate_label), (why, TEXT, why_label))
        ),
        day("due", "Fecha que le tocaba", of="due_on", exact=view.exact),
        *(moment(stem, label, of=f"{stem}_at", exact=view.exact) for stem, label in moments.items()),
        plain(Column("reminders_sent", WHOLE, "Recordatorios enviados")),
        Field(Column("mode", TEXT, "Cómo contestó", {**MODES, SEVERAL: "de varias maneras"}), _mode),
    ]


def _mode(batch: Read) -> pa.Array:
    first, last = batch.column("first"), batch.column("last")
    return pc.if_else(pc.equal(first, last), first, SEVERAL)


def _of_checkins() -> Select[Any]:
    return (
        select(checkins, P.person, ZONE, _asked(func.min, "first"), _asked(func.max, "last"))
        .join_from(checkins, participants, P.id == C.participant_id)
        .join(preferences, preferences.c.participant_id == P.id, isouter=True)
        .order_by(P.person, *CHRONOLOGICAL)
    )


CHRONOLOGICAL = (C.due_on.nulls_last(), C.plan, C.point)


def _asked(which: Any, name: str) -> Label[Any]:
    """The first or the last, by its code, of the ways in which she was asked."""
    hers = (answers.c.checkin_id == C.id) & answers.c.mode.in_(tuple(MODES))
    return select(which(answers.c.mode)).where(hers).scalar_subquery().label(name)


# --- answers


def _answers(view: View) -> list[Field]:
    day_or_month = moment("answered", "Respuesta", of="at", exact=view.exact)
    return [
        *(plain(PERSON), plain(POINT), plain(PLAN), plain(Column("variable", TEXT, "Pregunta"))),
        Field(
            Column("value", TEXT, "Respuesta, o el código de por qué falta", missing=True),
            lambda batch: _value_or_code(batch, exact=view.exact),
        ),
        Field(
            Column("number", AMOUNT, "La respuesta como número, si es uno"),
            lambda batch: batch.values.part("number", AMOUNT),
        ),
        Field(STATUS, lambda batch: each_different(batch.column("status"), decoding.code_of, as_=WHOLE)),
        Field(REASON, lambda batch: each_different(batch.column("status"), decoding.reason_of, as_=TEXT)),
        plain(Column("mode", TEXT, "Cómo se le preguntó", {**MODES, "voice": "se escribió de una nota de voz"})),
        plain(Column("instrument", TEXT, "Cuestionario")),
        plain(Column("version", TEXT, "Versión del cuestionario")),
        day_or_month,
        *(_of_money(*each) for each in (("high", HIGH), ("period", PERIOD), ("days_per_week", DAYS_PER_WEEK))),
    ]


def _value_or_code(batch: Read, *, exact: bool) -> pa.Array:
    words = batch.values.part("exact" if exact else "coarse", TEXT)
    codes = each_different(batch.column("status"), lambda status: str(decoding.code_of(status)), as_=TEXT)
    return pc.if_else(pc.equal(batch.column("status"), 0), words, codes)


def _of_money(part: str, column: Column) -> Field:
    return Field(column, lambda batch: batch.values.part(part, column.type))


def of_answers(*columns: ColumnElement[Any]) -> Select[Any]:
    """These columns of the answers that stand, in the order of the persons, then of their check-ins."""
    return (
        select(*columns)
        .join_from(answers, checkins, C.id == answers.c.checkin_id)
        .join(participants, P.id == C.participant_id)
        .join(preferences, preferences.c.participant_id == P.id, isouter=True)
        .where(answers.c.replaced_at.is_(None))
        .order_by(P.person, *CHRONOLOGICAL, answers.c.variable)
    )


def _all_of_answers() -> Select[Any]:
    stored = ("variable", "value", "status", "mode", "instrument", "version", "at")
    return of_answers(P.person, C.point, C.plan, ZONE, *(answers.c[name] for name in stored))


# --- outcomes

SOURCE = Column("source", TEXT, "De dónde viene", {"import": "archivo importado", "checkin": "lo contestó ella"})
BASIS = Column(
    "consent_basis",
    TEXT,
    "De un archivo: en qué consentimiento se apoya",
    {"papel": "firmó un papel", "chat": "aceptó en un chat", "convenio": "convenio del programa"},
)


def _of(outcome: Stored, *order: ColumnElement[Any]) -> Select[Any]:
    """The rows of an outcome that hold, each with her pseudonym and, if it came of a check-in, its point."""
    source = case((outcome.c.import_id.is_not(None), literal("import")), else_=literal("checkin")).label("source")
    own = [column for column in outcome.c if not isinstance(column.type, Sealed) and column.name != "id"]
    joined = outcome.join(participants, P.id == outcome.c.participant_id)
    point: list[ColumnElement[Any]] = []
    if "checkin_id" in outcome.c:
        joined = joined.join(checkins, C.id == outcome.c.checkin_id, isouter=True)
        point = [C.point]
    statement = select(P.person, *point, source, *own).select_from(joined)
    told = true() if outcome is enrolments else may_be_told(outcome, public=False)
    return statement.where(known(outcome), told).order_by(P.person, *order, outcome.c.id)


def _source(view: View) -> list[Field]:
    """Where a row comes from, and of one from a file the consent that it stands on; who saw her sign never leaves."""
    on = day("consent", "Cuándo dio ese consentimiento", of="consent_on", exact=view.exact)
    return [plain(SOURCE), plain(BASIS), on, plain(Column("consent_version", TEXT, "Versión de lo que aceptó"))]


def _enrolments(view: View) -> list[Field]:
    return [
        *(plain(PERSON), plain(Column("axis", TEXT, "Eje", AXES))),
        plain(Column("workshop", TEXT, "Taller"), tells="workshop"),
        plain(CENTRE, tells="centre"),
        day("started", "Inicio", of="started_on", exact=view.exact, tells="cohort"),
        day("ended", "Fin", of="ended_on", exact=view.exact, tells="cohort"),
        plain(Column("completed", FLAG, "Lo terminó", YES_NO)),
        plain(Column("sessions_attended", WHOLE, "Sesiones a las que asistió")),
    ]


def _employments(view: View) -> list[Field]:
    return [
        *(plain(PERSON), plain(POINT), plain(Column("kind", TEXT, "Tipo de trabajo"))),
        plain(Column("scope", TEXT, "Ámbito", SCOPES)),
        plain(Column("status", TEXT, "Condición de ocupación (INEGI)")),
        plain(Column("position", TEXT, "Posición en el trabajo (INEGI)")),
        plain(Column("social_security", TEXT, "Seguridad social")),
        day("started", "Inicio", of="started_on", exact=view.exact),
        day("ended", "Fin", of="ended_on", exact=view.exact),
        *(day("as_of", "Fecha a la que se refiere", of="as_of_on", exact=view.exact), *_source(view)),
    ]


def _incomes(view: View) -> list[Field]:
    amount = Column("amount", AMOUNT, "Monto en pesos, o el código de por qué falta", missing=True)
    return [
        *(
            plain(PERSON),
            plain(POINT),
            plain(Column("moment", TEXT, "Momento")),
            plain(Column("scope", TEXT, "Ámbito", SCOPES)),
        ),
        Field(amount, lambda batch: _or_code(batch.column("amount"), batch.column("status"))),
        plain(HIGH, of="high"),
        plain(Column("period", TEXT, "Periodo")),
        plain(DAYS_PER_WEEK),
        plain(Column("factor_version", TEXT, "Versión de los factores mensuales")),
        plain(Column("monthly", AMOUNT, "Pesos al mes")),
        Field(Column("minimum_wages", AMOUNT, "Salarios mínimos al mes, de la zona general y de esa fecha"), _in_wages),
        Field(STATUS, lambda batch: each_different(batch.column("status"), decoding.code_of, as_=WHOLE)),
        Field(REASON, lambda batch: each_different(batch.column("status"), decoding.reason_of, as_=TEXT)),
        *(day("as_of", "Fecha a la que se refiere", of="as_of_on", exact=view.exact), *_source(view)),
    ]


def _in_wages(batch: Read) -> pa.Array:
    wage = each_different(batch.column("as_of_on"), lambda day: day and float(monthly_minimum_wage(day)), as_=AMOUNT)
    return pc.round(pc.divide(batch.column("monthly").cast(AMOUNT), wage), 4)


def _or_code(known_: pa.Array, status: pa.Array) -> pa.Array:
    codes = each_different(status, decoding.code_of, as_=WHOLE).cast(known_.type)
    return pc.if_else(pc.equal(status, 0), known_, codes)


def _supports(view: View) -> list[Field]:
    def told(name: str, label: str) -> Field:
        column = Column(name, WHOLE, label, YES_NO, missing=True)
        return Field(column, lambda batch: each_different(batch.column(name), _yes_no_or_code, as_=WHOLE))

    return [
        *(plain(PERSON), plain(POINT)),
        told("given", "Aportó a su familia en los últimos 30 días"),
        told("received", "Recibió apoyo de su familia en los últimos 30 días"),
        *(day("as_of", "Fecha a la que se refiere", of="as_of_on", exact=view.exact), *_source(view)),
    ]


def _yes_no_or_code(stored: int | None) -> int | None:
    return stored if stored is None or stored >= 0 else decoding.code_of(stored)


def _measurements(view: View) -> list[Field]:
    texts = {"instrument": "Instrumento", "version": "Versión", "subscale": "Subescala", "moment": "Momento"}
    return [
        *(plain(PERSON), plain(POINT), *(plain(Column(name, TEXT, label)) for name, label in texts.items())),
        plain(Column("score", AMOUNT, "Puntaje")),
        plain(Column("answered", WHOLE, "Reactivos contestados")),
        *(day("taken", "Aplicación", of="taken_on", exact=view.exact), *_source(view)),
    ]


E_, J, I_, S, M = (table.c for table in (enrolments, employments, incomes, supports, measurements))

PEOPLE = Definition("people", "Una fila por mujer", _people, _of_people, cases=True)
CHECKINS = Definition("checkins", "Una fila por cada seguimiento esperado", _checkins, _of_checkins, cases=True)
ANSWERS = Definition("answers", "Una fila por respuesta", _answers, _all_of_answers, answers=True)

OUTCOMES: tuple[Definition, ...] = (
    Definition(
        "enrolments",
        "Una fila por mujer y taller",
        _enrolments,
        lambda: _of(enrolments, E_.started_on, E_.axis, E_.workshop, E_.centre),
    ),
    Definition(
        "employments", "Una fila por trabajo", _employments, lambda: _of(employments, J.as_of_on, J.kind, J.scope)
    ),
    Definition("incomes", "Una fila por ingreso", _incomes, lambda: _of(incomes, I_.as_of_on, I_.moment, I_.scope)),
    Definition("supports", "Una fila por lo que dio y recibió", _supports, lambda: _of(supports, S.as_of_on)),
    Definition(
        "measurements",
        "Una fila por puntaje",
        _measurements,
        lambda: _of(measurements, M.taken_on, M.instrument, M.subscale, M.moment),
    ),
)

DEFINITIONS: Mapping[str, Definition] = {each.name: each for each in (PEOPLE, *OUTCOMES, CHECKINS, ANSWERS)}
"""By name."""
