"""For any plan, woman and history: planning twice changes nothing, what is decided stays, and no row is left loose."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.calendar import Preferences, Slot
from scheduler.plan import RELEASE, Group, Late, Offset, Plan, Point, Window
from scheduler.planning import OURS, Appear, Change, Close, Move, Reopen, Woman, replan
from storage.fates import CheckinState, Fate, Reason
from storage.revisions import Standing

NOW = datetime(2026, 3, 2, 18, tzinfo=UTC)
ZONES = ["America/Mexico_City", "America/Tijuana", "America/Cancun", "America/Ciudad_Juarez"]

days = st.dates(date(2024, 1, 1), date(2028, 12, 31))
near = st.integers(-60, 60).map(lambda n: date(2026, 3, 2) + timedelta(days=n))
groups = st.sampled_from([Group(), Group(centre=("BAR",)), Group(cohort=("1",))])


@st.composite
def points(draw: st.DrawFn, name: str) -> Point:
    window = Window(after=draw(st.integers(1, 40)))
    rest = {"name": name, "window": window, "instruments": ("seguimiento",), "only": draw(groups)}
    match draw(st.integers(0, 2)):
        case 0:
            return Point(offset=Offset(days=draw(st.integers(0, 90))), **rest)
        case 1:
            return Point(on=draw(near), **rest)
        case _:
            every, times = Offset(days=draw(st.integers(1, 40))), draw(st.integers(2, 4))
            return Point(offset=Offset(months=draw(st.integers(0, 2))), every=every, times=times, **rest)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    names = draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=3, unique=True))
    anchor = draw(st.sampled_from([RELEASE, "enrolment", "course_end"]))
    return Plan(
        name=draw(st.sampled_from("pq")),
        anchor=anchor,
        late=draw(st.sampled_from(Late)),
        points=tuple(draw(points(name)) for name in names),
    )


her_hours = st.builds(
    Preferences,
    st.sampled_from(ZONES).map(ZoneInfo),
    st.sampled_from(Slot),
    st.frozensets(st.integers(0, 6), max_size=3),
)


@st.composite
def women(draw: st.DrawFn) -> Woman:
    return Woman(
        enrolled_on=draw(st.integers(0, 90).map(lambda n: date(2026, 3, 2) - timedelta(days=n))),
        preferences=draw(her_hours),
        dates=draw(st.dictionaries(st.sampled_from([RELEASE, "course_end"]), near | days)),
        centre=draw(st.sampled_from([None, "BAR"])),
        cohort=draw(st.sampled_from([None, "1"])),
        died_on=draw(st.none() | st.none() | st.just(date(2026, 3, 1))),
        away_since=draw(st.none() | st.just(NOW - timedelta(days=30))),
    )


def written(changes: list[Change], standing: list[Standing], *, plan: Plan, at: datetime) -> list[Standing]:
    """Her rows once these changes are written."""
    rows = {row.id: row for row in standing}
    numbers = count(len(rows) + 1)
    for change in changes:
        to = change.to
        dates = {name: getattr(to, name) for name in ("due_on", "opens_at", "closes_at")}
        told: dict[str, Any] = {
            "instrument": to.instrument,
            "state": to.state,
            "fate": to.fate,
            "reason": to.reason,
            **dates,
        }
        told["closed_at"] = at if to.fate else None
        if isinstance(change, Appear):
            row = Standing(next(numbers), 1, plan.name, to.point, to.series, **told)
        else:
            anew = isinstance(change, Reopen) and change.row.reason is not Reason.DIED
            begun: dict[str, Any] = {"invited_at": None, "started_at": None} if anew else {}
            row = replace(
                change.row, **told, **begun, before_death=change.row.state if to.reason is Reason.DIED else None
            )
        rows[row.id] = row
    return list(rows.values())


fates = st.sampled_from(
    [
        *((Fate.COMPLETED, None), (Fate.PARTIAL, Reason.UNFINISHED), (Fate.REFUSED, Reason.STOPPED)),
        *((Fate.PAUSED, Reason.RESTING), (Fate.NOT_DUE, Reason.MERGED), (Fate.NOT_DUE, Reason.OVERLAPPED)),
        *((Fate.UNREACHABLE, Reason.NO_ANSWER), (Fate.MISSED_BY_US, Reason.NOT_SENT)),
    ]
)


@st.composite
def lived(draw: st.DrawFn, row: Standing) -> Standing:
    """What may have become of a row since: nothing, an invitation, a beginning, "later", or a fate."""
    if row.state is not CheckinState.EXPECTED:
        return row
    at = draw(st.integers(1, 60).map(lambda n: NOW - timedelta(days=n)))
    match draw(st.integers(0, 5)):
        case 0:
            return replace(row, state=CheckinState.INVITED, invited_at=at)
        case 1:
            return replace(row, state=CheckinState.STARTED, invited_at=at, started_at=at)
        case 2:
            return replace(row, invited_at=at)
        case 3:
            fate, reason = draw(fates)
            return replace(row, state=CheckinState.CLOSED, fate=fate, reason=reason, closed_at=at)
        case _:
            return row


@st.composite
def histories(draw: st.DrawFn) -> list[Standing]:
    """Rows that one or two plans have left, some of them lived through."""
    rows: list[Standing] = []
    for days_ago in (60, 30):
        at, plan, her = NOW - timedelta(days=days_ago), draw(plans()), replace(draw(women()), died_on=None)
        rows = written(replan(plan, her, standing=rows, now=at), rows, plan=plan, at=at)
    return [draw(lived(row)) for row in rows]


@given(plan=plans(), her=women(), standing=histories(), later=st.integers(0, 400))
@settings(max_examples=100)
def test_planning_again_changes_nothing_now_or_later(
    plan: Plan, her: Woman, standing: list[Standing], later: int
) -> None:
    rows = written(replan(plan, her, standing=standing, now=NOW), standing, plan=plan, at=NOW)
    settled = replace(her, away_since=None)
    for hours in (0, 5, 24 * later):
        assert replan(plan, settled, standing=rows, now=NOW + timedelta(hours=hours)) == []


@given(plan=plans(), her=women(), standing=histories())
@settings(max_examples=100)
def test_what_she_or_the_calendar_decided_is_never_touched(plan: Plan, her: Woman, standing: list[Standing]) -> None:
    for change in replan(plan, her, standing=standing, now=NOW):
        if isinstance(change, Appear):
            continue
        row = change.row
        rested = (row.fate, row.reason) == (Fate.PAUSED, Reason.RESTING) and her.away_since is not None
        assert row.is_open or (row.fate is Fate.NOT_DUE and row.reason in OURS) or rested
        opened = row.is_open and not row.is_untouched
        assert not opened or her.died_on is not None


@given(plan=plans(), her=women(), standing=histories(), later=st.integers(0, 60))
@settings(max_examples=100)
def test_a_death_that_was_none_leaves_everything_as_if_it_had_never_been_told(
    plan: Plan, her: Woman, standing: list[Standing], later: int
) -> None:
    lives = replace(her, died_on=None, away_since=None)
    rows = written(replan(plan, lives, standing=standing, now=NOW), standing, plan=plan, at=NOW)
    dead = replace(lives, died_on=NOW.date())
    mourned = written(replan(plan, dead, standing=rows, now=NOW), rows, plan=plan, at=NOW)
    at = NOW + timedelta(days=later)
    assert written(replan(plan, lives, standing=mourned, now=at), mourned, plan=plan, at=at) == rows


@given(plan=plans(), her=women(), standing=histories())
@settings(max_examples=100)
def test_every_row_is_open_with_a_deadline_or_has_one_fate_and_each_point_one_row(
    plan: Plan, her: Woman, standing: list[Standing]
) -> None:
    changes = replan(plan, her, standing=standing, now=NOW)
    touched = [change.row.id for change in changes if not isinstance(change, Appear)]
    assert len(touched) == len(set(touched))
    rows = written(changes, standing, plan=plan, at=NOW)
    keys = [(row.plan, row.point) for row in rows]
    assert len(keys) == len(set(keys))
    for row in rows:
        dated = None not in (row.due_on, row.opens_at, row.closes_at)
        assert (row.fate is None) == (row.state is not CheckinState.CLOSED)
        assert dated or row.state in (CheckinState.CLOSED, CheckinState.WAITING_FOR_DATE)
    if her.died_on is None:
        hers = {one.name for one in plan.occurrences.values() if one.point.only.has(her.centre, her.cohort)}
        assert hers <= {row.point for row in rows if row.plan == plan.name}
        left = [row for row in rows if row.is_untouched and (row.plan != plan.name or row.point not in hers)]
        assert not [row for row in left if row.closes_at is None or row.closes_at > NOW]


@given(plan=plans(), her=women(), standing=histories())
@settings(max_examples=100)
def test_what_opens_anew_opens_later_and_inside_its_window(plan: Plan, her: Woman, standing: list[Standing]) -> None:
    for change in replan(plan, her, standing=standing, now=NOW):
        to = change.to
        if to.state is CheckinState.EXPECTED and not isinstance(change, Close):
            assert to.opens_at is not None
            assert to.closes_at is not None
            assert to.opens_at < to.closes_at
            kept = isinstance(change, Move) and change.row.opens_at == to.opens_at
            assert kept or to.opens_at > NOW
