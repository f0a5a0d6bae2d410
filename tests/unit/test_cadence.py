"""Which check-ins enrolment expects, and what is decided for one of them at one moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.cadence import (
    Close,
    Decision,
    Facts,
    LedgerRow,
    Nothing,
    Open,
    Postpone,
    Reach,
    Remind,
    decide,
)
from scheduler.calendar import Calendar, DayRule, Preferences, Slot
from scheduler.plan import SHIPPED_PLAN, Delay, Plan, read_plan
from scheduler.planning import Expected, expected
from storage.fates import CheckinState, Fate, Reason

PLAN = read_plan(SHIPPED_PLAN)
CITY = ZoneInfo("America/Mexico_City")  # UTC-6 all year
HER = Preferences(CITY, Slot.MORNING)
RELEASE = date(2026, 7, 1)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=CITY)  # type: ignore[misc, arg-type]


def ledger(enrolled_on: date = RELEASE, anchor_on: date | None = RELEASE) -> dict[str, Expected]:
    rows = expected(PLAN, anchor_on, enrolled_on=enrolled_on, preferences=HER)
    return {row.point: row for row in rows}


def test_every_point_has_a_row() -> None:
    rows = ledger()
    assert list(rows) == ["s1", "m1", "m3", "m6", "m12", "m24"]
    assert [row.due_on for row in rows.values()] == [
        date(2026, 7, 8),
        date(2026, 8, 1),
        date(2026, 10, 1),
        date(2027, 1, 1),
        date(2027, 7, 1),
        date(2028, 7, 1),
    ]
    assert {row.state for row in rows.values()} == {CheckinState.EXPECTED}


def test_a_row_opens_in_her_slot_and_closes_when_its_last_day_ends() -> None:
    row = ledger()["s1"]
    assert row.opens_at == datetime(2026, 7, 8, 15, tzinfo=UTC)
    assert row.closes_at == local(2026, 7, 22)
    assert row.opens_at.tzinfo is UTC
    assert row.closes_at.tzinfo is UTC


def test_the_calendar_moves_an_opening() -> None:
    # m6 falls on New Year's Day, a Friday.
    assert ledger()["m6"].opens_at == local(2027, 1, 2, 9)


def test_without_a_release_date_rows_wait() -> None:
    rows = ledger(anchor_on=None)
    assert list(rows) == [point.name for point in PLAN.points]
    assert set(rows.values()) == {Expected(point.name, CheckinState.WAITING_FOR_DATE) for point in PLAN.points}


def test_a_late_joiner_gets_what_is_still_open_in_her_next_slot() -> None:
    rows = ledger(enrolled_on=date(2026, 8, 18))
    assert (rows["s1"].state, rows["s1"].fate, rows["s1"].reason) == (
        CheckinState.CLOSED,
        Fate.NOT_DUE,
        Reason.BEFORE_ENROLMENT,
    )
    assert rows["s1"].opens_at is None
    assert rows["s1"].due_on == date(2026, 7, 8)
    assert rows["m1"].opens_at == local(2026, 8, 19, 9)
    assert rows["m3"].opens_at == local(2026, 10, 1, 9)


@pytest.mark.parametrize(
    ("enrolled_on", "state"),
    [(date(2026, 7, 20), CheckinState.EXPECTED), (date(2026, 7, 21), CheckinState.CLOSED)],
)
def test_the_last_day_of_a_window_is_too_late_to_join(enrolled_on: date, state: CheckinState) -> None:
    assert ledger(enrolled_on=enrolled_on)["s1"].state is state


def test_nothing_opens_on_the_day_she_enrols() -> None:
    assert ledger(enrolled_on=date(2026, 7, 8))["s1"].opens_at == local(2026, 7, 9, 9)


def test_a_window_that_the_calendar_closes_whole_is_not_due() -> None:
    holidays = tuple(DayRule(name="cierre", month=7, day=day) for day in range(8, 22))
    plan = PLAN.model_copy(update={"calendar": Calendar(other_days=holidays)})
    row = expected(plan, RELEASE, enrolled_on=RELEASE, preferences=HER)[0]
    assert (row.fate, row.reason) == (Fate.NOT_DUE, Reason.NO_ALLOWED_HOUR)


def test_border_windows_close_at_her_midnight() -> None:
    rows = expected(PLAN, RELEASE, enrolled_on=RELEASE, preferences=Preferences(ZoneInfo("America/Tijuana")))
    by_point = {row.point: row for row in rows}
    assert by_point["m1"].closes_at == datetime(2026, 8, 23, 7, tzinfo=UTC)
    assert by_point["m6"].closes_at == datetime(2027, 1, 23, 8, tzinfo=UTC)


# One open row: m1, opened on Wednesday 5 August at 9, closing when Wednesday 26 August ends.
OPENS, CLOSES = local(2026, 8, 5, 9), local(2026, 8, 27)
EXPECTED = LedgerRow("m1", CheckinState.EXPECTED, OPENS, CLOSES)
INVITED = replace(EXPECTED, state=CheckinState.INVITED, invited_at=OPENS)
STARTED = replace(INVITED, state=CheckinState.STARTED, last_heard_at=OPENS + timedelta(hours=1))
READY = Facts(Reach.REACHABLE, in_other_sitting=False, preferences=HER)
BUSY = replace(READY, in_other_sitting=True)
GONE = replace(READY, reach=Reach.NO_CHAT)
NEVER = replace(READY, reach=Reach.NOT_ENROLLED)


def decided(row: LedgerRow, now: datetime, facts: Facts = READY) -> Decision:
    return decide(row, facts, now=now, plan=PLAN)


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


@pytest.mark.parametrize("facts", [GONE, NEVER])
def test_whoever_cannot_be_reached_is_looked_at_each_day(facts: Facts) -> None:
    assert decided(EXPECTED, OPENS, facts) == Postpone(local(2026, 8, 6, 9))


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
    ],
)
def test_fates_when_the_window_closes(row: LedgerRow, facts: Facts, fate: Fate, reason: Reason) -> None:
    assert not isinstance(decided(row, CLOSES - timedelta(seconds=1), facts), Close)
    assert decided(row, CLOSES, facts) == Close(fate, reason)
    assert decided(row, CLOSES + timedelta(days=40), facts) == Close(fate, reason)


def test_one_reminder_after_two_days_of_silence() -> None:
    due = local(2026, 8, 7, 9)
    assert decided(INVITED, OPENS) == Nothing(due)
    assert decided(INVITED, due) == Remind(1)
    reminded = replace(INVITED, reminders_sent=1, reminded_at=due)
    assert decided(reminded, due + timedelta(days=5)) == Nothing(CLOSES)


def test_she_is_reminded_when_she_asked_for_it_however_often_she_was_before() -> None:
    resting = replace(STARTED, reminders_sent=9, resting_until=local(2026, 8, 6, 10))
    assert decided(resting, local(2026, 8, 6, 9)) == Nothing(local(2026, 8, 6, 10))
    assert decided(resting, local(2026, 8, 6, 10)) == Remind(10)
    assert decided(resting, local(2026, 8, 6, 22)) == Postpone(local(2026, 8, 7, 9))  # never at night
    assert decided(replace(resting, resting_until=None), local(2026, 8, 6, 10)) == Nothing(CLOSES)


def test_a_reminder_waits_for_her_hours() -> None:
    late = replace(INVITED, invited_at=local(2026, 8, 5, 11, 59))
    assert decided(late, local(2026, 8, 5, 13)) == Nothing(local(2026, 8, 7, 11, 59))
    assert decided(late, local(2026, 8, 7, 12)) == Postpone(local(2026, 8, 8, 9))
    sunday = replace(INVITED, invited_at=local(2026, 8, 7, 10))
    assert decided(sunday, local(2026, 8, 7, 10)) == Nothing(local(2026, 8, 10, 9))


@pytest.mark.parametrize("facts", [BUSY, GONE])
def test_a_reminder_waits_while_she_is_busy_or_gone(facts: Facts) -> None:
    assert decided(INVITED, local(2026, 8, 7, 9), facts) == Postpone(local(2026, 8, 8, 9))


def test_a_reminder_counts_from_the_last_word_of_hers() -> None:
    heard_before = replace(INVITED, last_heard_at=OPENS - timedelta(hours=1))
    heard_since = replace(INVITED, last_heard_at=OPENS + timedelta(hours=1))
    assert decided(heard_before, local(2026, 8, 7, 9)) == Remind(1)
    for row in (heard_since, STARTED):  # begun and fallen silent is reminded as one who never began is
        assert decided(row, local(2026, 8, 7, 9)) == Nothing(local(2026, 8, 7, 10))
        assert decided(row, local(2026, 8, 7, 10)) == Remind(1)


def test_each_reminder_counts_from_the_message_before_it() -> None:
    m1 = PLAN.points[1].model_copy(update={"reminders": (Delay(days=1), Delay(days=3))})
    plan = Plan(name="prueba", points=(m1,), calendar=PLAN.calendar)
    first = local(2026, 8, 8, 11)  # the bot was down on the day it was due
    row = replace(INVITED, reminders_sent=1, reminded_at=first)
    assert decide(row, READY, now=first, plan=plan) == Nothing(local(2026, 8, 11, 11))
    assert decide(row, READY, now=local(2026, 8, 11, 11), plan=plan) == Remind(2)


def test_no_reminder_after_the_deadline() -> None:
    late = replace(INVITED, invited_at=CLOSES - timedelta(days=1, hours=13))
    assert decided(late, CLOSES - timedelta(hours=15)) == Nothing(CLOSES)


def test_a_row_whose_point_has_left_the_plan_is_not_reminded() -> None:
    assert decided(replace(INVITED, point="m2"), local(2026, 8, 7, 9)) == Nothing(CLOSES)
