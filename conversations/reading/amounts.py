"""Amounts of money as women in Mexico write them, with their period, a range, days a week or pieces times price.

* Never silently wrong: `Clear` needs every word understood and one single reading; anything else is confirmed or asked.
* What a number counts besides pesos (hours, children, a date, a phone) never becomes an amount.
* An amount stays as she said it: only pieces are multiplied, and only the minimum wage is converted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from conversations.answers import Money, Period
from conversations.reading.lexicon import Role
from conversations.reading.phrases import Piece, cut
from conversations.reading.result import Clear, Doubtful, Reading, Unclear, Unreadable
from conversations.reading.sums import (
    Count,
    Part,
    Sum,
    UnreadableAmount,
    either,
    find_parts,
    join_ranges,
    refuse_negatives,
)

LONGEST_TEXT = 300
"""Characters; a longer message is a story, not the answer to an amount."""
LARGEST_AMOUNT = Decimal(10_000_000)
_UNUSUALLY_LARGE = Decimal(100_000)
_LEAST_USUAL, _LEAST_USUAL_A_DAY = Decimal(100), Decimal(50)
"""Below these a bare number may be short for thousands ("gano 8 al mes"), or no money at all."""
_PIECES = range(1, 201)
"""How many pieces she may have made; a larger number is more likely pesos ("50 la pieza, hago 500 a la semana")."""
_OF_PIECES = {Role.PIECE, Role.SOLD}
_DAYS_OF_A_WEEK = range(1, 8)
_DAYS_A_YEAR, _MONTHS_A_YEAR, _CENT = 365, 12, Decimal("0.01")

_DOUBTFUL_ROLES = {
    Role.UNKNOWN, Role.HEDGE, Role.OR, Role.LESS, Role.MORE, Role.HALF_MORE, Role.MONTH_NAME, Role.SOLD,
    Role.MINIMUM, Role.AT_LEAST, Role.BETWEEN, Role.MILLION, Role.KIN, Role.COUNTED, Role.TIMES, Role.PIECE,
}  # fmt: skip
_ROLES_OF_NOTHING = {
    Role.NIL, Role.NOT, Role.EARNING, Role.FILLER, Role.CURRENCY, Role.SLANG, Role.PERIOD, Role.PAUSE, Role.TO, Role.OF,
    Role.YEAR_OF, Role.AND, Role.DASH, Role.THANKS, Role.TOTAL, Role.UNKNOWN,
}  # fmt: skip
_CALCULATING = {"x", "*", "+", "=", "×"}
_NO_MONEY_BETWEEN_DIGITS = {"/", ":", "@", "#"}


@dataclass(frozen=True, slots=True)
class _Said:
    """What she said, sorted by what it contributes to an amount."""

    parts: Sequence[Part]
    sums: Sequence[Sum]
    counts: dict[Role, Count]
    roles: set[Role]
    periods: set[Period]
    schedule: int | None
    repeats: bool
    sure: bool

    @classmethod
    def of(cls, parts: Sequence[Part]) -> _Said:
        pieces = [part for part in parts if isinstance(part, Piece)]
        counts = [part for part in parts if isinstance(part, Count)]
        schedules = [int(piece.value) for piece in pieces if piece.role is Role.SCHEDULE]
        return cls(
            parts=parts,
            sums=[part for part in parts if isinstance(part, Sum)],
            counts={count.of: count for count in counts},
            repeats=len(counts) > len({count.of for count in counts}),
            roles={piece.role for piece in pieces},
            periods={Period(piece.value) for piece in pieces if piece.role is Role.PERIOD},
            schedule=schedules[0] if schedules else None,
            sure=all(part.sure for part in parts) and not _is_how_often(parts) and not _is_up_to(parts),
        )

    @property
    def is_of_pieces(self) -> bool:
        return Role.EACH in self.roles or Role.PIECE in self.counts

    @property
    def understood(self) -> bool:
        return self.sure and not self.roles & _DOUBTFUL_ROLES


def read_amount(text: str, *, minimum_wage_daily: Decimal | None = None) -> Reading[Money]:
    """Return the amount of money in `text`, in pesos, as she said it; never raises.

    `minimum_wage_daily` (pesos a day, on the date of the answer) lets "lo mínimo" be read as a month's minimum wage.
    """
    if not text.strip():
        return Unclear(Unreadable.EMPTY)
    if len(text) > LONGEST_TEXT:
        return Unclear(Unreadable.TOO_LONG)
    try:
        money, sure = _money(cut(text), minimum_wage_daily)
    except UnreadableAmount as error:
        return Unclear(error.reason)
    return Clear(money) if sure else Doubtful(money)


def _money(pieces: Sequence[Piece], minimum_wage_daily: Decimal | None) -> tuple[Money, bool]:
    _refuse_other_numbers(pieces)
    said = _Said.of(find_parts(pieces))
    if len(said.sums) > 2:
        raise UnreadableAmount(Unreadable.NOT_AN_AMOUNT)
    if said.repeats and said.sums:
        raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER)
    if said.is_of_pieces:
        return _within_bounds(_by_the_piece(said))
    joined = join_ranges(said.parts)
    refuse_negatives(joined)
    said = _Said.of(joined)
    if not said.sums:
        return _minimum_wages(said, minimum_wage_daily) or _nothing(said)
    return _within_bounds(_plain(said))


def _refuse_other_numbers(pieces: Sequence[Piece]) -> None:
    """Dates, times, sums to be worked out, percentages, other currencies and spans that no period covers."""
    if any(piece.role is Role.NOT_OURS for piece in pieces):
        raise UnreadableAmount(Unreadable.NOT_AN_AMOUNT)
    for before, mark, after in zip(pieces, pieces[1:], pieces[2:], strict=False):
        if before.role is after.role is Role.DIGITS:
            if mark.text in _NO_MONEY_BETWEEN_DIGITS:
                raise UnreadableAmount(Unreadable.NOT_AN_AMOUNT)
            if mark.text in _CALCULATING:
                raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER)


def _within_bounds(reading: tuple[Money, bool]) -> tuple[Money, bool]:
    money, sure = reading
    most = money.high or money.amount
    if most > LARGEST_AMOUNT:
        raise UnreadableAmount(Unreadable.TOO_LARGE)
    return money, sure and most < _UNUSUALLY_LARGE


def _is_how_often(parts: Sequence[Part]) -> bool:
    """Whether "diario" stands away from the sum, and may tell how often she works ("trabajo diario y gano 800")."""
    return any(
        isinstance(part, Piece) and part.text.startswith("diari") and at > 0 and not isinstance(parts[at - 1], Sum)
        for at, part in enumerate(parts)
    )


def _is_up_to(parts: Sequence[Part]) -> bool:
    """Whether "a" or "hasta" stands before the sum, which is then a price or a limit ("a 300", "hasta 2000")."""
    return any(
        isinstance(part, Sum) and isinstance(before, Piece) and before.role is Role.TO
        for before, part in pairwise(parts)
    )


def _only_period(said: _Said) -> Period | None:
    if len(said.periods) > 1:
        raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER)
    return next(iter(said.periods), None)


def _plain(said: _Said) -> tuple[Money, bool]:
    one = _only_sum(said)
    if Role.NOT in said.roles or (Role.NIL in said.roles and one.low != 0) or Role.MINIMUM in said.counts:
        raise UnreadableAmount(Unreadable.NOT_AN_AMOUNT)
    if Role.HALF in said.roles or Role.TIMES in said.counts:
        raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER)
    days, sure = _days_per_week(said)
    period = Period.DAY if days is not None else _only_period(said)
    least = _LEAST_USUAL_A_DAY if period is Period.DAY else _LEAST_USUAL
    usual = one.pesos or one.low == 0 or one.low >= least
    if not usual and said.counts.keys() & {Role.KIN, Role.COUNTED}:
        raise UnreadableAmount(Unreadable.NOT_AN_AMOUNT)
    money = Money(one.low, period, one.high, days)
    return money, sure and usual and one.sure and not one.is_year and said.understood


def _only_sum(said: _Said) -> Sum:
    match said.sums:
        case [one]:
            return one
        case [low, high] if Role.OR in said.roles:
            return either(low, high)
        case _:
            raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER)


def _days_per_week(said: _Said) -> tuple[int | None, bool]:
    """Her days a week, if a day's pay came with them, and whether all she said about days fits together."""
    count = said.counts.get(Role.DAYS)
    days = count.number if count else said.schedule
    if days is None:
        return None, True
    if Period.DAY in said.periods and said.periods <= {Period.DAY, Period.WEEK}:
        return (int(days), True) if days in _DAYS_OF_A_WEEK else (None, False)
    if not said.periods:
        raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER)
    return None, True


def _by_the_piece(said: _Said) -> tuple[Money, bool]:
    price, number = _price_and_number(said)
    if number not in _PIECES or said.roles & {Role.NOT, Role.NIL, Role.TOTAL} or Role.TIMES in said.counts:
        raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER)
    days, fits = _days_per_week(said) if Period.DAY in said.periods else (None, True)
    period = Period.DAY if days is not None else _only_period(said)
    sure = fits and all(part.sure for part in said.parts) and not said.roles & (_DOUBTFUL_ROLES - _OF_PIECES)
    return Money(price * number, period, None, days), sure


def _price_and_number(said: _Said) -> tuple[Decimal, Decimal]:
    count, each = said.counts.get(Role.PIECE), [part for part in said.parts if _is(part, Role.EACH)]
    match said.sums, count:
        case ([], _) | ([_], None):
            raise UnreadableAmount(Unreadable.NOT_AN_AMOUNT)
        case [price], Count(number=number) if _is_priced(said.parts, price):
            return price.low, number
        case [first, second], None if len(each) == 1:
            if _is_priced(said.parts, first) and _is_made(said.parts, second):
                return first.low, second.low
            if _is_priced(said.parts, second) and _is_made(said.parts, first):
                return second.low, first.low
    raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER)


def _is(part: Part | None, *roles: Role) -> bool:
    return isinstance(part, Piece) and part.role in roles


def _beside(parts: Sequence[Part], one: Sum) -> tuple[Part | None, Part | None]:
    at = next(at for at, part in enumerate(parts) if part is one)
    return (parts[at - 1] if at else None), (parts[at + 1] if at + 1 < len(parts) else None)


def _is_priced(parts: Sequence[Part], one: Sum) -> bool:
    """Whether the sum is said to be a price ("a 150", "de 150", "150 cada una") and not what all pieces brought."""
    before, after = _beside(parts, one)
    return _is(before, Role.TO, Role.OF) or _is(after, Role.EACH)


def _is_made(parts: Sequence[Part], one: Sum) -> bool:
    """Whether the number is said to be one of pieces made ("hice ocho") or to be priced ("ocho a 150 cada una")."""
    before, after = _beside(parts, one)
    return not one.pesos and (_is(before, Role.MAKING, Role.SOLD) or _is(after, Role.TO))


def _minimum_wages(said: _Said, minimum_wage_daily: Decimal | None) -> tuple[Money, bool] | None:
    count = said.counts.get(Role.MINIMUM)
    named = count is not None or said.roles & {Role.MINIMUM, Role.AT_LEAST}
    if not named or minimum_wage_daily is None or said.roles & {Role.NOT, Role.NIL}:
        return None
    if said.roles & {Role.UNKNOWN, Role.LESS, Role.MORE, Role.HALF}:
        return None
    wages = count.number if count else Decimal(1)
    monthly = minimum_wage_daily * _DAYS_A_YEAR / _MONTHS_A_YEAR * wages
    return _within_bounds((Money(monthly.quantize(_CENT), Period.MONTH), False))


def _nothing(said: _Said) -> tuple[Money, bool]:
    """Zero, when all that she said says so; "no gané" says it less surely than "nada"."""
    nil, no_earning = Role.NIL in said.roles, {Role.NOT, Role.EARNING} <= said.roles
    if said.counts or said.schedule or not said.roles <= _ROLES_OF_NOTHING or not (nil or no_earning):
        raise UnreadableAmount(Unreadable.NOT_AN_AMOUNT)
    if Role.UNKNOWN in said.roles and not nil:
        raise UnreadableAmount(Unreadable.NOT_AN_AMOUNT)
    return Money(Decimal(0), _only_period(said)), nil and said.understood
