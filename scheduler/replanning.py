"""Whatever changes about a woman or a plan reaches the check-ins that wait: planned, shown, and written down.

* What is written is what was planned from the rows as they stood in the same transaction.
* A plan goes through the women in small transactions; wherever it is cut off, applying it again does what is left.
* Whoever has no date to count from has her rows all the same, waiting; staff own them, and have one case for her. They
  wait, past their deadline too, until the date comes.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from scheduler.applied import Plans
from scheduler.calendar import Preferences, Slot, ever_opens, local_day
from scheduler.plan import RELEASE, Plan
from scheduler.planning import Appear, Change, Woman, replan
from storage import cases, ledger, looks, pauses, revisions, roster
from storage import plans as kept
from storage.database import Database, Tx
from storage.fates import CheckinState
from storage.ledger import NewCheckin
from storage.revisions import Cause, Revised, Standing
from storage.roster import Facts, Follower, Grouped

FIND_DATE_WITHIN = timedelta(days=14)
"""How long staff have to find a date. Later nothing ends: row and case stay open, and theirs."""

ROWS = 400
"""Rows that one transaction may have to write, so that it lasts well under 50 ms (design.md D11)."""

PAGE = 3000
"""Women who are looked through at once, outside any transaction that writes, to see whom a plan concerns."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What follows for one woman's check-ins; whether any of them then waits for the plan's `anchor`, or stands open in
    her chat."""

    woman: int
    plan: str
    anchor: str
    zone: str
    changes: Sequence[Change]
    waits: bool
    opened: bool = False


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why something follows for a woman: a new date that ends a pause without end (`away_since`), a plan that is
    applied, or any other news of her."""

    away_since: datetime | None = None
    has_new_plan: bool = False


NEWS, NEW_PLAN = Occasion(), Occasion(has_new_plan=True)


async def plan_again(tx: Tx, women: Sequence[int], *, plans: Plans, occasion: Occasion = NEWS) -> list[Planned]:
    """What follows for these women, a few hundred at most, from what the store knows of them now."""
    followers = await roster.followers(tx, women)
    expected = [her.id for her in followers if her.is_expected]
    rows = await revisions.standing(tx, expected) if expected else {}
    found = [plan_for(her, rows.get(her.id, ()), plans=plans, now=tx.now, occasion=occasion) for her in followers]
    return [one for one in found if one is not None]


def plan_for(
    her: Follower, rows: Sequence[Standing], *, plans: Plans, now: datetime, occasion: Occasion = NEWS
) -> Planned | None:
    """What follows for one woman; None if the plan that was named for her is not to be had: then nothing changes."""
    plan = plans.followed_by(her.plan, centre=her.centre, cohort=her.cohort)
    if plan is None:
        return None
    changes = replan(plan, _woman(her, occasion), standing=rows, now=now)
    changed = {change.row.id for change in changes if not isinstance(change, Appear)}
    states = [row.state for row in rows if row.id not in changed] + [change.to.state for change in changes]
    opened = any(row.is_open and not row.is_untouched for row in rows)
    return Planned(her.id, plan.name, plan.anchor, her.zone, changes, CheckinState.WAITING_FOR_DATE in states, opened)


def _woman(her: Follower, occasion: Occasion) -> Woman:
    preferences = _preferences(her.zone, her.slot, days=her.days)
    return Woman(
        enrolled_on=local_day(her.added_at, preferences.zone),
        preferences=preferences,
        dates=her.dates if her.release_on is None else {**her.dates, RELEASE: her.release_on},
        centre=her.centre,
        cohort=her.cohort,
        died_on=her.died_on,
        away_since=occasion.away_since,
        has_new_plan=occasion.has_new_plan,
    )


@lru_cache(maxsize=1024)
def _preferences(zone: str, slot: str, *, days: str | None) -> Preferences:
    return Preferences(ZoneInfo(zone), Slot(slot), frozenset(int(day) for day in days or ""))


def hours_come(her: Follower, plan: Plan, *, now: datetime) -> bool:
    """Whether her days and her part of the day ever meet in the plan's calendar: Sunday mornings may never open."""
    return ever_opens(now, _preferences(her.zone, her.slot, days=her.days), calendar=plan.calendar)


async def write(tx: Tx, planned: Sequence[Planned], *, cause: Cause) -> None:
    """Write these changes into the ledger, and open or close the cases that ask staff for a date."""
    await ledger.expect(tx, [row for one in planned for row in _appearing(one, tx.now)])
    if revised := [row for one in planned for row in _revised(one, tx.now)]:
        await revisions.revise(tx, revised, cause=cause)
    begin = [(one.woman, _date_case(one), None) for one in planned if any(_begins_to_wait(c) for c in one.changes)]
    await cases.open_cases(tx, begin)
    for one in planned:
        if any(_waited(change) for change in one.changes):
            await _close_date_cases(tx, one)


def _date_case(one: Planned) -> str:
    """The kind of the case that asks staff for the date that her plan counts from."""
    return cases.MISSING_DATE if one.anchor == RELEASE else cases.A_DATE + one.anchor


async def _close_date_cases(tx: Tx, one: Planned) -> None:
    """Nobody asks for a date of hers any more that nothing waits for."""
    asked = [case.kind for case in await cases.who_waits(tx, one.woman) if case.kind.startswith(cases.A_DATE)]
    for kind in asked:
        if not one.waits or kind != _date_case(one):
            await cases.close_case(tx, one.woman, kind)


def _begins_to_wait(change: Change) -> bool:
    return change.to.state is CheckinState.WAITING_FOR_DATE


def _waited(change: Change) -> bool:
    return not isinstance(change, Appear) and change.row.state is CheckinState.WAITING_FOR_DATE


def _next_at(change: Change, now: datetime) -> datetime | None:
    return now + FIND_DATE_WITHIN if _begins_to_wait(change) else change.to.opens_at


def _appearing(one: Planned, now: datetime) -> list[NewCheckin]:
    return [
        NewCheckin(
            participant=one.woman,
            plan=one.plan,
            point=change.to.point,
            series=change.to.series,
            instrument=change.to.instrument,
            state=change.to.state,
            next_at=_next_at(change, now),
            due_on=change.to.due_on,
            opens_at=change.to.opens_at,
            closes_at=change.to.closes_at,
            fate=change.to.fate,
            reason=change.to.reason,
        )
        for change in one.changes
        if isinstance(change, Appear)
    ]


def _revised(one: Planned, now: datetime) -> list[Revised]:
    return [
        Revised(
            was=change.row,
            instrument=change.to.instrument,
            state=change.to.state,
            next_at=_next_at(change, now),
            due_on=change.to.due_on,
            opens_at=change.to.opens_at,
            closes_at=change.to.closes_at,
            fate=change.to.fate,
            reason=change.to.reason,
        )
        for change in one.changes
        if not isinstance(change, Appear)
    ]


# --- one woman, corrected


async def correct(tx: Tx, participant: int, facts: Facts, *, plans: Plans, keep: bool = True) -> Sequence[Change]:
    """Write down what is known of her from now on and what follows for her check-ins; returns that. Without `keep`
    nothing is written.

    A release date ends a pause for `reingreso`, and what closed in it is expected again where the date leaves room.
    """
    (before,) = await roster.followers(tx, [participant])
    her = known_as(before, facts)
    away_since = await pauses.away_since(tx, participant) if facts.release_on is not None else None
    rows = (await revisions.standing(tx, [participant])).get(participant, [])
    planned = plan_for(her, rows, plans=plans, now=tx.now, occasion=Occasion(away_since))
    changes = () if planned is None else planned.changes
    if keep:
        await roster.set_facts(tx, participant, facts)
        if away_since is not None:
            await pauses.resume(tx, participant)
        if planned is not None:
            await write(tx, [planned], cause=_cause(before, facts, returned=away_since is not None))
        if facts.died_on is not None:  # about a check-in that is over, too
            await cases.close_case(tx, participant, cases.CALL)
        await looks.look_now(tx, [participant])
    return changes


def known_as(her: Follower, facts: Facts) -> Follower:
    """She as the store will have her."""
    return replace(
        her,
        plan=her.plan if facts.plan is None else facts.plan or None,
        release_on=facts.release_on or her.release_on,
        centre=facts.centre or her.centre,
        cohort=facts.cohort or her.cohort,
        died_on=None if facts.alive else facts.died_on or her.died_on,
        zone=facts.zone or her.zone,
        slot=facts.slot or her.slot,
        days=her.days if facts.days is None else facts.days or None,
        region=facts.region or her.region,
        dates={**her.dates, **facts.dates},
    )


def _cause(before: Follower, facts: Facts, *, returned: bool) -> Cause:
    if facts.died_on is not None:
        return Cause.DIED
    if returned:
        return Cause.RETURNED
    first_date = facts.release_on is not None and before.release_on is None
    return Cause.DATE_KNOWN if first_date or facts.dates.keys() - before.dates.keys() else Cause.CORRECTED


# --- everybody whom a plan concerns


async def preview_plan(database: Database, plan: Plan, *, plans: Plans) -> AsyncGenerator[list[Planned], None]:
    """What applying this plan would change, page by page, for all women whom it concerns."""
    after = plans.with_plan(plan)
    async for women in _concerned(database, plan, before=plans):
        async with database.read() as tx:
            yield await plan_again(tx, list(women), plans=after, occasion=NEW_PLAN)


async def apply_plan(
    database: Database, plan: Plan, *, source: str, plans: Plans, by: str
) -> AsyncIterator[list[Planned]]:
    """Keep this plan and change every row that it changes; yields what has been written, batch by batch, for all
    women whom it concerns.

    The plan holds from the first moment; a batch is one transaction. What an earlier try left undone is done now, and
    what is done already stays as it is. A plan that cannot be worked out for the first women is not kept.
    """
    after = plans.with_plan(plan)
    async with aclosing(preview_plan(database, plan, plans=plans)) as pages:
        await anext(pages, None)
    async with database.transact() as tx:
        if (plan.name, plan.version) not in await kept.state(tx):
            await kept.keep_plan(tx, plan.name, version=plan.version, source=source, by=by)
    async for women in _concerned(database, plan, before=plans):
        for batch in _batches(women):
            async with database.transact() as tx:
                planned = await plan_again(tx, batch, plans=after, occasion=NEW_PLAN)
                await write(tx, planned, cause=Cause.PLAN_APPLIED)
                await looks.look_at_opened(tx, [one.woman for one in planned if one.opened])
            yield planned


def _batches(women: Mapping[int, int]) -> Iterator[list[int]]:
    """These women, so many at once that no more than ROWS are written, unless one of them alone has more."""
    batch, rows = list[int](), 0
    for woman, hers in women.items():
        if batch and rows + hers > ROWS:
            yield batch
            batch, rows = [], 0
        batch.append(woman)
        rows += hers
    if batch:
        yield batch


async def _concerned(database: Database, plan: Plan, *, before: Plans) -> AsyncIterator[dict[int, int]]:
    """Whoever follows this plan, will, or still has check-ins of it that wait, by internal id, page by page; each with
    the rows that may have to be written for her: two where one changes, which is kept as it was."""
    last, after = 0, before.with_plan(plan)
    while True:
        async with database.read() as tx:
            page = await roster.groups_after(tx, last, PAGE)
            if not page:
                return
            waiting = await roster.what_waits(tx, [her.id for her in page])
        last = page[-1].id
        yield {
            her.id: len(plan.occurrences) + 2 * sum(waiting.get(her.id, {}).values())
            for her in page
            if plan.name in waiting.get(her.id, ()) or _follows(her, plan.name, ever=(before, after))
        }


def _follows(her: Grouped, name: str, *, ever: Sequence[Plans]) -> bool:
    found = (plans.followed_by(her.plan, centre=her.centre, cohort=her.cohort) for plans in ever)
    return any(plan is not None and plan.name == name for plan in found)
