"""So many at so much: pieces made, things sold, clients served, notes handed over, hours worked.

* A price is said to be one ("a 150", "de 150", "150 cada una"), and so is a number ("hice ocho", "8 piezas").
* A third amount is welcome only as their product.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from conversations.answers import Money, Period
from conversations.reading.lexicon import Role
from conversations.reading.phrases import Piece
from conversations.reading.result import Unreadable
from conversations.reading.said import Said
from conversations.reading.sums import Count, Part, Sum, UnreadableAmount, role_of

_PIECES = range(1, 201)
"""How many pieces she may have made; a larger number is more likely pesos ("50 la pieza, hago 500 a la semana")."""
_NAMED_PIECES = range(1, 2001)
"""How many, where she says that they are pieces ("cosí 450 piezas")."""
_LEAST_TOTAL = 100
"""From here on a bare number that the price divides may be pesos ("50 la pieza, hice 150")."""
_HOURS_OF_A_DAY = range(1, 17)
_EACH = {Role.EACH, Role.PER_HOUR}
_ONE_BY_ONE = {"cada una", "cada uno", "c / u", "c / una", "c / uno", "cu"}
_MADE = {Role.MAKING, Role.SOLD, Role.SELLING}


def has_a_price(said: Said) -> bool:
    """Return whether she speaks of pieces or of hours that are paid one by one."""
    return bool(said.roles & _EACH) or Role.PIECE in said.counts


def read_price(said: Said) -> tuple[Money, bool]:
    """Return price times number, and whether that is sure; raises UnreadableAmount when either is missing or open."""
    if said.roles & {Role.NOT, Role.NIL} or Role.TIMES in said.counts:
        raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER)
    if not said.sums or (len(said.sums) == 1 and _counted(said) is None):
        raise UnreadableAmount(Unreadable.NOT_AN_AMOUNT)
    readings = list(_readings(said))
    if len(readings) != 1 or not readings[0][0] or readings[0][1] not in (_NAMED_PIECES if _counted(said) else _PIECES):
        raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER)
    [(price, number)] = readings
    period, days, sure = _span(said)
    maybe_pesos = _counted(said) is None and number >= _LEAST_TOTAL and number % price == 0
    return Money(price * number, period, None, days), sure and not maybe_pesos and said.understood(pieces=True)


def _counted(said: Said) -> Count | None:
    """The pieces or hours that she counted; things that we do not know count only where each has its price."""
    of = Role.HOURS if Role.PER_HOUR in said.roles else Role.PIECE
    each = any(isinstance(part, Piece) and part.text in _ONE_BY_ONE for part in said.parts)
    things = [part for part in said.parts if isinstance(part, Count) and part.of is Role.THING]
    return said.counts.get(of) or (things[0] if each and len(things) == 1 else None)


def _readings(said: Said) -> Iterator[tuple[Decimal, Decimal]]:
    """Each price and number that her words allow."""
    count, parts = _counted(said), said.parts
    match said.sums:
        case [price] if count and Role.TOTAL not in said.roles and _is_priced(parts, price):
            yield price.low, count.number
        case [one, other] if count:
            for price, total in ((one, other), (other, one)):
                if _is_priced(parts, price) and price.low * count.number == total.low:
                    yield price.low, count.number
        case [one, other] if Role.TOTAL not in said.roles:
            for price, number in ((one, other), (other, one)):
                if _is_each(parts, price) and _is_made(parts, number):
                    yield price.low, number.low
                    return
            for price, number in ((one, other), (other, one)):
                if _is_priced(parts, price) and _is_made(parts, number):
                    yield price.low, number.low


def _span(said: Said) -> tuple[Period | None, int | None, bool]:
    """The period of what the pieces bring, the days a week that came with it, and whether both are sure."""
    per = said.counts[Role.HOURS].per if Role.PER_HOUR in said.roles and Role.HOURS in said.counts else None
    said = replace(said, periods=said.periods or ({per} if per else set()))
    if Role.PER_HOUR in said.roles and said.schedules and not said.periods:
        return _span_of_hours(said)
    period, sure = said.period()
    if period is not Period.DAY:
        return period, None, sure and not (Role.DAYS in said.counts and period is None)
    days, fits = said.days_per_week()
    return period, days, sure and fits


def _span_of_hours(said: Said) -> tuple[Period | None, int | None, bool]:
    """The span of "5 horas de lunes a viernes": each of those days, or all of them where no day has so many hours."""
    hours = said.counts.get(Role.HOURS)
    if len(said.schedules) > 1 or hours is None:
        return None, None, False
    [days] = said.schedules
    return (Period.DAY, days, False) if hours.number in _HOURS_OF_A_DAY else (Period.WEEK, None, False)


def _places(parts: Sequence[Part], one: Sum) -> tuple[int, int, int]:
    at = next(at for at, part in enumerate(parts) if part is one)
    return at - 2, at - 1, at + 1


def _is_each(parts: Sequence[Part], one: Sum) -> bool:
    earlier, before, after = _places(parts, one)
    joint = parts[before] if before >= 0 else None
    joined = isinstance(joint, Piece) and joint.text in {"en", "a", "por"} and role_of(parts, earlier) in _EACH
    return joined or role_of(parts, after) in _EACH or role_of(parts, before) in _EACH


def _is_priced(parts: Sequence[Part], one: Sum) -> bool:
    """Whether the sum is said to be a price ("a 150", "x 150", "150 cada una") and not what all pieces brought."""
    _, before, _ = _places(parts, one)
    joint = parts[before] if before >= 0 else None
    times = isinstance(joint, Piece) and joint.text == "x"
    return times or role_of(parts, before) in {Role.TO, Role.OF} or _is_each(parts, one)


def _is_made(parts: Sequence[Part], one: Sum) -> bool:
    """Whether the number is one of pieces made ("hice ocho", "atendí a seis") or is priced ("ocho a 150 cada una")."""
    earlier, before, after = _places(parts, one)
    made = role_of(parts, before) in _MADE or (role_of(parts, before) is Role.TO and role_of(parts, earlier) in _MADE)
    return not one.pesos and (made or role_of(parts, after) is Role.TO)
