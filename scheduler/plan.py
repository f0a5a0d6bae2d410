"""The plan of check-ins: who is asked what, and how long after the anchor date.

* A plan is data: one TOML file that a coordinator can read, checked whole, with every problem told at once.
* Offsets count calendar days, weeks and months; 31 January + 1 month is the last day of February.
* A point that recurs, and one on a fixed date, are written once; the ledger knows each occurrence by a name of its own.
* Plans are frozen. Two files that say the same have the same version, however they are laid out.
"""

from __future__ import annotations

import hashlib
import tomllib
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from scheduler.calendar import Calendar
from scheduler.plan_faults import PlanProblem, told
from storage.imports.centres import centre_code

SHIPPED_PLAN = Path(__file__).parent / "plans" / "seguimiento.toml"
VERSION_DIGITS = 12
MAX_DAYS, MAX_MONTHS = 3660, 120  # ten years: longer is a slip of the keyboard
MAX_TIMES = 120  # a check-in a month for ten years
YEARS = range(2000, 2101)  # of a fixed date: any other is a slip, too, and far ones would leave the calendar

COUNTED_FROM = date(2001, 1, 1)
"""The day from which distances are measured against each other, so that every woman's series has equally many."""

T = TypeVar("T")


def _some(items: tuple[T, ...]) -> tuple[T, ...]:
    if not items:
        raise ValueError("is empty")
    return items


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
# Not `min_length`: pydantic counts the items that it could read, and would call a list of faulty ones empty.
Some = Annotated[tuple[T, ...], AfterValidator(_some)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Offset(_Part):
    """A distance from the anchor date; several units add up."""

    days: int = Field(default=0, ge=0, le=MAX_DAYS)
    weeks: int = Field(default=0, ge=0, le=MAX_DAYS // 7)
    months: int = Field(default=0, ge=0, le=MAX_MONTHS)

    @model_validator(mode="after")
    def _names_a_unit(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("names no unit")
        return self

    def times(self, number: int) -> Offset:
        """So many times this distance, counted from the anchor itself: no month's end wears off on the way."""
        return Offset.model_construct(days=self.days * number, weeks=self.weeks * number, months=self.months * number)

    def plus(self, other: Offset) -> Offset:
        """Both distances together."""
        return Offset.model_construct(
            days=self.days + other.days, weeks=self.weeks + other.weeks, months=self.months + other.months
        )

    @property
    def length_days(self) -> int:
        """Its length to compare it with others: in days from the first of a January whose year has 365."""
        return (self.from_date(COUNTED_FROM) - COUNTED_FROM).days

    @property
    def is_too_far(self) -> bool:
        """Whether it is longer than a plan lasts."""
        return self.months > MAX_MONTHS or self.length_days > MAX_DAYS

    def from_date(self, anchor_on: date) -> date:
        """The date at this distance; a day that its month lacks becomes the month's last. Months count first."""
        years, month = divmod(anchor_on.month - 1 + self.months, 12)
        year, month = anchor_on.year + years, month + 1
        day = min(anchor_on.day, monthrange(year, month)[1])
        return date(year, month, day) + timedelta(days=self.days, weeks=self.weeks)


class Window(_Part):
    """The days around the due date on which an answer still counts for the point."""

    before: int = Field(default=0, ge=0, le=MAX_DAYS)
    after: int = Field(ge=1, le=MAX_DAYS)


class Delay(_Part):
    """How long after the message before it a reminder leaves."""

    days: int = Field(default=0, ge=0, le=MAX_DAYS)
    hours: int = Field(default=0, ge=0, le=24 * 7)

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if not self.length:
            raise ValueError("must last an hour or more")
        return self

    @property
    def length(self) -> timedelta:
        """The delay as a duration."""
        return timedelta(days=self.days, hours=self.hours)


class Group(_Part):
    """Some of the women: those of these centres, of these cohorts, or of both at once. An empty one is everybody.

    A centre is given by its code or any of its names, a cohort as the participants file writes it.
    """

    centre: tuple[str, ...] = ()
    cohort: tuple[str, ...] = ()

    @field_validator("centre")
    @classmethod
    def _as_stored(cls, centres: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(centre_code(centre) or centre for centre in centres)

    def has(self, centre: str | None, cohort: str | None) -> bool:
        """Whether a woman of this centre and cohort is one of them."""
        return (not self.centre or centre in self.centre) and (not self.cohort or cohort in self.cohort)

    def meets(self, other: Group) -> bool:
        """Whether one woman can be in both."""
        return _share(self.centre, other.centre) and _share(self.cohort, other.cohort)

    @property
    def narrowness(self) -> int:
        """In how many ways it narrows: of two groups that have her, the narrower one counts."""
        return bool(self.centre) + bool(self.cohort)


def _share(these: tuple[str, ...], those: tuple[str, ...]) -> bool:
    return not these or not those or not set(these).isdisjoint(those)


class Point(_Part):
    """One moment of the plan, or a series of them: when it is due, how long it stays open, what is asked, how often she
    is reminded, and after how long a silence staff call her.

    It is due at an `offset` from the anchor, and again every `every` until a distance from the anchor or so many times
    in all; or once, on the fixed date `on`. With `only` it is expected of that group alone.
    """

    name: Name
    offset: Offset | None = None
    on: date | None = None
    every: Offset | None = None
    until: Offset | None = None
    times: int | None = Field(default=None, ge=2, le=MAX_TIMES)
    only: Group = Group()
    window: Window
    instruments: Some[Name]
    reminders: tuple[Delay, ...] = Field(default=(), max_length=3)  # a fourth is a nuisance; staff call instead
    call_after: Delay | None = None

    @field_validator("on")
    @classmethod
    def _in_our_times(cls, on: date | None) -> date | None:
        if on is not None and on.year not in YEARS:
            raise ValueError(f"the year must lie between {YEARS[0]} and {YEARS[-1]}")
        return on

    @field_validator("reminders")
    @classmethod
    def _in_the_window(cls, reminders: tuple[Delay, ...], point: ValidationInfo) -> tuple[Delay, ...]:
        window = point.data.get("window")  # absent if it could not be read: that is told on its own
        if window and sum((delay.length for delay in reminders), timedelta()) >= timedelta(days=window.after):
            raise ValueError("the last would come after the window closes")
        return reminders

    @model_validator(mode="after")
    def _falls_somewhere(self) -> Self:
        if (self.offset is None) == (self.on is None):
            raise ValueError("needs either offset or on")
        if self.every is None:
            if self.until is not None or self.times is not None:
                raise ValueError("until and times go with every")
        elif self.offset is None:
            raise ValueError("every counts from an offset, not from a fixed date")
        elif (self.until is None) == (self.times is None):
            raise ValueError("every needs either until or times")
        elif not self.every.length_days:
            raise ValueError("every must last a day or more")
        elif not 1 <= len(self._distances(MAX_TIMES + 1)) <= MAX_TIMES:
            raise ValueError(f"until must leave from 1 to {MAX_TIMES} check-ins, counted from the anchor date")
        if any(one.is_too_far for one in (self.offset, *self._distances(MAX_TIMES)) if one is not None):
            raise ValueError("no check-in may lie more than ten years from the anchor date")
        return self

    @field_validator("call_after")
    @classmethod
    def _call_in_the_window(cls, call_after: Delay | None, point: ValidationInfo) -> Delay | None:
        window, reminders = point.data.get("window"), point.data.get("reminders")
        if call_after and window and reminders is not None:
            silence = sum((delay.length for delay in reminders), call_after.length)
            if silence >= timedelta(days=window.after):
                raise ValueError("the call would come after the window closes")
        return call_after

    @property
    def occurrences(self) -> tuple[Occurrence, ...]:
        """Each check-in that it stands for, in order: `name`, or `name_1`, `name_2` … of a series."""
        if self.every is None:
            return (Occurrence(self.name, self),)
        numbered = enumerate(self._distances(MAX_TIMES), start=1)
        return tuple(Occurrence(f"{self.name}_{number}", self, distance) for number, distance in numbered)

    def _distances(self, most: int) -> list[Offset]:
        """How far from the anchor each check-in of the series lies, so many of them at most."""
        if self.offset is None or self.every is None:
            return []
        found: list[Offset] = []
        for number in range(self.times or most):
            distance = self.offset.plus(self.every.times(number))
            if self.until is not None and distance.length_days > self.until.length_days:
                break
            found.append(distance)
        return found


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One check-in of a plan, under the name that the ledger knows it by."""

    name: str
    point: Point
    repeated: Offset | None = None

    def due_on(self, anchor_on: date | None) -> date | None:
        """The local date it is due on, or None while the anchor that it counts from is unknown."""
        if self.point.on is not None:
            return self.point.on
        distance = self.repeated or self.point.offset
        return None if anchor_on is None or distance is None else distance.from_date(anchor_on)


class Overlap(StrEnum):
    """What becomes of a check-in that is due while another one of hers is open."""

    QUEUE = "queue"  # it waits its turn, to the end of its own window
    MERGE = "merge"  # it is not due where the other asks the same a few days away; otherwise it waits
    CANCEL = "cancel"  # it is not due


class Late(StrEnum):
    """What becomes of a check-in whose date has passed when she joins, while its window is still open."""

    OPEN = "open"  # it opens in her next slot
    NOT_DUE = "not_due"


RELEASE, ENROLMENT = "release", "enrolment"
"""The anchors that every woman can have: her release, and the day she was registered."""


class Plan(_Part):
    """A named series of points, with the calendar that its messages obey.

    `anchor` is the date that offsets count from: RELEASE, ENROLMENT, or the name of a date of hers (the column
    `date_NAME` of a participants file). `who` follow it where nothing else is said of them; without it, only those for
    whom it is named, and everybody else if it is the plan of the settings.
    """

    name: Name
    anchor: Name = RELEASE
    who: Group = Group()
    overlap: Overlap = Overlap.QUEUE
    merge_within: int = Field(default=10, ge=1, le=60)
    late: Late = Late.OPEN
    points: Some[Point]
    calendar: Calendar = Calendar()

    @cached_property
    def version(self) -> str:
        """A short hash of all that the plan says; comments and layout do not count."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:VERSION_DIGITS]

    @cached_property
    def occurrences(self) -> Mapping[str, Occurrence]:
        """Every check-in that it can expect of a woman, by name, in the plan's order."""
        return {one.name: one for point in self.points for one in point.occurrences}

    @cached_property
    def windows(self) -> dict[object, object]:
        """What `planning` has found out about the days and hours of this plan's check-ins."""
        return {}

    def point(self, name: str) -> Point | None:
        """The point of the check-in of that name, or None: a stored check-in can outlive its point."""
        found = self.occurrences.get(name)
        return None if found is None else found.point


class PlanError(Exception):
    """The plan can't be used; `problems` lists all that was found, not just the first."""

    def __init__(self, name: str, problems: Sequence[PlanProblem]) -> None:
        lines = [f"  {problem}" for problem in problems]
        super().__init__("\n".join([f"{name} can't be used as a plan:", *lines]))
        self.problems = tuple(problems)


def read_plan(path: Path) -> Plan:
    """Read a plan from its TOML file. Raises PlanError with every problem that can be found at once."""
    return parse_plan(read_source(path), path.name)


def read_source(path: Path) -> str:
    """The text of a plan's file. Raises PlanError if it can't be read."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise PlanError(path.name, [PlanProblem("file", f"can't be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise PlanError(path.name, [PlanProblem("file", "is not UTF-8 text; save it as UTF-8")]) from error


def parse_plan(source: str, name: str) -> Plan:
    """Read a plan from its TOML text; `name` is what its problems are told of. Raises PlanError as `read_plan`."""
    try:
        raw = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise PlanError(name, [PlanProblem("file", f"is not valid TOML: {error}")]) from error
    problems = list(_shared_names(raw))
    try:
        plan = Plan.model_validate(raw)
    except ValidationError as error:
        raise PlanError(name, [*problems, *(told(raw, fault) for fault in error.errors())]) from error
    if problems:
        raise PlanError(name, problems)
    return plan


def _shared_names(raw: dict[str, Any]) -> Iterator[PlanProblem]:
    """Looked for in the raw file, so that it is told together with what keeps other points from being read."""
    written = raw.get("points")
    points = [point for point in written if isinstance(point, dict)] if isinstance(written, list) else []
    names = Counter(name for point in points if isinstance(name := point.get("name"), str))
    for name, times in names.items():
        if times > 1:
            yield PlanProblem(f"point {name}", f"name: {times} points are called so; give each a name of its own")
    for point in points:
        for taken in sorted(names.keys() & _series_names(point)):
            message = f"name: its check-ins are called {point['name']}_1, _2 …, and a point is called {taken} already"
            yield PlanProblem(f"point {point['name']}", message)


def _series_names(raw: dict[str, Any]) -> set[str]:
    """What the check-ins of one recurring point are called, if it can be read."""
    try:
        point = Point.model_validate(raw)
    except ValidationError:
        return set()
    return {one.name for one in point.occurrences} - {point.name}
