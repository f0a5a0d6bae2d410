"""What is due now for one open check-in: no clock, no store.

* Nothing unasked is decided outside her allowed hours, and nothing after the deadline but the closing itself.
* A decision is always about this very moment; one that says "look again" names a later moment, at most the deadline.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Literal

from scheduler.calendar import Preferences, local_day, may_send, next_allowed, slot_on
from scheduler.plan import Plan
from storage.fates import CheckinState, Fate, Reason

ONE_DAY = timedelta(days=1)

OpenState = Literal[CheckinState.EXPECTED, CheckinState.INVITED, CheckinState.STARTED]


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
        return slot_on(local_day(now, her.zone) + ONE_DAY, her, calendar=plan.calendar)
    if not may_send(now, her, calendar=plan.calendar):
        return _allowed(now, facts, plan=plan)
    return None


def _allowed(after: datetime, facts: Facts, *, plan: Plan) -> datetime:
    her = facts.preferences
    return next_allowed(after, her, calendar=plan.calendar)
