"""What is due now for one open check-in: no clock, no store.

* Nothing unasked is decided outside her allowed hours, while she rests, or against her wish; and nothing after the
  deadline but the closing itself. All of it is asked anew at the moment of deciding, never remembered from planning.
* What keeps her from being asked counts for the fate only if it began before the deadline: what we missed stays ours.
* A decision is always about this very moment; one that says "look again" names a later moment, at most the deadline.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from scheduler.calendar import NeverOpens, Preferences, ever_opens, local_day, may_send, next_allowed, slot_on
from scheduler.overlap import Rival, given_up
from scheduler.plan import Plan
from storage.circumstances import Reach, Rest
from storage.fates import CheckinState, Fate, Reason

ONE_DAY = timedelta(days=1)
HALF_A_DAY = timedelta(hours=12)
"""By so much at most, and by half its delay, a reminder comes early, to be at another hour of the day than the last."""

THIRDS = 3
"""Of her hours: an invitation leaves at their start, reminder n in their n-th third, counted round and round."""

OpenState = Literal[CheckinState.EXPECTED, CheckinState.INVITED, CheckinState.STARTED]


_UNREACHABLE = {
    Reach.NOT_ENROLLED: Reason.NOT_ENROLLED,
    Reach.NO_CHAT: Reason.NO_CHAT,
    Reach.BLOCKED: Reason.BLOCKED,
    Reach.UNDELIVERABLE: Reason.UNDELIVERABLE,
}
_REFUSED = {Reach.STOPPED: Reason.STOPPED, Reach.WITHDRAWN: Reason.WITHDRAWN}
_LOST = (Reach.NO_CHAT, Reach.BLOCKED, Reach.UNDELIVERABLE)


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One open check-in as the ledger knows it; all times are UTC.

    `reminded_at` is the last reminder, `last_heard_at` the last sign of her in any conversation, `resting_until` the
    moment at which she herself wants to go on, `help_asked_at` when she asked for somebody, `called_for_at` when staff
    were asked to call her about it.
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
    called_for_at: datetime | None = None
    instrument: str = ""
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true of her at the moment of deciding.

    `reach_since` is when what `reach` says began, where that is known. `in_other_sitting` tells of an open conversation
    that is no check-in's; `rivals` are her check-ins that are.
    """

    reach: Reach
    in_other_sitting: bool
    preferences: Preferences
    reach_since: datetime | None = None
    rest: Rest | None = None
    rivals: tuple[Rival, ...] = ()
    reminders: bool = True


@dataclass(frozen=True, slots=True)
class Open:
    """Invite her now."""


@dataclass(frozen=True, slots=True)
class Remind:
    """Send her reminder `number` (the first is 1) now."""

    number: int


@dataclass(frozen=True, slots=True)
class CallFor:
    """Staff should call her, for this reason."""

    reason: Reason


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
    """The check-in ends with this fate."""

    fate: Fate
    reason: Reason


Decision = Open | Remind | CallFor | Postpone | Nothing | Close


def decide(row: LedgerRow, facts: Facts, *, now: datetime, plan: Plan | None) -> Decision:
    """What to do with one open check-in at this very moment. `until` lies after `now` and not beyond the deadline.

    `plan` is None where the row's plan is applied no longer: it is then neither opened nor reminded of.
    """
    try:
        return _decided(row, facts, now=now, plan=plan)
    except NeverOpens:
        return _without_hours(row, facts, now=now)


def _decided(row: LedgerRow, facts: Facts, *, now: datetime, plan: Plan | None) -> Decision:
    if facts.reach is Reach.DEAD and not _outlived(row, facts, now=now):
        return Close(Fate.NOT_DUE, Reason.DIED)
    point = None if plan is None else plan.point(row.point)
    if now >= row.closes_at:
        return _closing(row, facts, plan=plan)
    if plan is None or point is None or facts.reach in _REFUSED:
        return Nothing(row.closes_at)
    call_at = _call_due(row, facts, now=now, plan=plan)
    if call_at is not None and call_at <= now:
        return CallFor(_why_call(row, facts))
    step = _next_step(row, facts, now=now, plan=plan)
    if isinstance(step, Postpone | Nothing):
        return replace(step, until=min(moment for moment in (step.until, call_at, row.closes_at) if moment is not None))
    return step


def _without_hours(row: LedgerRow, facts: Facts, *, now: datetime) -> Decision:
    """No hour of hers ever comes: staff must agree on others with her, and each day may bring them."""
    if now < row.opens_at:
        return Nothing(row.opens_at)
    rests = facts.rest is not None and facts.rest.covers(now)
    if not rests and not _called_since(row.opens_at, row):
        return CallFor(Reason.NO_ALLOWED_HOUR)
    return Postpone(min(now + ONE_DAY, row.closes_at))


def after(row: LedgerRow, done: Open | Remind | CallFor, *, at: datetime) -> LedgerRow:
    """The row once that has been done at this moment."""
    match done:
        case Open():
            return replace(row, state=CheckinState.INVITED, invited_at=at)
        case Remind(number):
            return replace(row, reminded_at=at, reminders_sent=number, resting_until=None)
        case CallFor():
            return replace(row, called_for_at=at)


# --- the end


def _outlived(row: LedgerRow, facts: Facts, *, now: datetime) -> bool:
    """Whether she lived to the end of the window, and it is over."""
    return facts.reach_since is not None and row.closes_at <= min(facts.reach_since, now)


def _closing(row: LedgerRow, facts: Facts, *, plan: Plan | None) -> Close:
    if row.state is CheckinState.STARTED:
        return Close(Fate.PARTIAL, Reason.UNFINISHED)
    reach = facts.reach
    if facts.reach_since is not None and facts.reach_since >= row.closes_at:
        reach = Reach.REACHABLE
    if reach in _REFUSED:
        return Close(Fate.REFUSED, _REFUSED[reach])
    if row.state is CheckinState.EXPECTED and plan is None:
        return Close(Fate.NOT_DUE, Reason.NOT_IN_PLAN)
    if row.help_asked_at is not None:
        return Close(Fate.PARTIAL, Reason.ONLY_ASKED_FOR_HELP)
    hers = plan if plan is None or ever_opens(row.opens_at, facts.preferences, calendar=plan.calendar) else None
    if facts.rest is not None and _rests_to_the_end(row, facts.rest, facts=facts, plan=hers):
        return Close(Fate.PAUSED, Reason.RESTING)
    if reach in _UNREACHABLE:
        return Close(Fate.UNREACHABLE, _UNREACHABLE[reach])
    if row.state is CheckinState.INVITED or _put_off_for_good(row, facts, plan=hers):
        return Close(Fate.UNREACHABLE, Reason.NO_ANSWER)
    if hers is None:
        return Close(Fate.MISSED_BY_US, Reason.NO_ALLOWED_HOUR)
    busy = facts.in_other_sitting or any(rival.closes_at >= row.closes_at for rival in facts.rivals)
    return Close(Fate.MISSED_BY_US, Reason.OTHER_SITTING if busy else Reason.NOT_SENT)


def _put_off_for_good(row: LedgerRow, facts: Facts, *, plan: Plan | None) -> bool:
    """Whether she put off her invitation, and none of her hours was left in the window."""
    if row.invited_at is None or plan is None:
        return False
    return _allowed(row.opens_at, facts, plan=plan) >= row.closes_at


def _rests_to_the_end(row: LedgerRow, rest: Rest, *, facts: Facts, plan: Plan | None) -> bool:
    """Whether her rest left no hour of the window in which she could have been asked."""
    if rest.since >= row.closes_at:
        return False
    if rest.until is None or rest.until >= row.closes_at:
        return True
    return plan is not None and _allowed(rest.until, facts, plan=plan) >= row.closes_at


# --- her next message


def _next_step(row: LedgerRow, facts: Facts, *, now: datetime, plan: Plan) -> Decision:
    due_at, third = _message_due(row, facts, now=now, plan=plan)
    if due_at is None or due_at >= row.closes_at:
        return Nothing(row.closes_at)
    if now < due_at:
        return Nothing(_allowed(due_at, facts, plan=plan, third=third))
    return _held(row, facts, now=now, plan=plan, third=third) or _message(row)


def _message(row: LedgerRow) -> Decision:
    return Open() if row.state is CheckinState.EXPECTED else Remind(row.reminders_sent + 1)


def opening(row: LedgerRow, facts: Facts, *, plan: Plan) -> datetime:
    """When an expected check-in is to open: at the moment that she put it off to, or else when her hours begin on the
    day that was planned, by what they are and where she is now."""
    if row.invited_at is not None:
        return row.opens_at
    her = facts.preferences
    return slot_on(local_day(row.opens_at, her.zone), her, calendar=plan.calendar)


def _message_due(row: LedgerRow, facts: Facts, *, now: datetime, plan: Plan) -> tuple[datetime | None, int | None]:
    """When her invitation or next reminder is due, and in which third of her hours if it matters: when she asked for
    it, or counted from the last word of hers or ours; no moment if none is left."""
    if row.state is CheckinState.EXPECTED:
        return opening(row, facts, plan=plan), None
    if row.resting_until is not None:
        return row.resting_until, None
    return _reminder_due(row, facts, now=now, plan=plan) or (None, None)


def _reminder_due(row: LedgerRow, facts: Facts, *, now: datetime, plan: Plan) -> tuple[datetime, int] | None:
    """When her next reminder is due, and in which third; None if none is left, wanted, or would come in time."""
    left, silent_since = _reminders_left(row, plan), _silent_since(row)
    if silent_since is None or not left or not facts.reminders:
        return None
    third = (row.reminders_sent + 1) % THIRDS
    earliest = silent_since + left[0] - min(HALF_A_DAY, left[0] / 2)
    due_at = _allowed(earliest, facts, plan=plan, third=third)
    leaves_at = max(now, due_at, _rested(due_at, facts.rest) or due_at)
    in_time = _allowed(leaves_at, facts, plan=plan, third=third) < row.closes_at
    return (due_at, third) if in_time else None


def _reminders_left(row: LedgerRow, plan: Plan) -> list[timedelta]:
    point = plan.point(row.point)
    return [] if point is None else [delay.length for delay in point.reminders[row.reminders_sent :]]


def _silent_since(row: LedgerRow) -> datetime | None:
    """The last word of hers or ours."""
    last_sent_at = row.reminded_at or row.invited_at
    return None if last_sent_at is None else max(last_sent_at, row.last_heard_at or last_sent_at)


def _held(row: LedgerRow, facts: Facts, *, now: datetime, plan: Plan, third: int | None) -> Decision | None:
    """What keeps a message from leaving now, or None if nothing does.

    Whoever can't be reached is looked at again each day, so that a chat that comes back is not forgotten.
    """
    her = facts.preferences
    if facts.rest is not None and facts.rest.covers(now):
        until = facts.rest.until
        ends = until is not None and until < row.closes_at
        return Postpone(_allowed(until, facts, plan=plan, third=third) if until and ends else row.closes_at)
    if facts.reach is not Reach.REACHABLE:
        return Postpone(_tomorrow(now, facts, plan=plan))
    if not may_send(now, her, calendar=plan.calendar, third=third):
        return Postpone(_allowed(now, facts, plan=plan, third=third))
    rivals = [rival for rival in facts.rivals if now < rival.closes_at]
    if rivals and row.state is CheckinState.EXPECTED:
        why_not = given_up(row.instrument, row.due_on, rivals=rivals, plan=plan)
        if why_not is not None:
            return Close(Fate.NOT_DUE, why_not)
    return Postpone(_tomorrow(now, facts, plan=plan)) if rivals or facts.in_other_sitting else None


# --- staff's call


def _call_due(row: LedgerRow, facts: Facts, *, now: datetime, plan: Plan) -> datetime | None:
    """When staff are asked to call her, or None: not for the same silence or loss again, or not while things stand so.
    Where a delay has no room in the window any more it is cut short: to a day before the end, and by half of what was
    left of the window."""
    point = plan.point(row.point)
    if facts.reach in _LOST:
        lost_at = max(row.opens_at, facts.reach_since or row.opens_at)
        return None if _called_since(lost_at, row) else _rested(lost_at, facts.rest)
    silent_from = None if row.resting_until is not None else _silence_ends(row, facts, now=now, plan=plan)
    if point is None or point.call_after is None or silent_from is None or _called_since(silent_from, row):
        return None
    counts_from = _rested(silent_from, facts.rest)
    if counts_from is None:
        return None
    latest = row.closes_at - min(ONE_DAY, (row.closes_at - silent_from) / 2)
    return max(counts_from, min(counts_from + point.call_after.length, latest))


def _called_since(moment: datetime, row: LedgerRow) -> bool:
    """Whether staff were asked to call her for what began then; an earlier call was for something else."""
    return row.called_for_at is not None and row.called_for_at >= moment


def _rested(moment: datetime, rest: Rest | None) -> datetime | None:
    """That moment, or the end of her rest where that comes later; None if it has no end."""
    if rest is None:
        return moment
    return None if rest.until is None else max(moment, rest.until)


def _silence_ends(row: LedgerRow, facts: Facts, *, now: datetime, plan: Plan) -> datetime | None:
    """From when on a call's delay counts: her last reminder that has room in the window, or when it would have been
    that she did not want."""
    if facts.reach is Reach.NOT_ENROLLED:
        return row.opens_at
    silent_since = _silent_since(row)
    if row.state is CheckinState.EXPECTED or silent_since is None:
        return None
    if facts.reminders:
        return None if _reminder_due(row, facts, now=now, plan=plan) else silent_since
    waited_out = silent_since
    for delay in _reminders_left(row, plan):
        if waited_out + delay < row.closes_at:
            waited_out += delay
    return waited_out


def _why_call(row: LedgerRow, facts: Facts) -> Reason:
    unanswered = Reason.UNFINISHED if row.state is CheckinState.STARTED else Reason.NO_ANSWER
    return _UNREACHABLE.get(facts.reach, unanswered)


# --- hours


def _allowed(after: datetime, facts: Facts, *, plan: Plan, third: int | None = None) -> datetime:
    return next_allowed(after, facts.preferences, calendar=plan.calendar, third=third)


def _tomorrow(now: datetime, facts: Facts, *, plan: Plan) -> datetime:
    her = facts.preferences
    return slot_on(local_day(now, her.zone) + ONE_DAY, her, calendar=plan.calendar)
