"""Which cases a member of staff sees: those of her women, those that are hers, and those of whoever she stands in for.

* Whoever leads sees all; whoever only audits sees none.
* The rule is one condition, so that an alert reaches those whose tray shows the case, and counts what it shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.sql.selectable import FromClause

from storage import caseloads
from storage.caseloads import lasting
from storage.cases_kinds import ALARM, NOT_ASKED
from storage.database import Tx
from storage.members import SEES_ALL, SEES_OWN, Member
from storage.schema import absences, cases, participants, staff

OPEN = cases.c.closed_at.is_(None) & (cases.c.kind != ALARM)

WAITED_IN = cases.c.closed_at.is_(None) & cases.c.kind.not_in(NOT_ASKED)
"""Of the open ones those in which somebody waits for an answer."""

OF_HER: FromClause = cases.join(participants, participants.c.id == cases.c.participant_id)
"""Each case with the woman whom it is about."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Which cases a member sees, and for whom she stands in."""

    member: int
    which: ColumnElement[bool]
    covers: frozenset[int]

    def is_covered(self, row: Any) -> bool:
        """Whether she sees this one only for somebody who is away."""
        whose = row.owner_id or row.staff_id
        return whose != self.member and whose in self.covers


async def seen_by(tx: Tx, member: Member) -> Seen:
    """Which cases this member sees, as a condition on OF_HER."""
    covers = await caseloads.covered_by(tx, member.staff)
    if member.role in SEES_ALL:
        return Seen(member.staff, true(), covers)
    if member.role not in SEES_OWN:
        return Seen(member.staff, false(), covers)
    return Seen(member.staff, _theirs(member.staff, await caseloads.today(tx)), covers)


def _theirs(reader: Any, day: date) -> ColumnElement[bool]:
    """Which cases are of her whose id this is (a number, or a column), or of somebody for whom she stands in."""
    return or_(_is_hers(participants.c.staff_id, reader, day=day), _is_hers(cases.c.owner_id, reader, day=day))


def _is_hers(whose: ColumnElement[Any], reader: Any, *, day: date) -> ColumnElement[bool]:
    stands_in = select(absences.c.id).where(absences.c.staff_id == whose, absences.c.cover_id == reader, lasting(day))
    return or_(whose == reader, stands_in.correlate_except(absences).exists())


async def waiting(tx: Tx, member: Member | None = None) -> int:
    """In how many cases somebody waits for an answer; with a member who sees only her own, of those that she sees."""
    counted = select(func.count()).select_from(OF_HER).where(WAITED_IN)
    if member is not None and member.role in SEES_OWN:
        counted = counted.where((await seen_by(tx, member)).which)
    return int((await tx.run(counted)).scalar_one())


async def readers(tx: Tx, about: ColumnElement[bool]) -> Mapping[int, int]:
    """Who of staff sees any of these cases (a condition on `cases`), and in how many that she sees somebody waits."""
    reader = staff.alias("reader")
    own = and_(reader.c.role.in_(SEES_OWN), _theirs(reader.c.id, await caseloads.today(tx)))
    sees = reader.c.revoked_at.is_(None) & or_(reader.c.role.in_(SEES_ALL), own)
    counted = select(reader.c.id, func.count().label("waiting")).select_from(OF_HER.join(reader, sees))
    of_each = counted.where(WAITED_IN).group_by(reader.c.id).having(func.count().filter(about) > 0)
    return {row.id: row.waiting for row in await tx.run(of_each)}
