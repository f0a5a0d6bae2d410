"""When staff are asked to call her: after silence, or because no message reaches her."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.cadence import CallFor, Nothing, Postpone, Remind
from scheduler.calendar import Preferences, Slot
from storage.circumstances import Reach
from storage.fates import CheckinState, Reason
from tests.unit.test_cadence import CITY, CLOSES, EXPECTED, HOUR, INVITED, NEVER, OPENS, READY, a_plan, decided, local


def test_a_call_comes_where_the_window_has_no_room_for_the_next_reminder() -> None:
    late = replace(INVITED, invited_at=local(2026, 8, 21, 9))  # five days before the end, six reminding hours
    assert decided(late, local(2026, 8, 21, 9)) == Nothing(local(2026, 8, 22, 10))
    twice = replace(late, reminders_sent=2, reminded_at=local(2026, 8, 24, 11))  # the third would come on the 28th
    latest = CLOSES - timedelta(days=1)
    assert decided(twice, local(2026, 8, 24, 11)) == Nothing(latest)
    assert decided(twice, latest) == CallFor(Reason.NO_ANSWER)
    assert decided(twice, local(2026, 8, 24, 11), replace(READY, reminders=False)) == Nothing(latest)
    soon = a_plan(1, 2, 4, call_after=1)
    assert decided(twice, local(2026, 8, 24, 11), plan=soon) == Nothing(local(2026, 8, 25, 11)), "her plan's own delay"


def test_a_call_waits_for_half_of_what_is_left_of_the_last_day() -> None:
    late = replace(INVITED, invited_at=CLOSES - timedelta(hours=14))
    assert decided(late, CLOSES - timedelta(hours=14)) == Nothing(CLOSES - timedelta(hours=7))
    assert decided(late, CLOSES - timedelta(hours=7)) == CallFor(Reason.NO_ANSWER)


def test_a_call_comes_when_the_last_reminder_was_put_off_until_it_had_no_room() -> None:
    waiting = replace(INVITED, invited_at=local(2026, 8, 24, 9))  # reminder 1 is due on the 25th from 10 to 11
    assert decided(waiting, local(2026, 8, 25, 9)) == Nothing(local(2026, 8, 25, 10))
    assert decided(waiting, local(2026, 8, 25, 12)) == Postpone(local(2026, 8, 26, 10)), "the last day"
    assert decided(waiting, local(2026, 8, 26, 10)) == Remind(1)
    assert decided(waiting, local(2026, 8, 26, 11)) == CallFor(Reason.NO_ANSWER)


def test_a_call_follows_the_last_reminder_once() -> None:
    reminded = replace(INVITED, reminders_sent=3, reminded_at=local(2026, 8, 12, 9))
    assert decided(reminded, local(2026, 8, 12, 9)) == Nothing(local(2026, 8, 15, 9))
    assert decided(reminded, local(2026, 8, 15, 9)) == CallFor(Reason.NO_ANSWER)
    assert decided(replace(reminded, state=CheckinState.STARTED), local(2026, 8, 15, 9)) == CallFor(Reason.UNFINISHED)
    assert decided(replace(reminded, called_for_at=local(2026, 8, 15, 9)), local(2026, 8, 15, 9)) == Nothing(CLOSES)
    assert decided(reminded, local(2026, 8, 15, 9), plan=a_plan(1, 2, 4)) == Nothing(CLOSES)


def test_her_word_puts_the_call_off() -> None:
    heard = replace(INVITED, reminders_sent=3, reminded_at=local(2026, 8, 12, 9), last_heard_at=local(2026, 8, 14, 20))
    assert decided(heard, local(2026, 8, 15, 9)) == Nothing(local(2026, 8, 17, 20))


def test_reminders_that_she_does_not_want_are_waited_out_before_a_call() -> None:
    quiet = replace(READY, reminders=False)
    ten_days = OPENS + timedelta(days=1 + 2 + 4 + 3)
    assert decided(INVITED, OPENS, quiet) == Nothing(ten_days)
    assert decided(INVITED, ten_days, quiet) == CallFor(Reason.NO_ANSWER)


@pytest.mark.parametrize(
    ("reach", "reason"),
    [
        (Reach.BLOCKED, Reason.BLOCKED),
        (Reach.UNDELIVERABLE, Reason.UNDELIVERABLE),
        (Reach.NO_CHAT, Reason.NO_CHAT),
    ],
)
def test_whom_no_message_reaches_is_called_at_once_when_something_is_due(reach: Reach, reason: Reason) -> None:
    facts = replace(READY, reach=reach, reach_since=local(2026, 8, 6, 22))
    assert decided(INVITED, local(2026, 8, 6, 22), facts) == CallFor(reason)
    assert decided(EXPECTED, local(2026, 8, 6, 22), facts, a_plan()) == CallFor(reason)
    before = replace(facts, reach_since=OPENS - timedelta(days=40))
    assert decided(EXPECTED, OPENS - HOUR, before) == Nothing(OPENS)
    assert decided(EXPECTED, OPENS, before) == CallFor(reason)


def test_who_never_enrolled_is_called_long_after_she_should_have() -> None:
    assert decided(EXPECTED, local(2026, 8, 7, 9), NEVER) == Postpone(local(2026, 8, 8, 9))
    assert decided(EXPECTED, local(2026, 8, 8, 9), NEVER) == CallFor(Reason.NOT_ENROLLED)
    assert decided(EXPECTED, local(2026, 8, 8, 9), NEVER, a_plan(1)) == Postpone(local(2026, 8, 10, 9))


def test_who_is_silent_after_a_call_for_something_else_is_called_for_that_too() -> None:
    called = replace(EXPECTED, called_for_at=local(2026, 8, 8, 9))  # she had not enrolled
    assert decided(called, local(2026, 8, 9, 9), NEVER) == Postpone(local(2026, 8, 10, 9))
    joined = replace(called, state=CheckinState.INVITED, invited_at=local(2026, 8, 11, 9), reminders_sent=3)
    silent = replace(joined, reminded_at=local(2026, 8, 18, 9))
    assert decided(silent, local(2026, 8, 18, 9)) == Nothing(local(2026, 8, 21, 9))
    assert decided(silent, local(2026, 8, 21, 9)) == CallFor(Reason.NO_ANSWER)
    assert decided(replace(silent, called_for_at=local(2026, 8, 21, 9)), local(2026, 8, 21, 9)) == Nothing(CLOSES)


def test_who_answers_a_call_and_falls_silent_again_is_called_again() -> None:
    began = replace(INVITED, state=CheckinState.STARTED, reminders_sent=3, reminded_at=local(2026, 8, 12, 9))
    silent = replace(began, called_for_at=local(2026, 8, 15, 9), last_heard_at=local(2026, 8, 16, 20))
    assert decided(silent, local(2026, 8, 16, 20)) == Nothing(local(2026, 8, 19, 20))
    assert decided(silent, local(2026, 8, 19, 20)) == CallFor(Reason.UNFINISHED)


def test_who_blocks_us_after_a_call_for_her_silence_is_called_once_more() -> None:
    called = replace(INVITED, reminders_sent=3, reminded_at=local(2026, 8, 12, 9), called_for_at=local(2026, 8, 15, 9))
    since = local(2026, 8, 17, 22)
    blocked = replace(READY, reach=Reach.BLOCKED, reach_since=since)
    assert decided(called, since, blocked) == CallFor(Reason.BLOCKED)
    assert decided(replace(called, called_for_at=since), since, blocked) == Nothing(CLOSES)


def test_a_window_that_was_moved_after_a_call_has_a_call_of_its_own() -> None:
    called = replace(EXPECTED, called_for_at=OPENS - timedelta(days=60))
    assert decided(called, local(2026, 8, 8, 9), NEVER) == CallFor(Reason.NOT_ENROLLED)
    lost = replace(READY, reach=Reach.NO_CHAT)
    assert decided(called, OPENS, lost) == CallFor(Reason.NO_CHAT)
    sundays = Preferences(CITY, Slot.MORNING, frozenset({6}))
    assert decided(called, OPENS, replace(READY, preferences=sundays)) == CallFor(Reason.NO_ALLOWED_HOUR)
