"""What stands around an amount and needs its place to be read: weekdays, a date, food and fares beside the pay.

* Weekdays are counted, however she lists them; one that comes back every week is a day of pay or of work.
* Food and fares change nothing only after a word that says that she gets them ("con comida", "más despensa").
* What is settled here becomes one understood piece; all else stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from conversations.reading.lexicon import Role
from conversations.reading.phrases import Piece
from conversations.reading.quantities import Quantity, read_quantity
from conversations.reading.words import entries

_DAYS_OF_A_WEEK = 7
_DAYS_OF_A_MONTH = range(1, 32)
_LEAST_BESIDE_A_SLASH = 100
_WIDEST_BESIDE_A_SLASH = 2
_YEARS = range(1950, 2036)
_ARTICLES = {
    "el", "la", "los", "las", "un", "una", "mi", "mis", "cada", "c /", "todos los", "de", "en", "al", "a", "a la",
}  # fmt: skip
_ONLY = {"solo", "solamente", "nomas", "no mas", "nada mas", "namas", "unicamente", "nada mas los"}
_NUMERIC = {Role.DIGITS, Role.NUMBER, Role.THOUSAND, Role.MILLION, Role.CURRENCY}
_PRICING = {Role.TO, Role.OF, Role.EACH, *_NUMERIC}
_AT_WORK = {Role.WORKING, Role.MAKING, Role.SELLING}
_BESIDES = {Role.AND, Role.WITH, Role.MORE, Role.PAYING}
_PAID_THEN = set(
    entries("""
    pagaron|me pagaron|nos pagaron|dieron|me dieron|nos dieron|cobre|recibi|depositaron|me depositaron|cayeron
    me cayeron
    cayo|me cayo|me llego|me llegaron|me pago|me dio|me entregaron
    """)
)
_AFTER_A_DATE = {Role.PAYING, Role.EARNING}

Found = tuple[Piece, int]
"""One piece for what was found, and where the text goes on."""


def settle(pieces: Sequence[Piece]) -> list[Piece]:
    """Return `pieces` with what surrounds the amount read; the same number of them or fewer, in their order."""
    settled: list[Piece] = []
    at = 0
    while at < len(pieces):
        piece, at = _settled(pieces, at, before=settled)
        settled.append(piece)
    return settled


def _settled(pieces: Sequence[Piece], at: int, *, before: list[Piece]) -> Found:
    finder = _FINDERS.get(pieces[at].role)
    found = finder(pieces, at, before=before) if finder is not None else None
    return found or (pieces[at], at + 1)


def _role(pieces: Sequence[Piece], at: int) -> Role | None:
    return pieces[at].role if 0 <= at < len(pieces) else None


def _quiet(piece: Piece) -> Piece:
    return replace(piece, role=Role.FILLER)


def _before_articles(pieces: Sequence[Piece]) -> int:
    """The place of the last piece that is no article; -1 when there is none."""
    at = len(pieces) - 1
    while at >= 0 and pieces[at].text in _ARTICLES:
        at -= 1
    return at


def _weekdays(pieces: Sequence[Piece], at: int, *, before: list[Piece]) -> Found | None:
    days, end = _run_of_weekdays(pieces, at)
    text = pieces[at].text
    last = _before_articles(before)
    role = _role(before, last)
    if role in {Role.REST, Role.LESS}:
        for earlier, piece in enumerate(before):
            if earlier == last or piece.value == str(_DAYS_OF_A_WEEK) or piece.text == "toda la semana":
                before[earlier] = _quiet(piece)
        return Piece(Role.SCHEDULE, text, str(_DAYS_OF_A_WEEK - len(days))), end
    if len(days) > 1:
        return Piece(Role.SCHEDULE, text, str(len(days))), end
    if role is Role.GOING or (last >= 0 and before[last].text in _ONLY | {"trabajo", "trabajando", "limpio"}):
        return Piece(Role.SCHEDULE, text, "1"), end
    if any(piece.text in _PAID_THEN for piece in pieces) and before and before[-1].text == "el":
        return _quiet(pieces[at]), end
    comes_back = text in {"sabados", "domingos"} or (before and before[-1].text in {"los", "cada", "todos los", "c /"})
    return (Piece(Role.PAYDAY, text), end) if comes_back else None


def _run_of_weekdays(pieces: Sequence[Piece], at: int) -> tuple[set[int], int]:
    """The days of "lunes, miércoles y viernes" or "lunes a viernes" from `at` on, and where the text goes on."""
    days = {int(pieces[at].value)}
    end = at + 1
    while True:
        following, joined_by = end, set[Role]()
        while _role(pieces, following) in {Role.AND, Role.PAUSE, Role.TO, Role.DASH} or (
            following > end and following < len(pieces) and pieces[following].text in _ARTICLES
        ):
            joined_by.add(pieces[following].role)
            following += 1
        if _role(pieces, following) is not Role.WEEKDAY:
            return days, end
        first, last = int(pieces[end - 1].value), int(pieces[following].value)
        through = joined_by & {Role.TO, Role.DASH}
        span = range(first, last + 1 if last > first else last + 1 + _DAYS_OF_A_WEEK)
        days |= {day % _DAYS_OF_A_WEEK for day in span} if through else {last}
        end = following + 1


def _date(pieces: Sequence[Piece], at: int, *, before: list[Piece]) -> Found | None:
    """A date ("el 15 me dieron", "el 5 de mayo"), if what follows cannot make it money."""
    if pieces[at].text != "el":
        return None
    start = at + 1 + (at + 1 < len(pieces) and pieces[at + 1].text in {"dia", "pasado"})
    day = read_quantity(pieces, start)
    if day is None or not _is_day_of_month(pieces, day, start=start):
        return None
    end = day.end
    if _role(pieces, end) is Role.OF and _role(pieces, end + 1) is Role.MONTH_NAME:
        return Piece(Role.FILLER, "el dia"), end + 2
    follows = _role(pieces, end) in _AFTER_A_DATE or (end < len(pieces) and pieces[end].text in {"me", "nos", "m"})
    ends = end == len(pieces) or pieces[end].role is Role.PAUSE
    ends = ends and any(piece.role in _AFTER_A_DATE for piece in before)
    return (Piece(Role.FILLER, "el dia"), end) if follows or ends else None


def _is_day_of_month(pieces: Sequence[Piece], day: Quantity, *, start: int) -> bool:
    return day.value in _DAYS_OF_A_MONTH and day.end == start + 1 and pieces[start].text not in {"un", "una", "uno"}


def _in_kind(pieces: Sequence[Piece], at: int, *, before: list[Piece]) -> Found | None:
    """Food and the like beside her pay ("y la comida", "más despensa", "me dan de comer"), and no expense."""
    last = _before_articles(before)
    if _role(before, last) in _AT_WORK:
        return _quiet(pieces[at]), at + 1
    if _role(before, last) not in _BESIDES and not (last >= 0 and before[last].text == "sin"):
        return None
    while last >= 0 and (before[last].role in _BESIDES or before[last].text in {"me", "nos", "sin"}):
        if before[last].role is not Role.PAYING:
            before[last] = _quiet(before[last])
        last -= 1
    return _quiet(pieces[at]), at + 1


def _where_from(pieces: Sequence[Piece], at: int, *, before: list[Piece]) -> Found | None:
    """Where money came from ("de la blusa"), and not a price."""
    article = pieces[at].text.split()[0] in {"el", "la", "las", "unas"}
    said_of = bool(before) and (before[-1].text in {"de", "en"} or before[-1].role in {Role.WORKING, Role.MAKING})
    return (_quiet(pieces[at]), at + 1) if article and said_of and _role(pieces, at + 1) not in _PRICING else None


def _nothing_but_an_opener(pieces: Sequence[Piece], at: int, *, before: list[Piece]) -> Found | None:
    """A "nada" that only opens the sentence before a number ("pues nada, 750")."""
    opens = bool(before) and all(piece.role in {Role.FILLER, Role.PAUSE} for piece in before)
    says_so = opens and _role(pieces, at + 1) is Role.PAUSE and _role(pieces, at + 2) in _NUMERIC
    return (_quiet(pieces[at]), at + 1) if says_so else None


def _either_side_of_a_slash(pieces: Sequence[Piece], at: int, *, before: list[Piece]) -> Found | None:
    """A range ("1,800 / 2,000"), if the two are near each other and neither a date nor two years."""
    if pieces[at].text != "/" or _role(before, len(before) - 1) is not Role.DIGITS:
        return _date(pieces, at, before=before)
    low = read_quantity(before, len(before) - 1)
    high = read_quantity(pieces, at + 1 + (_role(pieces, at + 1) is Role.CURRENCY))
    if low is None or high is None or low.value is None or high.value is None:
        return None
    near = _LEAST_BESIDE_A_SLASH <= low.value < high.value <= low.value * _WIDEST_BESIDE_A_SLASH
    years = all(value in _YEARS and value % 50 for value in (low.value, high.value))
    return (Piece(Role.DASH, "-"), at + 1) if near and not years else None


_FINDERS: dict[Role, Callable[..., Found | None]] = {
    Role.WEEKDAY: _weekdays,
    Role.FILLER: _either_side_of_a_slash,
    Role.IN_KIND: _in_kind,
    Role.EACH: _where_from,
    Role.NIL: _nothing_but_an_opener,
}
