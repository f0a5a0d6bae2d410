"""When something unasked may be sent to her: pure date maths over her zone and a calendar.

* Only the local wall clock decides; instants come in aware and go out in UTC, so no clock shift lets a message out.
* Quiet hours bind whoever chose no slot. A chosen slot wins over them, but never outside 8–21 h or on a closed day.
* Closed days and hours are data: the defaults are Mexico's, and a plan's file may change each of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import groupby
from typing import Annotated, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

MONDAY, SUNDAY = 0, 6
HORIZON_DAYS = 400  # more than a year: a calendar that opens on no day of a year never opens


class NeverOpens(ValueError):
    """Her days, her part of the day and the calendar leave no hour of more than a year."""


class Slot(StrEnum):
    """The part of the day in which she likes to be asked; `ANY` leaves it to the quiet hours."""

    MORNING = "manana"
    AFTERNOON = "tarde"
    EVENING = "noche"
    ANY = "cualquiera"


@dataclass(frozen=True, slots=True)
class Preferences:
    """When she likes to be asked: her zone, the part of her day, and the days of the week (Monday is 0; none: all)."""

    zone: ZoneInfo
    slot: Slot = Slot.ANY
    days: frozenset[int] = frozenset()


def _wall_clock(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("is a local hour and takes no zone")
    return value


LocalTime = Annotated[time, AfterValidator(_wall_clock)]


class Hours(NamedTuple):
    """A stretch of one local day, from `opens` up to but not including `closes`."""

    opens: LocalTime
    closes: LocalTime

    def third(self, number: int) -> Hours:
        """One of its three equal parts: 0, 1 or 2."""
        opens = datetime.combine(date.min, self.opens)
        long = datetime.combine(date.min, self.closes) - opens
        return Hours((opens + number * long / 3).time(), (opens + (number + 1) * long / 3).time())


class DayRule(BaseModel):
    """A day of the year that is closed from `starts` on (from midnight: the whole day).

    The day is `day` of `month`, or the n-th Monday of it. With `year` it holds in that year alone, or every so many
    years from it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    month: int = Field(ge=1, le=12)
    day: int | None = Field(default=None, ge=1, le=31)
    monday: int | None = Field(default=None, ge=1, le=5)
    year: int | None = None
    every: int | None = Field(default=None, ge=1)
    starts: LocalTime = time.min

    @model_validator(mode="after")
    def _is_one_day(self) -> Self:
        if (self.day is None) == (self.monday is None):
            raise ValueError("needs either day or monday (1 = the first Monday)")
        if self.every is not None and self.year is None:
            raise ValueError("every needs the year that it counts from")
        return self

    def falls_on(self, day: date) -> bool:
        """Whether this rule closes that day, or its last hours."""
        if day.month != self.month or not self._holds_in(day.year):
            return False
        if self.monday is None:
            return day.day == self.day
        return day.weekday() == MONDAY and (day.day - 1) // 7 + 1 == self.monday

    def _holds_in(self, year: int) -> bool:
        if self.year is None or self.every is None:
            return self.year in (None, year)
        return year >= self.year and (year - self.year) % self.every == 0


# Ley Federal del Trabajo, art. 74. Election days (fraction IX) have no fixed date: a plan adds them to `other_days`.
REST_DAYS = (
    DayRule(name="Año Nuevo", month=1, day=1),
    DayRule(name="Constitución", month=2, monday=1),
    DayRule(name="Benito Juárez", month=3, monday=3),
    DayRule(name="Día del Trabajo", month=5, day=1),
    DayRule(name="Independencia", month=9, day=16),
    DayRule(name="Transmisión del Poder Ejecutivo", month=10, day=1, year=2024, every=6),
    DayRule(name="Revolución", month=11, monday=3),
    DayRule(name="Navidad", month=12, day=25),
)

# Days that hurt: mothers apart from their children, the dead, and the two family evenings.
SENSITIVE_DAYS = (
    DayRule(name="Día de las Madres", month=5, day=10),
    DayRule(name="Día de Muertos", month=11, day=2),
    DayRule(name="Nochebuena", month=12, day=24, starts=time(17)),
    DayRule(name="Fin de año", month=12, day=31, starts=time(17)),
)


class Calendar(BaseModel):
    """The hours and days on which something unasked may leave; all hours are her local ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    quiet_from: LocalTime = time(20, 30)
    quiet_until: LocalTime = time(9)
    sunday_from: LocalTime = time(12)
    chosen_from: LocalTime = time(8)
    chosen_until: LocalTime = time(21)
    manana: Hours = Hours(time(9), time(12))
    tarde: Hours = Hours(time(12), time(17))
    noche: Hours = Hours(time(17), time(20, 30))
    rest_days: tuple[DayRule, ...] = REST_DAYS
    sensitive_days: tuple[DayRule, ...] = SENSITIVE_DAYS
    other_days: tuple[DayRule, ...] = ()

    @model_validator(mode="after")
    def _every_slot_opens(self) -> Self:
        shut = [slot.value for slot in Slot if not _opens(self.hours(slot))]
        if shut:
            limits = f"from {self.chosen_from:%H:%M} to {self.chosen_until:%H:%M}"
            raise ValueError(f"no hour is left for {', '.join(shut)}: a slot opens before it closes, {limits}")
        return self

    def hours(self, slot: Slot) -> Hours:
        """The hours of a slot on an ordinary day."""
        match slot:
            case Slot.MORNING:
                chosen = self.manana
            case Slot.AFTERNOON:
                chosen = self.tarde
            case Slot.EVENING:
                chosen = self.noche
            case Slot.ANY:
                return Hours(self.quiet_until, self.quiet_from)
        return Hours(max(chosen.opens, self.chosen_from), min(chosen.closes, self.chosen_until))

    def hours_on(self, day: date, slot: Slot) -> Hours | None:
        """The hours of a slot on that local day, or None if it stays closed."""
        opens, closes = self.hours(slot)
        if day.weekday() == SUNDAY:
            opens = max(opens, self.sunday_from)
        for rule in self._rules_by_month.get(day.month, ()):
            if rule.falls_on(day):
                closes = min(closes, rule.starts)
        hours = Hours(opens, closes)
        return hours if _opens(hours) else None

    def hers_on(self, day: date, her: Preferences, *, third: int | None = None) -> Hours | None:
        """Her hours on that local day, or one third of them; None if it is closed or none of her days."""
        hours = None if her.days and day.weekday() not in her.days else self.hours_on(day, her.slot)
        return hours if hours is None or third is None else hours.third(third)

    @cached_property
    def _rules_by_month(self) -> Mapping[int, Sequence[DayRule]]:
        # Enrolling many asks for many days: most months have one rule or none.
        rules = sorted((*self.rest_days, *self.sensitive_days, *self.other_days), key=_month)
        return {month: tuple(closed) for month, closed in groupby(rules, key=_month)}


def _month(rule: DayRule) -> int:
    return rule.month


def _opens(hours: Hours) -> bool:
    return hours.opens < hours.closes


def may_send(at: datetime, her: Preferences, *, calendar: Calendar, third: int | None = None) -> bool:
    """Whether something unasked may leave at this instant, or in that third of her hours. Raises ValueError if `at` is
    naive."""
    local = _on_her_wall(at, her.zone)
    hours = calendar.hers_on(local.date(), her, third=third)
    return hours is not None and hours.opens <= local.time() < hours.closes


def next_allowed(after: datetime, her: Preferences, *, calendar: Calendar, third: int | None = None) -> datetime:
    """The first instant (UTC) from `after` on at which `may_send` is true; `after` itself when it is already.

    An opening hour that the clock skips counts from as far beyond the skip; one that it repeats counts both times.
    Raises ValueError if `after` is naive, and NeverOpens.
    """
    today = local_day(after, her.zone)
    after = after.astimezone(UTC)
    if may_send(after, her, calendar=calendar, third=third):
        return after
    for day in (today + timedelta(days=n) for n in range(HORIZON_DAYS)):
        hours = calendar.hers_on(day, her, third=third)
        if hours is None:
            continue
        for fold in (0, 1):
            opening = datetime.combine(day, hours.opens, her.zone).replace(fold=fold).astimezone(UTC)
            if opening >= after and may_send(opening, her, calendar=calendar, third=third):
                return opening
    raise NeverOpens(f"the calendar never opens for {her.slot.value} after {today}")


def ever_opens(after: datetime, her: Preferences, *, calendar: Calendar) -> bool:
    """Whether an hour of hers comes at all: Sunday mornings, for one, are always quiet."""
    try:
        next_allowed(after, her, calendar=calendar)
    except NeverOpens:
        return False
    return True


def slot_on(day: date, her: Preferences, *, calendar: Calendar) -> datetime:
    """The start (UTC) of her slot on that local day, or of the next slot that the calendar leaves open."""
    return next_allowed(day_start(day, her.zone), her, calendar=calendar)


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) of a local day, also where the clock skips midnight."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """The date on her wall at this instant. Raises ValueError if `at` is naive."""
    return _on_her_wall(at, zone).date()


def _on_her_wall(at: datetime, zone: ZoneInfo) -> datetime:
    if at.tzinfo is None:
        raise ValueError("an instant needs its zone: a naive one would be read in the machine's")
    return at.astimezone(zone)
