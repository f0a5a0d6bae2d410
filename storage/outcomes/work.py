"""Work, income and support from the answers of one sitting.

* Each kind of work that she names is a row of its own: a woman may well have several; having none is a row as well.
* Only what she said counts: an answer that is missing, for whatever reason, is never taken for a no. That she would not
  say an income, or does not know it, is kept with its code.
* An amount is turned into pesos a month by conversations/income.py; what cannot be compared stays without a
  monthly figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from conversations.answers import Answer, Money
from conversations.income import monthly

IN_FREEDOM, INSIDE = "en_libertad", "dentro"

NOW = "actual"
"""The moment of an income that is hers at the time of asking."""

INCOMES = {
    "income": (NOW, IN_FREEDOM),
    "income_pre_detencion": ("pre_detencion", IN_FREEDOM),
    "income_pre_taller": ("pre_taller", INSIDE),
}
"""The moment that the income of each outcome is about, and where she was then: her first workshop was inside."""

NO_WORK = "sin_trabajo"
"""Known not to work, as the import of work has it."""

UNSPECIFIED = "sin_especificar"
"""She works, and did not say at what."""

OWN_ACCOUNT_WORK, UNPAID_WORK, WITH_EMPLOYER = "autoempleo", "ayuda_sin_pago", "con_patron"

FOR_OTHERS = (WITH_EMPLOYER, "empresa_aliada", "produccion_la_cana")
"""Work for somebody who pays: subordinate, by INEGI's count also where the pay is by the piece."""

INSURABLE = (*FOR_OTHERS, "otro")
"""Kinds that the one question about social security may be about: the first of them that she has."""

_BY_SECURITY = {"si": "empleo_externo_formal", "no": "empleo_externo_informal"}
"""The kind of a job with an employer: INEGI counts one without social security as informal."""
_EXTERNAL = "empleo_externo"


class Status(StrEnum):
    """Where she stands in the week asked about, as INEGI's ENOE counts; PNEA is the population outside the labour
    force, split by whether she could begin."""

    OCCUPIED = "ocupada"
    UNEMPLOYED = "desocupada"
    PNEA_AVAILABLE = "pnea_disponible"
    PNEA_UNAVAILABLE = "pnea_no_disponible"


class Position(StrEnum):
    """Her position in one job: for somebody who pays, on her own account, paying others, or unpaid."""

    SUBORDINATE = "subordinada"
    OWN_ACCOUNT = "cuenta_propia"
    EMPLOYER = "empleadora"
    UNPAID = "sin_pago"


OWN_POSITIONS = (Position.OWN_ACCOUNT, Position.EMPLOYER)
"""What work on her own account can be; only her answer tells which."""


@dataclass(frozen=True, slots=True)
class Employment:
    """One kind of work that she has, or that she has none.

    `kind` is a code of the contract, or one of our own where she was less exact; `status` is hers, not the job's, and
    None where her answers do not tell; so are `position` and `social_security` (si, no, no_se).
    """

    kind: str
    status: Status | None
    position: Position | None = None
    social_security: str | None = None


@dataclass(frozen=True, slots=True)
class Income:
    """What she took home at a moment, as said and as pesos a month (None where the period does not allow it); or why
    that is not known, as the missing code `status`."""

    moment: str
    scope: str
    money: Money | None = None
    monthly: Decimal | None = None
    status: int = 0


@dataclass(frozen=True, slots=True)
class Support:
    """Whether she gave her family something, and got something: 1, 0, or a missing code; None where not asked."""

    given: int | None
    received: int | None


def status(outcomes: Mapping[str, Answer]) -> Status | None:
    """Her status by the outcomes employed, looked and available (si, no), or None where they do not settle it.

    Unemployed is who looked for work and could begin; who could not begin is outside the labour force, looking or not.
    """
    employed, looked, available = (_yes(outcomes, name) for name in ("employed", "looked", "available"))
    if employed or (employed is None and _kinds(outcomes)):
        return Status.OCCUPIED
    if employed is None:
        return None
    if available is False:
        return Status.PNEA_UNAVAILABLE
    if available is None or looked is None:
        return None
    return Status.UNEMPLOYED if looked else Status.PNEA_AVAILABLE


def employments(outcomes: Mapping[str, Answer]) -> list[Employment]:
    """A row for each kind of work that the answers name, in their order; one that says so where she has none, or where
    she works and did not say at what; no row where nothing is known."""
    now = status(outcomes)
    if _yes(outcomes, "employed") is False:
        return [Employment(NO_WORK, now)]
    kinds = _kinds(outcomes)
    if not kinds:
        return [] if now is None else [Employment(UNSPECIFIED, now)]
    insured, security = next((kind for kind in INSURABLE if kind in kinds), None), _said(outcomes, "social_security")
    return [
        Employment(_kind(kind, security), now, _position(kind, outcomes), security if kind == insured else None)
        for kind in kinds
    ]


def incomes(outcomes: Mapping[str, Answer]) -> list[Income]:
    """Her income at each moment that she was asked about."""
    asked = ((about, outcomes[name]) for name, about in INCOMES.items() if name in outcomes)
    return [found for about, answer in asked if (found := _income(about, answer)) is not None]


def _income(about: tuple[str, str], answer: Answer) -> Income | None:
    if isinstance(answer.value, Money):
        return Income(*about, answer.value, monthly(answer.value))
    code = answer.status.missing_code
    return None if code is None else Income(*about, status=code)


def support(outcomes: Mapping[str, Answer]) -> Support | None:
    """What she gave her family and got from it, or None where neither was asked."""
    found = Support(_coded(outcomes.get("support_given")), _coded(outcomes.get("support_received")))
    return None if found == Support(None, None) else found


def _coded(answer: Answer | None) -> int | None:
    if answer is None:
        return None
    return {"si": 1, "no": 0}.get(str(answer.value), answer.status.missing_code)


def _said(outcomes: Mapping[str, Answer], name: str) -> str | None:
    answer = outcomes.get(name)
    return answer.value if answer is not None and isinstance(answer.value, str) else None


def _yes(outcomes: Mapping[str, Answer], name: str) -> bool | None:
    return {"si": True, "no": False}.get(_said(outcomes, name) or "")


def _kinds(outcomes: Mapping[str, Answer]) -> tuple[str, ...]:
    """The kinds as she marked them, or as a calculation joined them by spaces."""
    answer = outcomes.get("work_kinds")
    if answer is not None and isinstance(answer.value, tuple):
        return answer.value
    return tuple((_said(outcomes, "work_kinds") or "").split())


def _kind(choice: str, security: str | None) -> str:
    return choice if choice != WITH_EMPLOYER else _BY_SECURITY.get(security or "", _EXTERNAL)


def _position(kind: str, outcomes: Mapping[str, Answer]) -> Position | None:
    if kind in FOR_OTHERS:
        return Position.SUBORDINATE
    if kind == UNPAID_WORK:
        return Position.UNPAID
    said = _said(outcomes, "position") if kind == OWN_ACCOUNT_WORK else None
    return next((position for position in OWN_POSITIONS if position == said), None)
