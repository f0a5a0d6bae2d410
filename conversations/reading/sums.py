"""What the numbers in her text stand for: sums of money, or counts of days, of pieces and of things that are no money.

* A number right before another thing than pesos counts that thing.
* A number below zero, or one with two readings, stops the reading at once.
* Sums that belong together are joined in `ranges`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from conversations.answers import Period
from conversations.reading.lexicon import Role
from conversations.reading.phrases import Piece
from conversations.reading.quantities import Quantity, read_quantity
from conversations.reading.result import Unreadable

_YEARS = range(1950, 2036)
_MAYBE_PEOPLE = {"dos", "tres", "cuatro"}
"""Who get it, as likely as when ("nos dan 900 a las dos")."""
HOURS = range(25)
"""Of a day."""
_LARGEST_COUNT = 100
"""A bare number below it that stands before a word we do not know counts whatever that word means."""
_CENT = Decimal("0.01")
_SPANNED = {Role.DAYS, Role.COUNTED, Role.TIMES, Role.VISITS, Role.HOURS}
_COUNTS = {Role.PIECE, Role.KIN, Role.MINIMUM, Role.OCLOCK, *_SPANNED}
_AFTER_UN = {*_COUNTS, Role.CURRENCY, Role.SLANG, Role.CENTS}
_SINCE_THEN = {Role.EARNING, Role.PAYING, Role.PAUSE}
"""What may follow the year of "desde 2021 gano 3200"."""
_BEFORE_MINUS = {Role.FILLER, Role.EARNING, Role.PAYING, Role.SOLD, Role.CURRENCY, Role.NOT, Role.HEDGE}


class UnreadableAmount(Exception):
    """Her text holds no amount that would be fair to assume, for this reason."""

    def __init__(self, reason: Unreadable) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount of pesos, or from `low` to `high`; `pesos` when she named the currency."""

    low: Decimal
    high: Decimal | None = None
    pesos: bool = False
    sure: bool = True
    thousands: Decimal | None = None

    @property
    def is_year(self) -> bool:
        """Whether it looks like a year as much as like money."""
        return not self.pesos and self.low in _YEARS and self.low % 50 != 0


@dataclass(frozen=True, slots=True)
class Count:
    """A number of days, hours, pieces, minimum wages or other things (`of`), and the span that she counts them in."""

    number: Decimal
    of: Role
    sure: bool = True
    per: Period | None = None


Part = Sum | Count | Piece


def find_parts(pieces: Sequence[Piece]) -> list[Part]:
    """Return `pieces` with their numbers read; raises UnreadableAmount for a number with two readings."""
    parts: list[Part] = []
    at = 0
    while at < len(pieces):
        part, at = _part(pieces, at)
        parts.append(part)
    return parts


def refuse_negatives(parts: Sequence[Part]) -> None:
    """Raise UnreadableAmount when a sum is below zero, or has another taken away from it."""
    for at, part in enumerate(parts):
        if not isinstance(part, Sum) or role_of(parts, at - 1) not in {Role.DASH, Role.LESS}:
            continue
        if at == 1 or role_of(parts, at - 2) in _BEFORE_MINUS:
            earlier = any(isinstance(before, Sum) for before in parts[:at])
            raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER if earlier else Unreadable.NEGATIVE)


def role_of(parts: Sequence[Part], at: int) -> Role | None:
    """Return the role of the piece at place `at`; None where there is a number or nothing."""
    part = parts[at] if 0 <= at < len(parts) else None
    return part.role if isinstance(part, Piece) else None


def _part(pieces: Sequence[Piece], at: int) -> tuple[Part, int]:
    role = pieces[at].role
    if role in {Role.CLOCK, Role.YEAR_OF}:
        return _point_in_time(pieces, at)
    pesos = role is Role.CURRENCY and pieces[at].text != "peso"
    quantity = read_quantity(pieces, at + pesos)
    if quantity is None:
        return pieces[at], at + 1
    if quantity.value is None:
        raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER)
    following = role_of(pieces, quantity.end)
    after_article = {"un": _AFTER_UN, "una": _COUNTS}.get(pieces[at].text)
    if quantity.end == at + 1 and after_article is not None and following not in after_article:
        return Piece(Role.FILLER, pieces[at].text), at + 1
    if not pesos:
        count = _count(pieces, at, quantity=quantity)
        if count is not None:
            return count
    return _sum(pieces, quantity, pesos=pesos)


def _point_in_time(pieces: Sequence[Piece], at: int) -> tuple[Part, int]:
    quantity = read_quantity(pieces, at + 1)
    clock = pieces[at].role is Role.CLOCK
    named = clock and (quantity is None or pieces[at + 1].text not in _MAYBE_PEOPLE)
    if quantity is not None and quantity.value is not None and quantity.value in (HOURS if clock else _YEARS):
        money = role_of(pieces, quantity.end) in _AFTER_UN - {Role.OCLOCK}
        if not money:
            following = quantity.end + (quantity.end < len(pieces) and pieces[quantity.end].text in {"me", "nos"})
            since = pieces[at].text.startswith("desde") and role_of(pieces, following) in _SINCE_THEN
            return Count(quantity.value, Role.OCLOCK if clock else Role.COUNTED, sure=named or since), quantity.end
    return Piece(Role.FILLER, pieces[at].text, sure=not clock or quantity is None), at + 1


def _count(pieces: Sequence[Piece], at: int, *, quantity: Quantity) -> tuple[Count, int] | None:
    value, end = quantity.value or Decimal(0), quantity.end
    following = role_of(pieces, end)
    if following in _COUNTS:
        of, sure = pieces[end].role, quantity.sure and following is not Role.COUNTED
        per, after = _span(pieces, end + 1) if of in _SPANNED else (None, end + 1)
        return Count(value, of, sure, per), after
    if following is Role.THANKS and pieces[at].role is Role.THOUSAND and end == at + 1:
        return Count(value, Role.COUNTED, sure=False), end + 1
    if Role.MONTH_NAME in {following, role_of(pieces, end + 1) if following is Role.OF else None}:
        return Count(value, Role.COUNTED, sure=False), end + 1 + (following is Role.OF)
    if following is Role.UNKNOWN and value < _LARGEST_COUNT and pieces[end].text.isalpha():
        return Count(value, Role.THING, sure=False), end + 1
    return None


def _span(pieces: Sequence[Piece], at: int) -> tuple[Period | None, int]:
    """The week of "cinco días a la semana", which is no period of pay, and where the text goes on."""
    end = at
    while role_of(pieces, end) is Role.FILLER or (role_of(pieces, end) is Role.OF and end == at):
        end += 1
    return (Period(pieces[end].value), end + 1) if role_of(pieces, end) is Role.PERIOD else (None, at)


def _sum(pieces: Sequence[Piece], quantity: Quantity, *, pesos: bool) -> tuple[Sum, int]:
    value, end, sure = quantity.value or Decimal(0), quantity.end, quantity.sure
    if role_of(pieces, end) is Role.CENTS:
        return Sum(value * _CENT, pesos=True, sure=False), end + 1
    while role_of(pieces, end) in {Role.CURRENCY, Role.SLANG}:
        slang = pieces[end].role is Role.SLANG
        pesos, end = True, end + 1
        sure = sure and pieces[end - 1].sure and not (slang and value < _LARGEST_COUNT)
    cents, end = _cents(pieces, end)
    pesos = pesos or bool(cents) or "," in pieces[end - 1].text
    return Sum(value + cents, pesos=pesos, sure=sure, thousands=quantity.thousands), end


def _cents(pieces: Sequence[Piece], at: int) -> tuple[Decimal, int]:
    """The hundredths of "con 50 centavos" or "50/100 m.n.", and where the text goes on."""
    start = at + (at < len(pieces) and pieces[at].text in {"con", "y"})
    quantity = read_quantity(pieces, start)
    if quantity is None or quantity.value is None or quantity.value >= 1 / _CENT:
        return Decimal(0), at
    if role_of(pieces, quantity.end) is Role.CENTS:
        return quantity.value * _CENT, quantity.end + 1
    if [piece.text for piece in pieces[quantity.end : quantity.end + 2]] != ["/", "100"]:
        return Decimal(0), at
    named = role_of(pieces, quantity.end + 2) is Role.CURRENCY
    return quantity.value * _CENT, quantity.end + 2 + named
