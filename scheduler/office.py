"""The hours of the organisation's office, with the rest days of its calendar as dates.

* A calendar has rules; whoever counts working time in the store needs days: this year's and those of two more.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from conversations.office import Office
from scheduler.calendar import Calendar, local_day

AHEAD = timedelta(days=3 * 366)


def office_by(calendar: Calendar, office: Office, *, at: datetime) -> Office:
    """The same office with the whole days on which this calendar rests, from a year before `at` to three after it."""
    today = local_day(at, ZoneInfo(office.zone))
    rules = [rule for rule in (*calendar.rest_days, *calendar.other_days) if rule.starts == time.min]
    days = (date.fromordinal(day) for day in range((today - AHEAD // 3).toordinal(), (today + AHEAD).toordinal()))
    rests = frozenset(day for day in days if any(rule.falls_on(day) for rule in rules))
    return Office(office.zone, office.opens, office.closes, office.days, rests)
