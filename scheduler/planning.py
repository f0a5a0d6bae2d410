"""Which check-ins are expected of a woman, and what changes of them when a plan or a date does: no clock, no store.

* Every expected check-in is either open with a deadline, or waits for a date, or is closed with one fate and a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scheduler.calendar import Calendar, Preferences, day_start, slot_on
from scheduler.plan import Occurrence, Plan
from storage.fates import CheckinState, Fate, Reason

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Expected:
    """One row that enrolment writes into the ledger.

    `due_on` is a local date; `opens_at` and `closes_at` are UTC instants, the second no longer part of the window.
    While waiting for a date all three are None; a row that is closed from the start has no `opens_at`.
    """

    point: str
    state: CheckinState
    due_on: date | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    fate: Fate | None = None
    reason: Reason | None = None


def expected(plan: Plan, anchor_on: date | None, *, enrolled_on: date, preferences: Preferences) -> list[Expected]:
    """One row for each check-in of the plan, in the plan's order; both dates are local ones.

    Nothing opens before the day after she enrolled: on the day itself she has just talked with us. A point of the past
    whose window is still open then opens in her next slot; one whose window leaves her no slot is not due.
    """
    first_on = enrolled_on + ONE_DAY
    return [
        _expected(one, due_on, first_on=first_on, her=preferences, calendar=plan.calendar)
        if (due_on := one.due_on(anchor_on)) is not None
        else Expected(one.name, CheckinState.WAITING_FOR_DATE)
        for one in plan.occurrences.values()
    ]


def _expected(one: Occurrence, due_on: date, *, first_on: date, her: Preferences, calendar: Calendar) -> Expected:
    closes_at = day_start(due_on + timedelta(days=one.point.window.after + 1), her.zone)
    opens_at = slot_on(max(due_on, first_on), her, calendar=calendar)
    if opens_at < closes_at:
        return Expected(one.name, CheckinState.EXPECTED, due_on, opens_at, closes_at)
    reason = Reason.BEFORE_ENROLMENT if due_on < first_on else Reason.NO_ALLOWED_HOUR
    return Expected(one.name, CheckinState.CLOSED, due_on, None, closes_at, Fate.NOT_DUE, reason)
