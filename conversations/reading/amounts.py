"""Amounts of money as women in Mexico write them, with their period, a range, days a week or pieces times price.

* Never silently wrong: `Clear` needs one single reading and nothing beside it that tells of a debt, a cost, a plan,
  another person or another time; anything else is confirmed or asked. Her story, places and feelings are no doubt.
* What a number counts besides pesos (hours, children, a date, a phone) never becomes an amount.
* An amount stays as she said it: only pieces are multiplied, only a named extra is added to pay, and only the minimum
  wage is converted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from conversations.answers import Money, Period
from conversations.reading.asides import overlook
from conversations.reading.clauses import set_aside
from conversations.reading.lexicon import Role
from conversations.reading.phrases import Piece, cut
from conversations.reading.pricing import has_a_price, read_price
from conversations.reading.ranges import join_alternatives, join_ranges
from conversations.reading.result import Clear, Doubtful, Reading, Unclear, Unreadable
from conversations.reading.said import Said
from conversations.reading.sums import Count, Sum, UnreadableAmount, find_parts, refuse_negatives, role_of
from conversations.reading.surroundings import settle
from conversations.reading.together import put_together
from conversations.reading.words import entries, fold

LONGEST_TEXT = 300
"""Characters; a longer message is a story, not the answer to an amount."""
LARGEST_AMOUNT = Decimal(10_000_000)
_UNUSUALLY_LARGE = Decimal(100_000)
_LEAST_USUAL, _LEAST_USUAL_A_DAY = Decimal(100), Decimal(50)
"""Below these a bare number may be short for thousands ("gano 8 al mes"), or no money at all."""
_MOST_SUMS = 2
_DAYS_A_YEAR, _MONTHS_A_YEAR, _CENT = 365, 12, Decimal("0.01")

_ROLES_OF_NOTHING = {
    Role.NIL, Role.NOT, Role.EARNING, Role.PAYING, Role.WORKING, Role.GOING, Role.SOLD, Role.FILLER, Role.CURRENCY,
    Role.SLANG, Role.PERIOD, Role.PAUSE, Role.TO, Role.OF, Role.WITH, Role.YEAR_OF, Role.AND, Role.DASH, Role.THANKS,
    Role.TOTAL, Role.TODAY, Role.UNKNOWN,
}  # fmt: skip
_NO_EARNING = {Role.EARNING, Role.PAYING}
_NOT_MONEY = {Role.KIN, Role.COUNTED, Role.THING, Role.OCLOCK, Role.HOURS}
_BEFORE_A_PRICE = {Role.THING: {Role.TO, Role.OF}, Role.KIN: {Role.TO}, Role.COUNTED: {Role.TO}}
"""What makes an amount the price of each of so many things or people ("a 8 personas a 60"); "hijas de 15" is an age."""
_PARTS = frozenset(entries("mitad|doble|triple|tercio|tercios|parte|partes|cuarto|cuartos"))
_NUMBERS = {Role.DIGITS, Role.NUMBER, Role.THOUSAND}
_SMALL_WORDS = {Role.OF, Role.FILLER, Role.CURRENCY, Role.HEDGE}
_FRACTIONS = frozenset("½⅓⅔¼¾⅛")
_LETTERS_FOR_DIGITS = re.compile(r"\b[li][0-9]|[0-9]o{2}")
"""A letter written for a one, or several for noughts: "l500", "2ooo"."""
_CALCULATING = {"x", "*", "+", "=", "×"}
_NO_MONEY_BETWEEN_DIGITS = {"/", ":", "@", "#"}


def read_amount(text: str, *, minimum_wage_daily: Decimal | None = None) -> Reading[Money]:
    """Return the amount of money in `text`, in pesos, as she said it; never raises.

    `minimum_wage_daily` (pesos a day, on the date of the answer) lets "lo mínimo" be read as a month's minimum wage.
    """
    if not text.strip():
        return Unclear(Unreadable.EMPTY)
    if len(text) > LONGEST_TEXT:
        return Unclear(Unreadable.TOO_LONG)
    if _LETTERS_FOR_DIGITS.search(fold(text)):
        return Unclear(Unreadable.NOT_AN_AMOUNT)
    try:
        _refuse_parts(cut(text))
        money, sure = _money(overlook(settle(set_aside(cut(text)))), minimum_wage_daily)
    except UnreadableAmount as error:
        return Unclear(error.reason)
    return Clear(money) if sure else Doubtful(money)


def _money(pieces: Sequence[Piece], minimum_wage_daily: Decimal | None) -> tuple[Money, bool]:
    _refuse_other_numbers(pieces)
    said = Said.of(find_parts(pieces))
    if has_a_price(said):
        return _within_bounds(read_price(said))
    joined = put_together(join_ranges(said.parts))
    refuse_negatives(joined)
    said = Said.of(joined)
    if len(said.sums) > _MOST_SUMS:
        raise UnreadableAmount(Unreadable.NOT_AN_AMOUNT)
    if not said.sums:
        return _minimum_wages(said, minimum_wage_daily) or _nothing(said)
    return _within_bounds(_plain(said))


def _refuse_parts(pieces: Sequence[Piece]) -> None:
    """A part or a multiple of a sum ("la mitad de 2000", "½ mil"), which nobody works out for her."""
    for at, piece in enumerate(pieces):
        after = next((later for later in pieces[at + 1 :] if later.role not in _SMALL_WORDS), None)
        of_a_sum = after is not None and after.role in _NUMBERS and pieces[at + 1].role is Role.OF
        if (piece.text in _PARTS and of_a_sum) or not _FRACTIONS.isdisjoint(piece.text):
            raise UnreadableAmount(Unreadable.NOT_AN_AMOUNT)


def _refuse_other_numbers(pieces: Sequence[Piece]) -> None:
    """Dates, times, sums to be worked out, percentages, other currencies and spans that no period covers."""
    if any(piece.role is Role.NOT_OURS for piece in pieces):
        raise UnreadableAmount(Unreadable.NOT_AN_AMOUNT)
    for before, mark, after in zip(pieces, pieces[1:], pieces[2:], strict=False):
        if before.role is after.role is Role.DIGITS:
            if mark.text in _NO_MONEY_BETWEEN_DIGITS and not _is_hundredths(before, after):
                raise UnreadableAmount(Unreadable.NOT_AN_AMOUNT)
            if mark.text in _CALCULATING:
                raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER)


def _within_bounds(reading: tuple[Money, bool]) -> tuple[Money, bool]:
    money, sure = reading
    most = money.high or money.amount
    if most > LARGEST_AMOUNT:
        raise UnreadableAmount(Unreadable.TOO_LARGE)
    return money, sure and most < _UNUSUALLY_LARGE


def _is_hundredths(number: Piece, whole: Piece) -> bool:
    """Whether "50/100" writes cents, as contracts do."""
    return whole.text == "100" and len(number.text) == 2


def _plain(said: Said) -> tuple[Money, bool]:
    one = _only_sum(said)
    denied = one.low != 0 and said.roles & {Role.NOT, Role.NIL}
    if denied or Role.MINIMUM in said.counts:
        raise UnreadableAmount(Unreadable.NOT_AN_AMOUNT)
    if Role.HALF in said.roles or Role.TIMES in said.counts:
        raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER)
    if _is_of_things(said):
        raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER)
    days, fits = said.days_per_week()
    period, sure = (Period.DAY, Role.PAYDAY not in said.roles) if days is not None else said.period()
    least = _LEAST_USUAL_A_DAY if period is Period.DAY else _LEAST_USUAL
    usual = one.pesos or one.low == 0 or one.low >= least
    if not usual and said.counts.keys() & _NOT_MONEY:
        raise UnreadableAmount(Unreadable.NOT_AN_AMOUNT)
    money = Money(one.low, period, one.high, days)
    maybe_a_year = one.is_year and period is None and Role.PAYING not in said.roles
    return money, sure and fits and usual and one.sure and not maybe_a_year and said.understood()


def _is_of_things(said: Said) -> bool:
    """Whether the sum may be the price of several things that we do not know ("dos arreglos de 500")."""
    return any(
        isinstance(thing, Count)
        and thing.number > 1
        and isinstance(price, Sum)
        and role_of(said.parts, at) in _BEFORE_A_PRICE.get(thing.of, set())
        for at, (thing, price) in enumerate(zip(said.parts, said.parts[2:], strict=False), start=1)
    )


def _only_sum(said: Said) -> Sum:
    match said.sums:
        case [one]:
            return one
        case [_, _]:
            return join_alternatives(said.parts)
        case _:
            raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER)


def _minimum_wages(said: Said, minimum_wage_daily: Decimal | None) -> tuple[Money, bool] | None:
    count = said.counts.get(Role.MINIMUM)
    named = count is not None or said.roles & {Role.MINIMUM, Role.AT_LEAST}
    if not named or minimum_wage_daily is None or said.roles & {Role.NOT, Role.NIL}:
        return None
    if said.roles & {Role.UNKNOWN, Role.LESS, Role.MORE, Role.HALF}:
        return None
    wages = count.number if count else Decimal(1)
    monthly = minimum_wage_daily * _DAYS_A_YEAR / _MONTHS_A_YEAR * wages
    return _within_bounds((Money(monthly.quantize(_CENT), Period.MONTH), False))


def _nothing(said: Said) -> tuple[Money, bool]:
    """Zero, when all that she said says so; "no gané" says it less surely than "nada"."""
    nil, no_earning = Role.NIL in said.roles, Role.NOT in said.roles and bool(said.roles & _NO_EARNING)
    if said.counts or said.schedules or not said.roles <= _ROLES_OF_NOTHING or not (nil or no_earning):
        raise UnreadableAmount(Unreadable.NOT_AN_AMOUNT)
    if Role.UNKNOWN in said.roles and not nil:
        raise UnreadableAmount(Unreadable.NOT_AN_AMOUNT)
    period, sure = said.period()
    return Money(Decimal(0), period), nil and sure and said.understood()
