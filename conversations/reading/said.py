"""What she said about an amount, sorted: the sums, the counts, the span of pay, the days that she works.

* A named period wins; without one, a weekly day of pay means the week, and the takings of one day mean that day.
* All that she says about days a week must agree.
* What no list explains, or what qualifies an amount, makes the whole doubtful.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from conversations.answers import Period
from conversations.reading.lexicon import Role
from conversations.reading.phrases import Piece
from conversations.reading.result import Unreadable
from conversations.reading.sums import Count, Part, Sum, UnreadableAmount, role_of

_DAYS_OF_A_WEEK = range(1, 8)
_DOUBTFUL_ROLES = {
    Role.UNKNOWN, Role.HEDGE, Role.OR, Role.LESS, Role.MORE, Role.HALF_MORE, Role.MONTH_NAME, Role.SOLD, Role.SELLING,
    Role.MINIMUM, Role.AT_LEAST, Role.LOWER, Role.UPPER, Role.BETWEEN, Role.MILLION, Role.KIN, Role.COUNTED, Role.TIMES,
    Role.PIECE, Role.HOURS, Role.VISITS, Role.WEEKDAY, Role.REST, Role.IN_KIND,
}  # fmt: skip
_OF_PIECES = {Role.PIECE, Role.SOLD, Role.SELLING}
_BESIDES_ONCE = {Role.KIN, Role.COUNTED, Role.OCLOCK, Role.THING}
"""What she may count several times in one text without a doubt about the amount."""
_TAKINGS = {Role.EARNING, Role.MAKING}
_SALES = {Role.SELLING, Role.SOLD}


@dataclass(frozen=True, slots=True)
class Said:
    """What she said, sorted by what it contributes to an amount."""

    parts: Sequence[Part]
    sums: Sequence[Sum]
    counts: dict[Role, Count]
    roles: set[Role]
    periods: set[Period]
    schedules: set[int]

    @classmethod
    def of(cls, parts: Sequence[Part]) -> Said:
        """Sort `parts`; raises UnreadableAmount when she counts two lots of one thing beside a sum."""
        pieces = [part for part in parts if isinstance(part, Piece)]
        counts = [part for part in parts if isinstance(part, Count)]
        sums = [part for part in parts if isinstance(part, Sum)]
        counted = [count.of for count in counts if count.of not in _BESIDES_ONCE]
        if sums and len(counted) > len(set(counted)):
            raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER)
        return cls(
            parts=parts,
            sums=sums,
            counts={count.of: count for count in counts},
            roles={piece.role for piece in pieces},
            periods={Period(piece.value) for piece in pieces if piece.role is Role.PERIOD},
            schedules={int(piece.value) for piece in pieces if piece.role is Role.SCHEDULE},
        )

    def understood(self, *, pieces: bool = False) -> bool:
        """Whether nothing that she said leaves a doubt; selling is none where `pieces` have their price."""
        doubtful = _DOUBTFUL_ROLES - (_OF_PIECES if pieces else set())
        if _TAKINGS & self.roles:
            doubtful = doubtful - {role for role in _SALES if not _is_before_a_sum(self.parts, role)}
        sure = all(part.sure for part in self.parts if not (pieces and isinstance(part, Count)))
        return sure and not self.roles & doubtful and (pieces or not _is_set_apart(self.parts))

    def period(self) -> tuple[Period | None, bool]:
        """Her span of pay, and whether it is sure; raises UnreadableAmount when she named two."""
        if len(self.periods) > 1:
            raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER)
        named = next(iter(self.periods), None)
        if Role.PAYDAY in self.roles:
            return named or Period.WEEK, named is Period.WEEK or (named is None and Role.EARNING not in self.roles)
        if named is None and Role.TODAY in self.roles:
            return (None, False) if Role.PAYING in self.roles else (Period.DAY, bool(_TAKINGS & self.roles))
        return named, True

    def days_per_week(self) -> tuple[int | None, bool]:
        """Her days a week, if a day's pay came with them, and whether all that she said about days fits together."""
        visits = self.counts.get(Role.VISITS)
        if visits is not None and (visits.per is not Period.WEEK or not self.periods):
            raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER)
        named = [self.counts[role] for role in (Role.DAYS, Role.VISITS) if role in self.counts]
        days = {int(count.number) for count in named} | self.schedules
        if not days:
            return None, True
        if Period.DAY in self.periods and self.periods <= {Period.DAY, Period.WEEK}:
            fits = len(days) == 1 and days <= set(_DAYS_OF_A_WEEK)
            return (days.pop(), True) if fits else (None, False)
        if not self.periods:
            raise UnreadableAmount(Unreadable.AMBIGUOUS_NUMBER)
        return None, True


def _is_before_a_sum(parts: Sequence[Part], role: Role) -> bool:
    return any(isinstance(part, Sum) and role_of(parts, at - 1) is role for at, part in enumerate(parts))


def _is_set_apart(parts: Sequence[Part]) -> bool:
    """Whether what stands before a word or number gives it another sense than the pay of one span."""
    return any(_gives_another_sense(before, part) for before, part in pairwise(parts))


def _gives_another_sense(before: Part, part: Part) -> bool:
    """That of a price or limit ("a 300", "hasta 2000"), of pieces ("hago 300"), of the number of a room or a bus ("el
    204"), of some hours ("200 por 3 horas"), of how often she works.
    """
    match before, part:
        case Piece(role=Role.TO), Sum():
            return True
        case Piece(role=Role.MAKING | Role.WORKING), Sum(pesos=False):
            return True
        case Piece(role=Role.WITH) | Piece(text="tengo"), Sum():
            return True
        case Piece(text="el" | "la"), Sum(pesos=False):
            return True
        case Piece(text="por" | "x"), Count(of=Role.HOURS):
            return True
        case _, Piece(role=Role.PERIOD, text=text) if text.startswith("diari"):
            return not isinstance(before, Sum) and not (isinstance(before, Piece) and before.role is Role.PAYING)
        case _:
            return False
