"""Working time: what is late on a Friday evening is early on Monday."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.office import Office

OFFICE = Office(rests=frozenset({date(2026, 3, 16)}))
ZONE = ZoneInfo(OFFICE.zone)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("since", "hours", "until"),
    [
        (at(2, 10), 9, at(3, 10)),  # a Monday
        (at(6, 16), 4, at(9, 11)),  # over a weekend
        (at(13, 16), 4, at(17, 11)),  # and a holiday
        (at(2, 7), 1, at(2, 10)),
        (at(2, 20), 1, at(3, 10)),
        (at(2, 17), 1, at(3, 9)),  # what ends with the day is looked at when somebody is there again
        (at(2, 10), 0, at(2, 10)),
        (at(7, 10), 0, at(9, 9)),
    ],
)
def test_working_time_passes_in_the_hours_alone(since: datetime, hours: int, until: datetime) -> None:
    assert OFFICE.after(since, timedelta(hours=hours)) == until
    assert OFFICE.worked(since, until) == timedelta(hours=hours)


def test_an_office_is_open_up_to_its_last_minute_and_no_longer() -> None:
    moments = [at(2, 8, 59), at(2, 9), at(2, 17, 59), at(2, 18), at(7, 12), at(16, 12)]
    assert [OFFICE.is_open(moment) for moment in moments] == [False, True, True, False, False, False]
    assert OFFICE.wall(at(2, 9).astimezone(UTC)).time() == time(9)


moments = st.integers(0, 330 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(moments, st.integers(0, 90))
def test_what_is_counted_forward_is_what_has_passed(since: datetime, hours: int) -> None:
    working = timedelta(hours=hours)
    until = OFFICE.after(since, working)
    assert OFFICE.worked(since, until) == working
    assert OFFICE.is_open(until)
