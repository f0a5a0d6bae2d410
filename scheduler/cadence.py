"""Which check-ins are expected of a woman, and what is due for each of them now: no clock, no store.

* Every expected check-in is either open with a deadline, or waits for a date, or is closed with one fate and a reason.
* Nothing unasked is decided outside her allowed hours, and nothing after the deadline but the closing itself.
* A decision is always about this very moment; one that says "look again" names a later moment, at most the deadline.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto
from typing import Literal
from zoneinfo import ZoneInfo

from scheduler.calendar import Calendar, Slot, day_start, local_day, may_send, next_allowed, slot_on
from scheduler.plan import Plan, Point
from storage.fates import CheckinState, Fate, Reason

ONE_DAY = timedelta(days=1)

OpenState = Literal[CheckinState.EXPECTED, CheckinState.INVITED, CheckinState.STARTED]


@dataclass(frozen=True, slots=True)
class Preferences:
    """When she likes to be asked: her zone and the part of her day."""

    zone: ZoneInfo
    slot: Slot = Slot.ANY


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
    """One row for each point of the plan, in the plan's order; both dates are local ones.

    Nothing opens before the day after she enrolled: on the day itself she has just talked with us. A point of the past
    whose window is still open then opens in her next slot; one whose window leaves her no slot is not due.
    """
    if anchor_on is None:
        return [Expected(point.name, CheckinState.WAITING_FOR_DATE) for point in plan.points]
    first_on = enrolled_on + ONE_DAY
    return [
        _expected(point, point.offset.from_date(anchor_on), first_on=first_on, her=preferences, calendar=plan.calendar)
        for point in plan.points
    ]


def _expected(point: Point, due_on: date, *, first_on: date, her: Preferences, calendar: Calendar) -> Expected:
    closes_at = day_start(due_on + timedelta(days=point.window.after + 1), her.zone)
    opens_at = slot_on(max(due_on, first_on), her.zone, slot=her.slot, calendar=calendar)
    if opens_at < closes_at:
        return Expected(point.name, CheckinState.EXPECTED, due_on, opens_at, closes_at)
    reason = Reason.BEFORE_ENROLMENT if due_on < first_on else Reason.NO_ALLOWED_HOUR
    return Expected(point.name, CheckinState.CLOSED, due_on, None, closes_at, Fate.NOT_DUE, reason)


class Reach(Enum):
    """Whether a message of ours can get to her, and why not."""

    REACHABLE = auto()  # a linked chat that is not blocked, and her consent
    NOT_ENROLLED = auto()  # she never got as far as that
    NO_CHAT = auto()  # she did, and the chat has been blocked or unlinked since


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One open check-in as the ledger knows it; all times are UTC.

    `reminded_at` is the last reminder, `last_heard_at` the last sign of her in any conversation, `resting_until` the
    moment at which she herself wants to go on, `help_asked_at` when she asked for somebody.
    """

    point: str
    state: OpenState
    opens_at: datetime
    closes_at: datetime
    invited_at: datetime | None = None
    reminded_at: datetime | None = None
    reminders_sent: int = 0
    last_heard_at: datetime | None = None
    resting_until: datetime | None = None
    help_asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true of her at the moment of deciding."""

    reach: Reach
    in_other_sitting: bool
    preferences: Preferences


@dataclass(frozen=True, slots=True)
class Open:
    """Invite her now."""


@dataclass(frozen=True, slots=True)
class Remind:
    """Send her reminder `number` (the first is 1) now."""

    number: int


@dataclass(frozen=True, slots=True)
class Postpone:
    """Something is due and can't leave now; decide again at `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing is due; decide again at `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Close:
    """The window has closed: the check-in ends with this fate."""

    fate: Fate
    reason: Reason


Decision = Open | Remind | Postpone | Nothing | Close


def decide(row: LedgerRow, facts: Facts, *, now: datetime, plan: Plan) -> Decision:
    """What to do with one open check-in at this very moment. `until` lies after `now` and not beyond the deadline."""
    if now >= row.closes_at:
        return _closing(row, facts)
    due_at = row.opens_at if row.state is CheckinState.EXPECTED else _reminder_due(row, plan)
    if due_at is None or due_at >= row.closes_at:
        return Nothing(row.closes_at)
    if now < due_at:
        return Nothing(min(_allowed(due_at, facts, plan=plan), row.closes_at))
    held_until = _held_until(facts, now=now, plan=plan)
    if held_until is not None:
        return Postpone(min(held_until, row.closes_at))
    return Open() if row.state is CheckinState.EXPECTED else Remind(row.reminders_sent + 1)


def _closing(row: LedgerRow, facts: Facts) -> Close:
    if row.state is CheckinState.STARTED:
        return Close(Fate.PARTIAL, Reason.UNFINISHED)
    if row.help_asked_at is not None:
        return Close(Fate.PARTIAL, Reason.ONLY_ASKED_FOR_HELP)
    if facts.reach is Reach.NOT_ENROLLED:
        return Close(Fate.UNREACHABLE, Reason.NOT_ENROLLED)
    if facts.reach is Reach.NO_CHAT:
        return Close(Fate.UNREACHABLE, Reason.NO_CHAT)
    if row.state is CheckinState.INVITED:
        return Close(Fate.UNREACHABLE, Reason.NO_ANSWER)
    return Close(Fate.MISSED_BY_US, Reason.OTHER_SITTING if facts.in_other_sitting else Reason.NOT_SENT)


def _reminder_due(row: LedgerRow, plan: Plan) -> datetime | None:
    """When her next reminder is due: when she asked for it, or counted from the last word of hers or ours; None if none
    is left."""
    if row.resting_until is not None:
        return row.resting_until
    last_sent_at = row.reminded_at or row.invited_at
    point = plan.point(row.point)
    if last_sent_at is None or point is None or row.reminders_sent >= len(point.reminders):
        return None
    silent_since = max(last_sent_at, row.last_heard_at or last_sent_at)
    return silent_since + point.reminders[row.reminders_sent].length


def _held_until(facts: Facts, *, now: datetime, plan: Plan) -> datetime | None:
    """When to try again what can't leave now, or None if it can.

    Whoever can't be reached is looked at again each day, so that a chat that comes back is not forgotten.
    """
    her = facts.preferences
    if facts.reach is not Reach.REACHABLE or facts.in_other_sitting:
        return slot_on(local_day(now, her.zone) + ONE_DAY, her.zone, slot=her.slot, calendar=plan.calendar)
    if not may_send(now, her.zone, slot=her.slot, calendar=plan.calendar):
        return _allowed(now, facts, plan=plan)
    return None


def _allowed(after: datetime, facts: Facts, *, plan: Plan) -> datetime:
    her = facts.preferences
    return next_allowed(after, her.zone, slot=her.slot, calendar=plan.calendar)
