"""What the numbers in her text stand for: sums of money, or counts of days, of pieces and of things that are no money.

* A number right before another thing than pesos counts that thing.
* Two numbers joined by "a", "-", "o" or "entre … y …" are one sum with two ends; "de 5 a 7 mil" shares its "mil".
* A number below zero, or one with two readings, stops the reading at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from conversations.reading.lexicon import Role
from conversations.reading.phrases import Piece
from conversations.reading.quantities import Quantity, read_quantity
from conversations.reading.result import Unreadable

_YEARS = range(1950, 2036)
_HOURS = range(25)
_LARGEST_COUNT = 100
"""A bare number below it that stands before a word we do not know counts whatever that word means."""
_CENT = Decimal("0.01")
_WIDEST_RANGE = 10
"""A range whose ends lie further apart than this many times is more likely two other numbers."""
_SPANNED = {Role.DAYS, Role.COUNTED, Role.TIMES}
_COUNTS = {Role.PIECE, Role.KIN, Role.MINIMUM, *_SPANNED}
_AFTER_UN = {*_COUNTS, Role.CURRENCY, Role.SLANG, Role.CENTS}
_JOINS = {Role.TO, Role.DASH, Role.OR}
_BEFORE_MINUS = {Role.FILLER, Role.EARNING, Role.SOLD, Role.CURRENCY, Role.NOT, Role.HEDGE}


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
    """A number of days, pieces, minimum wages or other things (`of`)."""

    number: Decimal
    of: Role
    sure: bool = True


Part = Sum | Count | Piece


def find_parts(pieces: Sequence[Piece]) -> list[Part]:
    """Return `pieces` with their numbers read; raises UnreadableAmount for a number with two readings."""
    parts: list[Part] = []
    at = 0
    while at < len(pieces):
        part, at = _part(pieces, at)
        parts.append(part)
    return parts


def join_ranges(parts: Sequence[Part]) -> list[Part]:
    """Return `parts` with each pair of joined sums made one; raises UnreadableAmount when they make no range."""
    joined: list[Part] = []
    at = 0
    while at < len(parts):
        between = _role(parts, at) is Role.BETWEEN
        found = _range_at(parts, at + between, between=between)
        joined.append(found[0] if found else parts[at])
        at = found[1] if found else at + 1
    return joined


def refuse_negatives(parts: Sequence[Part]) -> None:
    """Raise UnreadableAmount when a sum is below zero, or has another taken away from it."""
    for at, part in enumerate(parts):
        if not isinstance(part, Sum) or _role(parts, at - 1) not in {Role.DASH, Role.LESS}:
            continue
        if at == 1 or _role(parts, at - 2) in _BEFORE_MINUS:
            earlier = any(isinstance(before, Sum) for before in parts[:at])
            raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER if earlier else Unreadable.NEGATIVE)


def _role(parts: Sequence[Part], at: int) -> Role | None:
    part = parts[at] if 0 <= at < len(parts) else None
    return part.role if isinstance(part, Piece) else None


def _part(pieces: Sequence[Piece], at: int) -> tuple[Part, int]:
    role = pieces[at].role
    if role in {Role.CLOCK, Role.YEAR_OF}:
        return _point_in_time(pieces, at)
    pesos = role is Role.CURRENCY
    quantity = read_quantity(pieces, at + pesos)
    if quantity is None:
        return pieces[at], at + 1
    if quantity.value is None:
        raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER)
    following = _role(pieces, quantity.end)
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
    if quantity is not None and quantity.value is not None and quantity.value in (_HOURS if clock else _YEARS):
        money = _role(pieces, quantity.end) in _AFTER_UN
        if not money:
            return Count(quantity.value, Role.COUNTED, sure=False), quantity.end
    return Piece(Role.FILLER, pieces[at].text, sure=not clock), at + 1


def _count(pieces: Sequence[Piece], at: int, *, quantity: Quantity) -> tuple[Count, int] | None:
    value, end = quantity.value or Decimal(0), quantity.end
    following = _role(pieces, end)
    if following in _COUNTS:
        of, sure = pieces[end].role, quantity.sure and following is not Role.COUNTED
        return Count(value, of, sure), _after_span(pieces, end + 1) if of in _SPANNED else end + 1
    if following is Role.THANKS and pieces[at].role is Role.THOUSAND and end == at + 1:
        return Count(value, Role.COUNTED, sure=False), end + 1
    if Role.MONTH_NAME in {following, _role(pieces, end + 1) if following is Role.OF else None}:
        return Count(value, Role.COUNTED, sure=False), end + 1 + (following is Role.OF)
    if following is Role.UNKNOWN and value < _LARGEST_COUNT and pieces[end].text.isalpha():
        return Count(value, Role.COUNTED, sure=False), end
    return None


def _after_span(pieces: Sequence[Piece], at: int) -> int:
    """The place after "a la semana" in "cinco días a la semana", where the week is no period of pay."""
    end = at
    while _role(pieces, end) is Role.FILLER:
        end += 1
    return end + 1 if _role(pieces, end) is Role.PERIOD else at


def _sum(pieces: Sequence[Piece], quantity: Quantity, *, pesos: bool) -> tuple[Sum, int]:
    value, end, sure = quantity.value or Decimal(0), quantity.end, quantity.sure
    if _role(pieces, end) is Role.CENTS:
        return Sum(value * _CENT, pesos=True, sure=False), end + 1
    while _role(pieces, end) in {Role.CURRENCY, Role.SLANG}:
        slang = pieces[end].role is Role.SLANG
        pesos, end = True, end + 1
        sure = sure and pieces[end - 1].sure and not (slang and value < _LARGEST_COUNT)
    cents, end = _cents(pieces, end) if pesos else (Decimal(0), end)
    return Sum(value + cents, pesos=pesos, sure=sure, thousands=quantity.thousands), end


def _cents(pieces: Sequence[Piece], at: int) -> tuple[Decimal, int]:
    start = at + (at < len(pieces) and pieces[at].text in {"con", "y"})
    quantity = read_quantity(pieces, start)
    if quantity is None or quantity.value is None or _role(pieces, quantity.end) is not Role.CENTS:
        return Decimal(0), at
    return quantity.value * _CENT, quantity.end + 1


def _range_at(parts: Sequence[Part], at: int, *, between: bool) -> tuple[Sum, int] | None:
    low, high = _sum_at(parts, at), _sum_at(parts, at + 2)
    if low and high and _role(parts, at + 1) in (_JOINS | {Role.AND} if between else _JOINS):
        return _range(low, high, sure=_role(parts, at + 1) is not Role.OR), at + 3
    high = _sum_at(parts, at + 1)
    if low and high and low.low < 10 and low.low + 1 == (high.thousands or high.low):
        return _range(low, high, sure=False), at + 2
    return None


def _sum_at(parts: Sequence[Part], at: int) -> Sum | None:
    part = parts[at] if at < len(parts) else None
    return part if isinstance(part, Sum) else None


def _range(low: Sum, high: Sum, *, sure: bool) -> Sum:
    first = low.low
    if high.thousands is not None and low.thousands is None and not low.pesos and first < high.thousands:
        first = first * 1000
    if not first < high.low or high.low > first * _WIDEST_RANGE:
        raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER)
    return Sum(first, high.low, low.pesos or high.pesos, sure and low.sure and high.sure, high.thousands)


def either(low: Sum, high: Sum) -> Sum:
    """Return the doubtful range of two sums that she named as alternatives; raises as join_ranges does."""
    return _range(low, high, sure=False)
