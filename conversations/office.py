"""When staff are at work: pure date maths over the zone of their office, its hours and its rest days.

* Only the wall clock of the office decides; instants come in aware and go out in UTC.
* An amount of working time counts inside the hours alone: nine hours from Friday noon end on Monday.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = frozenset(range(5))
"""Monday to Friday."""

HORIZON_DAYS = 60
"""No office rests longer than this; what is asked for beyond it falls on the last day looked at."""


@dataclass(frozen=True)
class Office:
    """The hours in which somebody reads, in `zone`: from `opens` up to but not including `closes`, on `days` of the
    week (Monday is 0) that are none of `rests`."""

    zone: str = "America/Mexico_City"
    opens: time = time(9)
    closes: time = time(18)
    days: frozenset[int] = WEEKDAYS
    rests: frozenset[date] = frozenset()

    def next_open(self, at: datetime) -> datetime:
        """The first instant from `at` on at which somebody is at work."""
        return self.after(at, timedelta())

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is at work."""
        return self.next_open(at) == at.astimezone(UTC)

    def after(self, at: datetime, working: timedelta) -> datetime:
        """When so much working time has passed since `at`."""
        moment, left = at.astimezone(UTC), working
        for opens, closes in self._stretches(moment):
            begins = max(opens, moment)
            if left < closes - begins:
                return begins + left
            left, moment = left - max(closes - begins, timedelta()), max(closes, moment)
        return moment

    def worked(self, since: datetime, until: datetime) -> timedelta:
        """How much working time lies between two instants."""
        done = timedelta()
        for opens, closes in self._stretches(since.astimezone(UTC)):
            if opens >= until:
                break
            done += max(min(closes, until) - max(opens, since), timedelta())
        return done

    def day_after(self, at: datetime, days: int) -> date:
        """The last day of a term of so many working days, of which the first is the one after `at`."""
        day, left = self.wall(at).date(), days
        while left:
            day += timedelta(days=1)
            left -= self._works_on(day)
        return day

    def days_left(self, at: datetime, last: date) -> int:
        """How many working days of a term lie behind the day of `at`; below 0 by so many (at least one) once its
        `last` day is over."""
        today = self.wall(at).date()
        first, over = (today, last) if last >= today else (last, today)
        days = sum(self._works_on(first + timedelta(days=n)) for n in range(1, (over - first).days + 1))
        return days if last >= today else -max(days, 1)

    def _works_on(self, day: date) -> bool:
        return day.weekday() in self.days and day not in self.rests

    def wall(self, at: datetime) -> datetime:
        """The instant on the wall of the office."""
        return at.astimezone(ZoneInfo(self.zone))

    def _stretches(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The hours of each working day that have not ended at this instant."""
        zone = ZoneInfo(self.zone)
        today = since.astimezone(zone).date()
        for day in (today + timedelta(days=n) for n in range(HORIZON_DAYS)):
            if not self._works_on(day):
                continue
            opens, closes = (datetime.combine(day, hour, zone).astimezone(UTC) for hour in (self.opens, self.closes))
            if closes > since:
                yield opens, closes
