"""What had become of the expected check-ins by a moment, now or past: counted by point, or told one by one for a woman.

* Each check-in that was expected by then counts once: it was open, or it had exactly one fate.
* A past moment is read from the rows' own times; where a plan, a date or staff changed a row since, from its first
  revision after that moment, which holds the row as it stood.
* The database does the counting: what leaves it grows with the plan's points, not with the women.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, case, func, literal, null, select

from storage import remains
from storage.database import Tx
from storage.fates import Fate, Reason
from storage.schema import checkins, participants, revisions


class Open(StrEnum):
    """How far an open check-in has come; whoever put off an invitation has had it all the same."""

    WAITING_FOR_DATE = "waiting_for_date"
    EXPECTED = "expected"
    INVITED = "invited"
    STARTED = "started"


@dataclass(frozen=True, slots=True)
class Tally:
    """So many check-ins of one point that stood alike: open so far, or closed with that fate and reason.

    `overdue` ones are open although their window had closed.
    """

    plan: str
    point: str
    count: int
    stood: Open | Fate
    reason: Reason | None = None
    invited: bool = False
    started: bool = False
    overdue: bool = False
    first_due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of check-ins. `percent` has one decimal, and is None of nothing."""

    numerator: int
    denominator: int

    @property
    def percent(self) -> float | None:
        """The share in percent."""
        return round(100 * self.numerator / self.denominator, 1) if self.denominator else None


COUNTED = tuple(fate for fate in Fate if fate is not Fate.NOT_DUE)
"""The fates of whoever was eligible: the denominator of a response rate."""


@dataclass(frozen=True, slots=True)
class Funnel:
    """The check-ins of a point, or of all: `expected` = `open` + the sum of `fates`.

    `invited` and `started` have come at least so far, whatever became of them; `waiting_for_date` and `overdue` are
    parts of `open`; `reasons` are the fates' reasons with their counts.
    """

    expected: int
    invited: int
    started: int
    open: int
    waiting_for_date: int
    overdue: int
    fates: dict[Fate, int]
    reasons: dict[Fate, dict[Reason, int]]

    @property
    def rr1(self) -> Rate:
        """AAPOR's response rate 1, the strictest: completed ones among all that were eligible."""
        return Rate(self.fates[Fate.COMPLETED], self._eligible)

    @property
    def rr2(self) -> Rate:
        """AAPOR's response rate 2: completed and partial ones among all that were eligible."""
        return Rate(self.fates[Fate.COMPLETED] + self.fates[Fate.PARTIAL], self._eligible)

    @property
    def _eligible(self) -> int:
        return sum(self.fates[fate] for fate in COUNTED) + self.overdue


def sum_up(tallies: Iterable[Tally]) -> Funnel:
    """One funnel out of tallies, of one point or of many."""
    counts: Counter[Open | Fate | str] = Counter()
    reasons: dict[Fate, dict[Reason, int]] = {}
    for tally in tallies:
        counts[tally.stood] += tally.count
        counts["invited or more"] += tally.count * tally.invited
        counts["started or more"] += tally.count * tally.started
        counts["overdue"] += tally.count * tally.overdue
        if isinstance(tally.stood, Fate) and tally.reason is not None:
            known = reasons.setdefault(tally.stood, {})
            known[tally.reason] = known.get(tally.reason, 0) + tally.count
    fates = {fate: counts[fate] for fate in Fate}
    unclosed = sum(counts[stage] for stage in Open)
    return Funnel(
        expected=unclosed + sum(fates.values()),
        invited=counts["invited or more"],
        started=counts["started or more"],
        open=unclosed,
        waiting_for_date=counts[Open.WAITING_FOR_DATE],
        overdue=counts["overdue"],
        fates=fates,
        reasons=reasons,
    )


class _AsOf:
    """The columns of the ledger as they stood at a moment."""

    def __init__(self, at: datetime, *, present: bool) -> None:
        """The present needs no revisions: none comes after it."""
        self.at = at
        self._present = present

    @property
    def rows(self) -> FromClause:
        """Every check-in, with the revision that says how it stood, if there is one."""
        if self._present:
            return checkins
        later = revisions.alias()
        first = (
            select(later.c.id)
            .where(later.c.checkin_id == checkins.c.id, later.c.at > self.at)
            .order_by(later.c.at, later.c.id)
            .limit(1)
            .correlate(checkins)
            .scalar_subquery()
        )
        return checkins.outerjoin(revisions, revisions.c.id == first)

    def column(self, name: str) -> ColumnElement[Any]:
        """A column as it stood; times that came later are still to be told apart."""
        if self._present:
            return checkins.c[name]
        return case((revisions.c.id.is_not(None), revisions.c[name]), else_=checkins.c[name])

    def had(self, name: str) -> ColumnElement[bool]:
        """Whether what this column is the time of had happened: false for what never did."""
        return func.coalesce(self.column(name) <= self.at, literal(False))

    def if_had(self, name: str, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """The value, if what that column is the time of had happened."""
        return case((self.had(name), value), else_=null())

    @property
    def stood(self) -> ColumnElement[str]:
        """The fate, or how far the open check-in had come."""
        return case(
            (self.had("closed_at"), self.column("fate")),
            (self.had("started_at"), literal(Open.STARTED.value)),
            (self.had("invited_at"), literal(Open.INVITED.value)),
            (self.column("due_on").is_(None), literal(Open.WAITING_FOR_DATE.value)),
            else_=literal(Open.EXPECTED.value),
        )


async def knows_point(tx: Tx, name: str) -> bool:
    """Whether any check-in is of a point or series of that name."""
    named = (checkins.c.point == name) | (checkins.c.series == name)
    return (await tx.run(select(checkins.c.id).where(named).limit(1))).first() is not None


async def centres(tx: Tx) -> list[str]:
    """The centres that women belong to, in order."""
    named = select(participants.c.centre).where(participants.c.centre.is_not(None)).distinct()
    return sorted((await tx.run(named)).scalars())


async def tallies(
    tx: Tx,
    at: datetime,
    *,
    centre: str | None = None,
    point: str | None = None,
    closed_since: datetime | None = None,
) -> list[Tally]:
    """How the check-ins that were expected by `at` stood then: all, those of the women of a centre (as it is now),
    those of one point or series, or those that had closed since a moment.

    In the order of the points' earliest due dates, those without any last. A moment to come is as the present.
    """
    then = _AsOf(at, present=at >= tx.now)
    each = (
        select(
            checkins.c.plan,
            checkins.c.point,
            then.stood.label("stood"),
            then.if_had("closed_at", then.column("fate_reason")).label("reason"),
            then.had("invited_at").label("invited"),
            then.had("started_at").label("started"),
            (then.had("closes_at") & ~then.had("closed_at")).label("overdue"),
            then.column("due_on").label("due_on"),
        )
        .select_from(then.rows)
        .where(checkins.c.added_at <= at)
    )
    if centre is not None:
        women = select(participants.c.id).where(participants.c.centre == centre)
        each = each.where(checkins.c.participant_id.in_(women))
    if point is not None:
        each = each.where((checkins.c.point == point) | (checkins.c.series == point))
    if closed_since is not None:
        each = each.where(then.had("closed_at") & (then.column("closed_at") >= closed_since))
    rows = each.subquery()
    alike = [column for column in rows.c if column.name != "due_on"]
    statement = select(*alike, func.count().label("number"), func.min(rows.c.due_on).label("first_due_on"))
    found = [_tally(row) for row in await tx.run(statement.group_by(*alike))]
    if centre is None and closed_since is None:  # of those who were erased no centre and no day is known any more
        found = _joined(found, [_tally(row) for row in await tx.run(_erased(at, point=point))])
    return sorted(found, key=lambda tally: (tally.first_due_on or date.max, tally.plan, tally.point))


def _erased(at: datetime, *, point: str | None) -> Select[Any]:
    """The same of the check-ins of women who were erased."""
    rows = remains.stood_at(at, open_as=Open.EXPECTED.value, point=point).subquery()
    alike = [column for column in rows.c if column.name != "due_on"]
    counted = (func.count().label("number"), func.min(rows.c.due_on).label("first_due_on"))
    return select(*alike, *counted).group_by(*alike)


def _joined(found: list[Tally], more: Sequence[Tally]) -> list[Tally]:
    """All of them, those that stood alike as one."""
    joined: dict[Tally, Tally] = {}
    for one in (*found, *more):
        alike = replace(one, count=0, first_due_on=None)
        known = joined.get(alike)
        days = (one.first_due_on, None if known is None else known.first_due_on)
        due = [day for day in days if day is not None]
        count = one.count + (0 if known is None else known.count)
        joined[alike] = replace(one, count=count, first_due_on=min(due, default=None))
    return list(joined.values())


def _tally(row: Any) -> Tally:
    return Tally(
        plan=row.plan,
        point=row.point,
        count=row.number,
        stood=_stood(row.stood),
        reason=row.reason and Reason(row.reason),
        invited=bool(row.invited),
        started=bool(row.started),
        overdue=bool(row.overdue),
        first_due_on=row.first_due_on,
    )


def _stood(value: str) -> Open | Fate:
    return Open(value) if value in set(Open) else Fate(value)


# --- one woman's check-ins, one by one


@dataclass(frozen=True, slots=True)
class Change:
    """What something other than her answers or the calendar made of a check-in: when, for what cause, and how it stood
    until then."""

    at: datetime
    cause: str
    stood: str
    reason: Reason | None
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Course:
    """One check-in as it stood at a moment, and what had been changed of it by then, the oldest change first."""

    plan: str
    point: str
    stood: Open | Fate
    reason: Reason | None
    added_at: datetime
    due_on: date | None
    opens_at: datetime | None
    closes_at: datetime | None
    invited_at: datetime | None
    started_at: datetime | None
    closed_at: datetime | None
    changes: tuple[Change, ...]


async def courses_of(tx: Tx, participant: int, *, at: datetime) -> list[Course]:
    """Her check-ins as they stood at that moment, the earliest due first; those without a date last."""
    then = _AsOf(at, present=at >= tx.now)
    statement = (
        select(
            *(checkins.c[name] for name in ("id", "plan", "point", "added_at")),
            then.stood.label("stood"),
            then.if_had("closed_at", then.column("fate_reason")).label("reason"),
            *(then.column(name).label(name) for name in ("due_on", "opens_at", "closes_at")),
            *(then.if_had(name, then.column(name)).label(name) for name in ("invited_at", "started_at", "closed_at")),
        )
        .select_from(then.rows)
        .where(checkins.c.participant_id == participant, checkins.c.added_at <= at)
    )
    changes = await _changes(tx, participant, at=at)
    found = [_course(row, changes.get(row.id, ())) for row in await tx.run(statement)]
    return sorted(found, key=lambda one: (one.due_on or date.max, one.plan, one.point))


async def _changes(tx: Tx, participant: int, *, at: datetime) -> dict[int, tuple[Change, ...]]:
    statement = (
        select(revisions)
        .join(checkins, checkins.c.id == revisions.c.checkin_id)
        .where(checkins.c.participant_id == participant, revisions.c.at <= at)
        .order_by(revisions.c.at, revisions.c.id)
    )
    found: dict[int, tuple[Change, ...]] = {}
    for row in await tx.run(statement):
        reason = row.fate_reason and Reason(row.fate_reason)
        change = Change(row.at, row.cause, row.fate or row.state, reason, row.due_on)
        found[row.checkin_id] = (*found.get(row.checkin_id, ()), change)
    return found


def _course(row: Any, changes: tuple[Change, ...]) -> Course:
    told = {name: value for name, value in row._mapping.items() if name not in {"id", "stood", "reason"}}
    return Course(**told, stood=_stood(row.stood), reason=row.reason and Reason(row.reason), changes=changes)
