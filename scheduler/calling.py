"""When to call again whom nobody reached, and what follows from an attempt beside the call itself.

* Whoever was not reached is tried again on another day and in another part of her hours, unless she named a time.
* Who learns of a death need not remember a second command: it is written down as of today, and can be corrected.
* Two members of staff never settle one call twice: whoever comes second learns it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.applied import Plans
from scheduler.calendar import Calendar, Preferences, Slot, day_start, local_day, next_allowed, slot_on
from scheduler.replanning import correct
from storage import audit, call_desk, calls, roster
from storage.calls import Attempt, Disposition
from storage.database import Conflict, Tx
from storage.records import Entry, Writer
from storage.roster import Facts, Follower

ONE_DAY = timedelta(days=1)
THIRDS = 3
"""Of her hours, as reminders have it: whoever was not there in one may be in the next."""


def hours_of(her: Follower, *, plans: Plans) -> tuple[Preferences, Calendar]:
    """When she likes to be asked, and the calendar of the plan that she follows."""
    plan = plans.followed_by(her.plan, centre=her.centre, cohort=her.cohort)
    days = frozenset(map(int, her.days or ""))
    return Preferences(ZoneInfo(her.zone), Slot(her.slot), days), plan.calendar if plan else Calendar()


def try_again(now: datetime, her: Preferences, *, calendar: Calendar, on: date | None = None) -> datetime:
    """When to try next (UTC): on another day of hers, in the next third of her hours; or on the day that is named.

    Where her days and her part of the day leave no hour of the week, any hour that is not quiet will do.
    """
    try:
        return _again(now, her, calendar=calendar, on=on)
    except ValueError:  # Sunday mornings, for one, are always quiet
        return _again(now, Preferences(her.zone), calendar=calendar, on=on)


def _again(now: datetime, her: Preferences, *, calendar: Calendar, on: date | None) -> datetime:
    if on is not None:
        return slot_on(on, her, calendar=calendar)
    tomorrow = day_start(local_day(now, her.zone) + ONE_DAY, her.zone)
    return next_allowed(tomorrow, her, calendar=calendar, third=(_third(now, her, calendar=calendar) + 1) % THIRDS)


def _third(now: datetime, her: Preferences, *, calendar: Calendar) -> int:
    """In which third of her hours it is now: before them the first, after them the last."""
    hours, clock = calendar.hours(her.slot), now.astimezone(her.zone).time()
    begun: Sequence[int] = [number for number in range(THIRDS) if hours.third(number).opens <= clock]
    return begun[-1] if begun else 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """An attempt of somebody's (`by`, as the audit trail has it), and when the next is due unless it ends the task."""

    attempt: Attempt
    by: str
    again_at: datetime


async def settle(tx: Tx, participant: int, outcome: Outcome, *, plans: Plans) -> bool:
    """Keep an attempt with all that follows from it; returns whether her task is over, or was never open."""
    over = await calls.record(tx, participant, outcome.attempt, by=outcome.by, try_again_at=outcome.again_at)
    if outcome.attempt.disposition is Disposition.DIED:
        (her,) = await roster.followers(tx, [participant])
        if her.died_on is None:
            await correct(tx, participant, Facts(died_on=local_day(tx.now, ZoneInfo(her.zone))), plans=plans)
    return over


@dataclass(frozen=True, slots=True)
class CallSettled:
    """A member of staff tells what became of an attempt at her open task, of which she has taken charge."""

    woman: int
    attempt: Attempt
    by: int
    again_at: datetime
    plans: Plans = field(compare=False)


async def _settled(tx: Tx, entries: Sequence[Entry[CallSettled]]) -> None:
    """Raises Conflict if the task is over, or in somebody else's hands."""
    for record in (entry.record for entry in entries):
        if await call_desk.in_charge(tx, record.woman) != record.by:
            raise Conflict("somebody else has settled this call")
        outcome = Outcome(record.attempt, audit.acting(record.by), record.again_at)
        await settle(tx, record.woman, outcome, plans=record.plans)


WRITERS: dict[type, Writer] = {CallSettled: _settled}
