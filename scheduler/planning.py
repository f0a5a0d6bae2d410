"""Which check-ins are expected of a woman, and what changes of them when a plan, a date or a wish does: pure.

* Every expected check-in is either open with a deadline, or waits for a date, or is closed with one fate and a reason.
* What she or the calendar has decided stays for ever: a fate of theirs is never touched, and what has been opened to
  her is not moved. What a date, a plan or a group has closed is opened again when these leave it an hour.
* Whose window is over without a fate is not closed here: whether we missed her is for the tick to say. So it is where
  she was due on the same day already: a plan that closes earlier ends it as if it had always done so.
* Who lives after all has her check-ins as they stood, and what would have become of them meanwhile.
* Planning twice changes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, cast

from conversations.instrument import AND
from scheduler.calendar import Preferences, day_start, local_day, may_send, slot_on
from scheduler.plan import ENROLMENT, Late, Occurrence, Plan
from storage.fates import CheckinState, Fate, Reason
from storage.revisions import Standing

ONE_DAY = timedelta(days=1)

OURS = frozenset(
    {
        *(Reason.BEFORE_ENROLMENT, Reason.DATE_CAME_LATE, Reason.NOT_IN_PLAN),
        *(Reason.PLAN_CAME_LATE, Reason.ALREADY_LATE, Reason.NO_ALLOWED_HOUR, Reason.DIED),
    }
)
"""Why planning itself finds a check-in not due; such a one is opened again when the reason is gone."""


@dataclass(frozen=True, slots=True)
class Woman:
    """What a plan must know of her; all dates are local ones.

    `dates` are her release and her other dates by name, as far as they are known; `away_since` is when a pause without
    end began that a new date of hers ends now; `has_new_plan` if it is a plan that is applied, and no news of her.
    """

    enrolled_on: date
    preferences: Preferences
    dates: Mapping[str, date] = field(default_factory=dict)
    centre: str | None = None
    cohort: str | None = None
    died_on: date | None = None
    away_since: datetime | None = None
    has_new_plan: bool = False

    def anchor(self, name: str) -> date | None:
        """The date of hers that a plan counts from, or None while it is unknown."""
        return self.enrolled_on if name == ENROLMENT else self.dates.get(name)


@dataclass(frozen=True, slots=True)
class Expected:
    """What one row of the ledger should say.

    `due_on` is a local date; `opens_at` and `closes_at` are UTC instants, the second no longer part of the window.
    While waiting for a date all three are None; a row that never had an hour has no `opens_at`.
    """

    point: str
    series: str
    instrument: str
    state: CheckinState
    due_on: date | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    fate: Fate | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Appear:
    """A check-in that the ledger does not have yet."""

    to: Expected


@dataclass(frozen=True, slots=True)
class Move:
    """An open one is due at another time, waits for its date again, or asks something else."""

    row: Standing
    to: Expected


@dataclass(frozen=True, slots=True)
class Close:
    """It is not due any more; or it is not due all the same, by another date."""

    row: Standing
    to: Expected


@dataclass(frozen=True, slots=True)
class Reopen:
    """One that was not due, or that she was away from, is expected again."""

    row: Standing
    to: Expected


Change = Appear | Move | Close | Reopen


def replan(plan: Plan, woman: Woman, *, standing: Sequence[Standing], now: datetime) -> list[Change]:
    """What must change of her rows so that they say what this plan, her dates and her wishes say, in the plan's order.

    `standing` are all of her rows, of other plans too: what these still expect of her is not in her plan any more.
    """
    standing = sorted(standing, key=lambda row: (row.due_on or date.max, row.point))
    if woman.died_on is not None:
        ends_at = day_start(woman.died_on, woman.preferences.zone)
        return [Close(row, _not_due(row, Reason.DIED)) for row in standing if row.is_open and not _over(row, ends_at)]
    mourned = {row.id: row for row in standing if row.reason is Reason.DIED}
    if not mourned:
        return _replanned(plan, woman, standing=standing, now=now)
    stood = [_as_it_stood(row) if row.id in mourned else row for row in standing]
    changes = _replanned(plan, woman, standing=stood, now=now)
    changed = {change.row.id for change in changes if not isinstance(change, Appear)}
    restored = [Reopen(mourned[row.id], _unchanged(row)) for row in stood if row.id in mourned.keys() - changed]
    return [*(_since_she_lives(change, mourned) for change in changes), *restored]


def _replanned(plan: Plan, woman: Woman, *, standing: Sequence[Standing], now: datetime) -> list[Change]:
    rows = {row.point: row for row in standing if row.plan == plan.name}
    changes: list[Change] = []
    for one, window in _windows(plan, woman):
        row = rows.pop(one.name, None)
        if row is None and window is not None and plan.late is Late.OPEN and now < window.opens_at < window.closes_at:
            changes.append(window.appears)  # nearly every row of nearly every woman who is registered in time
            continue
        change = _Planning(plan, woman, one, window, now).change(row)
        changes += [] if change is None else [change]
    elsewhere = (row for row in standing if row.plan != plan.name)
    left = (row for row in (*rows.values(), *elsewhere) if row.is_untouched and not _over(row, now))
    return [*changes, *(Close(row, _not_due(row, Reason.NOT_IN_PLAN)) for row in left)]


def _as_it_stood(row: Standing) -> Standing:
    """A row that her death closed, as it was before; her death took nothing from it but that it was open."""
    return replace(row, state=row.before_death or _by_its_marks(row), fate=None, reason=None, closed_at=None)


def _by_its_marks(row: Standing) -> CheckinState:
    """The state of a dated row that the tick closed, of which no former one was kept."""
    if row.started_at is not None:
        return CheckinState.STARTED
    return CheckinState.EXPECTED if row.invited_at is None else CheckinState.INVITED


def _unchanged(row: Standing) -> Expected:
    dates = (row.due_on, row.opens_at, row.closes_at)
    return Expected(row.point, row.series, row.instrument, row.state, *dates)


def _since_she_lives(change: Change, mourned: Mapping[int, Standing]) -> Change:
    """The same of the row as her death has left it."""
    if isinstance(change, Appear) or change.row.id not in mourned:
        return change
    row = mourned[change.row.id]
    return Close(row, change.to) if change.to.state is CheckinState.CLOSED else Reopen(row, change.to)


def _over(row: Standing, by: datetime) -> bool:
    return row.closes_at is not None and row.closes_at <= by


def _not_due(row: Standing, reason: Reason) -> Expected:
    dates = (row.due_on, row.opens_at, row.closes_at)
    return Expected(row.point, row.series, row.instrument, CheckinState.CLOSED, *dates, Fate.NOT_DUE, reason)


@dataclass(frozen=True, slots=True)
class _Window:
    """When one check-in would open by the plan alone, and when it closes; and how it then appears."""

    due_on: date
    opens_at: datetime
    closes_at: datetime
    appears: Appear
    closed: dict[Reason, Expected] = field(default_factory=dict, compare=False)
    """What it is where it is not due; found out once for all women who share the window."""


_Windows = tuple[tuple[Occurrence, _Window | None], ...]


def _windows(plan: Plan, woman: Woman) -> _Windows:
    """Every check-in that the plan expects of her, with its window; None while its date is unknown."""
    anchor_on = woman.anchor(plan.anchor)
    key = (anchor_on, woman.enrolled_on, woman.preferences, woman.centre, woman.cohort)
    if key not in plan.windows:  # many women share their dates, hours and group
        hers = (one for one in plan.occurrences.values() if one.point.only.has(woman.centre, woman.cohort))
        plan.windows[key] = tuple((one, _window(plan, woman, one=one, anchor_on=anchor_on)) for one in hers)
    return cast(_Windows, plan.windows[key])


def _window(plan: Plan, woman: Woman, *, one: Occurrence, anchor_on: date | None) -> _Window | None:
    """Nothing opens before the day after she enrolled: on the day itself she has just talked with us."""
    due_on = one.due_on(anchor_on)
    if due_on is None:
        return None
    closes_at = day_start(due_on + timedelta(days=one.point.window.after + 1), woman.preferences.zone)
    opens_at = _slot(max(due_on, woman.enrolled_on + ONE_DAY), plan, woman=woman, by=closes_at)
    appears = Appear(_expected(one, CheckinState.EXPECTED, due_on=due_on, opens_at=opens_at, closes_at=closes_at))
    return _Window(due_on, opens_at, closes_at, appears)


def _slot(day: date, plan: Plan, *, woman: Woman, by: datetime) -> datetime:
    """Her next slot from that local day on, or `by` where her days and hours together leave none."""
    try:
        return min(slot_on(day, woman.preferences, calendar=plan.calendar), by)
    except ValueError:  # Sundays alone, and in the morning: then whoever keeps her wishes should have refused them
        return by


def _expected(one: Occurrence, state: CheckinState, **rest: Any) -> Expected:
    return Expected(one.name, one.point.name, AND.join(one.point.instruments), state, **rest)


@dataclass(frozen=True, slots=True)
class _Planning:
    """One check-in of one woman, at one moment."""

    plan: Plan
    woman: Woman
    one: Occurrence
    window: _Window | None
    now: datetime

    def change(self, row: Standing | None) -> Change | None:
        """What must become of its row, or None if nothing must."""
        if row is None:
            return Appear(self._anew())
        if row.is_untouched:
            to = self._moved(row)
            if _over(row, self.now) and (to.closes_at is None or to.closes_at <= self.now):
                return None
            if to.state is CheckinState.CLOSED:
                return Close(row, to)
            return None if _says(row, to) else Move(row, to)
        if row.is_open or not self._may_reopen(row):
            return None
        to = self._anew()
        if to.state is not CheckinState.CLOSED:
            return Reopen(row, to)
        return Close(row, to) if row.fate is Fate.NOT_DUE and row.due_on != to.due_on else None

    def _may_reopen(self, row: Standing) -> bool:
        if row.fate is Fate.NOT_DUE:
            return row.reason in OURS
        away = self.woman.away_since
        rested = (row.fate, row.reason) == (Fate.PAUSED, Reason.RESTING)
        return rested and away is not None and row.closed_at is not None and row.closed_at >= away

    def _anew(self) -> Expected:
        """As if nothing had been expected of her before."""
        window = self.window
        if window is None:
            return _expected(self.one, CheckinState.WAITING_FOR_DATE)
        opens_at = self._opening(window)
        if opens_at is None:
            return self._closed(window, self._why_not(window))
        if self.plan.late is Late.NOT_DUE and window.due_on < self._today:
            return self._closed(window, Reason.ALREADY_LATE)
        return self._open(window, opens_at)

    def _moved(self, row: Standing) -> Expected:
        """What an open row should say that nothing has been sent of yet."""
        window = self.window
        if window is None or row.opens_at is None or row.closes_at is None:
            return self._anew()
        stays = row.due_on == window.due_on and window.opens_at <= self.now and row.opens_at < window.closes_at
        if stays and (row.opens_at <= self.now or self._is_allowed(row.opens_at)):
            return self._open(window, row.opens_at)
        opens_at = self._opening(window)
        if opens_at is not None:
            return self._open(window, opens_at)
        return self._closed(window, self._why_not(window))

    def _opening(self, window: _Window) -> datetime | None:
        """Its hour if that is still to come, else her next slot from tomorrow on; None if its window has none left."""
        opens_at = window.opens_at
        if opens_at <= self.now < window.closes_at:
            opens_at = _slot(self._today + ONE_DAY, self.plan, woman=self.woman, by=window.closes_at)
        return opens_at if self.now < opens_at < window.closes_at else None

    def _why_not(self, window: _Window) -> Reason:
        if window.opens_at < window.closes_at:
            return Reason.PLAN_CAME_LATE if self.woman.has_new_plan else Reason.DATE_CAME_LATE
        return Reason.NO_ALLOWED_HOUR if window.due_on > self.woman.enrolled_on else Reason.BEFORE_ENROLMENT

    def _is_allowed(self, at: datetime) -> bool:
        return may_send(at, self.woman.preferences, calendar=self.plan.calendar)

    @property
    def _today(self) -> date:
        return local_day(self.now, self.woman.preferences.zone)

    def _open(self, window: _Window, opens_at: datetime) -> Expected:
        return replace(window.appears.to, opens_at=opens_at)

    def _closed(self, window: _Window, reason: Reason) -> Expected:
        if reason not in window.closed:
            dates = {"due_on": window.due_on, "closes_at": window.closes_at}
            to = _expected(self.one, CheckinState.CLOSED, **dates, fate=Fate.NOT_DUE, reason=reason)
            window.closed[reason] = to
        return window.closed[reason]


def _says(row: Standing, to: Expected) -> bool:
    """Whether the row says so already."""
    stands = (row.instrument, row.state, row.due_on, row.opens_at, row.closes_at)
    return stands == (to.instrument, to.state, to.due_on, to.opens_at, to.closes_at)
