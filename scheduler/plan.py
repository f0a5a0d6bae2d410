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
from pydantic_core import ErrorDetails

from scheduler.calendar import Calendar

SHIPPED_PLAN = Path(__file__).parent / "plans" / "seguimiento.toml"
VERSION_DIGITS = 12
MAX_DAYS, MAX_MONTHS = 3660, 120  # ten years: longer is a slip of the keyboard
MAX_TIMES = 120  # a check-in a month for ten years

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
    def about_days(self) -> int:
        """Its length to compare it with others, a month being 30 days."""
        return self.days + 7 * self.weeks + 30 * self.months

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
    """Some of the women: those of these centres, of these cohorts, or of both at once. An empty one is everybody."""

    centre: tuple[str, ...] = ()
    cohort: tuple[str, ...] = ()

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
        elif not self.every.about_days:
            raise ValueError("every must last a day or more")
        return self

    @property
    def occurrences(self) -> tuple[Occurrence, ...]:
        """Each check-in that it stands for, in order: `name`, or `name_1`, `name_2` … of a series."""
        if self.every is None or self.offset is None:
            return (Occurrence(self.name, self),)
        distances = (self.offset.plus(self.every.times(number)) for number in range(self.times or MAX_TIMES))
        wanted = [d for d in distances if self.until is None or d.about_days <= self.until.about_days]
        return tuple(
            Occurrence(f"{self.name}_{number}", self, distance) for number, distance in enumerate(wanted, start=1)
        )


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
    `date_NAME` of a participants file). `who` follow it where nothing else is said of them; without it, everybody.
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

    def point(self, name: str) -> Point | None:
        """The point of the check-in of that name, or None: a stored check-in can outlive its point."""
        found = self.occurrences.get(name)
        return None if found is None else found.point


@dataclass(frozen=True, slots=True)
class PlanProblem:
    """One thing to mend in a plan's file: where, and what to do."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class PlanError(Exception):
    """The plan can't be used; `problems` lists all that was found, not just the first."""

    def __init__(self, name: str, problems: Sequence[PlanProblem]) -> None:
        told = [f"  {problem}" for problem in problems]
        super().__init__("\n".join([f"{name} can't be used as a plan:", *told]))
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
    problems = list(_repeated_names(raw))
    try:
        plan = Plan.model_validate(raw)
    except ValidationError as error:
        problems += [_problem(raw, detail) for detail in error.errors()]
        raise PlanError(name, problems) from error
    if problems:
        raise PlanError(name, problems)
    return plan


# How each part is written, for whoever wrote it otherwise.
_EXAMPLES = {
    "name": 'write a short name such as name = "m3": small letters, digits and _',
    "points": "write one [[points]] table for each point",
    "offset": "write offset = { months = 1 }, in days, weeks or months",
    "window": "write window = { before = 7, after = 21 }, in days",
    "instruments": 'write instruments = ["seguimiento"]',
    "reminders": "write reminders = [{ days = 2 }], at most three, all before the window closes",
    "calendar": 'write hours as quiet_from = "20:30" and slots as manana = ["09:00", "12:00"]',
    "rest_days": 'write { name = "…", month = 5, day = 1 } or { name = "…", month = 2, monday = 1 }',
}
_EXAMPLES["sensitive_days"] = _EXAMPLES["other_days"] = _EXAMPLES["rest_days"]


def _repeated_names(raw: dict[str, Any]) -> Iterator[PlanProblem]:
    """Looked for in the raw file, so that it is told together with what keeps the points from being read."""
    points = raw.get("points")
    names = [point.get("name") for point in points if isinstance(point, dict)] if isinstance(points, list) else []
    for name, times in Counter(name for name in names if isinstance(name, str)).items():
        if times > 1:
            yield PlanProblem(f"point {name}", f"name: {times} points are called so; give each a name of its own")


# Pydantic's words for the commonest faults speak of Python's types.
_FAULTS = {
    "missing": "is missing",
    "model_type": "is not written as it should be",
    "tuple_type": "is not a list",
    "string_pattern_mismatch": "is not a name that can be used",
}


def _problem(raw: dict[str, Any], fault: ErrorDetails) -> PlanProblem:
    where, field = "plan", fault["loc"]
    if len(field) > 1 and field[0] == "points":
        where, field = _point_label(raw, field[1]), field[2:]
    path = ".".join(str(part + 1) if isinstance(part, int) else part for part in field)
    if fault["type"] == "extra_forbidden":
        return PlanProblem(where, f"{path} is not a setting of a plan; remove it or correct its spelling")
    told = _FAULTS.get(fault["type"], fault["msg"].removeprefix("Value error, "))
    text = f"{path}: {told}" if path else told
    advice = _advice(field)
    return PlanProblem(where, f"{text}; {advice}" if advice else text)


def _advice(field: tuple[int | str, ...]) -> str | None:
    # The name of a closed day is free text: only the names of plans and points have a form.
    parts = [part for part in reversed(field) if part != "name" or len(field) == 1]
    return next((_EXAMPLES[part] for part in parts if isinstance(part, str) and part in _EXAMPLES), None)


def _point_label(raw: dict[str, Any], index: int | str) -> str:
    point = raw["points"][index] if isinstance(index, int) else None
    name = point.get("name") if isinstance(point, dict) else None
    return f"point {name}" if isinstance(name, str) else f"point number {int(index) + 1}"
