"""Two amounts in one message that make one: pay with an extra on top of it, and what is left of takings or gross pay.

* Pay and a named extra ("1300 más 150 de bono") are added up; for sure only where she says that the first is her pay.
* What is left counts ("vendí 1500 … me quedaron 600"), if sales or deductions are named as the difference.
* Two incomes from two places are not added up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from conversations.answers import Period
from conversations.reading.lexicon import Role
from conversations.reading.phrases import Piece
from conversations.reading.sums import Part, Sum
from conversations.reading.words import entries

_EXTRAS = set(
    entries("propina|propinas|bono|bonos|premio|puntualidad|asistencia|comision|comisiones|extra|extras|productividad")
)
_PAY = {Role.EARNING, Role.PAYING}
_BETWEEN_PAY_AND_EXTRA = {Role.AND, Role.MORE, Role.OF, Role.FILLER, Role.PERIOD, Role.PAUSE, Role.WITH, *_PAY}
_JOINTS = {Role.AND, Role.MORE}
_TAKINGS = {Role.SOLD, Role.SELLING}
_LEFT = set(
    entries("""
    me queda|me quedan|me quedo|me quedaron|queda|quedan|quedo|quedaron|me llega|me llegan|me llego|me llegaron
    me deja|me dejan|me dejo|me dejaron|libre|libres|limpio|limpios|saco libre|saco libres
    """)
)
_TAKEN_OFF = (
    "descuento", "descontado", "quitando", "restando", "sacando", "libre", "limpio", "impuesto", "neto", "bruto",
)  # fmt: skip


def put_together(parts: Sequence[Part]) -> list[Part]:
    """Return `parts` with two sums that make one joined, and what only named the other left out."""
    sums = [(at, part) for at, part in enumerate(parts) if isinstance(part, Sum) and part.high is None]
    match sums:
        case [(first, pay), (last, extra)]:
            ends = first, last
            return (
                _with_extra(parts, ends, sums=(pay, extra)) or _what_is_left(parts, ends, sums=(pay, extra)) or [*parts]
            )
        case _:
            return [*parts]


def _words(part: Part) -> set[str]:
    return set(part.text.split()) if isinstance(part, Piece) else set()


def _is_extra(part: Part) -> bool:
    return bool(_words(part) & _EXTRAS)


def _is_any(part: Part, roles: set[Role]) -> bool:
    return isinstance(part, Piece) and part.role in roles


def _with_extra(parts: Sequence[Part], ends: tuple[int, int], *, sums: tuple[Sum, Sum]) -> list[Part] | None:
    """Pay and the extra after it, as one sum; a day's pay and an extra for an unknown span stay two."""
    (first, last), (pay, extra) = ends, sums
    between, after = parts[first + 1 : last], parts[last + 1 :]
    fitting = all(_is_any(part, _BETWEEN_PAY_AND_EXTRA) or _is_extra(part) for part in between)
    joined = any(_is_any(part, _JOINTS) for part in between)
    daily = any(isinstance(part, Piece) and part.value == Period.DAY.value for part in between)
    named = _is_named_after(after) or any(map(_is_extra, between[-2:]))
    if not (fitting and joined and named) or daily or any(map(_is_extra, parts[:first])):
        return None
    paid = any(_is_any(part, _PAY) or _words(part) == {"base"} for part in parts[:last])
    total = replace(pay, low=pay.low + extra.low, pesos=pay.pesos or extra.pesos, sure=pay.sure and extra.sure and paid)
    rest = [part for part in between if not _is_any(part, {*_JOINTS, Role.OF})]
    return [*parts[:first], total, *(part for part in (*rest, *after) if not _is_extra(part))]


def _is_named_after(after: Sequence[Part]) -> bool:
    """Whether what follows a sum says what it is for ("de propinas", "del bono de puntualidad")."""
    named = list(takewhile(lambda part: _is_extra(part) or _is_any(part, {Role.OF, Role.FILLER}), after[:4]))
    return any(map(_is_extra, named))


def _what_is_left(parts: Sequence[Part], ends: tuple[int, int], *, sums: tuple[Sum, Sum]) -> list[Part] | None:
    """The second sum, with its verb, where it is what is left of the first."""
    (first, last), (whole, left) = ends, sums
    verb = last - 1
    while verb > first and _is_any(parts[verb], {Role.FILLER}) and not _says_left(parts[verb]):
        verb -= 1
    sold = any(_is_any(part, _TAKINGS) for part in parts[:first])
    named = any(word.startswith(_TAKEN_OFF) for part in parts[first:] for word in _words(part))
    if whole.low <= left.low or verb == first or not _says_left(parts[verb]) or not (sold or named):
        return None
    spans = [part for part in parts[:verb] if _is_any(part, {Role.PERIOD})]
    return [*spans, *parts[verb:]]


def _says_left(part: Part) -> bool:
    return isinstance(part, Piece) and part.text in _LEFT
