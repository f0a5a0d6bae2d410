"""Sums that belong together: the two ends of a range, however she names them.

* Two numbers joined by "a", "-", "o", "entre … y …" or "mínimo … máximo …" are one sum.
* "de 5 a 7 mil" shares its "mil".
* The larger end may come first only where nothing can be taken away ("entre 900 y 700", but not "900-700").
* Two hours of a day beside a sum tell when she works.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conversations.reading.lexicon import Role
from conversations.reading.phrases import Piece
from conversations.reading.result import Unreadable
from conversations.reading.sums import HOURS, Count, Part, Sum, UnreadableAmount, role_of

_WIDEST_RANGE = 10
"""A range whose ends lie this many times apart is more likely two other numbers."""
_WIDEST_SURE = 2
"""How many times apart two alternatives ("500 o 600"), or ends named in the wrong order, may lie to be sure."""
_ADJACENT = 10
_MOST_AT_A_PRICE = 100
_BEFORE_A_RANGE = {Role.OF, Role.UPPER, Role.LOWER}
_JOINS = {Role.TO, Role.DASH, Role.OR}
_ELSEWHERE = {"en", "la", "de", "de la", "con", "a la"}
_LOWER = {Role.AT_LEAST, Role.LOWER}
_NO_HOURS_BEFORE = {Role.PERIOD, Role.EACH, Role.OR, Role.DASH, Role.TO}


def join_ranges(parts: Sequence[Part]) -> list[Part]:
    """Return `parts` with each pair of joined sums made one; raises UnreadableAmount when they make no range."""
    joined: list[Part] = []
    at = 0
    while at < len(parts):
        found = _hours_at(parts, at) or _bounded_at(parts, at) or _range_at(parts, at)
        joined.append(found[0] if found else parts[at])
        at = found[1] if found else at + 1
    return joined


def join_alternatives(parts: Sequence[Part]) -> Sum:
    """Return the doubtful range of the two sums in `parts`; raises UnreadableAmount unless they are alternatives."""
    first, last = (at for at, part in enumerate(parts) if isinstance(part, Sum))
    if not any(_is_alternative(parts, at, first=first) for at in range(first, last)):
        raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER)
    low, high = (part for part in parts if isinstance(part, Sum))
    return _range(*_in_order(low, high), sure=False)


def _is_alternative(parts: Sequence[Part], at: int, *, first: int) -> bool:
    """Whether another time is meant ("a veces", "y otras"), not another place or person ("y en otra", "y la otra")."""
    part, before = parts[at], parts[at - 1]
    if not isinstance(part, Piece) or part.role is not Role.OR:
        return False
    elsewhere = part.text == "otra" and isinstance(before, Piece) and before.text in _ELSEWHERE
    return not elsewhere or role_of(parts, first - 1) is Role.PERIOD


def _sum_at(parts: Sequence[Part], at: int) -> Sum | None:
    part = parts[at] if 0 <= at < len(parts) else None
    return part if isinstance(part, Sum) else None


def _hours_at(parts: Sequence[Part], at: int) -> tuple[Part, int] | None:
    """The hours that she works ("de 8 a 6"), beside the sum that she gets for them."""
    first, last = _sum_at(parts, at), _sum_at(parts, at + 2)
    if not (first and last and role_of(parts, at + 1) is Role.TO and _is_hour(first) and _is_hour(last)):
        return None
    following = at + 3
    while role_of(parts, following) is Role.FILLER:
        following += 1
    beside = any(isinstance(part, Sum) and not _is_hour(part) for part in parts)
    if not beside or role_of(parts, following) in _NO_HOURS_BEFORE:
        return None
    return Count(last.low, Role.OCLOCK), at + 3


def _is_hour(one: Sum) -> bool:
    return one.low in HOURS and not one.pesos and one.thousands is None


def _bounded_at(parts: Sequence[Part], at: int) -> tuple[Sum, int] | None:
    """A range of named bounds ("mínimo 700 y máximo 1000", "700 mínimo, 1000 máximo")."""
    named_first = role_of(parts, at) in _LOWER
    low = _sum_at(parts, at + named_first)
    if low is None or not (named_first or role_of(parts, at + 1) in _LOWER):
        return None
    following = at + 2
    while role_of(parts, following) in {Role.AND, Role.PAUSE, Role.FILLER}:
        following += 1
    named_first = _is_upper(parts, following)
    high = _sum_at(parts, following + named_first)
    if high is None or not (named_first or _is_upper(parts, following + 1)):
        return None
    return _range(low, high, sure=True), following + 2


def _is_upper(parts: Sequence[Part], at: int) -> bool:
    part = parts[at] if at < len(parts) else None
    return isinstance(part, Piece) and (part.role is Role.UPPER or part.text in {"hasta", "y hasta"})


def _range_at(parts: Sequence[Part], at: int) -> tuple[Sum, int] | None:
    between = role_of(parts, at) is Role.BETWEEN
    start = at + between
    low, high, join = _sum_at(parts, start), _sum_at(parts, start + 2), role_of(parts, start + 1)
    if low and high and join in (_JOINS | {Role.AND} if between else _JOINS):
        of_no_change = role_of(parts, at - 1) is Role.OF and role_of(parts, at - 2) is not Role.UNKNOWN
        may_turn = between or join is Role.OR or (join is Role.TO and of_no_change)
        ends = _in_order(low, high) if may_turn else (low, high)
        named = between or join is not Role.TO or role_of(parts, at - 1) in _BEFORE_A_RANGE
        sure = _is_sure(parts, start + 1, ends=ends) and (named or not _is_maybe_a_number(low, high))
        return _range(*ends, sure=sure), start + 3
    high = _sum_at(parts, start + 1)
    if low and high and low.low < _ADJACENT and low.low + 1 == (high.thousands or high.low):
        return _range(low, high, sure=False), start + 2
    return None


def _is_maybe_a_number(low: Sum, high: Sum) -> bool:
    """Whether "12 a 35" may be twelve at thirty-five."""
    return low.low < _MOST_AT_A_PRICE and not low.pesos and high.thousands is None


def _in_order(one: Sum, other: Sum) -> tuple[Sum, Sum]:
    """The two ends, the smaller first, if they are near enough to be ends at all."""
    turned = one.thousands is not None or other.thousands is None or one.pesos
    return (other, one) if turned and other.low < one.low <= other.low * _WIDEST_SURE else (one, other)


def _is_sure(parts: Sequence[Part], joint: int, *, ends: tuple[Sum, Sum]) -> bool:
    part = parts[joint]
    if role_of(parts, joint) is not Role.OR:
        return True
    low, high = ends
    shared = high.thousands is not None and low.thousands is None
    return isinstance(part, Piece) and part.text in {"o", "u"} and (shared or high.low <= low.low * _WIDEST_SURE)


def _range(low: Sum, high: Sum, *, sure: bool) -> Sum:
    first = low.low
    if high.thousands is not None and low.thousands is None and not low.pesos and first < high.thousands:
        first = first * 1000
    if not first < high.low or high.low >= first * _WIDEST_RANGE:
        raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER)
    both = replace(high, pesos=low.pesos or high.pesos, sure=sure and low.sure and high.sure)
    return replace(both, low=first, high=high.low)
