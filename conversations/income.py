"""What an income is worth a month, what the law's least one is, and when an amount is so large that we ask once more.

* Periods become months by one versioned table; figures made with different versions are never compared.
* Minimum wages are those of the day (conversations/wages.py); pay and bands are measured by them.
* An unusual amount is only asked about: it is never refused, and never changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from conversations.answers import Money, Period
from conversations.wages import table, wage_on

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

BANDS = tuple(
    Money(Decimal(low), high=Decimal(high))
    for low, high in ((0, 500), *((500 * 2**step, 1_000 * 2**step) for step in range(12)))
)
"""Pesos, without a period: each band from the second on reaches twice as far as it begins, so that no amount in it is
further from its middle than a third of that."""

_DAYS_A_YEAR, _MONTHS_A_YEAR, _CENT = 365, 12, Decimal("0.01")
_UNUSUAL_WAGES, _UNUSUAL_GROWTH = 6, 10


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
    return None if factor is None else (amount * factor).quantize(_CENT, ROUND_HALF_UP)


def offered_bands() -> Sequence[Money]:
    """The bands that are offered where an amount could not be read, up to that of a month at the newest minimum wage.

    At that of 2026 a day (315), a week of seven paid days (2,205), a quincena (4,791) and a month (9,582) lie inside
    four different bands: whoever earns about that finds herself, however she is paid.
    """
    month = monthly_minimum_wage(table()[-1].since)
    last = next((place for place, band in enumerate(BANDS) if band.high is not None and month < band.high), len(BANDS))
    return BANDS[: last + 1]


def minimum_wage(on: date) -> Decimal:
    """The minimum wage in pesos a day that holds on this date in the general zone, or the nearest that we know."""
    return wage_on(on).general


def monthly_minimum_wage(on: date) -> Decimal:
    """The general minimum wage in pesos a month of 365/12 days, to the cent."""
    return (minimum_wage(on) * _DAYS_A_YEAR / _MONTHS_A_YEAR).quantize(_CENT, ROUND_HALF_UP)


def least_unusual() -> Decimal:
    """Pesos a month: less is unusual by itself on no day at all."""
    return _UNUSUAL_WAGES * min(monthly_minimum_wage(one.since) for one in table())


def is_unusual(pay: Money, on: date, *, earlier: Decimal | None) -> bool:
    """Whether an amount is so large that she should be asked once more: over six minimum wages a month, or ten times
    what she earned at the wave before (`earlier`, pesos a month) and more.

    A range is judged by its upper end. An amount without a monthly figure is not unusual yet: judge it again when its
    period or its days are known.
    """
    most = monthly(replace(pay, amount=pay.high or pay.amount, high=None))
    if most is None:
        return False
    grown = earlier is not None and earlier > 0 and most >= _UNUSUAL_GROWTH * earlier
    return grown or most > _UNUSUAL_WAGES * monthly_minimum_wage(on)
