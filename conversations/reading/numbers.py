"""Plain numbers, in digits or in words: how many people, days or hours.

* One number with every word understood is clear, among words that we do not know doubtful; two are no answer.
* An age or a span of time is confirmed: "mi hija de 5" counts no children, "10 minutos" no hours.
* `1.500` is asked again here too: Mexico writes a decimal point, but many write thousands so.

How far the libraries go alone, on the clear rows of the corpora of amounts (23 November 2026, `python -m tests.bench
amounts`): text2num given the whole utterance reads 2 %, replacing numbers within it 48 % with 5 % wrong; Babel's
`parse_decimal` 44 % with 7 % wrong. `quantities` uses both for what they do well; with what stands around the numbers,
98 % are read outright and none wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from conversations.reading.lexicon import Role
from conversations.reading.phrases import Piece, cut
from conversations.reading.quantities import read_quantity
from conversations.reading.result import Clear, Doubtful, Reading, Unclear, Unreadable
from conversations.reading.words import entries, sound

LONGEST_TEXT = 120
"""Characters; a longer message is a story, not a number."""
LARGEST_NUMBER = Decimal(10_000_000)

_HALF = Decimal("0.5")
_SPANS = frozenset(map(sound, entries("año|años|ano|anos|mes|meses|semana|semanas|minuto|minutos|min|mins")))
"""What is rarely asked for: after a number they tell an age, or another unit than the question's."""
_NONE_OF_THEM = {"ningun", "ninguno", "ninguna", "nadie"}
_DOUBTFUL_ROLES = {
    Role.UNKNOWN, Role.HEDGE, Role.MORE, Role.LESS, Role.NOT, Role.MONTH_NAME, Role.CLOCK, Role.NOT_OURS, Role.CURRENCY,
    Role.SLANG, Role.CENTS, Role.AT_LEAST, Role.MINIMUM, Role.THOUSAND, Role.HALF, Role.HALF_MORE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Number:
    """A number from piece `start` to before piece `end`; `value` is None when it has two readings."""

    start: int
    end: int
    value: Decimal | None
    sure: bool = True


def read_integer(text: str) -> Reading[int]:
    """Return the whole number in `text` (0 for "ninguno"); never raises."""
    match read_decimal(text):
        case Clear(value) if value == int(value):
            return Clear(int(value))
        case Doubtful(value) if value == int(value):
            return Doubtful(int(value))
        case Unclear() as unclear:
            return unclear
        case _:
            return Unclear(Unreadable.NOT_A_WHOLE_NUMBER)


def read_decimal(text: str) -> Reading[Decimal]:
    """Return the number in `text` ("2.5", "dos y media", "ninguno" for 0); never raises."""
    if not text.strip():
        return Unclear(Unreadable.EMPTY)
    if len(text) > LONGEST_TEXT:
        return Unclear(Unreadable.TOO_LONG)
    pieces = cut(text)
    match _numbers(pieces):
        case []:
            return _none(pieces)
        case [number]:
            return _judged(pieces, number)
        case _:
            return Unclear(Unreadable.AMBIGUOUS_NUMBER)


def _numbers(pieces: Sequence[Piece]) -> list[_Number]:
    found: list[_Number] = []
    at = 0
    while at < len(pieces):
        number = _number_at(pieces, at)
        if number is not None:
            found.append(number)
        at = number.end if number is not None else at + 1
    return found


def _number_at(pieces: Sequence[Piece], at: int) -> _Number | None:
    if pieces[at].role is Role.HALF:
        return _Number(at, at + 1, _HALF)
    quantity = read_quantity(pieces, at)
    if quantity is None or _is_article(pieces, at):
        return None
    end, value, sure = quantity.end, quantity.value, quantity.sure
    if value is None and end == at + 1:
        value, sure = _small_decimal(pieces[at].text)
    if value is not None and end < len(pieces) and pieces[end].role is Role.HALF_MORE:
        return _Number(at, end + 1, value + _HALF, sure)
    return _Number(at, end, value, sure)


def _is_article(pieces: Sequence[Piece], at: int) -> bool:
    """Whether "un" or "una" goes with a word that we do not know ("un par", "un montón") and so counts nothing."""
    return pieces[at].text in {"un", "una"} and at + 1 < len(pieces) and pieces[at + 1].role is Role.UNKNOWN


def _small_decimal(digits: str) -> tuple[Decimal | None, bool]:
    """What money leaves open, and a plain number does not: "1.5" is one and a half."""
    whole, _, tenths = digits.replace(",", ".").partition(".")
    if whole.isdigit() and len(tenths) in {1, 2} and tenths.isdigit():
        return Decimal(f"{whole}.{tenths}"), "," not in digits
    return None, False


def _judged(pieces: Sequence[Piece], number: _Number) -> Reading[Decimal]:
    around = [*pieces[: number.start], *pieces[number.end :]]
    if number.value is None:
        return Unclear(Unreadable.AMBIGUOUS_NUMBER)
    if number.start and pieces[number.start - 1].role in {Role.DASH, Role.LESS}:
        return Unclear(Unreadable.NEGATIVE)
    if number.value > LARGEST_NUMBER:
        return Unclear(Unreadable.TOO_LARGE)
    understood = all(piece.sure and piece.role not in _DOUBTFUL_ROLES for piece in around)
    counted = not _is_a_span(pieces, number) and not _is_an_age(pieces[: number.start])
    return Clear(number.value) if number.sure and understood and counted else Doubtful(number.value)


def _is_a_span(pieces: Sequence[Piece], number: _Number) -> bool:
    return number.end < len(pieces) and sound(pieces[number.end].text) in _SPANS


def _is_an_age(before: Sequence[Piece]) -> bool:
    """Whether one relative, or several and "de", stand before the number ("mi hija tiene 5", "mis hijas de 5")."""
    kin = [at for at, piece in enumerate(before) if piece.role is Role.KIN]
    one = any(not before[at].text.endswith("s") for at in kin)
    return one or any(piece.role is Role.OF for at in kin for piece in before[at + 1 : at + 2])


def _none(pieces: Sequence[Piece]) -> Reading[Decimal]:
    """Zero for "ninguno" or "nada"; "no tengo" says it less surely, and a bare "no" not at all."""
    roles = {piece.role for piece in pieces}
    zero = Role.NIL in roles or any(piece.text in _NONE_OF_THEM for piece in pieces)
    if Role.HEDGE in roles or Role.UNKNOWN in roles or not (zero or (Role.NOT in roles and len(pieces) > 1)):
        return Unclear(Unreadable.NOT_A_NUMBER)
    return Clear(Decimal(0)) if zero else Doubtful(Decimal(0))
