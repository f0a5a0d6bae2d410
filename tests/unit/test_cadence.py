"""What is decided for one open check-in at one moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.cadence import (
    CallFor,
    Close,
    Decision,
    Facts,
    LedgerRow,
    Nothing,
    Open,
    Postpone,
    Remind,
    Rival,
    decide,
)
from scheduler.calendar import Preferences, Slot
from scheduler.outlook import Planned, Why, forecast
from scheduler.plan import Delay, Offset, Overlap, Plan, Point, Window
from storage.circumstances import Reach, Rest
from storage.fates import CheckinState, Fate, Reason

CITY = ZoneInfo("America/Mexico_City")  # UTC-6 all year
HER = Preferences(CITY, Slot.MORNING)  # from 9 to 12, in thirds of an hour each


def a_plan(*reminders: int, call_after: int | None = None, overlap: Overlap = Overlap.QUEUE) -> Plan:
    """A plan of one point, m1, that reminds after so many days each."""
    point = Point(
        name="m1",
        offset=Offset(months=1),
        window=Window(before=7, after=21),
        instruments=("seguimiento",),
        reminders=tuple(Delay(days=days) for days in reminders),
        call_after=None if call_after is None else Delay(days=call_after),
    )
    return Plan(name="prueba", points=(point,), overlap=overlap)


PLAN = a_plan(1, 2, 4, call_after=3)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=CITY)  # type: ignore[misc, arg-type]


# One open row: m1, opened on Wednesday 5 August at 9, closing when Wednesday 26 August ends.
OPENS, CLOSES = local(2026, 8, 5, 9), local(2026, 8, 27)
EXPECTED = LedgerRow("m1", CheckinState.EXPECTED, OPENS, CLOSES, instrument="seguimiento", due_on=date(2026, 8, 5))
INVITED = replace(EXPECTED, state=CheckinState.INVITED, invited_at=OPENS)
STARTED = replace(INVITED, state=CheckinState.STARTED, last_heard_at=OPENS + timedelta(hours=1))
READY = Facts(Reach.REACHABLE, in_other_sitting=False, preferences=HER)
BUSY = replace(READY, in_other_sitting=True)
GONE = replace(READY, reach=Reach.NO_CHAT)
NEVER = replace(READY, reach=Reach.NOT_ENROLLED)


BLOCKED = replace(READY, reach=Reach.BLOCKED)
STOPPED = replace(READY, reach=Reach.STOPPED)
HOUR = timedelta(hours=1)


def decided(row: LedgerRow, now: datetime, facts: Facts = READY, plan: Plan | None = PLAN) -> Decision:
    return decide(row, facts, now=now, plan=plan)


def resting(until: datetime | None, since: datetime = OPENS - timedelta(days=9)) -> Facts:
    return replace(READY, rest=Rest(since, until))


def test_nothing_before_it_opens() -> None:
    assert decided(EXPECTED, OPENS - timedelta(seconds=1)) == Nothing(OPENS)


def test_it_opens_on_time() -> None:
    assert decided(EXPECTED, OPENS) == Open()


def test_after_an_outage_it_opens_in_her_next_slot() -> None:
    assert decided(EXPECTED, local(2026, 8, 6, 3)) == Postpone(local(2026, 8, 6, 9))
    assert decided(EXPECTED, local(2026, 8, 6, 14)) == Postpone(local(2026, 8, 7, 9))
    assert decided(EXPECTED, local(2026, 8, 7, 9, 30)) == Open()


def test_it_waits_for_the_next_day_while_another_conversation_is_open() -> None:
    assert decided(EXPECTED, OPENS, BUSY) == Postpone(local(2026, 8, 6, 9))
    # Saturday's postponement passes over Sunday morning, which her slot falls into.
    assert decided(EXPECTED, local(2026, 8, 8, 10), BUSY) == Postpone(local(2026, 8, 10, 9))


@pytest.mark.parametrize("facts", [GONE, NEVER, BLOCKED])
def test_whoever_cannot_be_reached_is_looked_at_each_day(facts: Facts) -> None:
    assert decided(replace(EXPECTED, called_for_at=OPENS), OPENS, facts) == Postpone(local(2026, 8, 6, 9))


def test_no_postponement_passes_the_deadline() -> None:
    assert decided(EXPECTED, CLOSES - timedelta(hours=13), BUSY) == Postpone(CLOSES)
    assert decided(EXPECTED, CLOSES - timedelta(hours=1)) == Postpone(CLOSES)


@pytest.mark.parametrize(
    ("row", "facts", "fate", "reason"),
    [
        (EXPECTED, READY, Fate.MISSED_BY_US, Reason.NOT_SENT),
        (EXPECTED, BUSY, Fate.MISSED_BY_US, Reason.OTHER_SITTING),
        (EXPECTED, NEVER, Fate.UNREACHABLE, Reason.NOT_ENROLLED),
        (EXPECTED, GONE, Fate.UNREACHABLE, Reason.NO_CHAT),
        (INVITED, READY, Fate.UNREACHABLE, Reason.NO_ANSWER),
        (INVITED, BUSY, Fate.UNREACHABLE, Reason.NO_ANSWER),
        (replace(INVITED, help_asked_at=OPENS), READY, Fate.PARTIAL, Reason.ONLY_ASKED_FOR_HELP),
        (INVITED, GONE, Fate.UNREACHABLE, Reason.NO_CHAT),
        (STARTED, READY, Fate.PARTIAL, Reason.UNFINISHED),
        (STARTED, GONE, Fate.PARTIAL, Reason.UNFINISHED),
        (STARTED, STOPPED, Fate.PARTIAL, Reason.UNFINISHED),
        (EXPECTED, BLOCKED, Fate.UNREACHABLE, Reason.BLOCKED),
        (INVITED, BLOCKED, Fate.UNREACHABLE, Reason.BLOCKED),
        (INVITED, replace(READY, reach=Reach.UNDELIVERABLE), Fate.UNREACHABLE, Reason.UNDELIVERABLE),
        (EXPECTED, STOPPED, Fate.REFUSED, Reason.STOPPED),
        (INVITED, STOPPED, Fate.REFUSED, Reason.STOPPED),
        (replace(INVITED, help_asked_at=OPENS), STOPPED, Fate.REFUSED, Reason.STOPPED),
        (INVITED, replace(READY, reach=Reach.WITHDRAWN), Fate.REFUSED, Reason.WITHDRAWN),
        (EXPECTED, resting(CLOSES), Fate.PAUSED, Reason.RESTING),
        (INVITED, resting(None), Fate.PAUSED, Reason.RESTING),
        (STARTED, resting(None), Fate.PARTIAL, Reason.UNFINISHED),
        (EXPECTED, replace(BLOCKED, rest=Rest(OPENS, None)), Fate.PAUSED, Reason.RESTING),
        (EXPECTED, resting(CLOSES - timedelta(days=1)), Fate.MISSED_BY_US, Reason.NOT_SENT),
        (EXPECTED, resting(CLOSES - timedelta(hours=11)), Fate.PAUSED, Reason.RESTING),
    ],
)
def test_fates_when_the_window_closes(row: LedgerRow, facts: Facts, fate: Fate, reason: Reason) -> None:
    assert not isinstance(decided(row, CLOSES - timedelta(seconds=1), facts), Close)
    assert decided(row, CLOSES, facts) == Close(fate, reason)
    assert decided(row, CLOSES + timedelta(days=40), facts) == Close(fate, reason)


# --- what began after the deadline


@pytest.mark.parametrize("reach", [Reach.BLOCKED, Reach.STOPPED, Reach.WITHDRAWN, Reach.UNDELIVERABLE])
def test_what_we_missed_stays_ours_whatever_she_does_afterwards(reach: Reach) -> None:
    late = CLOSES + timedelta(days=3)  # the bot was down to the end of the window
    before, after = (replace(READY, reach=reach, reach_since=CLOSES + moment) for moment in (-HOUR, HOUR))
    assert decided(EXPECTED, late, after) == Close(Fate.MISSED_BY_US, Reason.NOT_SENT)
    assert decided(EXPECTED, late, before) != Close(Fate.MISSED_BY_US, Reason.NOT_SENT)


def test_a_pause_that_began_after_the_deadline_is_no_excuse() -> None:
    assert decided(EXPECTED, CLOSES + 9 * HOUR, resting(None, since=CLOSES + HOUR)).fate is Fate.MISSED_BY_US  # type: ignore[union-attr]


# --- stop, death, pause


@pytest.mark.parametrize("row", [EXPECTED, INVITED, STARTED])
@pytest.mark.parametrize("reach", [Reach.STOPPED, Reach.WITHDRAWN])
def test_nothing_is_due_of_whoever_wishes_to_be_left_alone(row: LedgerRow, reach: Reach) -> None:
    facts = replace(READY, reach=reach)
    for days in range(21):
        assert decided(row, OPENS + timedelta(days=days), facts) == Nothing(CLOSES)


@pytest.mark.parametrize("row", [EXPECTED, INVITED, STARTED, replace(EXPECTED, opens_at=OPENS + timedelta(days=9))])
def test_a_death_ends_everything_at_once(row: LedgerRow) -> None:
    assert decided(row, OPENS, replace(READY, reach=Reach.DEAD)) == Close(Fate.NOT_DUE, Reason.DIED)


def test_what_we_missed_while_she_lived_stays_ours() -> None:
    late, dead = CLOSES + timedelta(days=5), replace(READY, reach=Reach.DEAD)
    assert decided(EXPECTED, late, replace(dead, reach_since=CLOSES)) == Close(Fate.MISSED_BY_US, Reason.NOT_SENT)
    assert decided(INVITED, late, replace(dead, reach_since=CLOSES)) == Close(Fate.UNREACHABLE, Reason.NO_ANSWER)
    in_time = replace(dead, reach_since=CLOSES - timedelta(days=1))
    assert decided(EXPECTED, late, in_time) == Close(Fate.NOT_DUE, Reason.DIED)


def test_a_pause_holds_what_is_due_until_its_last_day_is_over() -> None:
    facts = resting(local(2026, 8, 9))  # a Sunday, on which her mornings are closed
    assert decided(EXPECTED, OPENS, facts) == Postpone(local(2026, 8, 10, 9))
    assert decided(EXPECTED, local(2026, 8, 10, 9), facts) == Open()
    assert decided(INVITED, local(2026, 8, 7, 10), facts) == Postpone(local(2026, 8, 10, 10))
    assert decided(EXPECTED, OPENS, resting(None)) == Postpone(CLOSES)


def test_nobody_is_asked_to_call_her_while_she_rests() -> None:
    silent = replace(INVITED, reminders_sent=3, reminded_at=local(2026, 8, 12, 9))
    assert decided(silent, local(2026, 8, 15, 9)) == CallFor(Reason.NO_ANSWER)
    assert decided(silent, local(2026, 8, 15, 9), resting(None)) == Nothing(CLOSES)
    assert decided(silent, local(2026, 8, 15, 9), resting(local(2026, 8, 17))) == Nothing(local(2026, 8, 20))


# --- reminders


def test_each_reminder_comes_in_another_third_of_her_hours() -> None:
    row, left = INVITED, []
    for number in (1, 2, 3):
        decision = decided(row, row.reminded_at or OPENS)
        assert isinstance(decision, Nothing)
        assert decided(row, decision.until) == Remind(number)
        assert isinstance(decided(row, decision.until - timedelta(minutes=1)), Nothing)
        row = replace(row, reminders_sent=number, reminded_at=decision.until)
        left.append(decision.until)
    # One, three and seven days after the invitation, which left at the start of her hours.
    assert left == [local(2026, 8, 6, 10), local(2026, 8, 8, 11), local(2026, 8, 12, 9)]


def test_a_late_reminder_waits_for_its_third() -> None:
    assert decided(INVITED, local(2026, 8, 6, 10, 59)) == Remind(1)
    assert decided(INVITED, local(2026, 8, 6, 11)) == Postpone(local(2026, 8, 7, 10))
    assert decided(INVITED, local(2026, 8, 7, 9)) == Postpone(local(2026, 8, 7, 10))
    assert decided(INVITED, local(2026, 8, 8, 11)) == Postpone(local(2026, 8, 10, 10))  # not on a Sunday morning


def test_a_reminder_counts_from_the_last_word_of_hers() -> None:
    heard_before = replace(INVITED, last_heard_at=OPENS - HOUR)
    assert decided(heard_before, local(2026, 8, 6, 10)) == Remind(1)
    assert decided(STARTED, local(2026, 8, 6, 9)) == Nothing(local(2026, 8, 6, 10))
    by_night = replace(STARTED, last_heard_at=local(2026, 8, 5, 23))  # twelve hours before are too early
    assert decided(by_night, local(2026, 8, 6, 10)) == Nothing(local(2026, 8, 7, 10))
    answering = replace(STARTED, last_heard_at=local(2026, 8, 6, 9, 59))
    assert decided(answering, local(2026, 8, 6, 10)) == Nothing(local(2026, 8, 7, 10))


def test_a_short_delay_is_cut_by_half_at_most() -> None:
    soon = PLAN.points[0].model_copy(update={"reminders": (Delay(hours=1), Delay(hours=1), Delay(hours=1))})
    plan = Plan(name="prueba", points=(soon,))
    row = replace(INVITED, reminders_sent=2, reminded_at=local(2026, 8, 5, 11, 15))
    assert decided(row, local(2026, 8, 5, 11, 15), plan=plan) == Nothing(local(2026, 8, 6, 9))


def test_whoever_wants_no_reminders_gets_none_but_what_she_asked_for() -> None:
    quiet = replace(READY, reminders=False)
    assert decided(INVITED, local(2026, 8, 6, 10), quiet) == Nothing(local(2026, 8, 15, 9))  # the call
    wished = replace(STARTED, resting_until=local(2026, 8, 6, 9))
    assert decided(wished, local(2026, 8, 6, 9), quiet) == Remind(1)


def test_she_is_reminded_when_she_asked_for_it_however_often_she_was_before() -> None:
    wished = replace(STARTED, reminders_sent=9, resting_until=local(2026, 8, 6, 10, 30))
    assert decided(wished, local(2026, 8, 6, 9)) == Nothing(local(2026, 8, 6, 10, 30))
    assert decided(wished, local(2026, 8, 6, 10, 30)) == Remind(10)
    assert decided(wished, local(2026, 8, 6, 22)) == Postpone(local(2026, 8, 7, 9))  # never at night


@pytest.mark.parametrize("facts", [BUSY, GONE])
def test_a_reminder_waits_while_she_is_busy_or_gone(facts: Facts) -> None:
    assert decided(replace(INVITED, called_for_at=OPENS), local(2026, 8, 6, 10), facts) == Postpone(
        local(2026, 8, 7, 9)
    )


def test_no_reminder_after_the_deadline() -> None:
    late = replace(INVITED, invited_at=CLOSES - timedelta(hours=13))
    assert decided(late, CLOSES - timedelta(hours=12), plan=a_plan(1, 2, 4)) == Nothing(CLOSES)


# --- overlap

RIVAL = Rival("seguimiento", date(2026, 8, 12), CLOSES + timedelta(days=9))
OTHER = replace(RIVAL, instrument="llegada")


@pytest.mark.parametrize(
    ("overlap", "rival", "decision"),
    [
        (Overlap.QUEUE, RIVAL, Postpone(local(2026, 8, 6, 9))),
        (Overlap.CANCEL, OTHER, Close(Fate.NOT_DUE, Reason.OVERLAPPED)),
        (Overlap.MERGE, RIVAL, Close(Fate.NOT_DUE, Reason.MERGED)),
        (Overlap.MERGE, replace(RIVAL, instrument="llegada+seguimiento"), Close(Fate.NOT_DUE, Reason.MERGED)),
        (Overlap.MERGE, OTHER, Postpone(local(2026, 8, 6, 9))),
        (Overlap.MERGE, replace(RIVAL, due_on=date(2026, 8, 15)), Close(Fate.NOT_DUE, Reason.MERGED)),
        (Overlap.MERGE, replace(RIVAL, due_on=date(2026, 8, 16)), Postpone(local(2026, 8, 6, 9))),
    ],
)
def test_one_sitting_at_a_time(overlap: Overlap, rival: Rival, decision: Decision) -> None:
    plan, facts = a_plan(1, 2, 4, overlap=overlap), replace(READY, rivals=(rival,))
    assert decided(EXPECTED, OPENS, facts, plan) == decision
    assert decided(EXPECTED, OPENS - HOUR, facts, plan) == Nothing(OPENS)  # not before it would open
    assert decided(INVITED, local(2026, 8, 6, 10), facts, plan) == Postpone(local(2026, 8, 7, 9))  # what is open stays


def test_a_check_in_that_waits_for_another_comes_when_that_one_is_over() -> None:
    waits = replace(READY, rivals=(replace(RIVAL, closes_at=local(2026, 8, 6)),))
    assert decided(EXPECTED, OPENS, waits) == Postpone(local(2026, 8, 6, 9))
    assert decided(EXPECTED, local(2026, 8, 6, 9), waits) == Open()
    assert decided(EXPECTED, CLOSES, waits) == Close(Fate.MISSED_BY_US, Reason.NOT_SENT)
    assert decided(EXPECTED, CLOSES, replace(READY, rivals=(RIVAL,))).reason is Reason.OTHER_SITTING  # type: ignore[union-attr]


# --- a plan that is gone


@pytest.mark.parametrize("plan", [None, a_plan(1, call_after=1).model_copy(update={"points": ()})])
def test_a_row_of_a_plan_no_longer_applied_runs_out(plan: Plan | None) -> None:
    for row in (EXPECTED, INVITED, STARTED):
        assert decided(row, local(2026, 8, 20, 10), plan=plan) == Nothing(CLOSES)
    gave_up = Close(Fate.NOT_DUE, Reason.NOT_IN_PLAN)
    missed = Close(Fate.MISSED_BY_US, Reason.NOT_SENT)  # a plan that is applied closes in time what it gives up
    assert decided(EXPECTED, CLOSES, plan=plan) == (gave_up if plan is None else missed)
    assert decided(INVITED, CLOSES, plan=plan) == Close(Fate.UNREACHABLE, Reason.NO_ANSWER)


# --- her hours change


def test_her_hours_of_this_moment_count_and_not_those_of_planning() -> None:
    evening = replace(READY, preferences=Preferences(CITY, Slot.EVENING, frozenset({5, 6})))
    assert decided(EXPECTED, OPENS, evening) == Nothing(local(2026, 8, 8, 17))
    tijuana = replace(READY, preferences=Preferences(ZoneInfo("America/Tijuana"), Slot.MORNING))
    assert decided(EXPECTED, OPENS, tijuana) == Nothing(local(2026, 8, 5, 10))  # nine by her new wall
    assert decided(INVITED, local(2026, 8, 6, 10), tijuana) == Nothing(local(2026, 8, 6, 11))


def test_earlier_hours_bring_it_forward_on_its_day() -> None:
    in_the_evening = replace(EXPECTED, opens_at=local(2026, 8, 5, 17))
    assert decided(in_the_evening, local(2026, 8, 4, 12)) == Nothing(OPENS)
    assert decided(in_the_evening, OPENS) == Open()
    put_off = replace(in_the_evening, invited_at=local(2026, 8, 4, 21))  # she chose the hour herself
    assert decided(put_off, OPENS) == Nothing(local(2026, 8, 6, 9))


# --- the forecast


def test_the_whole_of_a_silent_row_can_be_foretold() -> None:
    told = forecast(EXPECTED, READY, now=OPENS - timedelta(days=3), plan=PLAN, until=CLOSES + HOUR)
    assert told == [
        Planned(OPENS, Open(), Why.DUE),
        Planned(local(2026, 8, 6, 10), Remind(1), Why.SILENT),
        Planned(local(2026, 8, 8, 11), Remind(2), Why.SILENT),
        Planned(local(2026, 8, 12, 9), Remind(3), Why.SILENT),
        Planned(local(2026, 8, 15, 9), CallFor(Reason.NO_ANSWER), Reason.NO_ANSWER),
        Planned(CLOSES, Close(Fate.UNREACHABLE, Reason.NO_ANSWER), Reason.NO_ANSWER),
    ]
    assert forecast(EXPECTED, READY, now=OPENS - timedelta(days=3), plan=PLAN, until=OPENS) == []


def test_the_forecast_says_why_something_comes_when_it_does() -> None:
    rests = resting(local(2026, 8, 6))
    assert forecast(EXPECTED, rests, now=OPENS, plan=PLAN, until=local(2026, 8, 7)) == [
        Planned(local(2026, 8, 6, 9), Open(), Why.LATE)
    ]
    put_off = replace(EXPECTED, invited_at=OPENS - timedelta(days=1))
    assert forecast(put_off, READY, now=OPENS, plan=PLAN, until=OPENS + HOUR)[0].why is Why.HER_WISH
    wished = replace(STARTED, resting_until=OPENS + HOUR)
    assert forecast(wished, READY, now=OPENS, plan=PLAN, until=OPENS + 2 * HOUR) == [
        Planned(OPENS + HOUR, Remind(1), Why.HER_WISH)
    ]
    assert forecast(INVITED, STOPPED, now=OPENS, plan=PLAN, until=CLOSES + HOUR) == [
        Planned(CLOSES, Close(Fate.REFUSED, Reason.STOPPED), Reason.STOPPED)
    ]
