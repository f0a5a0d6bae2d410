"""Clauses that tell of something beside an amount: how long she has worked, days that she missed, costs taken off.

* A clause is set aside only as a whole and only in the shape listed here; one with a number of its own stays.
* Costs are those of her work; what is left after rent or a debt is no income, and such a reading stays doubtful.
* "A 300 el día" is a day's pay, unless pieces have that price.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from conversations.answers import Period
from conversations.reading.lexicon import Role
from conversations.reading.phrases import Piece
from conversations.reading.quantities import Quantity, read_quantity
from conversations.reading.words import entries

_NUMERIC = {Role.DIGITS, Role.NUMBER, Role.THOUSAND, Role.MILLION}
_OF_PIECES = {Role.PIECE, Role.MAKING, Role.SOLD}
_TAKEN_OFF = set(entries("quitando|descontando|restando|descontado|descontados|quitado|pagado|pagando|sacando"))
_AFTER_TAKING_OFF = set(entries("pagar|quitar|descontar|restar|comprar|sacar"))
_COSTS = set(
    entries("""
    tela|telas|material|materiales|hilo|hilos|estambre|estambres|masa|gas|maiz|harina|azucar|aceite|carne|verdura|verduras
    fruta|ingredientes|insumos|mercancia|producto|productos|inversion|invertido|lo invertido|gasolina|pasaje|pasajes
    camion|comision|plaza|piso|gasto|gastos|inverti|gaste
    """)
)
_BEFORE_COSTS = set(
    entries("el|la|los|las|lo|de|del|de la|lo de|lo de la|lo del|mi|mis|y|lo que|todo|e|,|con|al|en|toda|un")
)
_MISSED = {"falte", "falto", "faltamos"}
_NOW = set(entries("gano|saco|pagan|me paga|cobro|recibo|dan|me da|me dan|me pagan|nos pagan|nos dan"))
_WENT = {"trabaje", "trabajo", "fui"}
_SPANS_OF_TENURE = {Role.TIMES, Role.KIN, Role.PERIOD}
_ONE_BY_ONE = {"cada uno", "c / u", "c / uno", "cu"}

Cut = tuple[list[Piece], int]
"""The pieces to go on with, and where the text goes on."""


def set_aside(pieces: Sequence[Piece]) -> list[Piece]:
    """Return `pieces` with each such clause made understood, in their order; never more pieces than before."""
    kept: list[Piece] = []
    at = 0
    while at < len(pieces):
        found = next((cut for find in _FINDERS if (cut := find(pieces, at)) is not None), ([pieces[at]], at + 1))
        kept += found[0]
        at = found[1]
    return kept


def _piece(pieces: Sequence[Piece], at: int) -> Piece | None:
    return pieces[at] if 0 <= at < len(pieces) else None


def _text(pieces: Sequence[Piece], at: int) -> str:
    piece = _piece(pieces, at)
    return piece.text if piece else ""


def _role(pieces: Sequence[Piece], at: int) -> Role | None:
    piece = _piece(pieces, at)
    return piece.role if piece else None


def _quiet(text: str) -> list[Piece]:
    return [Piece(Role.FILLER, text)]


def _number(pieces: Sequence[Piece], at: int) -> Quantity | None:
    quantity = read_quantity(pieces, at)
    return quantity if quantity is not None and quantity.value is not None else None


def _tenure(pieces: Sequence[Piece], at: int) -> Cut | None:
    """How long she has worked ("llevo 3 meses"), before what she earns now, with its period."""
    number = _number(pieces, at + 1) if _text(pieces, at) == "llevo" else None
    if number is None or _role(pieces, number.end) not in _SPANS_OF_TENURE:
        return None
    rest = pieces[number.end + 1 :]
    verb = next((piece.text for piece in rest if piece.role in {Role.EARNING, Role.PAYING, *_NUMERIC}), "")
    period = any(piece.role is Role.PERIOD for piece in rest)
    return (_quiet("llevo"), number.end + 1) if verb in _NOW and period else None


def _missed_days(pieces: Sequence[Piece], at: int) -> Cut | None:
    """Days missed ("porque falté un día"), where she also says that she was paid."""
    start = at + (_text(pieces, at) in {"porque", "xq", "pq", "por que", "como", "pero"})
    number = _number(pieces, start + 1) if _text(pieces, start) in _MISSED else None
    if number is None:
        return None
    day = _role(pieces, number.end) is Role.DAYS or _text(pieces, number.end) == "dia"
    paid = any(piece.role in {Role.EARNING, Role.PAYING} for piece in pieces)
    return (_quiet("falte"), number.end + 1) if day and paid else None


def _costs(pieces: Sequence[Piece], at: int) -> Cut | None:
    """Costs of her work that are off already ("ya quitando lo de la tela", "después de pagar el material")."""
    start = at + 1 + (_text(pieces, at) == "ya" and _text(pieces, at + 1) in _TAKEN_OFF)
    opens = start > at + 1 or _text(pieces, at) in {f"ya {word}" for word in _TAKEN_OFF}
    if _text(pieces, at) == "despues" and _text(pieces, at + 1) == "de" and _text(pieces, at + 2) in _AFTER_TAKING_OFF:
        opens, start = True, at + 3
    end = start
    while _text(pieces, end) in _COSTS | _BEFORE_COSTS:
        end += 1
    named = {piece.text for piece in pieces[start:end]} & _COSTS
    ends = _role(pieces, end) in {None, Role.EARNING, Role.PAYING, Role.FILLER, Role.PAUSE, *_NUMERIC}
    return (_quiet("ya"), end) if opens and ends and named - {"gas"} else None


def _one_day_a_week(pieces: Sequence[Piece], at: int) -> Cut | None:
    """One day a week ("voy un solo día por semana")."""
    if _role(pieces, at) is not Role.GOING or _text(pieces, at + 1) not in {"un", "1"}:
        return None
    day = at + 2 + (_text(pieces, at + 2) == "solo")
    week = day + 1 + (_role(pieces, day + 1) is Role.FILLER)
    if _text(pieces, day) != "dia" or _role(pieces, week) is not Role.PERIOD or _text(pieces, week) != "semana":
        return None
    return [pieces[at], Piece(Role.SCHEDULE, "un dia", "1")], week + 1


def _rate_of_a_day(pieces: Sequence[Piece], at: int) -> Cut | None:
    """The "a" of "a 300 el día", "el día a 300" and, after days, of "a 290 cada uno"."""
    before = _role(pieces, at - 1)
    rate = _number(pieces, at + 1) if _text(pieces, at) == "a" and before not in _NUMERIC else None
    if rate is None or any(piece.role in _OF_PIECES for piece in pieces):
        return None
    end = rate.end + (_role(pieces, rate.end) is Role.CURRENCY)
    named = end + (_text(pieces, end) in {"el", "al", "por", "x", "cada"})
    if _text(pieces, at - 1) == "dia" or _text(pieces, named) == "dia":
        return [replace(pieces[at], role=Role.FILLER)], at + 1
    return None


def _days_at_a_rate(pieces: Sequence[Piece], at: int) -> Cut | None:
    """A day's pay after the days ("5 días a 300", "seis días, 233 cada uno")."""
    if _role(pieces, at) is not Role.DAYS or any(piece.role in _OF_PIECES for piece in pieces):
        return None
    start = at + 1
    while _role(pieces, start) is Role.PAUSE or _text(pieces, start) in {"de", "a"}:
        start += 1
    rate = _number(pieces, start)
    if rate is None or start == at + 1:
        return None
    end = rate.end + (_role(pieces, rate.end) is Role.CURRENCY)
    one_by_one = _text(pieces, end) in _ONE_BY_ONE
    if not one_by_one and (_text(pieces, start - 1) != "a" or _role(pieces, end) not in {None, Role.PAUSE}):
        return None
    return [pieces[at], *_quiet("a"), *pieces[start:end], Piece(Role.PERIOD, "dia", Period.DAY.value)], end + one_by_one


def _one_day_of_this_week(pieces: Sequence[Piece], at: int) -> Cut | None:
    """One day, where a day's pay is named too ("trabajé un día, me pagan 310 el día")."""
    if _text(pieces, at) not in _WENT or _text(pieces, at + 1) not in {"un", "1"} or _text(pieces, at + 2) != "dia":
        return None
    daily = any(piece.role is Role.PERIOD and piece.text.startswith("dia") for piece in pieces[at + 3 :])
    return ([*_quiet("fui"), Piece(Role.SCHEDULE, "un dia", "1")], at + 3) if daily else None


def _paid_once(pieces: Sequence[Piece], at: int) -> Cut | None:
    """How often she is paid ("me pagan una vez al mes")."""
    if _role(pieces, at) is not Role.PAYING or _text(pieces, at + 1) not in {"una", "1"}:
        return None
    span = at + 3 + (_role(pieces, at + 3) is Role.FILLER)
    if _role(pieces, at + 2) is not Role.VISITS or _role(pieces, span) is not Role.PERIOD:
        return None
    return [pieces[at], pieces[span]], span + 1


def _same_again(pieces: Sequence[Piece], at: int) -> Cut | None:
    """The second time of an amount that she gives twice: "1600 (mil seiscientos)"."""
    again = _number(pieces, at + 1) if _text(pieces, at) == "(" else None
    if again is None:
        return None
    end = again.end + (_role(pieces, again.end) is Role.CURRENCY)
    first = (_number(pieces, start) for start in range(max(0, at - 8), at))
    same = any(
        one is not None
        and one.value == again.value
        and all(piece.role is Role.CURRENCY for piece in pieces[one.end : at])
        for one in first
    )
    return (_quiet("("), end + 1) if same and _text(pieces, end) == ")" else None


_FINDERS: tuple[Callable[[Sequence[Piece], int], Cut | None], ...] = (
    _tenure,
    _missed_days,
    _costs,
    _one_day_a_week,
    _rate_of_a_day,
    _same_again,
    _days_at_a_rate,
    _one_day_of_this_week,
    _paid_once,
)
