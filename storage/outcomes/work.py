"""Work and income from the answers of one sitting.

* Each kind of work that she names is a row of its own: a woman may well have several.
* An amount is turned into pesos a month by a versioned table of factors; what cannot be compared stays without a
  monthly figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from conversations.answers import Answer, Money, Period

FACTOR_VERSION = "hilo-1"
"""Names the table below in every income row; figures of different versions are never compared."""

WEEKS_PER_MONTH = Decimal("4.348")
"""365.25 / 12 / 7."""

FACTORS = {
    Period.MONTH: Decimal(1),
    Period.FORTNIGHT: Decimal(2),
    Period.FOURTEEN_DAYS: Decimal("2.174"),
    Period.WEEK: WEEKS_PER_MONTH,
}

WITH_EMPLOYER = "con_patron"
"""The choice whose kind depends on social security: INEGI counts a job without it as informal."""

IN_FREEDOM = "en_libertad"


@dataclass(frozen=True, slots=True)
class Employment:
    """One kind of work that she has; `kind` is a code of the contract."""

    kind: str
    social_security: str | None


@dataclass(frozen=True, slots=True)
class Income:
    """What she took home, as said and as pesos a month (None where the period does not allow it)."""

    money: Money
    monthly: Decimal | None


def employments(outcomes: Mapping[str, Answer]) -> list[Employment]:
    """The kinds of work that the answers name, in the order in which they stand there."""
    kinds = outcomes.get("work_kinds")
    if kinds is None or not isinstance(kinds.value, tuple):
        return []
    secured = outcomes.get("social_security")
    security = secured.value if secured is not None and isinstance(secured.value, str) else None
    return [
        Employment(_kind(choice, security), security if choice == WITH_EMPLOYER else None) for choice in kinds.value
    ]


def _kind(choice: str, security: str | None) -> str:
    if choice != WITH_EMPLOYER:
        return choice
    return {"si": "empleo_externo_formal", "no": "empleo_externo_informal"}.get(security or "", "empleo_externo")


def income(outcomes: Mapping[str, Answer]) -> Income | None:
    """Her income, or None if she named none."""
    answer = outcomes.get("income")
    if answer is None or not isinstance(answer.value, Money):
        return None
    return Income(answer.value, monthly(answer.value))


def monthly(money: Money) -> Decimal | None:
    """Pesos a month, to the cent; the middle of a range; None without a period, or for a day's pay without days a
    week."""
    amount = money.amount if money.high is None else (money.amount + money.high) / 2
    if amount == 0:
        return Decimal("0.00")
    if money.period is Period.DAY:
        factor = None if money.days_per_week is None else money.days_per_week * WEEKS_PER_MONTH
    else:
        factor = None if money.period is None else FACTORS[money.period]
    return None if factor is None else (amount * factor).quantize(Decimal("0.01"), ROUND_HALF_UP)
