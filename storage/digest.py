"""What coordinators learn once a week, if they want to: counts, waits and a few shares, and nobody's name.

* A share is told with its base; of a small base, or where a few could be told apart, the percentage is not.
* Somebody is told of each week once, whatever happens between: who has been is written in the commit that posts it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from sqlalchemy import bindparam, func, select, update

from storage import audit, funnel, request_terms
from storage.cases_kinds import CALL, CRISIS, NOT_ASKED
from storage.database import Tx
from storage.fates import Fate
from storage.funnel import Funnel, Open, Tally
from storage.members import SEES_ALL, Member
from storage.outcomes.known import known
from storage.outcomes.permitted import may_be_told
from storage.outcomes.work import IN_FREEDOM, NOW, Status
from storage.phones import Phone, phones
from storage.records import Entry, Writer
from storage.request_terms import Waiting
from storage.schema import cases, employments, incomes, staff

SMALLEST_BASE, SMALLEST_CELL = 10, 5
"""A percentage is told of so many women at least, with so many on either side of it: the smallest base that we tell to
a group, and the common limit of small cells in health statistics."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many women of how many of whom it is known."""

    count: int
    base: int

    @property
    def percent(self) -> int | None:
        """The share in percent; None where it would tell too much of too few."""
        if self.base < SMALLEST_BASE or min(self.count, self.base - self.count) < SMALLEST_CELL:
            return None
        return round(100 * self.count / self.base)


_UNTOLD = (*NOT_ASKED, CRISIS)
"""The kinds of cases that no digest counts: nobody waits, or what she wrote is for whoever sees to it alone."""


@dataclass(frozen=True, slots=True)
class Digest:
    """One week, from `since` up to `until`, and how all stands at its end.

    `week` are the check-ins that ended in it, `all` those whose turn had come by its end. `waited` is the median of how
    long the `closed` cases of the week had waited. `income` is the median of the last known incomes of `with_income`
    women, in pesos a month, or None of few; `earns_more` counts those whose last is above their first. `rights` is what
    was asked for by law, as it stands when it is told: it is for doing, not for looking back.
    """

    since: datetime
    until: datetime
    week: Funnel
    all: Funnel
    open_cases: int
    overdue: int
    closed: int
    waited: timedelta | None
    calls: int
    works: Share
    with_income: int
    income: Decimal | None
    earns_more: Share
    rights: Waiting


async def look(tx: Tx, since: datetime, until: datetime) -> Digest:
    """What there is to tell of that time."""
    ended = await funnel.tallies(tx, until, closed_since=since)
    stood = [tally for tally in await funnel.tallies(tx, until) if _had_its_turn(tally)]
    waits = await _waits(tx, since, until)
    open_ones, overdue, calls = await _open_cases(tx, until)
    amounts = await _incomes(tx, until)
    last = [of_hers[-1] for of_hers in amounts]
    pairs = [of_hers for of_hers in amounts if len(of_hers) > 1]
    return Digest(
        since=since,
        until=until,
        week=funnel.sum_up(tally for tally in ended if tally.stood is not Fate.NOT_DUE),
        all=funnel.sum_up(stood),
        open_cases=open_ones,
        overdue=overdue,
        closed=len(waits),
        waited=timedelta(seconds=median(waits)) if waits else None,
        calls=calls,
        works=await _works(tx, until),
        with_income=len(last),
        income=median(last) if len(last) >= SMALLEST_BASE else None,
        earns_more=Share(sum(hers[-1] > hers[0] for hers in pairs), len(pairs)),
        rights=await request_terms.waiting(tx),
    )


def _had_its_turn(tally: Tally) -> bool:
    """Whether these were asked, or should have been: what is planned for later years is no part of a funnel."""
    if isinstance(tally.stood, Open):
        return tally.invited or tally.overdue
    return tally.stood is not Fate.NOT_DUE


async def _waits(tx: Tx, since: datetime, until: datetime) -> list[float]:
    """How many seconds each case had been open in which somebody waited, and that was closed in that time."""
    in_time = (cases.c.closed_at >= since) & (cases.c.closed_at < until)
    closed = select(cases.c.opened_at, cases.c.closed_at).where(in_time, cases.c.kind.not_in(_UNTOLD))
    return [(row.closed_at - row.opened_at).total_seconds() for row in await tx.run(closed)]


async def _open_cases(tx: Tx, at: datetime) -> tuple[int, int, int]:
    """How many cases were open in which somebody waits, how many of them overdue; how many calls were to be made."""
    open_then = (cases.c.opened_at < at) & (cases.c.closed_at.is_(None) | (cases.c.closed_at >= at))
    asked, late = cases.c.kind.not_in(_UNTOLD), cases.c.due_at < at
    counted = select(
        func.count().filter(asked), func.count().filter(asked & late), func.count().filter(cases.c.kind == CALL)
    )
    waiting, overdue, calls = (await tx.run(counted.select_from(cases).where(open_then))).one()
    return waiting, overdue, calls


async def _works(tx: Tx, at: datetime) -> Share:
    """Who works, of the women whose position in the labour market is known: each as she last told it, outside."""
    told = employments.c.status.is_not(None) & (employments.c.scope == IN_FREEDOM) & known(employments, at)
    newest = (employments.c.as_of_on.desc(), employments.c.learned_at.desc(), employments.c.id)
    age = func.row_number().over(partition_by=employments.c.participant_id, order_by=newest)
    each = select(employments.c.status, age.label("age")).where(told).subquery()
    counted = select(func.count().filter(each.c.status == Status.OCCUPIED), func.count()).where(each.c.age == 1)
    working, base = (await tx.run(counted)).one()
    return Share(working, base)


async def _incomes(tx: Tx, at: datetime) -> list[list[Decimal]]:
    """The incomes of each woman outside in pesos a month, the oldest first; only such as her last can be compared
    with."""
    outside_now = (incomes.c.scope == IN_FREEDOM) & (incomes.c.moment == NOW)
    told = incomes.c.monthly.is_not(None) & outside_now & known(incomes, at) & may_be_told(incomes, public=False)
    hers: dict[int, list[Any]] = {}
    ordered = select(incomes).where(told).order_by(incomes.c.as_of_on, incomes.c.learned_at, incomes.c.id)
    for row in await tx.run(ordered):
        hers.setdefault(row.participant_id, []).append(row)
    return [[one.monthly for one in rows if one.factor_version == rows[-1].factor_version] for rows in hers.values()]


# --- who wants it


@dataclass(frozen=True, slots=True)
class WantsDigest:
    """Whether this member of staff wants the weekly message."""

    member: Member

    async def find(self, tx: Tx) -> bool:
        """Whether she does."""
        hers = select(staff.c.wants_digest).where(staff.c.id == self.member.staff)
        return bool((await tx.run(hers)).scalar_one())


@dataclass(frozen=True, slots=True)
class DigestWished:
    """A member of staff wants the weekly message, or does not any more."""

    staff: int
    wanted: bool


async def _wished(tx: Tx, entries: Sequence[Entry[DigestWished]]) -> None:
    for record in (entry.record for entry in entries):
        await tx.run(update(staff).where(staff.c.id == record.staff).values(wants_digest=record.wanted))
        what = "digest_wanted" if record.wanted else "digest_unwanted"
        await audit.append(tx, [audit.Act(audit.acting(record.staff), what, str(record.staff))])


WRITERS: dict[type, Writer] = {DigestWished: _wished}


async def readers(tx: Tx, monday: date) -> list[Phone]:
    """The phones of whoever wants it, may see everybody, and has not been told of the week that ended with that
    Monday."""
    told = staff.c.digested_on.is_(None) | (staff.c.digested_on < monday)
    return await phones(tx, staff.c.wants_digest & staff.c.role.in_(SEES_ALL) & told)


async def told(tx: Tx, members: Sequence[int], monday: date) -> None:
    """They have been told of the week that ended with that Monday."""
    hers = update(staff).where(staff.c.id == bindparam("member")).values(digested_on=bindparam("monday"))
    await tx.run(hers, [{"member": member, "monday": monday} for member in members])
