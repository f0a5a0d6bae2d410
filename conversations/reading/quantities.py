"""Numbers as Mexico writes and says them: "1,500.00", "1 500", "1.5 mil", "2 mil 300", "treinta y cinco mil", "5k".

* Babel reads grouped digits (es_MX, strictly), text2num composes words below a thousand; thousands, millions and
  their mixtures of digits and words, which neither takes, are put together here.
* A spelling with two readings (`1.500`, `1,5`) is a quantity without a value, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from babel.numbers import NumberFormatError, parse_decimal
from text_to_num import text2num

from conversations.reading.lexicon import Role
from conversations.reading.phrases import Piece

_THOUSAND, _MILLION = Decimal(1000), Decimal(1_000_000)
_LEAST_TENTHS = 100
"""Below it a single decimal ("1.5") is as likely short for thousands."""
_LEAST_FOREIGN = 1000
"""From here on a decimal comma ("1500,00") can only be one."""
_LEAST_REMAINDER = 10
"""Below it a remainder ("2 mil 5") is as likely short for hundreds."""
_LEAST_HUNDREDS = 100
"""From here on words may be joined by "y" ("dos mil y quinientos")."""
_GROUPED = re.compile(r"[0-9]{1,3}(?:['’‘][0-9]{3})+")
_WITH_CENTS = re.compile(r"[0-9]{4,},[0-9]{2}")
_SCALES = {Role.THOUSAND, Role.MILLION, Role.MINIMUM}
_TENS = {"treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"}
_NO_REMAINDER_BEFORE = {
    Role.THOUSAND, Role.MILLION, Role.DAYS, Role.PIECE, Role.KIN, Role.COUNTED, Role.TIMES, Role.MINIMUM, Role.CENTS,
    Role.HOURS, Role.OCLOCK, Role.VISITS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that ends before piece `end`.

    `value` is None when its spelling has two readings; `sure` is False when it is unusual ("dos mil tres");
    `thousands` is how many thousands were named ("7 mil": 7).
    """

    value: Decimal | None
    end: int
    sure: bool = True
    thousands: Decimal | None = None


def read_quantity(pieces: Sequence[Piece], at: int) -> Quantity | None:
    """Return the number that begins at piece `at`, or None when none begins there."""
    million = _step(pieces, at, role=Role.MILLION, size=_MILLION)
    if million is not None and million.value is not None:
        rest = _below_million(pieces, million.end)
        return _sum(million, rest) if rest is not None and _may_follow(pieces, rest) else million
    return million or _below_million(pieces, at)


def _role(pieces: Sequence[Piece], at: int) -> Role | None:
    return pieces[at].role if at < len(pieces) else None


def _below_million(pieces: Sequence[Piece], at: int) -> Quantity | None:
    thousands = _step(pieces, at, role=Role.THOUSAND, size=_THOUSAND)
    if thousands is None:
        return _group(pieces, at)
    if thousands.value is None or thousands.value % _THOUSAND:
        return thousands
    joined = _role(pieces, thousands.end) is Role.AND
    rest = _group(pieces, thousands.end + joined)
    if rest is None or rest.value is None or rest.value >= _THOUSAND or not _may_follow(pieces, rest):
        return thousands
    in_hundreds = rest.value >= _LEAST_HUNDREDS and _role(pieces, thousands.end + 1) is Role.NUMBER
    usual = rest.value >= _LEAST_REMAINDER if not joined else in_hundreds
    return _sum(thousands, replace(rest, sure=rest.sure and usual))


def _sum(large: Quantity, small: Quantity) -> Quantity:
    if large.value is None or small.value is None:
        return replace(small, value=None)
    return Quantity(large.value + small.value, small.end, large.sure and small.sure, large.thousands)


def _may_follow(pieces: Sequence[Piece], rest: Quantity) -> bool:
    """Whether `rest` may be the remainder after "mil": not when it counts ("mil 5 días", "mil una semana")."""
    return _role(pieces, rest.end) not in _NO_REMAINDER_BEFORE and not _is_article(pieces, rest.end - 1)


def _step(pieces: Sequence[Piece], at: int, *, role: Role, size: Decimal) -> Quantity | None:
    """A count of thousands or millions: "mil", "2 mil", "1.5 mil", "5k", "mil y medio"."""
    count = _group(pieces, at) or Quantity(Decimal(1), at)
    if _role(pieces, count.end) is not role:
        return None
    named = pieces[count.end]
    if count.end == at and named.text in {"k", "miles", "millones"}:
        return None
    half = _role(pieces, count.end + 1) is Role.HALF_MORE
    end, sure = count.end + 1 + half, count.sure and named.sure and not half
    if count.value is None or count.value >= _THOUSAND:
        return Quantity(None, end)
    return Quantity(count.value * size + (size / 2 if half else 0), end, sure, count.value * size / _THOUSAND)


def _group(pieces: Sequence[Piece], at: int) -> Quantity | None:
    match _role(pieces, at):
        case Role.DIGITS:
            return _digits(pieces, at)
        case Role.NUMBER:
            return _words(pieces, at)
        case _:
            return None


def _digits(pieces: Sequence[Piece], at: int) -> Quantity:
    """Digits, with those that follow in groups of three after a space ("1 500.00"); "500 700" may be two numbers."""
    text, end = pieces[at].text, at + 1
    while len(text) <= 3 * (end - at) and text.isdigit() and _role(pieces, end) is Role.DIGITS:
        if len(pieces[end].text.partition(".")[0]) != 3 or "," in pieces[end].text:
            break
        text, end = text + pieces[end].text, end + 1
    if end > at + 1 and len(pieces[at].text) == 3 and not text.endswith("000"):
        return Quantity(None, end)
    value, usual = _digits_value(text, scaled=_role(pieces, end) in _SCALES)
    return Quantity(value, end, usual)


def _digits_value(text: str, *, scaled: bool = False) -> tuple[Decimal | None, bool]:
    """Return the value of a token of digits (None when it has two readings) and whether its spelling is usual.

    `scaled` says that "mil" or "millones" follows, so that "1.5" has but one reading.
    """
    try:
        value = parse_decimal(text, locale="es_MX", strict=True)
    except NumberFormatError:
        return _unusual_digits(text, scaled)
    decimals = len(text.partition(".")[2])
    if decimals > 2 or (decimals == 1 and value < _LEAST_TENTHS and not scaled):
        return None, False
    return value, not (text.startswith("0") and text[1:2].isdigit())


def _unusual_digits(text: str, scaled: bool) -> tuple[Decimal | None, bool]:
    grouped = text.translate(str.maketrans("'’‘", ",,,"))
    try:
        if grouped != text:
            return parse_decimal(grouped, locale="es_MX", strict=True), bool("," in text or _GROUPED.fullmatch(text))
        value = parse_decimal(text, locale="es", strict=True)
    except NumberFormatError:
        return None, False
    usual = _WITH_CENTS.fullmatch(text) is not None
    return (value, usual) if scaled or value >= _LEAST_FOREIGN else (None, False)


def _words(pieces: Sequence[Piece], at: int) -> Quantity:
    """The longest run of number words that text2num takes; a run it turns down ends where it still made sense."""
    end = at + 1
    while _role(pieces, end) is Role.NUMBER or (_role(pieces, end) is Role.AND and pieces[end - 1].value in _TENS):
        end += 1
    for last in range(min(end, at + 6), at, -1):
        run = pieces[at:last]
        value = _composed(run)
        if value is not None and not (len(run) > 1 and _is_article(pieces, last - 1)):
            return Quantity(value, last, all(piece.sure for piece in run))
    raise AssertionError(f"text2num takes every listed word, but not {pieces[at].value!r}")


def _is_article(pieces: Sequence[Piece], at: int) -> bool:
    """Whether "un" or "una" at `at` belongs to a period ("doscientos un día") rather than to the number before it."""
    return pieces[at].text in {"un", "una"} and _role(pieces, at + 1) is Role.PERIOD


def _composed(run: Sequence[Piece]) -> Decimal | None:
    if run[-1].role is Role.AND:
        return None
    try:
        return Decimal(text2num(" ".join("y" if p.role is Role.AND else p.value for p in run), "es"))
    except ValueError:
        return None
